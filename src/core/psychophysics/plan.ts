import { asksOf, ACUITY, levelToX } from '../worlds/acuity/axes.ts';
import { ACUITY_AXES, AXIS_WORDS, type AcuityAxis } from '../worlds/acuity/words.ts';
import type { StimuliPlan } from './record.ts';

/** What may be chosen; the rest follows from the axis and the style. */
interface Chosen extends Pick<StimuliPlan, 'style' | 'blocks' | 'seed'> {
  form?: StimuliPlan['form'] | undefined;
  /** Sizes of the differences, without signs. */
  levels?: readonly number[] | undefined;
  /** Side of the pictures in pixels. */
  size?: number | undefined;
}

/**
 * The plan for an axis: both signs of each level.
 * @returns also the levels that are less than a pixel, and so left out
 * @throws RangeError for what cannot be drawn or asked, in words for people
 */
export function planStimuli(
  axis: AcuityAxis,
  { style, blocks, seed, ...chosen }: Chosen,
): { plan: StimuliPlan; tooSmall: number[] } {
  const forms = ACUITY[axis].forms[style];
  if (!forms)
    throw new RangeError(
      `The compact style has no question about "${axis}", and the embedded engine reads no other: choose from ${ACUITY_AXES.filter((one) => ACUITY[one].forms.compact).join(', ')}.`,
    );
  const form = chosen.form ?? (style === 'compact' || !forms.yesno ? 'choice' : 'yesno');
  if (!forms[form]) throw new RangeError(`"${axis}" is not asked as ${form} in the ${style} style.`);
  const side = chosen.size ?? (style === 'compact' ? 64 : 448);
  const sizes = [...new Set(chosen.levels ?? ACUITY[axis].levels[style]!)].sort((a, b) => a - b);
  const unknown =
    axis === 'number' ? sizes.find((one) => !ACUITY.number.levels.english.includes(one)) : undefined;
  if (unknown !== undefined)
    throw new RangeError(
      `Numbers of 4 to 12 differ by ${ACUITY.number.levels.english.join(', ')} %, not by ${unknown} %.`,
    );
  const angle = AXIS_WORDS[axis].unit === 'degrees' ? sizes.find((one) => one > 180) : undefined;
  if (angle !== undefined) throw new RangeError(`Bearings go from 0 to 180 degrees, not to ${angle}.`);
  const isSeen = (one: number) => one === 0 || AXIS_WORDS[axis].unit !== 'share' || (one * side) / 100 >= 1;
  const seen = sizes.filter(isSeen);
  const positive = seen.filter((one) => one > 0);
  if (!positive.some((one) => levelToX(axis, one) > 0))
    throw new RangeError('Levels need a difference above 0: both signs of it are shown.');
  // Straight behind is neither on the left nor on the right.
  const negative = positive.filter((one) => levelToX(axis, one) !== 0).map((one) => -one);
  const levels = [...negative.reverse(), ...seen];
  const plan = { axis, form, style, size: { w: side, h: side }, levels, blocks, seed };
  return { plan, tooSmall: sizes.filter((one) => !isSeen(one)) };
}

/** Scenes a level while a model is trained. */
const QUICK_BLOCKS = 3;

/**
 * The plan for measurements at every evaluation of a training: few scenes, the same ones for all runs.
 * @throws RangeError if the engine's model cannot be asked about the axis
 */
export const planQuick = (axis: AcuityAxis, engine: string): StimuliPlan =>
  planStimuli(axis, { style: engine === 'embedded' ? 'compact' : 'english', blocks: QUICK_BLOCKS, seed: 1 })
    .plan;

/** How many questions a plan asks; at most, if answers decide. */
export const questionsOf = ({ axis, style, form, levels, blocks, adaptive }: StimuliPlan): number =>
  adaptive?.questions ?? asksOf(axis, style, form).length * levels.length * blocks;
