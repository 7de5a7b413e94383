import type { Task } from '../answers/score.ts';
import type { Metric } from './metric.ts';
import { groupBy, type ScoredRow } from './scored-row.ts';

/** Tasks whose answers are few words, so that how often each is given says something. */
export const CLOSED: readonly Task[] = ['yesno', 'mcq', 'count'];
/** So many answers are listed, the most frequent of model and references first. */
const LISTED = 10;

/**
 * How answers are spread, beside how the references are: a model that was rewarded for guessing gives one answer
 * to everything. For each closed task the entropy in bits and the share of the most frequent one, of the model and of
 * the references, and the share of each answer; those that could not be read are one of them, `unparsed`.
 */
export function answerSpread(rows: readonly ScoredRow[]): Record<string, Metric> {
  const metrics: Record<string, Metric> = {};
  for (const [task, ofTask] of groupBy(rows, ({ score }) => score.task)) {
    if (!CLOSED.includes(task as Task)) continue;
    const answers = ofTask.map(({ score }) => score as { parsed: unknown; gt_parsed: unknown });
    const given = countOf(answers.map(({ parsed }) => (parsed === null ? 'unparsed' : String(parsed))));
    const right = countOf(answers.map(({ gt_parsed: gt }) => String(gt)));
    const n = ofTask.length;
    const share = (count: number): Metric => ({ value: count / n, unit: 'share', n });
    metrics[`${task}/entropy`] = { value: entropy(given), unit: 'count', n };
    metrics[`${task}/reference_entropy`] = { value: entropy(right), unit: 'count', n };
    metrics[`${task}/top_share`] = share(Math.max(...given.values()));
    metrics[`${task}/reference_top_share`] = share(Math.max(...right.values()));
    const weight = (answer: string) => Math.max(given.get(answer) ?? 0, right.get(answer) ?? 0);
    const listed = [...new Set([...given.keys(), ...right.keys()])]
      .sort((a, b) => weight(b) - weight(a) || (a < b ? -1 : 1))
      .slice(0, LISTED);
    for (const answer of listed) {
      metrics[`${task}/given/${answer}`] = share(given.get(answer) ?? 0);
      metrics[`${task}/reference/${answer}`] = share(right.get(answer) ?? 0);
    }
  }
  return metrics;
}

function countOf(answers: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return counts;
}

/** Shannon's, in bits. */
function entropy(counts: ReadonlyMap<string, number>): number {
  const all = [...counts.values()];
  const n = all.reduce((sum, count) => sum + count, 0);
  return all.reduce((sum, count) => sum - (count / n) * Math.log2(count / n), 0);
}
