import type { LoggedNumbers } from './cut-groups.ts';
import type { Figures } from './metric-names.ts';
import type { Phase } from '../foreign-reader.ts';

/** Rows that were logged together, and the metrics of their step. */
export interface Evaluable {
  step: number;
  phase: Phase;
  numbers: Pick<LoggedNumbers, 'keys' | 'rewards'>;
  logged: Figures;
}

/** Maximum difference between the computed and the logged mean of the rewards. */
export const SAME_MEAN = 1e-6;

/** Whether the metrics of a step include an evaluation. */
export const isEvaluated = (logged: Figures): boolean =>
  Object.keys(logged).some((name) => name.startsWith('eval_'));

/**
 * Finds the phase of tables that trackers store between rows of metrics. A trainer logs its queue after a step's
 * metrics, and again after an evaluation's metrics. If the step's queue was logged before, only the evaluation is new.
 */
export class PhaseOfTables {
  /** Phase of the next table. Null: unknown. */
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
 * Finds the first row of an evaluation in the batches of evaluated steps. Trainers log a queue of their newest
 * completions after a step and again after an evaluation. A batch can therefore contain rows of training, of the
 * evaluation, or both in this order. The criteria are:
 *
 * 1. the mean reward of all rows is the mean of training, or the mean from one row is the mean of the evaluation; 2.
 * every evaluation has the same questions in the same order, so that only batches with an evaluation end alike.
 * @param size G of evaluations. Null if unknown
 * @returns for each batch the first row of an evaluation, or its number of rows without an evaluation. Null: unknown
 */
export function evaluatedFrom(batches: readonly Evaluable[], size: number | null): (number | null)[] {
  const mayHold = ({ phase, logged }: Evaluable) => phase !== 'training' && isEvaluated(logged);
  const lastKeys = sharedEnd(batches.filter(mayHold), size ?? 1);
  const isAsked = ({ numbers: { keys } }: Evaluable) =>
    lastKeys.length > 0 && keys.slice(-lastKeys.length).join('\n') === lastKeys.join('\n');
  // Questions that occur in the same order in training do not identify an evaluation.
  const isShown = lastKeys.length > 0 && !batches.some((batch) => !mayHold(batch) && isAsked(batch));
  return batches.map((batch) => {
    const { length } = batch.numbers.keys;
    if (!mayHold(batch)) return length;
    const byMean = fromMeans(batch, size ?? 1);
    if (byMean !== null || !isShown) return byMean;
    return isAsked(batch) ? length - lastKeys.length : length;
  });
}

/** Returns the questions at the end of the last batches of all evaluated steps. Empty for a single step. */
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

/** Returns the first row of the evaluation. Null unless exactly one row fits the logged means. */
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
