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

/** Forms of questions about a stimulus: yes or no, or a choice between two answers. */
export const ACUITY_FORMS = ['yesno', 'choice'] as const;
export type AcuityForm = (typeof ACUITY_FORMS)[number];
/** Forms of questions about all scenes. Distances have open answers. */
export const SCENE_FORMS = [...ACUITY_FORMS, 'open'] as const;
export type SceneForm = (typeof SCENE_FORMS)[number];

interface About<F = Family> {
  /** Levels in the displayed unit. The compact style has larger levels, because its images are small. */
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

/** Options of the compact style. Objects are close enough to the camera to be at least 12 pixels in size. */
export const COMPACT: WorldOptions = { ...TINY, reach: [2, 5.2] };

/**
 * Pairs of counts for two kinds of objects, the larger count first, by difference in percent. Totals are 4 to 12, and
 * no count exceeds eight, the number of colours. Ratios above 5 : 1 are excluded: lower ratios already show lapses.
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

/** Settings of each axis. The question forms are those in `questions/`, so that trained models know the wording. */
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
    // Levels of a full circle. At 0, A is straight ahead of B; at 180, straight behind B.
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
 * Converts a signed level to the x of fits: percent or frames; for ratios, 100 · ln(1 + level); for bearings, the angle
 * to the front-back line. The function is odd: −level gives −x.
 */
export function levelToX(axis: AcuityAxis, level: number): number {
  const { unit } = AXIS_WORDS[axis];
  if (unit === 'share' || unit === 'frames') return level;
  // A bearing of 120°, for example, is 60° away from straight behind.
  if (unit === 'degrees') return Math.abs(level) <= 90 ? level : Math.sign(level) * (180 - Math.abs(level));
  if (axis === 'number' && level !== 0) {
    const [more, fewer] = NUMBERS[Math.abs(level)]![0]!;
    return Math.sign(level) * 100 * Math.log(more / fewer);
  }
  return Math.sign(level) * 100 * Math.log1p(Math.abs(level) / 100);
}

/** Views in which a measurement with clips presents each clip. */
export const CLIP_VIEWS = [...PAIR, 'reverse', 'mirror+reverse'] as const satisfies readonly ViewId[];
export type ClipView = (typeof CLIP_VIEWS)[number];

/**
 * Properties of clips, as in `chirality worlds --motion`: frames, frames per second, width of the images and minimum
 * size of moving objects in pixels, and frames of motion for an object that starts later.
 */
export const CLIP: Readonly<
  Record<Style, Readonly<Record<'frames' | 'fps' | 'side' | 'box_px' | 'moving', number>>>
> = {
  english: { frames: 8, fps: 4, side: 224, box_px: 12, moving: 2 },
  compact: { frames: 4, fps: 4, side: 48, box_px: 8, moving: 1 },
};

/** Combination of view, order and pole for one question in a block about a scene. */
export interface Ask<V extends ClipView = PairView> {
  view: V;
  /** Whether the question names A before B. */
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

/** Returns the combinations of view, order and pole for a still scene. */
export const stillAsks = (plan: WaysPlan): readonly Ask[] => ASKS.filter(isAsked(plan));

export const clipAsks = (plan: WaysPlan): readonly Ask<ClipView>[] => CLIP_ASKS.filter(isAsked(plan));

export const asksOf = (plan: WaysPlan): readonly Ask<ClipView>[] =>
  isClipAxis(plan.axis) ? clipAsks(plan) : stillAsks(plan);

type WaysPlan = Pick<ScenePlan, 'axis' | 'style' | 'form' | 'quick'>;

/**
 * Whether a plan uses a combination of view, order and pole: at most eight per still scene, and sixteen per clip.
 * "Where is it?" has no pole, "how far is it?" neither pole nor order. An object's own side and the direction of motion
 * have only one order. Quick plans use half of the combinations, with one order or one pole.
 */
const isAsked =
  ({ axis, style, form, quick }: WaysPlan) =>
  ({ pole, order }: Pick<Ask, 'pole' | 'order'>): boolean => {
    const isFirst = order === 'A first';
    if (axis === 'turn') return isFirst || !quick;
    if (!isAcuityAxis(axis) || form === 'open') return pole === 0 && isFirst;
    const hasPoles = namesPoles({ axis, style, form });
    // Only B has own sides, and a question about a single moving object names only this object.
    const isOfTwo = axis !== 'own-side' && axis !== 'motion';
    return (pole === 0 || hasPoles) && (isFirst || (isOfTwo && !(quick && hasPoles)));
  };

/** Returns whether a form of question contains one of two opposites, or one of them first, unlike "where?". */
export function namesPoles({
  axis,
  style,
  form,
}: WaysPlan & { axis: AcuityAxis; form: AcuityForm }): boolean {
  const [, name] = ACUITY[axis].forms[style]![form]!;
  return name !== 'where' && !(name === 'where-side' && style === 'compact');
}

/** Settings that determine the scenes of a plan and their questions. */
export interface ScenePlan {
  axis: SceneAxis;
  form: SceneForm;
  style: Style;
  size: Size;
  /** Present if the plan uses only half of the combinations of view, order and pole. */
  quick?: true;
  /** Numbers of columns and rows of the map. */
  map?: Grid;
}

export interface Grid {
  columns: number;
  rows: number;
}

/** Returns the maximum number of scenes of a plan. In a map, some cells can remain empty. */
export const scenesOf = (
  plan: Pick<ScenePlan, 'map'> & { levels: readonly number[]; blocks: number },
): number => (plan.map ? plan.map.columns * plan.map.rows : plan.levels.length) * plan.blocks;

/** Angles of imagined turns in degrees. At 180, both directions of the turn are the same. */
export const TURNS = [0, 30, 60, 90, 120, 150, 180] as const;

/** Distances in metres by style. In the compact style, distances are whole metres. */
export const DISTANCES: Readonly<Record<Style, readonly number[]>> = {
  english: [1, 1.7, 2.9, 4.9, 8.2, 13.9, 23.6, 40],
  compact: [3, 4, 5],
};
