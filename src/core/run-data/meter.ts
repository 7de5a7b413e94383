import { mean } from '../numbers.ts';
import { mcNemarExact } from '../metrics/statistics.ts';
import type { MetricsRow } from '../grpo/metrics.ts';
import type { EvaluationResult } from '../metrics/results.ts';
import type { PairView } from '../views/list.ts';

/**
 * The chirality meter: how often a model is right on originals, on their mirrors, and on both. A shortcut raises the
 * reward, but not this.
 */
export interface Meter {
  /** Shares of pairs, 0–1. */
  original: number;
  mirror: number;
  both: number;
  /** Whether the two differ by ten points or more, and in an evaluation by more than chance explains (p < 0.05). */
  diverges: boolean;
  step: number;
  /** The evaluation's folder below `eval/`; null if the meter comes from the last training steps. */
  evaluation: string | null;
}

const DIVERGING = 0.1;
const differ = ({ original, mirror }: Record<PairView, number>): boolean =>
  Math.abs(original - mirror) >= DIVERGING;

/** How often both views are right, in the first set that was asked in both. */
export const bothRight = (results: readonly EvaluationResult[]): EvaluationResult | undefined =>
  results.find(({ metric, view, slice }) => metric === 'consistent' && view === null && !slice);

/** Computes the meter of an evaluation, for its first set that was asked in both views; null if there is none. */
export function meterOfResults(
  results: readonly EvaluationResult[],
  step: number,
  evaluation: string,
): Meter | null {
  const found = bothRight(results);
  const share = (metric: string) =>
    results.find((one) => one.metric === metric && one.view === null && one.set === found?.set && !one.slice)
      ?.value;
  const [original, mirror, both] = [share('original'), share('mirror'), share('consistent')];
  if (!found || original == null || mirror == null || both == null) return null;
  const only = (share: number) => Math.round((share - both) * found.n);
  const diverges = differ({ original, mirror }) && mcNemarExact(only(original), only(mirror)) < 0.05;
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
  const meanOf = (key: keyof (typeof judged)[number]) => mean(judged.map((each) => each[key]))!;
  const [original, mirror] = [meanOf('original'), meanOf('mirror')];
  return {
    original,
    mirror,
    both: meanOf('both'),
    diverges: differ({ original, mirror }),
    step: last.step,
    evaluation: null,
  };
}

/**
 * Returns the meter of the latest step. At the same step, an evaluation takes precedence, because its rows were not
 * trained on.
 */
export function newestMeter(meters: readonly (Meter | null)[]): Meter | null {
  const known = meters.filter((meter) => meter !== null);
  return known.reduce<Meter | null>(
    (best, meter) =>
      !best || meter.step > best.step || (meter.step === best.step && meter.evaluation !== null)
        ? meter
        : best,
    null,
  );
}
