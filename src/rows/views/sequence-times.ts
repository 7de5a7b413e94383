import { isRecord } from '../../base/json.ts';
import { nameKey } from '../read/names.ts';
import { timesOf } from '../sample/clip.ts';
import { type Clip, type Meta, type Sample } from '../sample/sample.ts';
import { turnsRound, type Sequence } from '../view-parts.ts';
import { orderOf } from './orders.ts';

// Times at which objects and frames are visible, and at which objects move, after a change of the images' order.

type Interval = [from: number, to: number];

const isInterval = (value: unknown): value is Interval =>
  Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);

/** Returns the intervals in which each object is visible or moves, by object name, in seconds and in order. */
export function intervalsOf(record: unknown): Map<string, Interval[]> | null {
  if (!isRecord(record)) return null;
  const lists = Object.entries(record);
  if (!lists.every(([, list]) => Array.isArray(list) && list.length > 0 && list.every(isInterval)))
    return null;
  return new Map(
    lists.map(([name, list]) => [nameKey(name), [...(list as Interval[])].sort((a, b) => a[0] - b[0])]),
  );
}

export const sightOf = (meta: Meta | undefined): Map<string, Interval[]> | null =>
  intervalsOf(meta?.in_sight);

/** Returns the first of the selected images in which an object appears. Images are evenly spaced over the clip. */
export function firstSeen(
  intervals: readonly Interval[],
  sequence: Sequence,
  n: number,
  { duration_s: length }: Meta,
): number {
  if (typeof length !== 'number') return Infinity;
  const isSeen = (i: number) => {
    const at = ((i + 0.5) * length) / n;
    return intervals.some(([from, to]) => from <= at && at <= to);
  };
  return orderOf(sequence, n).find(isSeen) ?? Infinity;
}

/** Returns frame times for the new order, or the clip's own record if it is still valid, as for even spacing. */
export function clipOf(sample: Sample, sequence: Sequence): Clip | undefined {
  const { clip, images } = sample;
  const times = timesOf(sample);
  if (!times || times.length < 2) return clip;
  if (sequence.op === 'shuffle' || (clip?.fps !== undefined && !clip.times_s && sequence.op !== 'every'))
    return clip;
  const [first, last] = [times[0]!, times.at(-1)!];
  // The clip restarts one mean time step after the last frame.
  const round = (last - first) * (times.length / (times.length - 1));
  const turned = turnsRound(sequence);
  const moved = orderOf(sequence, images.length).map((frame, i) => {
    if (turned) return rounded(first + last - times[frame]!);
    return rounded(times[frame]! + (sequence.op === 'repeat' ? Math.floor(i / times.length) * round : 0));
  });
  const stays = turned && moved.every((time, i) => Math.abs(time - times[i]!) < 1e-5);
  return stays ? clip : { times_s: moved };
}

/** Returns seconds without floating-point errors, so that reversing twice restores the same times. */
const rounded = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;

/** Returns the facts in `meta` about times of visibility and motion, for the new order. */
export function metaOf(meta: Meta, sequence: Sequence): Meta {
  if (sequence.op === 'every' || sequence.op === 'shuffle') return meta;
  const { duration_s: duration, in_sight: sight, in_motion: motion, crosses_middle: crosses } = meta;
  const all = [sight, motion].filter((record) => isRecord(record) && intervalsOf(record));
  const isCrossed = isRecord(crosses) && Object.values(crosses).every(Number.isFinite);
  if (all.length === 0 && !isCrossed) return meta;
  const lists = all as Record<string, Interval[]>[];
  const length =
    typeof duration === 'number'
      ? duration
      : Math.max(...lists.flatMap((list) => Object.values(list).flat(2)));
  const times = (list: readonly Interval[]): Interval[] =>
    sequence.op === 'repeat'
      ? Array.from({ length: sequence.k }, (_, i) =>
          list.map(([a, b]): Interval => [a + i * length, b + i * length]),
        ).flat()
      : list.map(([a, b]): Interval => [rest(length, b), rest(length, a)]).reverse();
  const timed = (record: unknown) =>
    Object.fromEntries(
      Object.entries(record as Record<string, Interval[]>).map(([name, list]) => [name, times(list)]),
    );
  return {
    ...meta,
    ...(lists.includes(sight as never) && { in_sight: timed(sight) }),
    ...(lists.includes(motion as never) && { in_motion: timed(motion) }),
    ...(isCrossed &&
      turnsRound(sequence) && {
        crosses_middle: Object.fromEntries(
          Object.entries(crosses as Record<string, number>).map(([name, at]) => [name, rest(length, at)]),
        ),
      }),
    ...(sequence.op === 'repeat' && typeof duration === 'number' && { duration_s: duration * sequence.k }),
  };
}

/** Returns a length minus a part, rounded to remove floating-point errors. */
const rest = (length: number, part: number): number => Number((length - part).toFixed(9));
