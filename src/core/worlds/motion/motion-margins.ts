import { compare, MARGINS, type Axis, type Comparison } from '../margins.ts';
import { frameTimes, offsetAt, placeAt, secondsOf, type Path, type Terms } from './moving-world.ts';
import { atEnd, atStart, type SeenClip } from './seen-clip.ts';

/**
 * Minimum movements and differences that frames clearly show. Questions never depend on smaller values. Image and world
 * must agree on a movement, so that a moving camera causes no ambiguity.
 */
export const MOTION_MARGINS = {
  /** Minimum sideways movement: share of the image's width, and metres on the floor. */
  side: 0.12,
  side_m: 0.25,
  /** Minimum movement towards or away from the camera: change of the distance, in metres. */
  depth_m: 0.5,
  /** Minimum movement in any direction: metres on the floor, and share of the image's width and height. */
  moved_m: 0.5,
  moved_share: 0.05,
  /** Minimum ratio of the speeds of two objects. */
  speed_ratio: 1.5,
  /** Minimum number of frames between two onsets, two stops, or two crossings. */
  frames: 2,
  /** Minimum change of the distance between two objects, in metres and as a ratio. */
  apart_m: 0.5,
  apart_ratio: 1.25,
  /** Minimum path of the camera in metres, and its minimum turn in radians: 10 degrees. */
  camera_m: 0.5,
  camera_turn: Math.PI / 18,
  /** Turn of an object in radians: minimum over the clip, and maximum between two frames. */
  turn: Math.PI / 4,
  turn_step: Math.PI / 3,
} as const;

/** Returns the margin; for an exact clip 0, because every sign of a difference counts. */
const least = ({ exact }: SeenClip, margin: number): number => (exact ? 0 : margin);

/** Tolerance for rounding errors of sums, far below every margin. */
const ROUNDING = 1e-9;

const isZero = ([linear, quadratic]: Terms): boolean => linear === 0 && quadratic === 0;
const travels = ({ x, z }: Path): boolean => !isZero(x) || !isZero(z);

/** Returns whether an object does not leave its position; the object can still turn. */
export const isAtRest = ({ moving }: SeenClip, i: number): boolean => !travels(moving.paths[i]!);

export const cameraIsAtRest = ({ moving: { course } }: SeenClip): boolean =>
  !travels(course) && isZero(course.turn);

/** Returns the sign of a change that reaches the margin and is monotonic from frame to frame; otherwise 0. */
function trend(values: readonly number[], margin: number): Comparison {
  const change = values.at(-1)! - values[0]!;
  if (Math.abs(change) < margin) return 0;
  const sign = change < 0 ? -1 : 1;
  return values.every((value, i) => i === 0 || (value - values[i - 1]!) * sign >= 0) ? sign : 0;
}

/** Returns the displacement of an object on the floor between the first and the last frame. */
function way({ moving }: SeenClip, i: number): { x: number; z: number } {
  const [from, to] = [placeAt(moving, i, -1), placeAt(moving, i, 1)];
  return { x: to.x - from.x, z: to.z - from.z };
}

/** Returns −1 if an object clearly moves to the left in image and world, 1 if to the right, otherwise 0. */
export function sideways(clip: SeenClip, i: number): Comparison {
  const seen = trend(
    clip.frames.map(({ solids }) => solids[i]!.right),
    least(clip, MOTION_MARGINS.side),
  );
  return way(clip, i).x * seen >= least(clip, MOTION_MARGINS.side_m) ? seen : 0;
}

/** Returns −1 if an object clearly moves towards the camera, 1 if clearly away from the camera, otherwise 0. */
export function inDepth(clip: SeenClip, i: number): Comparison {
  const seen = trend(
    clip.frames.map(({ solids }) => solids[i]!.distance),
    MOTION_MARGINS.depth_m,
  );
  return way(clip, i).z * seen >= MOTION_MARGINS.depth_m / 2 ? seen : 0;
}

/** Whether an object clearly moves in any direction. */
export function movesAway(clip: SeenClip, i: number): boolean {
  const { x, z } = way(clip, i);
  const [from, to] = [atStart(clip).solids[i]!, atEnd(clip).solids[i]!];
  const shift = Math.sqrt((to.right - from.right) ** 2 + (to.above - from.above) ** 2);
  return (
    Math.sqrt(x * x + z * z) >= least(clip, MOTION_MARGINS.moved_m) &&
    shift >= least(clip, MOTION_MARGINS.moved_share)
  );
}

/** Nodes and weights of Gauss–Legendre quadrature over −1 … 1, in pairs. */
const NODES = [
  [0.1834346424956498, 0.362683783378362],
  [0.525532409916329, 0.3137066458778873],
  [0.7966664774136267, 0.2223810344533745],
  [0.9602898564975363, 0.1012285362903763],
] as const;

/** Returns the length of an object's path in metres. Sums over node pairs, so that reversal gives identical bits. */
export function lengthOfWay({ moving }: SeenClip, i: number): number {
  const { from, to, x, z } = moving.paths[i]!;
  const [middle, half] = [(from + to) / 2, (to - from) / 2];
  const speed = (t: number) => Math.sqrt((x[0] + 2 * x[1] * t) ** 2 + (z[0] + 2 * z[1] * t) ** 2);
  let sum = 0;
  for (const [node, weight] of NODES)
    sum += weight * (speed(middle - half * node) + speed(middle + half * node));
  return half * sum;
}

/** Returns the mean speed of an object over the whole clip, in metres per second. */
export const speedOf = (clip: SeenClip, i: number): number => lengthOfWay(clip, i) / secondsOf(clip.moving);

/** Returns whether an object moves during the whole clip. The speed of other objects is not well-defined. */
export const movesThroughout = ({ moving }: SeenClip, i: number): boolean =>
  moving.paths[i]!.from === -1 && moving.paths[i]!.to === 1;

/** Returns −1 if object `a` is clearly faster than object `b`, 1 if `b` is clearly faster, otherwise 0. */
export function faster(clip: SeenClip, a: number, b: number): Comparison {
  const [p, q] = [lengthOfWay(clip, a), lengthOfWay(clip, b)];
  const ratio = clip.exact ? 1 : MOTION_MARGINS.speed_ratio;
  if (Math.max(p, q) < ratio * Math.min(p, q)) return 0;
  return p > q ? -1 : 1;
}

/** Returns the time at the middle of a frame, in seconds from the start of the clip. Frames have equal durations. */
export const secondAt = ({ moving: { frames, fps } }: SeenClip, time: number): number =>
  Number((((time + 1) / 2) * ((frames - 1) / fps) + 0.5 / fps).toFixed(3));

/** Returns −1 if time `a` is clearly earlier than time `b`, 1 if `b` is clearly earlier, otherwise 0. */
export function earlier(clip: SeenClip, a: number, b: number): Comparison {
  const between = ((b - a) * (clip.moving.frames - 1)) / 2;
  return Math.abs(between) < least(clip, MOTION_MARGINS.frames) - ROUNDING ? 0 : between > 0 ? -1 : 1;
}

/** Returns −1 if two objects clearly come closer to each other, 1 if they clearly move apart, otherwise 0. */
export function approach(clip: SeenClip, a: number, b: number): Comparison {
  const distances = frameTimes(clip.moving.frames).map((time) => {
    const [p, q] = [placeAt(clip.moving, a, time), placeAt(clip.moving, b, time)];
    return Math.sqrt((p.x - q.x) ** 2 + (p.z - q.z) ** 2);
  });
  const ends = [distances[0]!, distances.at(-1)!];
  if (Math.max(...ends) < MOTION_MARGINS.apart_ratio * Math.min(...ends)) return 0;
  const { w, h } = clip.size;
  const seen = trend(
    clip.frames.map(({ solids }) => {
      const [p, q] = [solids[a]!, solids[b]!];
      return Math.sqrt(((p.right - q.right) * w) ** 2 + ((p.above - q.above) * h) ** 2) / w;
    }),
    MOTION_MARGINS.moved_share,
  );
  const change = trend(distances, MOTION_MARGINS.apart_m);
  return change === seen ? change : 0;
}

/** Returns the comparison of two objects along an axis if the comparison is the same in every frame; otherwise 0. */
export function throughout({ frames }: SeenClip, axis: Axis, a: number, b: number): Comparison {
  const first = compare(frames[0]!, axis, a, b);
  return frames.every((frame) => compare(frame, axis, a, b) === first) ? first : 0;
}

/** Returns −1 if an object is clearly in the left half of every frame, 1 if in the right half, otherwise 0. */
export const half = ({ frames }: SeenClip, i: number): Comparison =>
  ([-1, 1] as const).find((side) => frames.every(({ solids }) => solids[i]!.right * side >= MARGINS.side)) ??
  0;

/** Returns −1 if object `a` clearly passes in front of object `b` at rest, 1 if behind `b`, otherwise 0. */
export function passing(clip: SeenClip, a: number, b: number): Comparison {
  if (!isAtRest(clip, b)) return 0;
  const beside = clip.frames.map(({ solids }) => solids[a]!.right - solids[b]!.right);
  const moves = sideways(clip, a);
  const changesSide = beside[0]! * moves <= -MARGINS.side && beside.at(-1)! * moves >= MARGINS.side;
  return changesSide ? throughout(clip, 'front-behind', a, b) : 0;
}

/** Returns the time at which an object clearly crosses the image's middle; null if never, or if the camera moves. */
export function crossingOf(clip: SeenClip, i: number): number | null {
  const { moving } = clip;
  const side = sideways(clip, i);
  const [from, to] = [atStart(clip).solids[i]!.right * side, atEnd(clip).solids[i]!.right * side];
  if (!cameraIsAtRest(clip) || side === 0 || from > -MARGINS.side / 2 || to < MARGINS.side / 2) return null;
  const xAt = (time: number) => placeAt(moving, i, time).x * side;
  // Bisects from the middle outwards, so that the reversed world gives the exact negative time.
  let [low, high] = [-1, 1];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    const x = xAt(middle);
    if (x === 0) return middle;
    if (x < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Returns the motion of the camera if it is of one kind: sideways, ahead or back, or turning; otherwise null. */
export function cameraMove(clip: SeenClip): { kind: 'side' | 'depth' | 'turn'; way: -1 | 1 } | null {
  const { course } = clip.moving;
  const [from, to] = [offsetAt(course, -1), offsetAt(course, 1)];
  const by = { side: to.x - from.x, depth: to.z - from.z, turn: to.turn - from.turn };
  const kinds = (['side', 'depth', 'turn'] as const).filter((kind) => by[kind] !== 0);
  const [kind] = kinds;
  if (kinds.length !== 1 || !kind) return null;
  const least = kind === 'turn' ? MOTION_MARGINS.camera_turn : MOTION_MARGINS.camera_m;
  if (Math.abs(by[kind]) < least) return null;
  const way = by[kind] < 0 ? -1 : 1;
  // Ahead is the second pole of depth. Objects must appear to move opposite to the camera.
  const agrees = clip.moving.world.objects.every((_, i) => {
    const values = clip.frames.map(({ solids }) =>
      kind === 'depth' ? solids[i]!.distance : solids[i]!.right,
    );
    return trend(values, kind === 'depth' ? MOTION_MARGINS.camera_m / 2 : MOTION_MARGINS.side / 2) === -way;
  });
  return agrees ? { kind, way } : null;
}

/** Returns −1 if an object with a face clearly turns clockwise from above, 1 if counterclockwise, otherwise 0. */
export function spinOf({ moving, frames }: SeenClip, i: number): Comparison {
  const turns = frameTimes(moving.frames).map((time) => offsetAt(moving.paths[i]!, time).turn);
  const isSeen = frames.every(({ solids }) => {
    const { box, hidden } = solids[i]!;
    return box && box[3] - box[1] >= MARGINS.face_px && hidden <= MARGINS.face_hidden;
  });
  const isSlow = turns.every(
    (turn, k) => k === 0 || Math.abs(turn - turns[k - 1]!) <= MOTION_MARGINS.turn_step,
  );
  if (!moving.world.objects[i]!.face || !isSeen || !isSlow) return 0;
  const clockwise = trend(turns, MOTION_MARGINS.turn);
  return clockwise === 0 ? 0 : clockwise > 0 ? -1 : 1;
}
