import { asksOf, levelToX } from '../worlds/acuity/axes.ts';
import type { AcuityAxis } from '../worlds/acuity/acuity-axes.ts';
import type { Estimate } from './fit.ts';
import { type Answers, type AcuityAnswer } from './likelihood.ts';
import { answersOf, fitted } from './measure.ts';
import { levelsOf, ObserverGrid, placeNext } from './placement.ts';
import type { StimuliPlan } from './acuity-record.ts';
import { verdictOn } from './observer-verdict.ts';

/** After how many scenes the answers are fitted again, which takes longer than to ask a small model. */
const BETWEEN_FITS = 4;

const isNarrow = ({ mean, interval: [low, high] }: Estimate, precision: number): boolean =>
  (high - low) / 2 < precision * mean;

/** Whether these answers have a threshold, known to ± this share of it, as it will be reported. */
function isKnown(answers: Answers, precision: number): boolean {
  const curve = fitted(answers, 'equal');
  if (!curve) return false;
  const largest = Math.max(...answers.scenes.map(({ x }) => Math.abs(x)));
  return verdictOn(curve.fit, largest) !== 'out of range' && isNarrow(curve.fit.threshold, precision);
}

/** Where the next scene of an adaptive plan is placed, by the answers so far and by nothing else. */
export interface AdaptivePlacement {
  /** In how many ways each scene is asked. */
  ways: number;
  /**
   * @param scenes how many were drawn so far
   * @returns the next scene's level, where answers leave most open (`placeNext`), from either side in turn; and whether
   * the threshold is known to ± the share of it that the plan wishes
   */
  next: (answers: readonly AcuityAnswer[], scenes: number) => { level: number; isPrecise: boolean };
}

/** @param plan with `adaptive`, of an axis that has a curve */
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
      // The grid knows no habits, and no scenes whose answers are alike, so it is sure too early: what will be reported has to say the same.
      const isPrecise =
        scenes % BETWEEN_FITS === 0 && isNarrow(threshold, precision) && isKnown(read, precision);
      const there = new Set(answers.filter(({ x }) => Math.abs(x) === distance).map(({ block }) => block));
      const x = there.size % 2 === 0 ? distance : -distance;
      // Bearings in front of somebody and behind them have one x, and are shown in turn.
      const alike = plan.levels.filter((level) => xOf(level) === x);
      return { level: alike[Math.floor(there.size / 2) % alike.length]!, isPrecise };
    },
  };
}
