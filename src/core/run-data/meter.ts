import { mean } from '../../base/numbers.ts';
import type { MetricsRow } from '../rewards/metrics-row.ts';
import { endsOf } from '../metrics/metric.ts';
import { bothRight, viewGap } from '../metrics/view-gaps.ts';
import { MIRROR, type ViewId } from '../../rows/view-list.ts';
import type { EvaluationResult, Metric } from '../evaluation/results.ts';

/**
 * A share of pairs, 0–1, in the form of results.json (docs/reference.md). With unscored answers, `value` is null and
 * `bounds` are the lowest and the highest possible value. `n` is null for shares of training steps.
 */
export type Share = Pick<Metric, 'value' | 'bounds' | 'interval'> & { n: number | null };

/**
 * The pair metrics: accuracy on originals, accuracy on another view (mostly the mirror), and pair accuracy. A shortcut
 * raises the reward, but not these metrics.
 */
export interface Meter {
  /** View that is compared with the original, or `SEVERAL` if the run trains on several other views. */
  view: ViewId | typeof SEVERAL;
  original: Share;
  other: Share;
  both: Share;
  /**
   * Whether the view gap is at least ten points and significant: the 95% interval of the difference, by image, excludes
   * 0. False for training steps, whose pairs are not tested.
   */
  diverges: boolean;
  /** Whether the 95% interval excludes a view gap of ten points or more. Absent for training steps. */
  excluded?: boolean | undefined;
  step: number;
  /** Folder of the evaluation below `eval/`; null if the metrics are from the last training steps. */
  evaluation: string | null;
  /** Number of training steps that the shares average. Absent for evaluations. */
  steps?: number | undefined;
}

export const SEVERAL = 'other views';

/** Number of newest values to average if single values are too noisy, such as pair outcomes. */
export const RECENT = 10;

/** Minimum view gap for `diverges` and `excluded`, as a share. */
const DIVERGING = 0.1;

/** Computes the pair metrics of an evaluation, for its first set with both views; null without such a set. */
export function meterOfResults(
  results: readonly EvaluationResult[],
  step: number,
  evaluation: string,
): Meter | null {
  const result = bothRight(results);
  const gap = result && viewGap(results, result.set, null);
  if (!gap || !endsOf(result)) return null;
  const [original, other] = [endsOf(gap.original)!, endsOf(gap.other)!];
  const apart = Math.max(original[0] - other[1], other[0] - original[1]);
  const diverges = apart >= DIVERGING && gap.p < 0.05;
  const shares = { original: shareOf(gap.original), other: shareOf(gap.other), both: shareOf(result) };
  const excluded = gap.interval?.every((end) => Math.abs(end) < DIVERGING) === true;
  return { view: gap.view, ...shares, diverges, excluded, step, evaluation };
}

const shareOf = ({ value, bounds, interval, n }: EvaluationResult): Share => ({
  value,
  ...(bounds && { bounds }),
  ...(interval && { interval }),
  n,
});

/**
 * Computes the pair metrics of training steps, as means over the outcomes of pairs. Null if no step has pairs.
 * @param steps number of steps in the rows, for rows that are already means
 */
export function meterOfSteps(rows: readonly MetricsRow[], steps?: number): Meter | null {
  const judged = rows.flatMap((row) => {
    const both = row['spatial/verdict_consistent'];
    if (typeof both !== 'number') return [];
    const only = (view: string) => Number(row[`spatial/verdict_only_${view}`] ?? 0);
    const other = both + only('mirror') + only('view');
    return [{ both, original: both + only('original'), other, step: row.step }];
  });
  const last = judged.at(-1);
  if (!last) return null;
  const isOfMirror = rows.every((row) => row['spatial/verdict_only_view'] === undefined);
  const meanOf = (key: keyof (typeof judged)[number]): Share => ({
    value: mean(judged.map((each) => each[key])),
    n: null,
  });
  return {
    view: isOfMirror ? MIRROR : SEVERAL,
    original: meanOf('original'),
    other: meanOf('other'),
    both: meanOf('both'),
    diverges: false,
    step: last.step,
    evaluation: null,
    steps: steps ?? judged.length,
  };
}

/**
 * Returns the pair metrics of the latest step. At the same step, an evaluation takes precedence, because its rows are
 * not training rows; of several evaluations, the first one, which is the run's own evaluation.
 */
export function newestMeter(meters: readonly (Meter | null)[]): Meter | null {
  const measured = meters.filter((meter) => meter !== null);
  return measured.reduce<Meter | null>(
    (best, meter) =>
      !best ||
      meter.step > best.step ||
      (meter.step === best.step && best.evaluation === null && meter.evaluation !== null)
        ? meter
        : best,
    null,
  );
}
