import { percentsText, several } from '../../base/format.ts';
import type { EvaluationResult, Metric } from '../evaluation/results.ts';
import { POLARITY } from '../../rows/view-list.ts';
import { endsOf, type Ends } from './metric.ts';
import { figureIn } from './view-gaps.ts';

/** Minimum drop from originals to opposite questions, and minimum lower end of the drop's interval. */
const [FALL, SURE] = [0.1, 0.05];

/** Significantly higher accuracy on originals than on opposite questions: linguistic overfitting of paper A [A-46]. */
export interface Overfit {
  set: string;
  id: Ends;
  ood: Ends;
  pairs: number;
  /** Whether the intervals of both accuracies are ten points apart, so that one evaluation is enough evidence. */
  isPlain: boolean;
}

/**
 * Detects linguistic overfitting: accuracy on the same questions drops by at least 10 points in the opposite form. The
 * lower end of the drop's interval (95%, by image) must be at least 5 points, and the intervals of both accuracies must
 * not overlap. Unscored answers count in favour of a smaller drop.
 * @param shift metrics from `shiftMetrics`
 */
export function overfitOf(set: string, shift: Partial<Record<string, Metric>>): Overfit | null {
  const { id, ood, gap } = shift;
  if (!id?.interval || !ood?.interval) return null;
  const [before, after] = [endsOf(id)!, endsOf(ood)!];
  const apart = id.interval[0] - ood.interval[1];
  const isSure = apart > 0 && (gap?.interval?.[1] ?? -apart) <= -SURE;
  if (!isSure || before[0] - after[1] < FALL) return null;
  return { set, id: before, ood: after, pairs: id.n, isPlain: apart >= FALL };
}

export const overfitsIn = (results: readonly EvaluationResult[]): Overfit[] =>
  [...new Set(results.map(({ set }) => set))].flatMap((set) => {
    const figure = (metric: string) => figureIn(results, set, { task: POLARITY, metric, view: null });
    return overfitOf(set, { id: figure('id'), ood: figure('ood'), gap: figure('gap') }) ?? [];
  });

/** Formats overfitting, such as "94.5% of originals are answered correctly and 9.8% of their opposite questions (200 pairs)". */
export const overfitText = ({ id, ood, pairs }: Overfit, kind = ''): string =>
  `${percentsText(id)} of ${kind ? `${kind} questions` : 'originals'} are answered correctly and ${percentsText(ood)} of their opposite questions (${several(pairs, 'pair')})`;

/** Returns advice on linguistic overfitting. @param since step at which the overfitting began; null if unknown */
export const overfitAdvice = (since: number | null): string =>
  `The model responds to the usual wording, not to the relation (A-46 in docs/papers.md). Also train on opposite questions (\`chirality view polarity\`).${since === null || since === 0 ? '' : ` Alternatively, use a checkpoint from before step ${since}.`}`;
