import { mean } from '../numbers.ts';
import type { MetricsRow } from '../rewards/metrics.ts';
import { endsOf, type Ends } from '../metrics/metric.ts';
import type { EvaluationResult } from '../metrics/results.ts';

/**
 * The chirality meter: how often a model is right on originals, on their mirrors, and on both. A shortcut raises the
 * reward, but not this.
 */
export interface Meter {
  /** Shares of pairs, 0–1: from what they are at least to what they are at most, where answers are not judged. */
  original: Ends;
  mirror: Ends;
  both: Ends;
  /**
   * Whether the views differ by ten points or more, and by more than chance explains: the 95 % interval of the
   * difference, by image, excludes 0. False for steps of training, whose pairs are not tested.
   */
  diverges: boolean;
  step: number;
  /** The evaluation's folder below `eval/`; null if the meter comes from the last training steps. */
  evaluation: string | null;
}

/** The least difference of the views that is worth an alarm. */
const DIVERGING = 0.1;

/** How often both views are right, in the first set that was asked in both. */
export const bothRight = (results: readonly EvaluationResult[]): EvaluationResult | undefined =>
  results.find(({ metric, view, slice }) => metric === 'consistent' && view === null && !slice);

/** Computes the meter of an evaluation, for its first set that was asked in both views; null if there is none. */
export function meterOfResults(
  results: readonly EvaluationResult[],
  step: number,
  evaluation: string,
): Meter | null {
  const result = bothRight(results);
  const figure = (metric: string) =>
    results.find(
      (one) => one.metric === metric && one.view === null && one.set === result?.set && !one.slice,
    );
  const [original, mirror, both] = ['original', 'mirror', 'consistent'].map((name) => {
    const share = figure(name);
    return share ? endsOf(share) : null;
  });
  if (!result || !original || !mirror || !both) return null;
  // Evaluations of older versions have no test of the difference.
  const { interval } = figure('view_gap') ?? {};
  const isBeyondChance = interval !== undefined && interval[0] * interval[1] > 0;
  const apart = Math.max(original[0] - mirror[1], mirror[0] - original[1]);
  const diverges = isBeyondChance && apart >= DIVERGING;
  return { original, mirror, both, diverges, step, evaluation };
}

/** Computes the meter of training steps: the mean over the verdicts of their pairs. Null if no step has pairs. */
export function meterOfSteps(rows: readonly MetricsRow[]): Meter | null {
  const judged = rows.flatMap((row) => {
    const both = row['spatial/verdict_consistent'];
    if (typeof both !== 'number') return [];
    const only = (view: string) => Number(row[`spatial/verdict_only_${view}`] ?? 0);
    return [{ both, original: both + only('original'), mirror: both + only('mirror'), step: row.step }];
  });
  const last = judged.at(-1);
  if (!last) return null;
  const meanOf = (key: keyof (typeof judged)[number]): Ends => {
    const value = mean(judged.map((each) => each[key]))!;
    return [value, value];
  };
  return {
    original: meanOf('original'),
    mirror: meanOf('mirror'),
    both: meanOf('both'),
    diverges: false,
    step: last.step,
    evaluation: null,
  };
}

/**
 * Returns the meter of the latest step. At the same step, an evaluation takes precedence, because its rows were not
 * trained on.
 */
export function newestMeter(meters: readonly (Meter | null)[]): Meter | null {
  const measured = meters.filter((meter) => meter !== null);
  return measured.reduce<Meter | null>(
    (best, meter) =>
      !best || meter.step > best.step || (meter.step === best.step && meter.evaluation !== null)
        ? meter
        : best,
    null,
  );
}
