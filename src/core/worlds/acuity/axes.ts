import type { Axis as SolidAxis } from '../margins.ts';
import type { Family, Pole, Style } from '../questions/question.ts';
import { ROOM, TINY, TOP, type WorldOptions } from '../sampling.ts';

/** The signed quantities of a scene whose smallest visible difference is measured (docs/psychophysics.md). */
export const ACUITY_AXES = ['side', 'height', 'nearer', 'size', 'number'] as const;
export type AcuityAxis = (typeof ACUITY_AXES)[number];

export const isAcuityAxis = (text: string): text is AcuityAxis =>
  (ACUITY_AXES as readonly string[]).includes(text);

/** How a stimulus is asked: yes or no, or with two choices. */
export const ACUITY_FORMS = ['yesno', 'choice'] as const;
export type AcuityForm = (typeof ACUITY_FORMS)[number];

interface About {
  /** What is positive, said of the first solid: "A is further right". */
  positive: string;
  negative: string;
  /** `share`: x is in % of the picture's width or height. `ratio`: x is 100 · ln of a ratio. */
  unit: 'share' | 'ratio';
  /** What a difference is a share of, or the ratio of. */
  of: string;
  /** Sizes of the differences in percent. Pictures of the compact style are small, and so are its models. */
  levels: Readonly<Record<'english', readonly number[]>> & { compact?: readonly number[] };
  /** The pole that is positive. */
  pole: Pole;
  compares: SolidAxis | null;
  forms: Partial<Record<Style, Partial<Record<AcuityForm, readonly [Family, string]>>>>;
  world: Readonly<Record<'english', WorldOptions>> & { compact?: WorldOptions };
}

const english = (options: WorldOptions): WorldOptions => ({
  ...options,
  objects: [2, 4],
  stacked: 0,
  faces: 0,
});

/** The compact style's camera, with the solids no farther than its pictures show them in 12 pixels. */
const COMPACT: WorldOptions = { ...TINY, reach: [2, 5.2] };

/** The axes. Their forms are those of `questions/`, so that models are asked in words that they may know. */
export const ACUITY: Readonly<Record<AcuityAxis, About>> = {
  side: {
    positive: 'right',
    negative: 'left',
    unit: 'share',
    of: 'the width',
    levels: { english: [0, 1, 2, 4, 8, 16], compact: [0, 4, 8, 16, 24, 32, 48] },
    pole: 1,
    compares: 'left-right',
    forms: {
      english: { yesno: ['side', 'yesno'], choice: ['side', 'which'] },
      compact: { choice: ['side', 'where'], yesno: ['side', 'yesno'] },
    },
    world: { english: english(ROOM), compact: COMPACT },
  },
  height: {
    positive: 'higher',
    negative: 'lower',
    unit: 'share',
    of: 'the height',
    levels: { english: [0, 1, 2, 4, 8, 16] },
    pole: 0,
    compares: 'picture-down',
    forms: { english: { yesno: ['plane', 'height'], choice: ['plane', 'which-height'] } },
    world: { english: english(TOP) },
  },
  nearer: {
    positive: 'closer',
    negative: 'farther',
    unit: 'ratio',
    of: 'the distance',
    levels: { english: [0, 2, 5, 10, 20, 40], compact: [0, 5, 10, 20, 40, 80] },
    pole: 0,
    compares: 'near-far',
    forms: {
      english: { yesno: ['nearer', 'yesno'], choice: ['nearer', 'which'] },
      compact: { choice: ['nearer', 'which'] },
    },
    world: { english: english(ROOM), compact: COMPACT },
  },
  size: {
    positive: 'larger',
    negative: 'smaller',
    unit: 'ratio',
    of: 'the size',
    levels: { english: [0, 2, 5, 10, 20, 40] },
    pole: 0,
    compares: 'large-small',
    forms: { english: { yesno: ['size', 'yesno'], choice: ['size', 'which'] } },
    world: { english: english(ROOM) },
  },
  number: {
    positive: 'more',
    negative: 'fewer',
    unit: 'ratio',
    of: 'the number',
    levels: { english: [0, 20, 25, 33, 50, 100, 200] },
    pole: 0,
    compares: null,
    forms: { english: { yesno: ['count', 'more'] } },
    world: { english: { ...english(TOP), size: [0.35, 0.5], height: [7, 8] } },
  },
};

/** Numbers of two kinds, the more frequent first, by their difference in percent; totals are 4 to 12. */
export const NUMBERS: Readonly<Record<number, readonly (readonly [number, number])[]>> = {
  0: [
    [2, 2],
    [3, 3],
    [4, 4],
    [5, 5],
    [6, 6],
  ],
  20: [[6, 5]],
  25: [[5, 4]],
  33: [[4, 3]],
  50: [
    [3, 2],
    [6, 4],
  ],
  100: [
    [4, 2],
    [6, 3],
    [8, 4],
  ],
  200: [
    [3, 1],
    [6, 2],
  ],
};

/** The x of a signed level as it is printed: percent, or for ratios 100 · ln(1 + level). Odd, so that −x is −level. */
export function levelToX(axis: AcuityAxis, level: number): number {
  if (ACUITY[axis].unit === 'share') return level;
  if (axis === 'number' && level !== 0) {
    const [more, fewer] = NUMBERS[Math.abs(level)]![0]!;
    return Math.sign(level) * 100 * Math.log(more / fewer);
  }
  return Math.sign(level) * 100 * Math.log1p(Math.abs(level) / 100);
}

/** An x in the unit in which it is printed: percent, the odd inverse of `levelToX`. */
export const inPercent = (axis: AcuityAxis, x: number): number =>
  ACUITY[axis].unit === 'share' ? x : Math.sign(x) * 100 * Math.expm1(Math.abs(x) / 100);
