import { bleuTokens } from '../answers/bleu.ts';
import { referenceOf } from '../answers/score-row.ts';
import { scoredText } from '../answers/verdict.ts';
import type { ExtractionPath } from '../answers/extract.ts';
import { quantile } from './metric.ts';
import type { ScoredRow } from '../evaluation/scored-row.ts';

/** Quantiles of the lengths of texts, in words. */
export interface Lengths {
  p10: number;
  p50: number;
  p90: number;
}

/** Metrics that show whether style, and not meaning, causes a low BLEU [B-51]. */
export interface Style {
  answers: Lengths | null;
  references: Lengths | null;
  /** Number of rows by path of the lenient extraction; `none`: the completion had no text to score. */
  paths: Partial<Record<ExtractionPath, number>>;
}

/** Computes the lengths of answers and reference answers, and the frequency of each extraction path. */
export function styleOf(rows: readonly ScoredRow[]): Style {
  const paths: Style['paths'] = {};
  for (const { score } of rows) paths[score.path] = (paths[score.path] ?? 0) + 1;
  return {
    answers: lengths(rows.map(({ score }) => scoredText(score))),
    references: lengths(rows.map(referenceOf)),
    paths,
  };
}

function lengths(texts: readonly string[]): Lengths | null {
  if (texts.length === 0) return null;
  const sorted = texts.map((text) => bleuTokens(text).length).sort((a, b) => a - b);
  return { p10: quantile(sorted, 0.1), p50: quantile(sorted, 0.5), p90: quantile(sorted, 0.9) };
}
