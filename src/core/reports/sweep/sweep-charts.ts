import { mean } from '../../../base/numbers.ts';
import type { MetricName, MetricsRow } from '../../rewards/metrics-row.ts';
import { labelOf, type SweepPlan } from '../../config/sweep-plan.ts';
import { groupBy } from '../../evaluation/scored-row.ts';
import { chartOf, type Axis, type Chart, type Point } from '../document.ts';
import type { SweepRun } from './arm-results.ts';

/** Approximate number of points in a curve. Each point is the mean over a group of adjacent steps. */
const POINTS = 20;
const BINS = 20;

/** Training metrics that have a curve if any run has the metric, in display order. */
const CURVES: readonly { metric: MetricName; title: string; scale: number }[] = [
  { metric: 'reward', title: 'reward, originals', scale: 1 },
  { metric: 'reward_mirror', title: 'reward, mirrors', scale: 1 },
  { metric: 'accuracy', title: 'rollout accuracy, originals, %', scale: 100 },
  { metric: 'accuracy_mirror', title: 'rollout accuracy, mirrors, %', scale: 100 },
  { metric: 'frac_reward_zero_std', title: 'zero-variance groups, %', scale: 100 },
  { metric: 'kl', title: 'KL to the reference model', scale: 1 },
];

interface Curve {
  step: number;
  value: number;
  /** Highest possible value if some answers are not scored; `value` is then the lowest possible value. */
  most?: number;
}

/** Runs that share a curve, such as all seeds, with the label of the curve. */
interface Cell<Run> {
  label: string;
  runs: readonly Run[];
}

/** Draws one chart for each metric that was evaluated at several steps, and for each training metric. */
export function curveCharts(
  plan: SweepPlan,
  runs: readonly SweepRun[],
  figures: readonly { name: string; scale: number }[],
): Chart[] {
  const cells = plan.cells.map((name) => ({
    label: labelOf(plan, name),
    runs: runs.filter(({ cell }) => cell === name),
  }));
  const evaluated = figures.map(({ name, scale }, f) =>
    chart(`evaluated-${f + 1}`, name, cells, ({ evaluations }) =>
      evaluations.flatMap(({ step, values }) => {
        const [value, most] = [
          mean(values[f]!.map((row) => row.value)),
          mean(values[f]!.map((row) => row.most ?? row.value)),
        ];
        if (value === null || most === null) return [];
        return [{ step, value: scale * value, ...(most > value && { most: scale * most }) }];
      }),
    ),
  );
  return [...evaluated.filter(isCurve), ...trainingCharts(cells)];
}

/** Draws one chart for each training metric that any run has at several steps. */
export const trainingCharts = (cells: readonly Cell<{ metrics: readonly MetricsRow[] }>[]): Chart[] =>
  CURVES.map(({ metric, title, scale }) =>
    chart(metric.replaceAll('_', '-'), title, cells, ({ metrics }) =>
      smoothed(
        metrics.flatMap((row) => {
          const value = row[metric];
          return value == null ? [] : [{ step: row.step, value: scale * value }];
        }),
      ),
    ),
  ).filter(isCurve);

const isCurve = ({ series }: Chart): boolean => series.some(({ points }) => points.length > 1);

export const curvesText = (charts: readonly Chart[], runs: readonly SweepRun[]): string[] => [
  ...(charts.some(({ series }) => series.some(({ points }) => points.some(({ interval }) => interval)))
    ? ['Points are means over seeds. Vertical lines range from the lowest seed to the highest seed.']
    : []),
  ...(runs.some(({ metrics }) => metrics.length > POINTS)
    ? ['For metrics measured at every step, each point is the mean of the steps since the previous point.']
    : []),
];

function chart<Run>(
  id: string,
  title: string,
  cells: readonly Cell<Run>[],
  curveOf: (run: Run) => Curve[],
): Chart {
  const series = cells.flatMap(({ label, runs }) => {
    const points = together(runs.map(curveOf));
    return points.length > 0 ? [{ name: label, points }] : [];
  });
  return chartOf('line', `curve-${id}`, title, 'step', title, series);
}

/** Combines the curves of several seeds: mean and range over the seeds that are available at each step. */
function together(curves: readonly (readonly Curve[])[]): Point[] {
  const byStep = groupBy(curves.flat(), ({ step }) => String(step));
  return [...byStep.values()]
    .map((atTime): Point => {
      const [least, most] = [
        atTime.map(({ value }) => value),
        atTime.map((curve) => curve.most ?? curve.value),
      ];
      const [low, high] = [mean(least)!, mean(most)!];
      return {
        x: atTime[0]!.step,
        y: (low + high) / 2,
        ...(high > low && { bounds: [low, high] }),
        ...(atTime.length > 1 && { interval: [Math.min(...least), Math.max(...most)] }),
      };
    })
    .sort((a, b) => a.x - b.x);
}

/** Returns means over groups of adjacent steps. The position of each mean is the last step of its group. */
function smoothed(curve: readonly Curve[]): Curve[] {
  const stretch = Math.ceil(curve.length / POINTS);
  return Array.from({ length: Math.ceil(curve.length / stretch) || 0 }, (_, i) => {
    const part = curve.slice(i * stretch, (i + 1) * stretch);
    return { step: part.at(-1)!.step, value: mean(part.map(({ value }) => value))! };
  });
}

/** Draws the distribution of the reward std of groups by condition. @param cells standard deviations, ascending */
export function spreadChart(cells: readonly { cell: string; values: readonly number[] }[]): Chart[] {
  // The axis ends at the next multiple of 0.1.
  const high = Math.ceil(10 * Math.max(0, ...cells.map(({ values }) => values.at(-1)!))) / 10;
  if (high === 0) return [];
  const series = cells.map(({ cell, values }) => {
    const shares = new Array<number>(BINS).fill(0);
    for (const value of values)
      shares[Math.min(BINS - 1, Math.floor((value / high) * BINS))]! += 100 / values.length;
    return { name: cell, points: shares.map((y, i) => ({ x: ((i + 0.5) / BINS) * high, y })) };
  });
  const x: Axis = { label: 'reward std within a group', range: [0, high] };
  return [chartOf('line', 'spread-distribution', 'Reward std within groups', x, 'groups, %', series)];
}
