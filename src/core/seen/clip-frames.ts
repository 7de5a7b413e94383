import { several } from '../../base/format.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import { even, seenBy, type SeenFamily, type SeenRule } from './seen-map.ts';

export interface ClipRule {
  /**
   * Choice of frames. `rounded`: at even distances, from the first to the last (Qwen3-VL). `even`: the first of equal
   * parts (Gemma 4, Kimi). `ticks`: those after each tick of the clock (GLM-4V); `paced`: likewise, or at even
   * distances where these are too many (GLM-4.6V, GLM-5).
   */
  take: 'all' | 'rounded' | 'even' | 'ticks' | 'paced';
  /** Frames per second; null for `most` frames, and for `paced` 6 to 1, by the length of the clip. */
  rate: number | null;
  /** Minimum and maximum number of frames. */
  least: number;
  most: number;
  /** Frames that are read together; the last one is repeated up to a multiple. */
  group: number;
  /** Geometry of each frame; null if no rule matches the measurements. */
  frame: SeenRule | null;
}

/**
 * Returns what a model receives of a clip that is sent as one video: its frames from 0, in order; their size in model
 * pixels, without filler; and both as texts, with a text if the model receives other frames of the reversed clip.
 * @param by family of the model, or the measured clip
 * @param times of the frames in seconds; null if unknown @param image size of a frame, if known
 * @returns null for families without known videos, clips that they reject, and unknown times
 */
export function clipSeenBy(
  by: (Omit<SeenFamily, 'rule'> & { clip: ClipRule | null }) | { taken: number[]; size: Size | null },
  n: number,
  times: readonly number[] | null,
  image?: Size,
): { taken: number[]; size: Size | null; facts: string[] } | null {
  if (!('taken' in by)) {
    const { clip, patch, cell } = by;
    const rate = times?.length === n && n > 1 ? (n - 1) / (times.at(-1)! - times[0]!) : null;
    const taken = clip && framesTaken(clip, n, rate);
    if (!taken) return null;
    if (!clip.frame || !image || taken.length === 0) return clipSeenBy({ taken, size: null }, n, times);
    const map = seenBy({ rule: clip.frame, patch, cell }, image, unique(taken).length);
    return map && clipSeenBy({ taken, size: map.size }, n, times);
  }
  const { taken, size } = by;
  const twice = unique(taken.filter((frame, i) => taken.indexOf(frame) !== i));
  const once = unique(taken);
  const numbers = (frames: readonly number[]) => frames.map((frame) => frame + 1).join(', ');
  const few = once.length > 0 && once.length < n ? ` (${numbers(once)})` : '';
  const facts = [
    `${once.length} of ${several(n, 'frame')}${few}`,
    ...(twice.length > 0 ? [`repeated frames: ${numbers(twice)}`] : []),
    ...(size ? [`each ${size.w} × ${size.h} pixels`] : []),
    ...(differsReversed(taken, n) ? ['different frames for the reversed clip'] : []),
  ];
  return { taken, size, facts };
}

/** Whether a model that takes these frames of a clip of `n` receives others of the reversed clip. */
export const differsReversed = (taken: readonly number[], n: number): boolean =>
  taken.some((frame, i) => frame + taken[taken.length - 1 - i]! !== n - 1);

/** Returns the frames that a rule takes of `n` frames; null if the processor rejects the clip. @param rate per second */
export function framesTaken(rule: ClipRule, n: number, rate: number | null): number[] | null {
  const taken = choiceOf(rule, n, rate);
  const [last] = taken?.slice(-1) ?? [];
  if (!taken || last === undefined) return taken;
  const more = (rule.group - (taken.length % rule.group)) % rule.group;
  return [...taken, ...Array<number>(more).fill(last)];
}

function choiceOf({ take, rate, least, most }: ClipRule, n: number, fps: number | null): number[] | null {
  const all = Array.from({ length: n }, (_, i) => i);
  if (take === 'all') return all;
  if (fps === null && (rate !== null || take === 'paced')) return null;
  const seconds = n / (fps ?? 1);
  const wanted = rate === null ? most : Math.max(Math.trunc(seconds * rate), least);
  switch (take) {
    case 'rounded':
      return spaced(0, n - 1, Math.min(wanted, most, n)).map(even);
    case 'even':
      return wanted > n ? null : all.slice(0, wanted).map((i) => Math.floor((i * n) / wanted));
    case 'ticks':
      // GLM-4V takes up to 600 frames of a longer clip.
      if (seconds > 300) return all;
      return unique(Array.from({ length: wanted }, (_, i) => Math.min(n - 1, Math.ceil((i * fps!) / rate!))));
    case 'paced': {
      const pace = rate ?? (seconds <= 30 ? 6 : seconds <= 300 ? 2 : 1);
      const count = Math.min(Math.trunc(Math.min(seconds, rate === null ? 2400 : Infinity) * pace), most);
      if (n < count) return all;
      const ticked = atTicks(n, fps!, pace);
      if (ticked.length === count) return unique(ticked);
      const [from, to] = ticked.length < count ? [ticked[0]!, ticked.at(-1)!] : [0, n - 1];
      return unique(spaced(from, to, count).map(Math.floor));
    }
  }
}

/** Returns the first frame after each tick of `pace` ticks a second, up to the last whole second. */
function atTicks(n: number, fps: number, pace: number): number[] {
  const taken: number[] = [];
  let tick = 0;
  for (let i = 0; i < n && (taken.length === 0 || tick < Math.trunc(n / fps)); i++)
    if (i * (1 / fps) >= tick) {
      tick += 1 / pace;
      taken.push(i);
    }
  return taken;
}

/** Returns numbers at even distances, as `linspace` of NumPy. */
const spaced = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) =>
    i > 0 && i === count - 1 ? to : from + i * ((to - from) / Math.max(1, count - 1)),
  );

const unique = (frames: readonly number[]): number[] => [...new Set(frames)];
