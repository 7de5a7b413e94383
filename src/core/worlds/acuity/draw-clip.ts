import type { Random } from '../../../base/random.ts';
import type { Size } from '../../../rows/sample/boxes.ts';
import type { PairView } from '../../../rows/view-list.ts';
import { lens } from '../camera.ts';
import { keepApart } from '../motion/apart.ts';
import { AT_REST, mirrorMoving, worldAt, type MovingWorld, type Path } from '../motion/moving-world.ts';
import { reversedClip, seeClip, type SeenClip } from '../motion/seen-clip.ts';
import type { Observation } from '../observation.ts';
import type { Style } from '../questions/question.ts';
import type { Raster } from '../raster.ts';
import { sampleWorld } from '../sample-worlds.ts';
import type { Solid, World } from '../world.ts';
import { ACUITY, CLIP, levelToX, type ClipView } from './axes.ts';
import { across, attempt, isClear, seen } from './draw-stimulus.ts';
import { signOf, type ClipAxis } from './acuity-axes.ts';

/** A clip with a planted difference, forwards and reversed, and each also mirrored. */
export interface ClipStimulus {
  /** Frames of the original and of its mirror. The reversed clips have the same frames in reverse order. */
  frames: Record<PairView, readonly { observation: Observation; raster: Raster }[]>;
  clips: Record<ClipView, SeenClip>;
  /** 1 if A is on the right, −1 on the left: of the image's middle if A moves alone, otherwise of B. */
  side: 1 | -1;
  /** 1 if A moves to the right, −1 to the left; a second object B moves in the opposite direction. */
  way: 1 | -1;
}

export const [A, B] = [0, 1] as const;

/** Distance of a single moving object from the middle of the image, as a share of the image's width. */
export const OFF_MIDDLE = 0.08;
/** Ranges for two moving objects: distance from the image's middle, and path length, as shares of the width. */
const HALF: [number, number] = [0.23, 0.27];
const WAY: [number, number] = [0.08, 0.1];
/** Range of path lengths if two objects start at different times, with equal lengths for both. */
const WAY_IN_TURN: [number, number] = [0.12, 0.18];

/**
 * Draws a clip in which A moves, or differs from B, by exactly this level. A moves sideways by a share of the width, is
 * faster than B by a ratio in image and world, or starts later than B by a number of frames. In the last case, both
 * move equally long and far. Two moving objects are next to each other and move in opposite directions. Side, direction
 * and onset are random, so that no single cue reveals the answer.
 * @param level signed level, in the unit in which the axis is displayed
 * @throws RangeError if the level cannot be shown at this size
 */
export function drawClip(
  random: Random,
  axis: ClipAxis,
  level: number,
  { style, size }: { style: Style; size: Size },
): ClipStimulus {
  const options = ACUITY[axis].world[style]!;
  const { frames, fps, box_px: least } = CLIP[style];
  const ends = [-1, 1];
  const what = `a clip of ${size.w} × ${size.h} pixels with a difference of ${level}${signOf(axis)} for "${axis}". Use larger images or other levels`;
  return attempt(what, () => {
    const world = sampleWorld(random, options, size.w / size.h);
    const [side, way] = [random.chance(0.5) ? 1 : -1, random.chance(0.5) ? 1 : -1] as const;
    const still: MovingWorld = {
      world,
      paths: world.objects.map(() => AT_REST),
      course: AT_REST,
      frames,
      fps,
    };
    const moving = PLANTED[axis](random, still, { x: levelToX(axis, level), style, size, side, way });
    const named = axis === 'motion' ? [A] : [A, B];
    const isWhole = ({ frames: shown }: Pick<SeenClip, 'frames'>) =>
      shown.every((frame) => isClear(frame, named, least));
    if (!keepsApart(moving)) return null;
    // All frames are between both ends, so checking the ends first rejects most unusable worlds quickly.
    if (!isWhole({ frames: ends.map((time) => seen(worldAt(moving, time), size).observation) })) return null;
    const { clip, rasters } = seeClip(moving, size);
    if (!isWhole(clip)) return null;
    const mirrored = seeClip(mirrorMoving(moving), size);
    const shown = (drawn: { clip: SeenClip; rasters: readonly Raster[] }) =>
      drawn.clip.frames.map((observation, i) => ({ observation, raster: drawn.rasters[i]! }));
    const [original, mirror] = [clip, mirrored.clip].map((seenClip): SeenClip => ({
      ...seenClip,
      exact: true,
    }));
    return {
      frames: { original: shown({ clip, rasters }), mirror: shown(mirrored) },
      clips: {
        original: original!,
        mirror: mirror!,
        reverse: reversedClip(original!),
        'mirror+reverse': reversedClip(mirror!),
      },
      side,
      way,
    };
  });
}

const keepsApart = (moving: MovingWorld): boolean =>
  moving.paths.every((_, i) => moving.paths.slice(0, i).every((_path, j) => keepApart(moving, j, i)));

interface Plan {
  x: number;
  style: Style;
  size: Size;
  side: 1 | -1;
  way: 1 | -1;
}

const PLANTED: Readonly<Record<ClipAxis, (random: Random, still: MovingWorld, plan: Plan) => MovingWorld>> = {
  motion: (_, still, { x, size, side }) => {
    const middle = side * OFF_MIDDLE;
    return moved(still, size, [[middle - x / 200, middle + x / 200, -1, 1]]);
  },
  speed: (random, still, { x, size, side, way }) => {
    const mean = random.between(...WAY);
    const halves = [mean * Math.exp(x / 200), mean * Math.exp(-x / 200)] as const;
    return moved(
      alike(still),
      size,
      besides(random, side, way, halves, [
        [-1, 1],
        [-1, 1],
      ]),
    );
  },
  order: (random, still, { x, style, size, side, way }) => {
    const far = random.between(...WAY_IN_TURN);
    const frame = 2 / (still.frames - 1);
    const [half, apart] = [(CLIP[style].moving * frame) / 2, (x * frame) / 2];
    const slack = Math.max(0, 1 - Math.abs(apart) - half - frame / 2);
    const middle = random.between(-slack, slack);
    const windows = [middle + apart, middle - apart].map(
      (at) => [Math.max(-1, at - half), Math.min(1, at + half)] as const,
    );
    return moved(alike(still), size, besides(random, side, way, [far, far], windows));
  },
};

/** Movement of an object: start and end time, and start and end position as shares of the width from the middle. */
type Move = readonly [start: number, end: number, from: number, to: number];

/** Returns movements of A and B in their halves of the image, in opposite directions, by shares of the width. */
function besides(
  random: Random,
  side: 1 | -1,
  way: 1 | -1,
  ways: readonly [number, number],
  windows: readonly (readonly [number, number])[],
): Move[] {
  const at = random.between(...HALF);
  return ([1, -1] as const).map((sign, i): Move => {
    const [middle, half] = [sign * side * at, (sign * way * ways[i]!) / 2];
    return [middle - half, middle + half, ...windows[i]!] as Move;
  });
}

/** Gives B the size and depth of A, so that speed ratios are equal in image and world. */
function alike(still: MovingWorld): MovingWorld {
  const { objects } = still.world;
  const { size, z } = objects[A]!;
  return {
    ...still,
    world: withSolids(
      still.world,
      objects.map((solid, i) => (i === B ? { ...solid, size, z } : solid)),
    ),
  };
}

const withSolids = (world: World, objects: Solid[]): World => ({ ...world, objects });

/** Adds movements to the first objects of a world. The depth of the objects remains the same. */
function moved(still: MovingWorld, size: Size, moves: readonly Move[]): MovingWorld {
  const l = lens(still.world.camera, size);
  const parts = still.world.objects.map((solid, i): { solid: Solid; path: Path } => {
    const move = moves[i];
    if (!move) return { solid, path: AT_REST };
    const [start, end, from, to] = move;
    const [a, b] = [across(l, solid, start).x, across(l, solid, end).x];
    const linear = (b - a) / (to - from);
    return { solid: { ...solid, x: a - linear * from }, path: { ...AT_REST, from, to, x: [linear, 0] } };
  });
  return {
    ...still,
    world: withSolids(
      still.world,
      parts.map(({ solid }) => solid),
    ),
    paths: parts.map(({ path }) => path),
  };
}
