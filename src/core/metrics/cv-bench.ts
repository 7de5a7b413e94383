import { isRight } from '../answers/score-row.ts';
import type { Random } from '../random.ts';
import { bootstrapIntervals } from './bootstrap.ts';
import { mean, type Metric } from './metric.ts';
import { chanceOf, imageKey, isUnparsed, type ScoredRow } from './scored-row.ts';

const TASKS = ['Count', 'Relation', 'Depth', 'Distance'] as const;
const SOURCES = ['ADE20K', 'COCO', 'Omni3D'] as const;
type Part = (typeof TASKS)[number] | (typeof SOURCES)[number];
const PARTS: readonly Part[] = [...TASKS, ...SOURCES];

/** Right answers and rows of each part: [right, rows] of Count, of Relation, … */
type Sums = readonly number[];

const share = (sums: Sums, part: Part): number | null => {
  const i = 2 * PARTS.indexOf(part);
  return sums[i + 1]! > 0 ? sums[i]! / sums[i + 1]! : null;
};
const meanOfAll = (values: (number | null)[]): number | null =>
  values.includes(null) ? null : mean(values as number[]);

interface Reading {
  parts: readonly Part[];
  of: (sums: Sums) => number | null;
}

/**
 * The accuracy of each task, and the total in its three readings (R22): the mean of the four tasks, the mean over
 * rows, and the benchmark's own ½ · (½ · (ADE20K + COCO) + Omni3D). None of the three is *the* total.
 */
const READINGS: Record<string, Reading> = {
  ...Object.fromEntries(
    TASKS.map((task) => [task.toLowerCase(), { parts: [task], of: (sums: Sums) => share(sums, task) }]),
  ),
  total_macro: { parts: TASKS, of: (sums) => meanOfAll(TASKS.map((task) => share(sums, task))) },
  total_micro: {
    parts: TASKS,
    of: (sums) => {
      const [right, rows] = [0, 1].map((k) => TASKS.reduce((total, _, i) => total + sums[2 * i + k]!, 0));
      return rows! > 0 ? right! / rows! : null;
    },
  },
  total_official: {
    parts: SOURCES,
    of: (sums) => {
      const plane = meanOfAll([share(sums, 'ADE20K'), share(sums, 'COCO')]);
      return meanOfAll([plane, share(sums, 'Omni3D')]);
    },
  },
};

/** The task and source of a row of CV-Bench (`meta.task`, `meta.source`); none for every other row. */
function partsOf(row: ScoredRow): Part[] {
  const meta = (row.meta ?? {}) as { task?: unknown; source?: unknown };
  if (!(TASKS as readonly unknown[]).includes(meta.task)) return [];
  return PARTS.filter((part) => part === meta.task || part === meta.source);
}

/** Accuracies and totals of CV-Bench; {} when no row is of CV-Bench. */
export function cvBench(rows: readonly ScoredRow[], random: Random): Record<string, Metric> {
  const counted = rows.flatMap((row) => {
    const parts = partsOf(row);
    const right = isRight(row.score);
    return parts.length > 0 && right !== null
      ? [{ row, parts, right: Number(right), chance: chanceOf(row) ?? 0 }]
      : [];
  });
  if (counted.length === 0) return {};
  const vector = (parts: readonly Part[], value: number) =>
    PARTS.flatMap((part) => (parts.includes(part) ? [value, 1] : [0, 0]));
  const rights = counted.map(({ row, parts, right }) => ({
    cluster: imageKey(row),
    sums: vector(parts, right),
  }));
  const chances = counted.map(({ parts, chance }) => vector(parts, chance));
  const readings = Object.entries(READINGS);
  const intervals = bootstrapIntervals(
    rights,
    readings.map(([, { of }]) => of),
    random,
  );
  const metrics: Record<string, Metric> = {};
  for (const [i, [name, { parts, of }]] of readings.entries()) {
    const members = counted.filter((entry) => entry.parts.some((part) => parts.includes(part)));
    if (members.length === 0) continue;
    const interval = intervals[i];
    metrics[name] = {
      value: of(sum(rights.map(({ sums }) => sums))),
      unit: 'share',
      n: members.length,
      unparsed: members.filter(({ row }) => isUnparsed(row)).length,
      chance: of(sum(chances)) ?? 0,
      ...(interval && { interval }),
    };
  }
  return metrics;
}

const sum = (vectors: readonly Sums[]): number[] =>
  vectors[0]!.map((_, i) => vectors.reduce((total, vector) => total + vector[i]!, 0));
