import { thousands } from '../../src/base/format.ts';
import { mean, firstIn } from '../../src/base/numbers.ts';
import type { SeriesAnswer, RunEvent } from '../../src/panels/run/run.contract.ts';
import type { ChartSpec } from './section-table.ts';
import type { Meaning } from '../ui/theme.ts';
import type { OpenRun } from './run-panel-state.ts';

export interface Curve {
  id: string;
  /** Index of the run. `line`: the index of the line within the chart. */
  run: number;
  line: number;
  /** Meaning of the line's colour; undefined if colours only distinguish the lines. */
  means?: Meaning | undefined;
  label: string;
  /** For an external run: original name of the metric, and the file that contains it. */
  source?: string | undefined;
  /** Name of the run; set if the chart shows several runs with several lines each. */
  runName?: string;
  x: Float64Array;
  steps: Float64Array;
  raw: Float64Array;
  /** Smoothed values of the line; null without smoothing. */
  smooth: Float64Array | null;
  /** Lower and upper edge of the band around the line. */
  band: { low: Float64Array; high: Float64Array } | null;
  /** Bounds of the metric at points with unscored answers, where no single value exists. NaN at all other points. */
  reach?: { low: Float64Array; high: Float64Array };
}

/** Returns the metrics of a chart: the metrics of its lines, then the metrics of its band. */
export const metricsOf = ({ lines, band, between }: ChartSpec): string[] => [
  ...lines.map(({ metric }) => metric),
  ...(band ? [band] : []),
  ...(between ?? []),
];

export function curvesOf(
  spec: ChartSpec,
  names: readonly string[],
  answers: readonly SeriesAnswer[],
  sources: readonly (Record<string, string> | undefined)[] = [],
): Curve[] {
  return answers.flatMap((answer, run) =>
    spec.lines.flatMap((line, i): Curve[] => {
      const raw = answer.values[i]!;
      if (raw.every(Number.isNaN)) return [];
      const smooth = answer.smooth[i] ?? null;
      return [
        {
          id: `${run} ${line.metric}`,
          run,
          line: i,
          means: line.means,
          ...labelled(names, run, line.label, spec.lines.length),
          source: sources[run]?.[line.metric],
          x: answer.x,
          steps: answer.steps,
          raw,
          smooth,
          band: i === 0 ? bandOf(spec, answer, smooth ?? raw) : null,
        },
      ];
    }),
  );
}

/** Returns the label of a line: only the properties that differ between the lines of the chart. */
export function labelled(
  names: readonly string[],
  run: number,
  label: string,
  lines: number,
): Pick<Curve, 'label' | 'runName'> {
  if (names.length === 1) return { label };
  return lines === 1 ? { label: names[run]! } : { label, runName: names[run]! };
}

/** Returns the name of a line for use outside of its chart. */
export const fullName = ({ label, runName }: Pick<Curve, 'label' | 'runName'>): string =>
  runName === undefined ? label : `${runName}, ${label}`;

function bandOf(spec: ChartSpec, answer: SeriesAnswer, middle: Float64Array): Curve['band'] {
  const seriesAt = (i: number) => (answer.smooth.length > 0 ? answer.smooth : answer.values)[i]!;
  const first = spec.lines.length;
  if (spec.band) {
    const width = seriesAt(first);
    return {
      low: middle.map((value, i) => value - width[i]!),
      high: middle.map((value, i) => value + width[i]!),
    };
  }
  return spec.between ? { low: seriesAt(first), high: seriesAt(first + 1) } : null;
}

/** Minimum length of a gap, as a multiple of the usual distance between two values. */
const GAP = 1.5;

/**
 * Returns the ranges of x in which a line is interrupted: between two values whose distance in steps exceeds one
 * logging interval, which is the usual distance.
 */
export function gapsOf({ x, steps, raw }: Pick<Curve, 'x' | 'steps' | 'raw'>): [from: number, to: number][] {
  const rows = [...raw.keys()].filter((row) => !Number.isNaN(raw[row]));
  const distances = rows.slice(1).map((row, i) => steps[row]! - steps[rows[i]!]!);
  const usual = [...distances].sort((a, b) => a - b)[distances.length >> 1] ?? Infinity;
  return distances.flatMap((distance, i) =>
    distance > GAP * usual ? [[x[rows[i]!]!, x[rows[i + 1]!]!]] : [],
  );
}

/** Stacks curves on top of each other. A gap counts as the value zero. */
export function stack(curves: readonly Curve[]): Curve[] {
  const sums = new Map<number, Float64Array>();
  return curves.map((curve) => {
    const shares = curve.smooth ?? curve.raw;
    const below = sums.get(curve.run);
    const top = shares.map((value, i) => (below?.[i] ?? 0) + (Number.isNaN(value) ? 0 : value));
    sums.set(curve.run, top);
    return { ...curve, raw: top, smooth: null, band: null };
  });
}

/** Returns the row with the nearest x; −1 without rows. x must be ascending. */
export function nearest(x: ArrayLike<number>, value: number): number {
  const row = firstIn(0, x.length, (i) => !(x[i]! < value));
  return row > 0 && (row === x.length || value - x[row - 1]! <= x[row]! - value) ? row - 1 : row;
}

/** Returns the measured or smoothed value of a curve at the row nearest to x; NaN if the curve ends before x. */
export function valueAt(curve: Curve, at: number, values = curve.raw): number {
  const { x } = curve;
  const row = nearest(x, at);
  const gap = x.length > 1 ? (x.at(-1)! - x[0]!) / (x.length - 1) : Infinity;
  return Math.abs((x[row] ?? NaN) - at) > 2 * gap ? NaN : values[row]!;
}

export const lastValue = ({ raw }: Curve): number => raw.findLast((value) => !Number.isNaN(value)) ?? NaN;

/**
 * Returns the measured value nearest to x (for null, the newest value) as two equal ends; for unscored answers, the
 * value's bounds. Returns NaN twice without a value.
 */
export function endsAt(curve: Curve, x: number | null): readonly [number, number] {
  const { reach, raw } = curve;
  const row = x === null ? raw.length - 1 : nearest(curve.x, x);
  const isOpen = reach !== undefined && !Number.isNaN(reach.low[row] ?? NaN);
  if (isOpen) return [reach.low[row]!, reach.high[row]!];
  const value = x === null ? lastValue(curve) : valueAt(curve, x);
  return [value, value];
}

/**
 * Combines the runs of each line: the mean at positions where at least one run has a value, with a band from the lowest
 * to the highest value.
 */
export function meanOfRuns(curves: readonly Curve[], labels: readonly string[]): Curve[] {
  return labels.flatMap((label, line): Curve[] => {
    const runs = curves.filter((curve) => curve.line === line);
    const longest = runs.reduce<Curve | null>((a, b) => (a && a.x.length >= b.x.length ? a : b), null);
    if (!longest) return [];
    const { runName, ...shape } = longest;
    const whose = runs.length > 1 ? `mean of ${runs.length} runs` : (runName ?? shape.label);
    const valuesOf = (which: (curve: Curve) => Float64Array) =>
      Array.from(longest.x, (x) =>
        runs.map((curve) => valueAt(curve, x, which(curve))).filter((value) => !Number.isNaN(value)),
      );
    const column = (values: number[][], pick: (list: number[]) => number | null) =>
      Float64Array.from(values, (list) => (list.length === 0 ? NaN : pick(list)!));
    const drawn = valuesOf((curve) => curve.smooth ?? curve.raw);
    return [
      {
        ...shape,
        id: `mean ${line}`,
        run: 0,
        source: undefined,
        label: labels.length > 1 ? `${label}, ${whose}` : whose,
        raw: column(
          valuesOf(({ raw }) => raw),
          mean,
        ),
        smooth: shape.smooth && column(drawn, mean),
        band: {
          low: column(drawn, (list) => Math.min(...list)),
          high: column(drawn, (list) => Math.max(...list)),
        },
      },
    ];
  });
}

/** Returns the folder of a fork's parent, which is next to the fork's folder; null for other runs. */
export const parentDir = ({ dir, name, facts }: OpenRun): string | null =>
  facts.parent ? `${dir.slice(0, dir.length - name.length)}${facts.parent.name}` : null;

/** Returns, for each run, the last step of the curve that it shares with its displayed parent; 0 without a parent. */
export const branchSteps = (runs: readonly OpenRun[]): number[] =>
  runs.map((run) => {
    const parent = parentDir(run);
    return runs.some(({ dir }) => dir === parent) ? run.facts.parent!.step : 0;
  });

/**
 * Returns a curve from a step on, or from the last point before the step. The part that a fork shares with its parent
 * is drawn only once, so that the curve branches.
 */
export function fromStep(curve: Curve, step: number): Curve {
  const first = curve.steps.findLastIndex((each) => each <= step);
  if (step === 0 || first <= 0) return curve;
  const rest = (values: Float64Array) => values.subarray(first);
  const { x, steps, raw, smooth, band, reach } = curve;
  return {
    ...curve,
    ...(reach && { reach: { low: rest(reach.low), high: rest(reach.high) } }),
    x: rest(x),
    steps: rest(steps),
    raw: rest(raw),
    smooth: smooth && rest(smooth),
    band: band && { low: rest(band.low), high: rest(band.high) },
  };
}

export function forkEvents(runs: readonly OpenRun[]): RunEvent[] {
  const steps = branchSteps(runs);
  return runs.flatMap(({ news }, i) =>
    steps[i]! > 0 ? news.events.filter(({ kind }) => kind === 'fork') : [],
  );
}

/** Returns a text such as "Forked from spatial at step 40", with the changed settings. */
export const forkText = ({ name, step, changes }: NonNullable<OpenRun['facts']['parent']>): string =>
  `Forked from ${name} at step ${thousands(step)}. Changed: ${changes}`;
