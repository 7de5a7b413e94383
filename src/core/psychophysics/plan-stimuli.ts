import {
  asksOf,
  ACUITY,
  type AcuityForm,
  CLIP,
  DISTANCES,
  type Grid,
  levelToX,
  NUMBERS,
  scenesOf,
  TURNS,
} from '../worlds/acuity/axes.ts';
import {
  ACUITY_AXES,
  AXIS_WORDS,
  type AcuityAxis,
  isClipAxis,
  MAP_AXES,
  type SceneAxis,
} from '../worlds/acuity/acuity-axes.ts';
import type { StimuliPlan } from './acuity-record.ts';

/** Settings that a user can choose. All other settings follow from the axis and the style of the scenes. */
interface Chosen extends Pick<StimuliPlan, 'style' | 'blocks' | 'seed'> {
  form?: AcuityForm | undefined;
  /** Levels without their signs. */
  levels?: readonly number[] | undefined;
  /** Width and height of the images in pixels. */
  size?: number | undefined;
  /** Grid of a map, which is measured instead of a curve. */
  map?: Grid | undefined;
}

/** Returns the width and height of the images in pixels. */
const sideOf = (axis: SceneAxis, { size, style }: Pick<Chosen, 'size' | 'style'>): number =>
  size ?? (isClipAxis(axis) ? CLIP[style].side : style === 'compact' ? 64 : 448);

/**
 * Returns the plan for an axis.
 * @returns also the levels that are excluded because they are smaller than a pixel
 * @throws RangeError for unsupported settings, with a message for people
 */
export function planStimuli(
  axis: SceneAxis,
  { quick, ...chosen }: Chosen & { quick?: true | undefined },
): { plan: StimuliPlan; tooSmall: number[] } {
  const { plan, tooSmall } = planWhole(axis, chosen);
  return { plan: { ...plan, ...(quick && { quick }) }, tooSmall };
}

function planWhole(axis: SceneAxis, chosen: Chosen): { plan: StimuliPlan; tooSmall: number[] } {
  if (axis === 'turn') return { plan: planTurn(chosen), tooSmall: [] };
  if (axis === 'metres') return { plan: planMetres(chosen), tooSmall: [] };
  if (!chosen.map) return planCurve(axis, chosen);
  if (!MAP_AXES.some((mapAxis) => mapAxis === axis))
    throw new RangeError(`Cannot draw a map of ${axis}. Choose from ${MAP_AXES.join(', ')}.`);
  if (chosen.levels)
    throw new RangeError(
      'A map has no levels, because the first object moves from cell to cell. Remove --levels.',
    );
  const { plan } = planCurve(axis, chosen);
  return { plan: { ...plan, levels: [], map: chosen.map }, tooSmall: [] };
}

/** Plans imagined turns, with angles to both sides. */
function planTurn({ style, form = 'yesno', blocks, seed, ...chosen }: Chosen): StimuliPlan {
  if (style === 'compact')
    throw new RangeError(
      'The compact style does not support "turn", because it has no words for a moving camera. Choose another axis or the english style.',
    );
  const angles = [...new Set(chosen.levels ?? TURNS)].sort((a, b) => a - b);
  const unknown = angles.find((angle) => !(angle >= 0 && angle <= 180));
  if (unknown !== undefined) throw new RangeError(`Turns must be from 0 to 180 degrees, not ${unknown}.`);
  const left = angles.filter((angle) => angle > 0 && angle < 180).map((angle) => -angle);
  const side = sideOf('turn', { style, ...chosen });
  const levels = [...left.reverse(), ...angles];
  return { axis: 'turn', form, style, size: { w: side, h: side }, levels, blocks, seed };
}

function planMetres({ style, form, blocks, seed, ...chosen }: Chosen): StimuliPlan {
  if (form !== undefined) throw new RangeError('Distance questions have free-form answers. Remove --form.');
  const levels = [...new Set(chosen.levels ?? DISTANCES[style])].sort((a, b) => a - b);
  const unknown = levels.find((level) => !(level >= 1 && level <= 100));
  if (unknown !== undefined) throw new RangeError(`Distances must be from 1 to 100 metres, not ${unknown}.`);
  if (levels.length < 2) throw new RangeError('Pass at least two distances.');
  const side = sideOf('metres', { style, ...chosen });
  return { axis: 'metres', form: 'open', style, size: { w: side, h: side }, levels, blocks, seed };
}

/** Plans a curve with both signs of each level. */
function planCurve(
  axis: AcuityAxis,
  { style, blocks, seed, map, ...chosen }: Chosen,
): { plan: StimuliPlan; tooSmall: number[] } {
  const forms = ACUITY[axis].forms[style];
  if (!forms)
    throw new RangeError(
      `The compact style, which the embedded engine requires, has no question about "${axis}". Choose from ${[...ACUITY_AXES.filter((known) => ACUITY[known].forms.compact), ...(map ? [] : ['metres'])].join(', ')}.`,
    );
  const form = chosen.form ?? (style === 'compact' || !forms.yesno ? 'choice' : 'yesno');
  if (!forms[form]) throw new RangeError(`The ${style} style has no ${form} questions about "${axis}".`);
  const side = sideOf(axis, { style, ...chosen });
  const sizes = [...new Set(chosen.levels ?? ACUITY[axis].levels[style]!)].sort((a, b) => a - b);
  const unknown = axis === 'number' ? sizes.find((size) => !(size in NUMBERS)) : undefined;
  if (unknown !== undefined)
    throw new RangeError(
      `Differences between numbers must be ${Object.keys(NUMBERS).join(', ')}%, not ${unknown}%.`,
    );
  const angle = AXIS_WORDS[axis].unit === 'degrees' ? sizes.find((size) => size > 180) : undefined;
  if (angle !== undefined) throw new RangeError(`Bearings must be from 0 to 180 degrees, not ${angle}.`);
  const latest = CLIP[style].frames - 1 - CLIP[style].moving;
  const late = axis === 'order' ? sizes.find((size) => size > latest) : undefined;
  if (late !== undefined)
    throw new RangeError(
      `In a clip of ${CLIP[style].frames} frames, starts must be at most ${latest} frames apart, not ${late}.`,
    );
  const isSeen = (size: number) =>
    size === 0 || AXIS_WORDS[axis].unit !== 'share' || (size * side) / 100 >= 1;
  const seen = sizes.filter(isSeen);
  const tooSmall = sizes.filter((size) => !isSeen(size));
  if (tooSmall.length > 0 && seen.every((size) => size === 0))
    throw new RangeError(
      `Differences of ${tooSmall.join(', ')}% are less than one pixel at size ${side}. Increase --levels or --size.`,
    );
  const positive = seen.filter((size) => size > 0);
  if (!positive.some((size) => levelToX(axis, size) > 0))
    throw new RangeError('Pass at least one level above 0. Its negative is added.');
  // A bearing straight behind is neither on the left nor on the right, so it has no negative level.
  const negative = positive.filter((size) => levelToX(axis, size) !== 0).map((size) => -size);
  const levels = [...negative.reverse(), ...seen];
  const plan = { axis, form, style, size: { w: side, h: side }, levels, blocks, seed };
  return { plan, tooSmall };
}

/** Number of scenes per level in the quick measurement of a run. */
export const QUICK_BLOCKS = 3;

/**
 * Returns the plan of the quick measurement at every evaluation of a run, with the same scenes for all runs.
 * @throws RangeError if the engine's model cannot answer questions about the axis
 */
export const planQuick = (axis: AcuityAxis, engine: string): StimuliPlan =>
  planStimuli(axis, {
    style: engine === 'embedded' ? 'compact' : 'english',
    blocks: QUICK_BLOCKS,
    quick: true,
    seed: 1,
  }).plan;

/** Returns the number of questions of a plan; for adaptive plans and maps, the maximum number. */
export const questionsOf = (plan: StimuliPlan): number =>
  plan.adaptive?.questions ?? asksOf(plan).length * scenesOf(plan);
