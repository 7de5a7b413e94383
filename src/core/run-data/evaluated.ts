import { isMajorityRight, pairVerdict } from '../answers/pair-verdict.ts';
import type { Score } from '../answers/score-schema.ts';
import type { EvaluationRow } from '../evaluation/evaluation-row.ts';
import { isSourceRow, type SourceRow } from '../evaluation/source-evaluation.ts';
import { mean } from '../../base/numbers.ts';
import { isControl } from '../../rows/view-list.ts';
import type { EvaluatedPair } from './trace.ts';
import { summarise, type EvaluatedSummary } from './trace-summary.ts';

/** A row of a Chirality evaluation, or of an external evaluation. */
type EvaluatedRow = EvaluationRow | SourceRow;

/** Returns the pair of a row from its completions in one or both views, and the summary of the pair for lists. */
export function evaluatedPair(
  views: readonly (readonly EvaluatedRow[])[],
  step: number,
  pair: number,
): { pair: EvaluatedPair; summary: EvaluatedSummary } {
  const made = pairOf(views, step, pair);
  return { pair: made, summary: summaryOf(made, views.flat()) };
}

function pairOf(views: readonly (readonly EvaluatedRow[])[], step: number, pair: number): EvaluatedPair {
  const { id, set } = views[0]![0]!;
  const [first, second] = views.map(viewRight);
  return {
    kind: 'evaluated',
    step,
    pair,
    sample: id,
    set,
    views: views.map((rows) => {
      const { view, question, answer, images, clip } = rows[0]!;
      const group = rows.map((row) => ({
        segments: row.segments,
        right: row.right,
        answer_text: scored(row),
        ...(metricsOf(row) && { metrics: metricsOf(row) }),
        ...(isSourceRow(row) && { penalty: null }),
      }));
      return { view, question, answer, images, ...(clip && { clip }), group };
    }),
    verdict:
      first == null || second == null || isControl(views[1]![0]!.view) ? null : pairVerdict(first, second),
  };
}

/** Returns the custom metrics of an answer; undefined without custom metrics. */
const metricsOf = (row: EvaluatedRow) => ('metrics' in row ? row.metrics : undefined);

/** Whether most completions in a view are right; null if some completions are not scored. */
function viewRight(rows: readonly EvaluatedRow[]): boolean | null {
  const rights = rows.flatMap(({ right }) => right ?? []);
  return rights.length < rows.length ? null : isMajorityRight(rights);
}

/** Returns the score of a row by Chirality's rules; {} for rows of external programs. */
const scoreOf = ({ score }: EvaluatedRow): Partial<Score> => ('by_source' in score ? {} : score);

function scored(row: EvaluatedRow): string | null {
  const { extraction, answer_text_strict, answer_text } = scoreOf(row);
  return (extraction === 'strict' ? answer_text_strict : answer_text) ?? null;
}

/** Returns the summary of a pair. @param rows rows of both views */
function summaryOf(pair: EvaluatedPair, rows: readonly EvaluatedRow[]): EvaluatedSummary {
  const formats = rows.flatMap((row) => scoreOf(row).format_ok ?? []);
  const parts = rows.flatMap((row) => Object.entries(metricsOf(row) ?? {}));
  const names = [...new Set(parts.map(([name]) => name))];
  const meanOf = (name: string) =>
    mean(parts.flatMap(([named, { value }]) => (named === name ? [value] : [])))!;
  return {
    kind: 'evaluated',
    ...(names.length > 0 && { metrics: Object.fromEntries(names.map((name) => [name, meanOf(name)])) }),
    ...summarise(pair),
    set: pair.set,
    task: scoreOf(rows[0]!).task ?? null,
    format: formats.length < rows.length ? null : mean(formats.map(Number)),
    error: rows.map(({ attribution }) => attribution?.error ?? null).find((error) => error !== null) ?? null,
  };
}
