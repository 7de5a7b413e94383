import type { LoggedNumbers } from './cut-groups.ts';
import type { Figures } from './metric-names.ts';
import type { Phase } from '../foreign-reader.ts';

/** Rows that were logged together, and the figures of their step. */
export interface Evaluable {
  step: number;
  phase: Phase;
  numbers: Pick<LoggedNumbers, 'keys' | 'rewards'>;
  logged: Figures;
}

/** How far the mean of these rewards may be from the mean that the trainer logged, to count as the same. */
export const SAME_MEAN = 1e-6;

/** Whether the run was evaluated at a step with these figures. */
export const isEvaluated = (logged: Figures): boolean =>
  Object.keys(logged).some((name) => name.startsWith('eval_'));

/**
 * Of what a table is that trackers hold between rows of figures. A trainer logs its queue after the figures of a step,
 * and again after those of an evaluation; if it had logged the step before, nothing but the evaluation is new in it.
 */
export class PhaseOfTables {
  /** Of the next table. */
  phase: Phase = null;
  private readonly trained = new Set<number>();

  follow(step: number, figures: Figures): void {
    if (isEvaluated(figures)) this.phase = this.trained.has(step) ? 'evaluation' : null;
    else {
      this.trained.add(step);
      this.phase = 'training';
    }
  }
}

/**
 * Finds where the rows of an evaluation begin in the batches of steps at which the run was evaluated. Trainers keep
 * their newest completions in a queue, which they log after a step and again after an evaluation, so that a batch holds
 * rows of training, of the evaluation, or first those and then these. What tells them apart:
 *
 * 1. the mean reward of all rows is that of training, or of all rows from one on that of the evaluation;
 * 2. every evaluation asks the same questions in the same order, so that batches end alike, and no other batch does.
 *
 * @param size G of evaluations; null if unknown
 * @returns for each batch the first row of an evaluation, or how many rows it has if it has none of it; null: unknown
 */
export function evaluatedFrom(batches: readonly Evaluable[], size: number | null): (number | null)[] {
  const mayHold = ({ phase, logged }: Evaluable) => phase !== 'training' && isEvaluated(logged);
  const lastKeys = sharedEnd(batches.filter(mayHold), size ?? 1);
  const isAsked = ({ numbers: { keys } }: Evaluable) =>
    lastKeys.length > 0 && keys.slice(-lastKeys.length).join('\n') === lastKeys.join('\n');
  // Questions that training asks in that order, too, show nothing.
  const isShown = lastKeys.length > 0 && !batches.some((batch) => !mayHold(batch) && isAsked(batch));
  return batches.map((batch) => {
    const { length } = batch.numbers.keys;
    if (!mayHold(batch)) return length;
    const byMean = fromMeans(batch, size ?? 1);
    if (byMean !== null || !isShown) return byMean;
    return isAsked(batch) ? length - lastKeys.length : length;
  });
}

/** The questions with which the last batches of all evaluated steps end; none, if there is one such step. */
function sharedEnd(batches: readonly Evaluable[], size: number): readonly string[] {
  const last = [...new Map(batches.map((batch) => [batch.step, batch.numbers.keys])).values()];
  const [first, ...others] = last;
  if (!first || others.length === 0) return [];
  const shared = others.reduce((length, keys) => {
    let same = 0;
    while (same < length && same < keys.length && keys.at(-1 - same) === first.at(-1 - same)) same++;
    return same;
  }, first.length);
  return first.slice(first.length - (shared - (shared % size)));
}

/** Where the evaluation begins, if one place alone fits the logged means. */
function fromMeans({ numbers: { rewards }, logged }: Evaluable, size: number): number | null {
  const starts: number[] = [];
  let [sum, count] = [0, 0];
  const isMean = (told: number | null | undefined) =>
    told != null && count > 0 && Math.abs(sum / count - told) <= SAME_MEAN;
  for (let i = rewards.length - 1; i >= 0; i--) {
    if (rewards[i] != null) {
      sum += rewards[i]!;
      count++;
    }
    if ((rewards.length - i) % size === 0 && isMean(logged.eval_reward)) starts.push(i);
  }
  if (isMean(logged.reward)) starts.push(rewards.length);
  return starts.length === 1 ? starts[0]! : null;
}
