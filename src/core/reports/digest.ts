import { isRight } from '../answers/verdict.ts';
import { ROW_FIELDS } from '../metrics/by-field.ts';
import { endsOf } from '../metrics/metric.ts';
import { valueOrBounds } from '../metrics/bounds.ts';
import { styleOf } from '../metrics/answer-lengths.ts';
import { CV_TASKS } from '../metrics/cv-bench.ts';
import { isRecord } from '../../base/json.ts';
import type { Metric } from '../evaluation/results.ts';
import { groupBy, type ScoredRow } from '../evaluation/scored-row.ts';
import { shiftMetrics, oppositePairs } from '../metrics/compare-rows.ts';
import { passMetrics } from '../metrics/summarise.ts';
import type { PairExample, SetDigest, Shift } from './evaluation.ts';
import { ORIGINAL, partnerAmong, viewOfRow, type ViewId } from '../../rows/view-list.ts';

/** Summarises the rows of an evaluation for each evaluation set, in addition to the metrics. */
export function digestRows(rows: readonly ScoredRow[]): Record<string, SetDigest> {
  return Object.fromEntries(
    [...groupBy(rows, ({ set }) => set ?? '')].map(([set, ofSet]) => {
      const views = groupBy(ofSet, viewOfRow);
      const originals = views.get(ORIGINAL) ?? [];
      const partner = partnerAmong(views.keys());
      const usable = originals.filter(({ score }) => !score.problem);
      return [
        set,
        {
          style: styleOf(usable),
          examples: partner === undefined ? [] : examplesOf(originals, partner, views.get(partner)!),
          shifts: shiftsOf(ofSet),
          cvPass4: cvPass4(usable),
        },
      ];
    }),
  );
}

/**
 * Returns the kind of question: the task of CV-Bench, by which paper A distinguishes shifts (depth and distance), or
 * the question type of SAT.
 */
function kindOf({ meta }: ScoredRow): string {
  if (!isRecord(meta)) return '';
  if ((CV_TASKS as readonly unknown[]).includes(meta.task)) return meta.task as string;
  return typeof meta.question_type === 'string' ? meta.question_type : '';
}

const shiftsOf = (rows: readonly ScoredRow[]): Shift[] =>
  [...groupBy(oppositePairs(rows), ({ rows: [row] }) => kindOf(row))].map(([kind, pairs]) => ({
    kind,
    metrics: shiftMetrics(pairs),
  }));

/** Computes pass@4 of each CV-Bench task, of all CV-Bench rows, and the mean over tasks. */
function cvPass4(rows: readonly ScoredRow[]): Record<string, Metric> {
  const tasks = groupBy(rows, kindOf);
  const ofCv = CV_TASKS.flatMap((task) => tasks.get(task) ?? []);
  const pass4 = (some: readonly ScoredRow[]): Metric | undefined => passMetrics(some)['pass@4'];
  const all = pass4(ofCv);
  if (!all) return {};
  const byTask = CV_TASKS.flatMap((task) => {
    const metric = pass4(tasks.get(task) ?? []);
    return metric ? [[task.toLowerCase(), metric] as const] : [];
  });
  const ofEach = byTask.map(([, metric]) => endsOf(metric)!).map(([low, high]) => ({ low, high }));
  const { n, not_judged } = all;
  const figure = valueOrBounds(ofEach);
  const macro: Metric = { ...figure, unit: 'share', n, ...(figure.bounds && { not_judged }) };
  return {
    ...Object.fromEntries(byTask),
    total_micro: all,
    ...(ofEach.length === CV_TASKS.length && { total_macro: macro }),
  };
}

const EXAMPLES = 2;

function examplesOf(
  originals: readonly ScoredRow[],
  view: ViewId,
  partners: readonly ScoredRow[],
): PairExample[] {
  const others = new Map(partners.map((row) => [row.id, row]));
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  return originals.flatMap((row) => {
    const other = others.get(row.id);
    const [first, second] = [isRight(row.score), other ? isRight(other.score) : null];
    if (!other || first === null || second === null || first === second || seen.has(row.id)) return [];
    seen.add(row.id);
    const kinds = Object.fromEntries(
      Object.entries(ROW_FIELDS).flatMap(([field, valueOf]) => {
        const value = valueOf(row);
        return typeof value === 'string' ? [[field, value] as const] : [];
      }),
    );
    const keys = Object.entries(kinds).map((kind) => JSON.stringify([...kind, first]));
    if (keys.every((key) => (counts.get(key) ?? 0) >= EXAMPLES)) return [];
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    const textOf = ({ question = '', answer, score }: ScoredRow) => ({
      question,
      reference: String(answer ?? ''),
      answered: score.answer_text,
    });
    return [{ kinds, view, views: [textOf(row), textOf(other)], right: [first, second] }];
  });
}
