import { lens, looksDown, project } from '../camera.ts';
import { floorDepth, rowSlope } from '../raster.ts';
import { girth } from '../solids.ts';
import { supportOf, type OnFloor, type Solid, type World } from '../world.ts';
import type { Size } from '../../../rows/sample/boxes.ts';
import { isAskable, seen, type SandboxScene } from './sandbox-scene.ts';

/** Maximum |z| of an object, which is its distance along the line of sight, in metres. */
const FARTHEST = 14;
/** Minimum distance between the centres of two objects, as a multiple of the sum of their half widths. */
const APART = 1.05;
/** Grid steps per metre. Writing and reading rows does not change coordinates on this grid. */
const GRAIN = 2 ** 12;
const onGrain = (metres: number): number => Math.round(metres * GRAIN) / GRAIN;

/** Returns the floor position for an image position in shares of width and height; null above the horizon. */
export function floorAt(
  { world, size }: Pick<SandboxScene, 'world' | 'size'>,
  x: number,
  y: number,
): OnFloor | null {
  const l = lens(world.camera, size);
  const slope = rowSlope(l, y * size.h);
  const depth = floorDepth(l, slope);
  if (depth === Infinity) return null;
  return { x: (depth * (x - 0.5) * size.w) / l.focal, z: depth * (l.cos + slope * l.sin) };
}

/** Returns the image position of an object's base, in shares of width and height: the inverse of `floorAt`. */
export function standingAt(
  { world, size }: Pick<SandboxScene, 'world' | 'size'>,
  index: number,
): { x: number; y: number } {
  const { x, z } = world.objects[index]!;
  const foot = project(lens(world.camera, size), x, 0, z);
  return { x: 0.5 + foot.dx / size.w, y: foot.y / size.h };
}

/**
 * Moves an object and the objects on top of it; a stacked object moves down to the floor. If other objects or the edge
 * of the image block the move, the object moves along one axis only, or does not move.
 */
export function moved(world: World, index: number, to: OnFloor, size: Size): World {
  const { x, z } = world.objects[index]!;
  for (const place of [to, { x: to.x, z }, { x, z: to.z }]) {
    const next = placed(world, index, place);
    if (isFree(next, index, size)) return next;
  }
  return world;
}

function placed(world: World, index: number, to: OnFloor): World {
  const [x, z] = [onGrain(to.x), onGrain(to.z)];
  const objects = world.objects.map((solid, i): Solid => {
    const { shape, colour, size, y, front, face } = solid;
    if (i === index) return { shape, colour, size, x, y: 0, z, front, face };
    return supportOf(world, i) === index ? { shape, colour, size, x, y, z, front, face } : solid;
  });
  return { ...world, objects };
}

/** Whether an object and the objects on top of it are inside the image and overlap no other object. */
function isFree(world: World, index: number, size: Size): boolean {
  const l = lens(world.camera, size);
  const solid = world.objects[index]!;
  const carried = world.objects.filter((_, i) => supportOf(world, i) === index);
  const inside = [solid, ...carried].every((s) =>
    [s.y, s.y + s.size].every((y) =>
      [-girth(s), girth(s)].every((across) =>
        [-girth(s), girth(s)].every((along) => {
          const p = project(l, s.x + across, y, s.z + along);
          return p.depth > 0.5 && Math.abs(p.dx) <= size.w / 2 && p.y >= 0 && p.y <= size.h;
        }),
      ),
    ),
  );
  const isClear = world.objects.every((s, i) => {
    const apart = APART * (girth(s) + girth(solid));
    return i === index || s.y > 0 || (s.x - solid.x) ** 2 + (s.z - solid.z) ** 2 > apart * apart;
  });
  return inside && isClear && Math.abs(solid.z) <= FARTHEST;
}

/** Number of steps on a line through the image, and the minimum depth of the line in metres. */
const STEPS = 128;
const NEAREST = 1;

/** Positions of an object on a line, in order, each with its scene. `start` is the index of the current position. */
export interface Line {
  scenes: readonly SandboxScene[];
  start: number;
}

/**
 * Returns the line through the current position of the first object, along which the right answer changes. The line is
 * horizontal for sides, and towards the camera for distances. It contains only positions at which the object fits and
 * the question is askable, at most one position for each image column.
 */
export function lineThrough(scene: SandboxScene): Line | null {
  const { world, question, size, style } = scene;
  const index = question.objects[0]!;
  const { x, z } = world.objects[index]!;
  const scenes: SandboxScene[] = [];
  let start = -1;
  const take = (next: SandboxScene): boolean => {
    const can = isAskable(seen(next), question, style);
    if (can) scenes.push(next);
    return can;
  };
  let isPast = false;
  for (const place of placesOn(scene, { x, z })) {
    const after = question.family === 'side' ? place.x > x : place.z > z;
    if (after && !isPast) {
      isPast = true;
      if (take(scene)) start = scenes.length - 1;
    }
    const next = placed(world, index, place);
    if (isFree(next, index, size)) take({ ...scene, world: next });
  }
  if (!isPast && take(scene)) start = scenes.length - 1;
  return start < 0 ? null : { scenes, start };
}

function placesOn({ world, question, size }: SandboxScene, { x, z }: OnFloor): OnFloor[] {
  const l = lens(world.camera, size);
  if (question.family === 'side') {
    const steps = Math.min(size.w, STEPS);
    const { depth } = looksDown(world.camera.pitch) ? { depth: l.height } : project(l, 0, 0, z);
    const half = (depth * size.w) / (2 * l.focal);
    return Array.from({ length: steps + 1 }, (_, i) => ({ x: half * ((2 * i) / steps - 1), z }));
  }
  const ratio = (FARTHEST / NEAREST) ** (1 / STEPS);
  return Array.from({ length: STEPS + 1 }, (_, i) => {
    const to = NEAREST * ratio ** i;
    return { x: (x * to) / z, z: to };
  });
}

/** Adjacent positions on a line between which an answer changes. `from` is closer to the start position. */
export interface Change<T> {
  from: number;
  to: number;
  answers: readonly [from: T, to: T];
}

/** Number of positions that are tested towards each end before bisection locates the change. */
const STRIDES = 10;

/**
 * Searches from a position on a line in both directions until the answer changes, then bisects.
 * @param places number of positions on the line
 * @param ask returns the answer at a position; called once per position. `says` returns the text that is compared
 * @returns the first change, and all answers by position; `change` is null if all answers are the same
 */
export async function findChange<T>(
  places: number,
  start: number,
  ask: (place: number) => Promise<T>,
  says: (answer: T) => string,
): Promise<{ change: Change<T> | null; answers: ReadonlyMap<number, T> }> {
  const answers = new Map<number, T>();
  const valueAt = async (place: number): Promise<T> => {
    const answer = answers.get(place) ?? (await ask(place));
    answers.set(place, answer);
    return answer;
  };
  const first = says(await valueAt(start));
  const stride = Math.max(1, Math.ceil(places / (2 * STRIDES)));
  const last: [number, number] = [start, start];
  for (let walked = stride; walked < places + stride; walked += stride) {
    for (const side of [0, 1] as const) {
      const place = Math.max(0, Math.min(places - 1, side === 0 ? start - walked : start + walked));
      if (place === last[side]) continue;
      if (says(await valueAt(place)) !== first)
        return { change: await narrowed(last[side], place, first, valueAt, says), answers };
      last[side] = place;
    }
  }
  return { change: null, answers };
}

async function narrowed<T>(
  from: number,
  to: number,
  first: string,
  valueAt: (place: number) => Promise<T>,
  says: (answer: T) => string,
): Promise<Change<T>> {
  while (Math.abs(to - from) > 1) {
    const middle = Math.trunc((from + to) / 2);
    if (says(await valueAt(middle)) === first) from = middle;
    else to = middle;
  }
  return { from, to, answers: [await valueAt(from), await valueAt(to)] };
}
