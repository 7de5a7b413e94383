import { mean } from '../../base/numbers.ts';
import { answersWithBounds, between, byQuestion, possible, type Possible, type Range } from './bounds.ts';
import { clusterSize, withinShare } from './share.ts';
import { jackknife, unlike } from './statistics.ts';
import type { Metric } from '../evaluation/results.ts';
import { imageKey, isScorable, isUnparsed, verdictOf, type ScoredRow } from '../evaluation/scored-row.ts';
import { chanceOf } from './chance.ts';

export const CV_TASKS = ['Count', 'Relation', 'Depth', 'Distance'] as const;
const SOURCES = ['ADE20K', 'COCO', 'Omni3D'] as const;
type Part = (typeof CV_TASKS)[number] | (typeof SOURCES)[number];
const PARTS: readonly Part[] = [...CV_TASKS, ...SOURCES];

/** Number of right answers and of rows in each part of CV-Bench: [right, rows] of Count, of Relation, … */
type Sums = readonly number[];

const share = (sums: Sums, part: Part): number | null => {
  const i = 2 * PARTS.indexOf(part);
  return sums[i + 1]! > 0 ? sums[i]! / sums[i + 1]! : null;
};
const meanOfAll = (values: (number | null)[]): number | null =>
  values.includes(null) ? null : mean(values as number[]);

const SHARES: Record<string, readonly Part[]> = {
  ...Object.fromEntries(CV_TASKS.map((task) => [task.toLowerCase(), [task]])),
  total_micro: CV_TASKS,
};

/**
 * Two further totals (R22) that give small parts more weight: the mean of the four tasks, and the benchmark's own ½ ·
 * (½ · (ADE20K + COCO) + Omni3D). Neither total is the only correct one.
 */
const MEANS: Record<string, { parts: readonly Part[]; of: (sums: Sums) => number | null }> = {
  total_macro: { parts: CV_TASKS, of: (sums) => meanOfAll(CV_TASKS.map((task) => share(sums, task))) },
  total_official: {
    parts: SOURCES,
    of: (sums) => {
      const plane = meanOfAll([share(sums, 'ADE20K'), share(sums, 'COCO')]);
      return meanOfAll([plane, share(sums, 'Omni3D')]);
    },
  },
};

const metaOf = (row: ScoredRow) => (row.meta ?? {}) as { task?: unknown; source?: unknown };

/** Returns the task of a CV-Bench row (`meta.task`); undefined for any other row. */
export const cvTaskOf = (row: ScoredRow): (typeof CV_TASKS)[number] | undefined =>
  CV_TASKS.find((task) => task === metaOf(row).task);

/** Returns the task and the source of a CV-Bench row (`meta.source`); an empty list for any other row. */
function partsOf(row: ScoredRow): Part[] {
  const task = cvTaskOf(row);
  return task ? PARTS.filter((part) => part === task || part === metaOf(row).source) : [];
}

/** Computes accuracies and totals of CV-Bench; {} without CV-Bench rows. */
export function cvBench(rows: readonly ScoredRow[]): Record<string, Metric> {
  const counted = rows.filter(isScorable).flatMap((row) => {
    const parts = partsOf(row);
    const range = possible(verdictOf(row));
    return parts.length > 0
      ? [{ row, cluster: imageKey(row), parts, ...range, chance: chanceOf(row) ?? 0 }]
      : [];
  });
  if (counted.length === 0) return {};
  const questions = byQuestion(counted);
  const averaged = (parts: readonly Part[]) =>
    counted.filter((row) => row.parts.some((part) => parts.includes(part)));
  const unparsedOf = (members: typeof counted) => members.filter(({ row }) => isUnparsed(row)).length;
  const shares = Object.entries(SHARES).flatMap(([name, parts]): [string, Metric][] => {
    const members = averaged(parts);
    if (members.length === 0) return [];
    const chance = mean(byQuestion(members).map((row) => row.chance))!;
    return [[name, { ...answersWithBounds(members), unparsed: unparsedOf(members), chance }]];
  });
  const means = Object.entries(MEANS).flatMap(([name, { parts, of: meanOf }]): [string, Metric][] => {
    const members = averaged(parts);
    if (members.length === 0) return [];
    const chance = meanOf(sum(questions.map((row) => vector(row.parts, row.chance))));
    const [low, high] = (['low', 'high'] as const).map((end): Metric => {
      const value = meanOf(sum(questions.map((row) => vector(row.parts, row[end]))));
      const interval = value === null ? null : intervalOf(questions, end, meanOf, value);
      return { value, unit: 'share', n: members.length, ...(interval && { interval }) };
    });
    const unknown = members.filter((row) => row.low < row.high).length;
    const figure = unknown === 0 || low!.value === null ? low! : between(low!, high!, unknown);
    const { interval, ...others } = figure;
    // If a part has no rows, neither the total nor its chance is defined.
    const more = { ...(chance !== null && { chance }), ...(interval && { interval }) };
    return [[name, { ...others, unparsed: unparsedOf(members), ...more }]];
  });
  return Object.fromEntries([...shares, ...means]);
}

interface Counted extends Possible {
  parts: readonly Part[];
}

const vector = (parts: readonly Part[], value: number) =>
  PARTS.flatMap((part) => (parts.includes(part) ? [value, 1] : [0, 0]));

/**
 * Computes the interval, clustered by image. No end exceeds the end for as many images with only right or only wrong
 * answers. Each image counts once, with the weight of its rows in the total.
 */
function intervalOf(
  counted: readonly Counted[],
  end: keyof Range,
  meanOf: (sums: Sums) => number | null,
  value: number,
): [number, number] | null {
  const rows = counted.map((row) => ({ cluster: row.cluster, sums: vector(row.parts, row[end]) }));
  const [low, high] = jackknife(rows, meanOf).interval ?? [value, value];
  const total = sum(rows.map(({ sums }) => sums));
  const weights = counted.map(({ cluster, parts }) => {
    // Value of the total if only the answer to this row were right.
    const alone = total.map((all, i) => (i % 2 === 1 ? all : Number(parts.includes(PARTS[i / 2]!))));
    return { cluster, weight: meanOf(alone)! };
  });
  const unseen = unlike(clusterSize(weights));
  return withinShare([Math.min(low, 1 - unseen), Math.max(high, unseen)]);
}

const sum = (vectors: readonly Sums[]): number[] =>
  vectors[0]!.map((_, i) => vectors.reduce((total, vector) => total + vector[i]!, 0));
