import { indexOfLetter } from '../../base/item-names.ts';
import { sum, countsOf } from '../../base/numbers.ts';
import type { Task } from '../answers/score.ts';
import type { Metric } from '../evaluation/results.ts';
import { groupBy, type ScoredRow } from '../evaluation/scored-row.ts';

/** Tasks with short answers, for which the frequency of each answer is meaningful. */
export const CLOSED: readonly Task[] = ['yesno', 'mcq', 'count'];

/**
 * Metrics over all answers and all reference answers, then the share of each answer among the model's answers and among
 * the reference answers.
 */
const SPREAD = [
  ...(['entropy', 'reference_entropy', 'top_share', 'reference_top_share'] as const),
  ...(['given', 'reference'] as const),
];
type Spread = (typeof SPREAD)[number];

/** Whether a metric describes the distribution of answers instead of their correctness. */
export const isSpread = (metric: string): boolean => SPREAD.some((known) => known === metric);

interface SpreadFigure extends Metric {
  task: Task;
  metric: Spread;
  /** Answer whose share is measured, for the metrics `given` and `reference`. */
  answer?: string;
}

/** Maximum number of listed answers, starting with the most frequent answers of model and dataset. */
const LISTED = 10;

/**
 * Compares the distributions of answers and reference answers, because a model that is rewarded for guesses
 * answers every question alike. For each closed task, computes the entropy in bits, the share of the most frequent
 * answer, and the share of each answer. Unparsed answers count as one answer, `unparsed`, and answers that no rule can
 * score as another answer, `not scored`. If the prompt lacked the options, counts their texts, because the model never
 * saw their letters.
 */
export function answerSpread(rows: readonly ScoredRow[]): SpreadFigure[] {
  const figures: SpreadFigure[] = [];
  for (const [task, ofTask] of groupBy(rows, ({ score }) => score.task)) {
    if (!CLOSED.includes(task as Task)) continue;
    const answers = ofTask.map((row) => {
      const score = row.score as { parsed: unknown; gt_parsed: unknown; correct: boolean | null };
      const shown = (answer: unknown) =>
        (task === 'mcq' && row.options_hidden && row.choices?.[indexOfLetter(String(answer))]?.trim()) ||
        answer;
      return { ...score, parsed: shown(score.parsed), gt_parsed: shown(score.gt_parsed) };
    });
    const given = countsOf(
      answers.map(({ parsed, correct }) =>
        correct === null ? 'not scored' : parsed === null ? 'unparsed' : String(parsed),
      ),
    );
    const right = countsOf(answers.map(({ gt_parsed: gt }) => String(gt)));
    const n = ofTask.length;
    const share = (count: number): Metric => ({ value: count / n, unit: 'share', n });
    const tell = (metric: Spread, figure: Metric, answer?: string) =>
      figures.push({ task: task as Task, metric, ...(answer !== undefined && { answer }), ...figure });
    tell('entropy', { value: entropy(given), unit: 'count', n });
    tell('reference_entropy', { value: entropy(right), unit: 'count', n });
    tell('top_share', share(Math.max(...given.values())));
    tell('reference_top_share', share(Math.max(...right.values())));
    const weight = (answer: string) => Math.max(given.get(answer) ?? 0, right.get(answer) ?? 0);
    const listed = [...new Set([...given.keys(), ...right.keys()])]
      .sort((a, b) => weight(b) - weight(a) || (a < b ? -1 : 1))
      .slice(0, LISTED);
    for (const answer of listed) {
      tell('given', share(given.get(answer) ?? 0), answer);
      tell('reference', share(right.get(answer) ?? 0), answer);
    }
  }
  return figures;
}

/** Returns the Shannon entropy of a distribution of counts, in bits. */
function entropy(counts: ReadonlyMap<string, number>): number {
  const all = [...counts.values()];
  const n = sum(all);
  return all.reduce((sum, count) => sum - (count / n) * Math.log2(count / n), 0);
}
