import { mean } from '../../../base/numbers.ts';
import type { MetricsRow } from '../../rewards/metrics-row.ts';
import { isBinary, unitOf, type Arm, type FigureValue } from './figure.ts';
import { compare, meanOfRuns, meanWithInterval, type SeedMean } from '../../metrics/statistics.ts';
import type { Floor } from '../../metrics/floor.ts';
import { isLowerBetter } from '../../metrics/metric.ts';
import type { Metric } from '../../evaluation/results.ts';
import { meanChance } from '../../metrics/chance.ts';
import { shareWithInterval } from '../../metrics/share.ts';
import type { Figure } from '../../config/sweep.ts';

export interface SweepRun {
  cell: string;
  seed: number;
  /** Final or current status of the run; null if the run has not started. */
  status: string | null;
  message: string;
  /** Code of the failure signature in `message`, such as `linguistic-overfitting`; null without a failure signature. */
  alarm: string | null;
  steps: number;
  /** Strength η of the view penalty if the views are coupled; otherwise null. */
  eta: number | null;
  /**
   * Evaluations sorted by step. Each evaluation has the rows of every compared metric, the version of the scoring
   * rules, and the image-free bound of the first metric.
   */
  evaluations: { step: number; values: FigureValue[][]; floor?: Floor; rules?: number }[];
  metrics: MetricsRow[];
  /** Number of trained weights; null if the run has not loaded the model. */
  trainable: number | null;
  /** Duration of each step in seconds. */
  seconds: number[];
  /** Peak memory in GB; null if the run has finished no step. */
  peakMemory: number | null;
  /** Standard deviation of the rewards in each traced group. */
  spreads: number[];
  /** Files, lines and fields of the run that could not be read. */
  leftOut: string[];
}

/**
 * Mean over runs. If answers are unscored, `bounds` contains the means of the lowest and of the highest possible
 * values, `mean` is the lower of these means, the interval covers both, and there is no p value.
 */
export interface OpenMean extends SeedMean {
  bounds?: [low: number, high: number];
}

export interface ArmResult {
  name: string;
  /** Mean of the metric; null if no run has rows for the metric. */
  figure: OpenMean | null;
  /** Number of rows or pairs in the metric of each run; if runs differ, the highest number. */
  rows: number;
  /** Chance in the first run, because all runs have the same rows. */
  guessed: Pick<Metric, 'chance' | 'chance_n'>;
  /** Share of unparsed answers, 0–1; null if unknown. */
  unparsed: number | null;
  /** Comparison with the first condition; null for the first condition itself, or without common rows. */
  against: ArmComparison | null;
}

/**
 * Difference between two conditions over pairs of runs with the same seed. With several seeds, the interval includes
 * the variation between seeds and images; with one seed, only between images.
 */
export interface ArmComparison extends OpenMean {
  /** For binary metrics: number of rows, over all seeds, that only the first (or only the second) has right. */
  only_first?: number;
  only_second?: number;
}

/**
 * Compares all conditions with the first condition by a metric. With one seed, or identical seeds, the interval is that
 * of the rows.
 */
export function compareArms(arms: readonly Arm[], figure: Figure): ArmResult[] {
  return arms.map((arm) => {
    const runs = arm.seeds.flatMap(({ values }) => (values.length > 0 ? [values] : []));
    const all = runs.flat();
    const unparsed = all.map((value) => value.unparsed);
    const isShare = unitOf(figure) === 'share' && figure.metric !== 'drop';
    const ofRows = isShare ? shareWithInterval : meanWithInterval;
    const meanOf = (runs: readonly (readonly FigureValue[])[]): SeedMean => {
      const seeds = meanOfRuns(runs);
      const interval = seeds.interval ?? ofRows(runs.flat()).interval;
      return { ...seeds, ...(interval && { interval }) };
    };
    const least = runs.length === 0 ? null : meanOf(runs);
    const isOpen = all.some(({ most }) => most !== undefined);
    return {
      name: arm.name,
      figure: least && isOpen ? openMean(least, meanOf(runs.map((run) => run.map(atMost)))) : least,
      rows: Math.max(0, ...arm.seeds.map(({ values }) => values.length)),
      guessed: meanChance(runs[0]?.map(({ chance }) => chance) ?? []),
      unparsed: unparsed.includes(null) ? null : mean(unparsed.map(Number)),
      against: arm === arms[0] ? null : compareTwo(arms[0]!, arm, figure),
    };
  });
}

const atMost = (row: FigureValue): FigureValue => ({ ...row, value: row.most ?? row.value });

/** Returns the range between the means of the lowest and of the highest values of the same rows. */
function openMean(least: SeedMean, most: SeedMean): OpenMean {
  return {
    mean: least.mean,
    n: least.n,
    bounds: [least.mean, most.mean],
    ...(least.interval && most.interval && { interval: [least.interval[0], most.interval[1]] }),
  };
}

export type PairedRows = { cluster: string; first: number; second: number }[];

/**
 * Pairs the rows of two conditions, run by run, on common seeds.
 * @param end lowest or highest possible difference, if answers are not scored
 */
export const pairedRows = (first: Arm, second: Arm, end: 'least' | 'most' = 'least'): PairedRows[] =>
  second.seeds.flatMap(({ seed, values }) => {
    const other = new Map(
      first.seeds.find((ofSeed) => ofSeed.seed === seed)?.values.map((value) => [value.id, value]),
    );
    const rows = values.flatMap((row) => {
      const before = other.get(row.id);
      if (!before) return [];
      const [a, b] = end === 'least' ? [atMost(before), row] : [before, atMost(row)];
      return [{ cluster: row.cluster, first: a.value, second: b.value }];
    });
    return rows.length > 0 ? [rows] : [];
  });

/** Whether any row of these conditions is not scored. */
export const isOpenPair = (...arms: readonly Arm[]): boolean =>
  arms.some(({ seeds }) => seeds.some(({ values }) => values.some(({ most }) => most !== undefined)));

/** Computes the second condition minus the first condition, on common seeds and rows; null without common rows. */
export function compareTwo(first: Arm, second: Arm, figure: Figure): ArmComparison | null {
  const least = differenceOf(pairedRows(first, second), figure);
  if (!least || !isOpenPair(first, second)) return least;
  const most = differenceOf(pairedRows(first, second, 'most'), figure)!;
  return {
    ...openMean(least, most),
    // Counts only certain rows: the lowest difference has the fewest gained rows, and the highest the fewest lost rows.
    ...(most.only_first !== undefined && { only_first: most.only_first, only_second: least.only_second! }),
  };
}

function differenceOf(pairs: readonly PairedRows[], figure: Figure): ArmComparison | null {
  if (pairs.length === 0) return null;
  const isWhole = ({ first, second }: PairedRows[number]) => first % 1 === 0 && second % 1 === 0;
  const binary = isBinary(figure) && pairs.flat().every(isWhole);
  const { interval, p, only_first, only_second } = compare(pairs.flat(), { binary });
  const runs = pairs.map((rows) => rows.map((row) => ({ ...row, value: row.second - row.first })));
  return {
    ...(only_first !== undefined && { only_first, only_second: only_second! }),
    // For one run, or if runs and images do not vary, the test is over rows.
    ...(interval && { interval }),
    ...(p !== null && { p }),
    ...meanOfRuns(runs),
  };
}

/** Returns the best condition and the next one, by worst possible value; null if fewer than two have the metric. */
export function ranked(
  results: readonly ArmResult[],
  figure: Figure,
): [best: ArmResult, next: ArmResult] | null {
  const isLower = isLowerBetter(figure.metric);
  const sign = isLower ? 1 : -1;
  const sure = ({ figure }: ArmResult) => figure!.bounds?.[isLower ? 1 : 0] ?? figure!.mean;
  const sorted = results
    .filter((result) => result.figure !== null)
    .sort((a, b) => sign * (sure(a) - sure(b)));
  return sorted.length < 2 ? null : [sorted[0]!, sorted[1]!];
}
