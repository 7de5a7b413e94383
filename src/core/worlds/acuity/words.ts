/** The signed quantities of a scene whose smallest visible difference is measured (docs/psychophysics.md). */
export const ACUITY_AXES = ['side', 'height', 'nearer', 'size', 'number', 'own-side'] as const;
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

/** Axes of which a map can be drawn: where in the picture answers are right. */
export const MAP_AXES = ['side', 'height', 'nearer'] as const satisfies readonly AcuityAxis[];
export type MapAxis = (typeof MAP_AXES)[number];

interface AxisWords {
  /** What is positive, said of the first solid: "A is further right". */
  positive: string;
  negative: string;
  /** `share`: x is in % of the picture's width or height. `ratio`: x is 100 · ln of a ratio. `degrees`: an angle. */
  unit: 'share' | 'ratio' | 'degrees';
  /** What a difference is a share of, the ratio of, or the angle from. */
  of: string;
}

export const AXIS_WORDS: Readonly<Record<AcuityAxis, AxisWords>> = {
  side: { positive: 'right', negative: 'left', unit: 'share', of: 'the width' },
  height: { positive: 'higher', negative: 'lower', unit: 'share', of: 'the height' },
  nearer: { positive: 'closer', negative: 'farther', unit: 'ratio', of: 'the distance' },
  size: { positive: 'larger', negative: 'smaller', unit: 'ratio', of: 'the size' },
  number: { positive: 'more', negative: 'fewer', unit: 'ratio', of: 'the number' },
  'own-side': { positive: 'own right', negative: 'own left', unit: 'degrees', of: 'its front or back' },
};

/** What the percentages of an axis are of, in pixels of the picture or in metres. */
export interface Whole {
  value: number;
  unit: 'px' | 'm';
}

/** What is asked about an axis, for lists: "right or left". */
export function aboutAxis(axis: SceneAxis): string {
  if (axis === 'turn') return 'left or right after a turn in thought';
  if (axis === 'metres') return 'how far something is';
  return `${AXIS_WORDS[axis].positive} or ${AXIS_WORDS[axis].negative}`;
}

/** An x in the unit in which it is printed, percent or degrees: the odd inverse of `levelToX`. */
export const inPrinted = (axis: AcuityAxis, x: number): number =>
  AXIS_WORDS[axis].unit === 'ratio' ? Math.sign(x) * 100 * Math.expm1(Math.abs(x) / 100) : x;

/** What follows a printed number: " %" or "°". */
export const signOf = (axis: AcuityAxis): string => (AXIS_WORDS[axis].unit === 'degrees' ? '°' : ' %');

/** What a printed number is of: "of the width", "from its front or back". */
export const relationOf = (axis: AcuityAxis): string =>
  `${AXIS_WORDS[axis].unit === 'degrees' ? 'from' : 'of'} ${AXIS_WORDS[axis].of}`;

/** The unit in words: "percent of the width", "degrees from its front or back". */
export const unitText = (axis: AcuityAxis): string =>
  `${AXIS_WORDS[axis].unit === 'degrees' ? 'degrees' : 'percent'} ${relationOf(axis)}`;
