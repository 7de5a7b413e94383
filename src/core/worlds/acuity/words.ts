/** The signed quantities of a scene whose smallest visible difference is measured (docs/psychophysics.md). */
export const ACUITY_AXES = ['side', 'height', 'nearer', 'size', 'number'] as const;
export type AcuityAxis = (typeof ACUITY_AXES)[number];

export const isAcuityAxis = (text: string): text is AcuityAxis =>
  (ACUITY_AXES as readonly string[]).includes(text);

interface AxisWords {
  /** What is positive, said of the first solid: "A is further right". */
  positive: string;
  negative: string;
  /** `share`: x is in % of the picture's width or height. `ratio`: x is 100 · ln of a ratio. */
  unit: 'share' | 'ratio';
  /** What a difference is a share of, or the ratio of. */
  of: string;
}

export const AXIS_WORDS: Readonly<Record<AcuityAxis, AxisWords>> = {
  side: { positive: 'right', negative: 'left', unit: 'share', of: 'the width' },
  height: { positive: 'higher', negative: 'lower', unit: 'share', of: 'the height' },
  nearer: { positive: 'closer', negative: 'farther', unit: 'ratio', of: 'the distance' },
  size: { positive: 'larger', negative: 'smaller', unit: 'ratio', of: 'the size' },
  number: { positive: 'more', negative: 'fewer', unit: 'ratio', of: 'the number' },
};

/** An x in the unit in which it is printed: percent, the odd inverse of `levelToX`. */
export const inPercent = (axis: AcuityAxis, x: number): number =>
  AXIS_WORDS[axis].unit === 'share' ? x : Math.sign(x) * 100 * Math.expm1(Math.abs(x) / 100);
