import { scoreRow } from '../../../../src/core/answers/score-row.ts';
import type { ScoreRow } from '../../../../src/core/answers/score.ts';
import { countReasoningWords } from '../../../../src/core/evaluation/reasoning-words.ts';
import { type MetricRow, summarise } from '../../../../src/core/metrics/summarise.ts';
import type { ScoredRow } from '../../../../src/core/evaluation/scored-row.ts';

/** A scored row of a new id, about an image of its own unless it names one. */
export function scored(row: ScoreRow & { id?: string }, n = 0): ScoredRow {
  const id = row.id ?? `row-${n}`;
  const reasoning_words = countReasoningWords(row.completion);
  return { images: [`${id}.jpg`], ...row, id, score: scoreRow(row), reasoning_words };
}

export const metricsOf = (rows: readonly ScoredRow[]): MetricRow[] => summarise(rows, () => '');

export function find(metrics: readonly MetricRow[], task: string, metric: string): MetricRow {
  const found = metrics.find((row) => row.task === task && row.metric === metric);
  if (!found) throw new Error(`There is no ${task}/${metric}.`);
  return found;
}
