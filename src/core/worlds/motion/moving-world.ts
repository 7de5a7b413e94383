import { mirrorWorld, type OnFloor, type Solid, type World } from '../world.ts';

/*
 * A world in motion. Time ranges from −1 to 1. Every term in this file is odd or even in x and in time. So the frames
 * of the mirrored world are the mirrored frames, and the frames of the reversed world are the same frames in reverse
 * order, byte for byte.
 */

/** Linear and quadratic coefficients of a polynomial of time without a constant term. */
export type Terms = readonly [linear: number, quadratic: number];

/**
 * Movement of an object, which is at rest until `from` and after `to`. `x` and `z` are in metres on the floor, `turn`
 * in radians clockwise from above; all are offsets to the positions and directions in the world.
 */
export interface Path {
  from: number;
  to: number;
  x: Terms;
  z: Terms;
  turn: Terms;
}

export const AT_REST: Path = { from: -1, to: 1, x: [0, 0], z: [0, 0], turn: [0, 0] };

export interface MovingWorld {
  /** Objects, floor and camera without the offsets of paths. */
  world: World;
  /** Path of each object, in the order of `world.objects`. */
  paths: readonly Path[];
  /** Path of the camera: to its right, ahead, and turns to its right. */
  course: Path;
  frames: number;
  /** Number of frames per second. */
  fps: number;
}

/** Returns the times of the frames, from −1 to 1. Opposite times are exact negatives of each other. */
export const frameTimes = (frames: number): number[] =>
  Array.from({ length: frames }, (_, i) => (2 * i - (frames - 1)) / (frames - 1));

/** Returns the seconds between the first and the last frame, which are two units of time apart. */
export const secondsOf = ({ frames, fps }: MovingWorld): number => (frames - 1) / fps;

const valueAt = ([linear, quadratic]: Terms, t: number): number => linear * t + quadratic * (t * t);

export function offsetAt(
  { from, to, x, z, turn }: Path,
  time: number,
): { x: number; z: number; turn: number } {
  const t = Math.min(Math.max(time, from), to);
  return { x: valueAt(x, t), z: valueAt(z, t), turn: valueAt(turn, t) };
}

export function placeAt({ world, paths }: MovingWorld, i: number, time: number): OnFloor {
  const { x, z } = world.objects[i]!;
  const offset = offsetAt(paths[i]!, time);
  return { x: x + offset.x, z: z + offset.z };
}

/** Turns a direction clockwise by an angle. */
function turned({ x, z }: OnFloor, angle: number): OnFloor {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  return { x: x * cos + z * sin, z: z * cos - x * sin };
}

/** Returns the world at a given time in coordinates of the camera: x to its right, z ahead of it. */
export function worldAt(moving: MovingWorld, time: number): World {
  const { world, paths, course } = moving;
  const eye = offsetAt(course, time);
  // If the camera turns to its right, everything else turns to the camera's left.
  const direct = (to: OnFloor): OnFloor => turned(to, -eye.turn);
  const place = (spot: OnFloor): OnFloor => direct({ x: spot.x - eye.x, z: spot.z - eye.z });
  const { floor, light } = world;
  return {
    camera: world.camera,
    floor: { ...floor, heading: direct(floor.heading), origin: place(floor.origin) },
    light: { ...light, ...direct(light) },
    objects: world.objects.map(({ shape, colour, size, y, front, face }, i): Solid => {
      const { x, z } = place(placeAt(moving, i, time));
      const ahead = direct(turned(front, offsetAt(paths[i]!, time).turn));
      return { shape, colour, size, x, y, z, front: ahead, face };
    }),
  };
}

const negated = ([linear, quadratic]: Terms): Terms => [-linear, -quadratic];
const backwards = ([linear, quadratic]: Terms): Terms => [-linear, quadratic];

/** Returns the mirror image of a moving world in the plane x = 0. */
export function mirrorMoving(moving: MovingWorld): MovingWorld {
  const mirrored = (path: Path): Path => ({ ...path, x: negated(path.x), turn: negated(path.turn) });
  return {
    ...moving,
    world: mirrorWorld(moving.world),
    paths: moving.paths.map(mirrored),
    course: mirrored(moving.course),
  };
}

export function reverseMoving(moving: MovingWorld): MovingWorld {
  const reversed = ({ from, to, x, z, turn }: Path): Path => ({
    from: -to,
    to: -from,
    x: backwards(x),
    z: backwards(z),
    turn: backwards(turn),
  });
  return { ...moving, paths: moving.paths.map(reversed), course: reversed(moving.course) };
}
