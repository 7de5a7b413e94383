import type { Size } from '../../../rows/sample/boxes.ts';
import { PAIR, type PairView, type ViewId } from '../../../rows/view-list.ts';
import type { Axis as SolidAxis } from '../margins.ts';
import type { MotionFamily } from '../motion/questions/motion-question.ts';
import type { Family, Pole, Style } from '../questions/question.ts';
import { ROOM, TINY, TOP, type WorldOptions } from '../sample-worlds.ts';
import {
  AXIS_WORDS,
  type AcuityAxis,
  type ClipAxis,
  isAcuityAxis,
  isClipAxis,
  type SceneAxis,
  type StillAxis,
} from './acuity-axes.ts';

/** How a stimulus is asked: yes or no, or with two choices. */
export const ACUITY_FORMS = ['yesno', 'choice'] as const;
export type AcuityForm = (typeof ACUITY_FORMS)[number];
/** Distances are told in free words. */
export const SCENE_FORMS = [...ACUITY_FORMS, 'open'] as const;
export type SceneForm = (typeof SCENE_FORMS)[number];

interface About<F = Family> {
  /** Sizes of the differences in the printed unit. Images of the compact style are small, and so are its models. */
  levels: Readonly<Record<'english', readonly number[]>> & { compact?: readonly number[] };
  pole: Pole;
  compares: SolidAxis | null;
  forms: Partial<Record<Style, Partial<Record<AcuityForm, readonly [F, string]>>>>;
  world: Readonly<Record<'english', WorldOptions>> & { compact?: WorldOptions };
}

export const english = (options: WorldOptions): WorldOptions => ({
  ...options,
  objects: [2, 4],
  stacked: 0,
  faces: 0,
});

/** The compact style's camera, with the objects no farther than its images show them in 12 pixels. */
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
export const ACUITY: Readonly<Record<StillAxis, About> & Record<ClipAxis, About<MotionFamily>>> = {
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
  motion: {
    levels: { english: [0, 1, 2, 4, 8, 16, 32], compact: [0, 4, 8, 16, 24, 32, 48] },
    pole: 1,
    compares: null,
    forms: {
      english: { yesno: ['moves', 'side'], choice: ['moves', 'where-side'] },
      compact: { choice: ['moves', 'where-side'], yesno: ['moves', 'side'] },
    },
    world: { english: english(ROOM), compact: COMPACT },
  },
  speed: {
    levels: { english: [0, 5, 10, 20, 40, 100, 300], compact: [0, 20, 50, 100, 200, 300] },
    pole: 0,
    compares: null,
    forms: {
      english: { yesno: ['faster', 'yesno'], choice: ['faster', 'which'] },
      compact: { choice: ['faster', 'which'] },
    },
    world: { english: english(ROOM), compact: COMPACT },
  },
  order: {
    levels: { english: [0, 0.25, 0.5, 1, 2, 4], compact: [0, 0.25, 0.5, 1, 2] },
    pole: 1,
    compares: null,
    forms: { english: { choice: ['order', 'starts'] }, compact: { choice: ['order', 'starts'] } },
    world: { english: english(ROOM), compact: COMPACT },
  },
};

/**
 * The x of a signed level as it is printed: percent or frames, for ratios 100 · ln(1 + level), for bearings the angle
 * from the line through front and back. Odd, so that −x is −level.
 */
export function levelToX(axis: AcuityAxis, level: number): number {
  const { unit } = AXIS_WORDS[axis];
  if (unit === 'share' || unit === 'frames') return level;
  // A bearing of 120° is 60° from straight behind.
  if (unit === 'degrees') return Math.abs(level) <= 90 ? level : Math.sign(level) * (180 - Math.abs(level));
  if (axis === 'number' && level !== 0) {
    const [more, fewer] = NUMBERS[Math.abs(level)]![0]!;
    return Math.sign(level) * 100 * Math.log(more / fewer);
  }
  return Math.sign(level) * 100 * Math.log1p(Math.abs(level) / 100);
}

/** The views in which clips are asked about. */
export const CLIP_VIEWS = [...PAIR, 'reverse', 'mirror+reverse'] as const satisfies readonly ViewId[];
export type ClipView = (typeof CLIP_VIEWS)[number];

/**
 * What clips are drawn like, as `chirality worlds --motion` draws them: frames, frames a second, the side of images and
 * the least size of what moves in pixels, and for how many frames something moves that begins later than something else.
 */
export const CLIP: Readonly<
  Record<Style, Readonly<Record<'frames' | 'fps' | 'side' | 'box_px' | 'moving', number>>>
> = {
  english: { frames: 8, fps: 4, side: 224, box_px: 12, moving: 2 },
  compact: { frames: 4, fps: 4, side: 48, box_px: 8, moving: 1 },
};

/** One of the ways in which a block asks about its scene. */
export interface Ask<V extends ClipView = PairView> {
  view: V;
  /** Whether A is named before B. */
  order: 'A first' | 'B first';
  pole: Pole;
}

const asksIn = <V extends ClipView>(views: readonly V[]): readonly Ask<V>[] =>
  views.flatMap((view) =>
    (['A first', 'B first'] as const).flatMap((order) =>
      ([0, 1] as const).map((pole): Ask<V> => ({ view, order, pole })),
    ),
  );
const ASKS = asksIn(PAIR);
const CLIP_ASKS = asksIn(CLIP_VIEWS);

/** The ways of asking about a still scene. */
export const stillAsks = (plan: WaysPlan): readonly Ask[] => ASKS.filter(isAsked(plan));

export const clipAsks = (plan: WaysPlan): readonly Ask<ClipView>[] => CLIP_ASKS.filter(isAsked(plan));

export const asksOf = (plan: WaysPlan): readonly Ask<ClipView>[] =>
  isClipAxis(plan.axis) ? clipAsks(plan) : stillAsks(plan);

type WaysPlan = Pick<ScenePlan, 'axis' | 'style' | 'form' | 'quick'>;

/**
 * At most eight ways for each still scene, and sixteen for each clip: "where is it?" has no pole, "how far is it?"
 * neither pole nor order, and somebody's own side and the way in which something moves but one order. Quickly asked is
 * half of them, by one order or one pole.
 */
const isAsked =
  ({ axis, style, form, quick }: WaysPlan) =>
  ({ pole, order }: Pick<Ask, 'pole' | 'order'>): boolean => {
    const isFirst = order === 'A first';
    if (axis === 'turn') return isFirst || !quick;
    if (!isAcuityAxis(axis) || form === 'open') return pole === 0 && isFirst;
    const hasPoles = namesPoles({ axis, style, form });
    // Only B has a side of its own, and of what moves alone only one is named.
    const isOfTwo = axis !== 'own-side' && axis !== 'motion';
    return (pole === 0 || hasPoles) && (isFirst || (isOfTwo && !(quick && hasPoles)));
  };

/** Whether a form names one of two opposites, or names one of them first: "where?" does not. */
export function namesPoles({
  axis,
  style,
  form,
}: WaysPlan & { axis: AcuityAxis; form: AcuityForm }): boolean {
  const [, name] = ACUITY[axis].forms[style]![form]!;
  return name !== 'where' && !(name === 'where-side' && style === 'compact');
}

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
