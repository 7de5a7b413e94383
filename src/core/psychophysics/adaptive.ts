import { asksOf, levelToX } from '../worlds/acuity/axes.ts';
import type { AcuityAxis } from '../worlds/acuity/acuity-axes.ts';
import type { Estimate } from './fit.ts';
import { type Answers, type AcuityAnswer } from './likelihood.ts';
import { answersOf, fitted } from './measure.ts';
import { levelsOf, ObserverGrid, placeNext } from './placement.ts';
import type { StimuliPlan } from './acuity-record.ts';
import { verdictOn } from './observer-verdict.ts';

/** Number of scenes between two fits, since a fit takes longer than the answers of a small model. */
const BETWEEN_FITS = 4;

const isNarrow = ({ mean, interval: [low, high] }: Estimate, precision: number): boolean =>
  (high - low) / 2 < precision * mean;

/** Whether the answers determine the threshold within ± this share, by the fit that the record reports. */
function isKnown(answers: Answers, precision: number): boolean {
  const curve = fitted(answers, 'equal');
  if (!curve) return false;
  const largest = Math.max(...answers.scenes.map(({ x }) => Math.abs(x)));
  return verdictOn(curve.fit, largest) !== 'out of range' && isNarrow(curve.fit.threshold, precision);
}

/** Placement of the next scene of an adaptive plan, which depends only on the earlier answers. */
export interface AdaptivePlacement {
  /** Number of questions per scene in the plan. */
  ways: number;
  /**
   * @returns level of the most informative next scene (`placeNext`), alternating between both signs; and whether the
   * threshold has the precision of the plan (±, as a share)
   */
  next: (answers: readonly AcuityAnswer[], scenes: number) => { level: number; isPrecise: boolean };
}

/** Creates the placement of scenes. @param plan plan with `adaptive`, for an axis that has a curve */
export function adaptivePlacement(plan: StimuliPlan): AdaptivePlacement {
  const { precision } = plan.adaptive!;
  const xOf = (level: number) => levelToX(plan.axis as AcuityAxis, level);
  const xs = [...new Set(plan.levels.map(xOf))].sort((a, b) => a - b);
  const grid = new ObserverGrid(xs);
  return {
    ways: asksOf(plan).length,
    next(answers, scenes) {
      const read = answersOf(answers);
      const counts = new Map(levelsOf(read.scenes).map((level) => [level.x, level]));
      const { distance, threshold } = placeNext(
        grid,
        xs.map((x) => counts.get(x) ?? { x, positive: 0, n: 0 }),
      );
      // The grid ignores response biases and correlated answers, so it is overconfident; the fit must also be precise.
      const isPrecise =
        scenes % BETWEEN_FITS === 0 && isNarrow(threshold, precision) && isKnown(read, precision);
      const there = new Set(answers.filter(({ x }) => Math.abs(x) === distance).map(({ block }) => block));
      const x = there.size % 2 === 0 ? distance : -distance;
      // Bearings in front of and behind an object have the same x, so the scenes alternate between them.
      const alike = plan.levels.filter((level) => xOf(level) === x);
      return { level: alike[Math.floor(there.size / 2) % alike.length]!, isPrecise };
    },
  };
}
