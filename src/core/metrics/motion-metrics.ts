import type { FrameControl } from '../prompts/frame-controls.ts';
import { ORIGINAL, type ViewId } from '../../rows/view-list.ts';
import { both, compareWithBounds, withBounds, type Range } from './bounds.ts';
import type { Metric } from '../evaluation/results.ts';
import { imageKey, type ScoredRow } from '../evaluation/scored-row.ts';
import type { Comparison } from './statistics.ts';
import { answersByView, pairingsOf } from './view-pairings.ts';

/**
 * Returns the gain from ordered frames: pair accuracy of a clip and another view with frames in order, minus pair
 * accuracy under a control, paired by row.
 */
export function gainOfOrder(
  rows: readonly ScoredRow[],
  control: readonly ScoredRow[],
  view: ViewId,
): Comparison {
  const [ordered, changed] = [rows, control].map((asked) => pairingsOf(answersByView(asked), ORIGINAL, view));
  const under = new Map(changed!.map((pair) => [pair.one.row.id, pair]));
  return compareWithBounds(
    ordered!.flatMap(({ cluster, one, other }) => {
      const pair = under.get(one.row.id);
      if (!pair) return [];
      const [first, second] = [pair, { one, other }].map((pairing) =>
        both(pairing.one.right, pairing.other.right),
      );
      return [{ cluster, first: first!, second: second! }];
    }),
    { binary: true },
  );
}

/** Returns the share of rows that are right in all given views, among rows with all views; null without rows. */
export function allRight(rows: readonly ScoredRow[], views: readonly ViewId[]): Metric | null {
  const answers = answersByView(rows);
  const [first, ...others] = views.map((view) => answers.get(view));
  const whole = [...(first ?? [])].flatMap(([key, { row, right }]) => {
    const more = others.map((ofView) => ofView?.get(key)?.right);
    const all = more.reduce((a, b) => a && b && both(a, b), right as Range | undefined);
    return all ? [{ cluster: imageKey(row), ...all }] : [];
  });
  return whole.length === 0 ? null : withBounds(whole);
}

/**
 * Returns the control with the smallest gain; null without pairs. A model perceives motion if its gain over every
 * control is significant.
 */
export function leastGain(
  gains: readonly { control: FrameControl; gain: Comparison }[],
): { control: FrameControl; gain: Comparison; isSure: boolean } | null {
  const [least] = gains
    .filter(({ gain }) => gain.n > 0)
    .map(({ control, gain }) => ({ control, gain, isSure: isAbove(gain) }))
    .sort((a, b) => Number(a.isSure) - Number(b.isSure) || lowOf(a.gain) - lowOf(b.gain));
  return least ?? null;
}

/** Whether a gain is above 0 at a level of 5%, by image; for bounds, according to the interval of the lower bound. */
const isAbove = ({ difference, interval, p }: Comparison): boolean =>
  difference === null ? (interval?.[0] ?? 0) > 0 : difference > 0 && p !== null && p < 0.05;

const lowOf = ({ difference, bounds }: Comparison): number => difference ?? bounds?.[0] ?? 0;
