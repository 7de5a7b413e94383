import { fixed } from '../../../base/format.ts';

/** The signed quantities of a scene whose smallest visible difference is measured (docs/acuity.md). */
export const STILL_AXES = ['side', 'height', 'nearer', 'size', 'number', 'own-side'] as const;
export type StillAxis = (typeof STILL_AXES)[number];

/** Those of a clip: which way something moves, which of two is faster, and which of two begins to move first. */
export const CLIP_AXES = ['motion', 'speed', 'order'] as const;
export type ClipAxis = (typeof CLIP_AXES)[number];

export const isClipAxis = (axis: string): axis is ClipAxis => (CLIP_AXES as readonly string[]).includes(axis);

export const ACUITY_AXES = [...STILL_AXES, ...CLIP_AXES] as const;
export type AcuityAxis = (typeof ACUITY_AXES)[number];

export const isAcuityAxis = (text: string): text is AcuityAxis =>
  (ACUITY_AXES as readonly string[]).includes(text);

/**
 * All that can be asked about. The last two have no curve: `turn` asks for a side after the camera has gone around in
 * thought, and has shares of right answers by angle; `metres` asks how far, and has told by true distances.
 */
export const SCENE_AXES = [...ACUITY_AXES, 'turn', 'metres'] as const;
export type SceneAxis = (typeof SCENE_AXES)[number];

/** What people can be asked about with two keys: all but distances. */
export const TWO_ANSWER_AXES = [...ACUITY_AXES, 'turn'] as const satisfies readonly SceneAxis[];
export type TwoAnswerAxis = (typeof TWO_ANSWER_AXES)[number];

/** Axes of which a map can be drawn: where in the image answers are right. */
export const MAP_AXES = ['side', 'height', 'nearer'] as const satisfies readonly StillAxis[];
export type MapAxis = (typeof MAP_AXES)[number];

interface AxisWords {
  /** What is positive, said of the first object: "A is further right". */
  positive: string;
  negative: string;
  /**
   * `share`: x is in % of the image's width or height. `ratio`: x is 100 · ln of a ratio. `degrees`: an angle.
   * `frames`: a time.
   */
  unit: 'share' | 'ratio' | 'degrees' | 'frames';
  /** What a difference is a share of, the ratio of, the angle from, or the time between. */
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

/** What the percentages of an axis are of, in pixels of the image or in metres; of frames, how long one lasts. */
export interface Whole {
  value: number;
  unit: 'px' | 'm' | 'ms';
}

/**
 * The habit of time of each axis: to answer by what is the same in both orders although the truth turns with them; of
 * speeds, whose truth stays, by what turns.
 */
export const TIME_HABITS: Readonly<Record<ClipAxis, string>> = {
  motion: 'the side it is on',
  speed: 'what moves to the right is faster',
  order: 'what is on the right is last',
};

/** What is done by what a clip's question is about. */
const DOES: Readonly<Record<ClipAxis, string>> = {
  motion: 'moves ',
  speed: 'moves ',
  order: 'starts to move ',
};

/** What is asked about an axis, for lists: "right or left". */
export function aboutAxis(axis: SceneAxis): string {
  if (axis === 'turn') return 'left or right after a turn in thought';
  if (axis === 'metres') return 'how far something is';
  return `${isClipAxis(axis) ? DOES[axis] : ''}${AXIS_WORDS[axis].positive} or ${AXIS_WORDS[axis].negative}`;
}

/** An x in the unit in which it is printed: the odd inverse of `levelToX`. */
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

/** What follows a printed number: "%", "°" or " frames". */
export const signOf = (axis: AcuityAxis): string => unitOf(axis).sign;

/** How many digits after the point an estimate is printed with. */
export const digitsOf = (axis: AcuityAxis): number => unitOf(axis).digits;

/** A level as it is printed: in whole percent or degrees, or in parts of a frame. */
export const levelText = (axis: AcuityAxis, x: number): string =>
  fixed(inPrinted(axis, x), AXIS_WORDS[axis].unit === 'frames' ? 2 : 0);

/** What a printed number is of: "of the width", "from its front or back". */
export const relationOf = (axis: AcuityAxis): string => `${unitOf(axis).preposition} ${AXIS_WORDS[axis].of}`;

/** The unit in words: "percent of the width", "degrees from its front or back". */
export const unitText = (axis: AcuityAxis): string => `${unitOf(axis).name} ${relationOf(axis)}`;

/** A difference with its unit: "4 % of the width". */
export const levelInWords = (axis: AcuityAxis, x: number): string =>
  `${levelText(axis, x)}${signOf(axis)} ${relationOf(axis)}`;
