import type { Size } from '../../sample/boxes.ts';
import { PAIR, type PairView } from '../../view-list.ts';
import type { Axis as SolidAxis } from '../margins.ts';
import type { Family, Pole, Style } from '../questions/question.ts';
import { ROOM, TINY, TOP, type WorldOptions } from '../sampling.ts';
import { AXIS_WORDS, type AcuityAxis, isAcuityAxis, type SceneAxis } from './words.ts';

/** How a stimulus is asked: yes or no, or with two choices. */
export const ACUITY_FORMS = ['yesno', 'choice'] as const;
export type AcuityForm = (typeof ACUITY_FORMS)[number];
/** Distances are told in free words. */
export const SCENE_FORMS = [...ACUITY_FORMS, 'open'] as const;
export type SceneForm = (typeof SCENE_FORMS)[number];

interface About {
  /** Sizes of the differences in percent. Pictures of the compact style are small, and so are its models. */
  levels: Readonly<Record<'english', readonly number[]>> & { compact?: readonly number[] };
  /** The pole that is positive. */
  pole: Pole;
  compares: SolidAxis | null;
  forms: Partial<Record<Style, Partial<Record<AcuityForm, readonly [Family, string]>>>>;
  world: Readonly<Record<'english', WorldOptions>> & { compact?: WorldOptions };
}

export const english = (options: WorldOptions): WorldOptions => ({
  ...options,
  objects: [2, 4],
  stacked: 0,
  faces: 0,
});

/** The compact style's camera, with the solids no farther than its pictures show them in 12 pixels. */
export const COMPACT: WorldOptions = { ...TINY, reach: [2, 5.2] };

/**
 * Numbers of two kinds, the more frequent first, by their difference in percent; totals are 4 to 12, and none is above
 * eight, as there are eight colours. Ratios above 5 : 1 are left out: those below are plain enough to show lapses.
 */
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
  40: [[7, 5]],
  50: [
    [3, 2],
    [6, 4],
  ],
  67: [[5, 3]],
  75: [[7, 4]],
  100: [
    [4, 2],
    [6, 3],
    [8, 4],
  ],
  133: [[7, 3]],
  150: [[5, 2]],
  167: [[8, 3]],
  200: [
    [3, 1],
    [6, 2],
  ],
  250: [[7, 2]],
  300: [
    [4, 1],
    [8, 2],
  ],
  400: [[5, 1]],
};

/** The axes. Their forms are those of `questions/`, so that models are asked in words that they may know. */
export const ACUITY: Readonly<Record<AcuityAxis, About>> = {
  side: {
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
    levels: { english: [0, 1, 2, 4, 8, 16] },
    pole: 0,
    compares: 'picture-down',
    forms: { english: { yesno: ['plane', 'height'], choice: ['plane', 'which-height'] } },
    world: { english: english(TOP) },
  },
  nearer: {
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
    levels: { english: [0, 2, 5, 10, 20, 40] },
    pole: 0,
    compares: 'large-small',
    forms: { english: { yesno: ['size', 'yesno'], choice: ['size', 'which'] } },
    world: { english: english(ROOM) },
  },
  number: {
    levels: { english: Object.keys(NUMBERS).map(Number) },
    pole: 0,
    compares: null,
    forms: { english: { yesno: ['count', 'more'] } },
    world: { english: { ...english(TOP), size: [0.35, 0.5], height: [7, 8] } },
  },
  'own-side': {
    // All around: at 0 A is straight ahead of B, at 180 straight behind.
    levels: { english: [0, 15, 30, 45, 60, 75, 90, 105, 120, 135, 150, 165, 180] },
    pole: 1,
    compares: null,
    forms: { english: { yesno: ['own-side', 'yesno'], choice: ['own-side', 'where'] } },
    world: { english: english(ROOM) },
  },
};

/**
 * The x of a signed level as it is printed: percent, for ratios 100 · ln(1 + level), for bearings the angle from the
 * line through front and back. Odd, so that −x is −level.
 */
export function levelToX(axis: AcuityAxis, level: number): number {
  const { unit } = AXIS_WORDS[axis];
  if (unit === 'share') return level;
  // A bearing of 120° is 60° from straight behind.
  if (unit === 'degrees') return Math.abs(level) <= 90 ? level : Math.sign(level) * (180 - Math.abs(level));
  if (axis === 'number' && level !== 0) {
    const [more, fewer] = NUMBERS[Math.abs(level)]![0]!;
    return Math.sign(level) * 100 * Math.log(more / fewer);
  }
  return Math.sign(level) * 100 * Math.log1p(Math.abs(level) / 100);
}

/** One of the ways in which a block asks about its scene. */
export interface Ask {
  view: PairView;
  /** Whether A is named before B. */
  order: 'A first' | 'B first';
  pole: Pole;
}

const ASKS: readonly Ask[] = PAIR.flatMap((view) =>
  (['A first', 'B first'] as const).flatMap((order) =>
    ([0, 1] as const).map((pole): Ask => ({ view, order, pole })),
  ),
);

/**
 * The ways of asking, at most eight: "where is it?" has no pole, "how far is it?" neither pole nor order, and somebody's
 * own side but one order. Quickly asked is four ways, by one order or one pole.
 */
export const asksOf = ({ axis, style, form, quick }: Omit<ScenePlan, 'size'>): readonly Ask[] =>
  ASKS.filter(({ pole, order }) => {
    const isFirst = order === 'A first';
    if (axis === 'turn') return isFirst || !quick;
    if (!isAcuityAxis(axis) || form === 'open') return pole === 0 && isFirst;
    const hasPoles = ACUITY[axis].forms[style]![form]![1] !== 'where';
    // Only B has a side of its own.
    return (pole === 0 || hasPoles) && (isFirst || (axis !== 'own-side' && !(quick && hasPoles)));
  });

/** What is drawn and asked of each scene. */
export interface ScenePlan {
  axis: SceneAxis;
  form: SceneForm;
  style: Style;
  size: Size;
  /** Whether scenes are asked in half of the ways. */
  quick?: true;
  /** For a map: its columns and rows. */
  map?: Grid;
}

export interface Grid {
  columns: number;
  rows: number;
}

/** How many scenes a plan draws, at most: on a map some cells show nothing. */
export const scenesOf = (
  plan: Pick<ScenePlan, 'map'> & { levels: readonly number[]; blocks: number },
): number => (plan.map ? plan.map.columns * plan.map.rows : plan.levels.length) * plan.blocks;

/** Angles of turns in degrees; at 180 both ways are one. */
export const TURNS = [0, 30, 60, 90, 120, 150, 180] as const;

/** Distances in metres. In the compact style they are told in whole metres. */
export const DISTANCES: Readonly<Record<Style, readonly number[]>> = {
  english: [1, 1.7, 2.9, 4.9, 8.2, 13.9, 23.6, 40],
  compact: [3, 4, 5],
};
