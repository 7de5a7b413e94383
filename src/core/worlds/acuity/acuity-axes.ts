import { fixed } from '../../../base/format.ts';

/** Signed quantities of a still scene whose discrimination threshold is measured (docs/acuity.md). */
export const STILL_AXES = ['side', 'height', 'nearer', 'size', 'number', 'own-side'] as const;
export type StillAxis = (typeof STILL_AXES)[number];

/** Axes of a clip: the direction of motion, the faster of two objects, and the object that moves first. */
export const CLIP_AXES = ['motion', 'speed', 'order'] as const;
export type ClipAxis = (typeof CLIP_AXES)[number];

export const isClipAxis = (axis: string): axis is ClipAxis => (CLIP_AXES as readonly string[]).includes(axis);

export const ACUITY_AXES = [...STILL_AXES, ...CLIP_AXES] as const;
export type AcuityAxis = (typeof ACUITY_AXES)[number];

export const isAcuityAxis = (text: string): text is AcuityAxis =>
  (ACUITY_AXES as readonly string[]).includes(text);

/**
 * All axes. The last two axes have no psychometric curve: `turn` is the side after an imagined orbit, with accuracy by
 * angle; `metres` is a distance, with answers by true distance.
 */
export const SCENE_AXES = [...ACUITY_AXES, 'turn', 'metres'] as const;
export type SceneAxis = (typeof SCENE_AXES)[number];

/** Axes for which a person answers with one of two keys: all axes except distances. */
export const TWO_ANSWER_AXES = [...ACUITY_AXES, 'turn'] as const satisfies readonly SceneAxis[];
export type TwoAnswerAxis = (typeof TWO_ANSWER_AXES)[number];

/** Axes for which maps can show accuracy by image position. */
export const MAP_AXES = ['side', 'height', 'nearer'] as const satisfies readonly StillAxis[];
export type MapAxis = (typeof MAP_AXES)[number];

interface AxisWords {
  /** Word for the positive direction of the first object, as in "A is further right". */
  positive: string;
  negative: string;
  /**
   * `share`: x is in % of the image's width or height. `ratio`: x is 100 · ln of a ratio. `degrees`: x is an angle.
   * `frames`: x is a time.
   */
  unit: 'share' | 'ratio' | 'degrees' | 'frames';
  /** Reference of the difference: whole of a share, quantity of a ratio, origin of an angle, or events of a time. */
  of: string;
}

export const AXIS_WORDS: Readonly<Record<AcuityAxis, AxisWords>> = {
  side: { positive: 'right', negative: 'left', unit: 'share', of: 'the width' },
  height: { positive: 'higher', negative: 'lower', unit: 'share', of: 'the height' },
  nearer: { positive: 'closer', negative: 'farther', unit: 'ratio', of: 'the distance' },
  size: { positive: 'larger', negative: 'smaller', unit: 'ratio', of: 'the size' },
  number: { positive: 'more', negative: 'fewer', unit: 'ratio', of: 'the number' },
  'own-side': { positive: 'own right', negative: 'own left', unit: 'degrees', of: 'its front or back' },
  motion: { positive: 'right', negative: 'left', unit: 'share', of: 'the width' },
  speed: { positive: 'faster', negative: 'slower', unit: 'ratio', of: 'the speed' },
  order: { positive: 'last', negative: 'first', unit: 'frames', of: 'the two starts' },
};

/** Value of 100% on an axis, in pixels or metres; for frames, the duration of one frame. */
export interface Whole {
  value: number;
  unit: 'px' | 'm' | 'ms';
}

/**
 * Response bias of each axis with respect to time: the answer follows a cue that a reversal keeps although the reversal
 * changes the right answer. For speed, a reversal changes the cue and keeps the right answer.
 */
export const TIME_HABITS: Readonly<Record<ClipAxis, string>> = {
  motion: 'the side it is on',
  speed: 'what moves to the right is faster',
  order: 'what is on the right is last',
};

/** Verb about the objects in a question about a clip. */
const DOES: Readonly<Record<ClipAxis, string>> = {
  motion: 'moves ',
  speed: 'moves ',
  order: 'starts to move ',
};

/** Describes an axis by its possible answers, such as "right or left", for lists. */
export function aboutAxis(axis: SceneAxis): string {
  if (axis === 'turn') return 'left or right after a turn in thought';
  if (axis === 'metres') return 'how far something is';
  return `${isClipAxis(axis) ? DOES[axis] : ''}${AXIS_WORDS[axis].positive} or ${AXIS_WORDS[axis].negative}`;
}

/** Converts x to the unit in which the axis is displayed. This function is odd, and the inverse of `levelToX`. */
export const inPrinted = (axis: AcuityAxis, x: number): number =>
  AXIS_WORDS[axis].unit === 'ratio' ? Math.sign(x) * 100 * Math.expm1(Math.abs(x) / 100) : x;

const PERCENT = { sign: '%', name: 'percent', preposition: 'of', digits: 1 };
const UNITS: Readonly<Record<AxisWords['unit'], typeof PERCENT>> = {
  share: PERCENT,
  ratio: PERCENT,
  degrees: { sign: '°', name: 'degrees', preposition: 'from', digits: 1 },
  frames: { sign: ' frames', name: 'frames', preposition: 'between', digits: 2 },
};
const unitOf = (axis: AcuityAxis) => UNITS[AXIS_WORDS[axis].unit];

/** Returns the suffix of a displayed number: "%", "°" or " frames". */
export const signOf = (axis: AcuityAxis): string => unitOf(axis).sign;

export const digitsOf = (axis: AcuityAxis): number => unitOf(axis).digits;

/** Formats a level: percent or degrees without decimals, frames with two decimals. */
export const levelText = (axis: AcuityAxis, x: number): string =>
  fixed(inPrinted(axis, x), AXIS_WORDS[axis].unit === 'frames' ? 2 : 0);

/** Returns the text after a displayed number, such as "of the width" or "from its front or back". */
export const relationOf = (axis: AcuityAxis): string => `${unitOf(axis).preposition} ${AXIS_WORDS[axis].of}`;

/** Returns the name of the unit, such as "percent of the width" or "degrees from its front or back". */
export const unitText = (axis: AcuityAxis): string => `${unitOf(axis).name} ${relationOf(axis)}`;

/** Formats a difference on an axis with its unit, such as "4% of the width". */
export const levelInWords = (axis: AcuityAxis, x: number): string =>
  `${levelText(axis, x)}${signOf(axis)} ${relationOf(axis)}`;
