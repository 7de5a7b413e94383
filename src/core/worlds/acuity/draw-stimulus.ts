import type { Random } from '../../../base/random.ts';
import type { Size } from '../../../rows/sample/boxes.ts';
import type { PairView } from '../../../rows/view-list.ts';
import { distanceToCamera, lens, project, type Lens } from '../camera.ts';
import { MARGINS } from '../margins.ts';
import { observe, type Observation } from '../observation.ts';
import type { Style } from '../questions/question.ts';
import { rasterise, type Raster } from '../raster.ts';
import { sampleWorld, type WorldOptions } from '../sample-worlds.ts';
import { girth } from '../solids.ts';
import { mirrorWorld, type Solid, type World } from '../world.ts';
import { ACUITY, levelToX, NUMBERS } from './axes.ts';
import { signOf, type StillAxis } from './acuity-axes.ts';

/** A scene with a planted difference, in the original and in the mirror view. */
export interface Stimulus {
  views: Record<PairView, { observation: Observation; raster: Raster }>;
  /** Indices of the objects A and B in the world. */
  objects: readonly [number, number];
}

/** Maximum share of objects A and B that can be hidden, and minimum size of their boxes in pixels. */
const HIDDEN = 0.02;
export const BOX_PX = 12;

const ATTEMPTS = 4000;

/** Repeats a drawing that can fail until it succeeds. @throws RangeError if it never succeeds */
export function attempt<T>(what: string, draw: () => T | null): T {
  for (let i = 0; i < ATTEMPTS; i++) {
    const drawn = draw();
    if (drawn) return drawn;
  }
  throw new RangeError(`Cannot create ${what}.`);
}

export function optionsOf(axis: StillAxis, style: Style): WorldOptions {
  const options = ACUITY[axis].world[style];
  if (!options) throw new RangeError(`The compact style does not support "${axis}".`);
  return options;
}

/** Draws a random world; null if the options leave no space for the objects. */
export function worldOrNull(random: Random, options: WorldOptions, size: Size): World | null {
  try {
    return sampleWorld(random, options, size.w / size.h);
  } catch {
    return null;
  }
}

/** Returns both views of a world; null if its objects overlap or the named ones are not fully visible. */
export function viewsOf(world: World, size: Size, named: readonly number[], least = BOX_PX) {
  const original = stand(world.objects) && seen(world, size);
  if (!original || !isClear(original.observation, named, least)) return null;
  return { original, mirror: seen(mirrorWorld(world), size) };
}

/**
 * Draws a scene in which A and B differ by exactly this level, with no other cue: both are moved or scaled about their
 * common middle.
 * @param level signed level, in the unit in which the axis is displayed; for `number`, one of the levels in `ACUITY`
 * @throws RangeError if the level cannot be shown at this size
 */
export function drawStimulus(
  random: Random,
  axis: StillAxis,
  level: number,
  { style, size }: { style: Style; size: Size },
): Stimulus {
  const options = optionsOf(axis, style);
  const what = `a scene of ${size.w} × ${size.h} pixels with a difference of ${level}${signOf(axis)} for "${axis}". Use larger images or other levels`;
  return attempt(what, () => {
    const planted = plant(random, axis, level, options, size);
    const least = axis === 'own-side' ? MARGINS.face_px : BOX_PX;
    const views = planted && viewsOf(planted.world, size, planted.stand, least);
    return views && { views, objects: planted.objects };
  });
}

export function seen(world: World, size: Size): Stimulus['views'][PairView] {
  const raster = rasterise(world, size);
  return { observation: { ...observe(world, raster), exact: true }, raster };
}

/** World with the planted difference, indices of A and B, and indices of all objects that must be visible. */
interface Planted {
  world: World;
  objects: readonly [number, number];
  stand: readonly number[];
}

function plant(
  random: Random,
  axis: StillAxis,
  level: number,
  options: WorldOptions,
  size: Size,
): Planted | null {
  if (axis === 'number') return plantNumber(random, level, options, size);
  const world = sampleWorld(random, options, size.w / size.h);
  const l = lens(world.camera, size);
  const [a, b] = PLACES[axis](l, world, axis === 'own-side' ? level : levelToX(axis, level));
  if (!a || !b) return null;
  const objects = [a, b, ...world.objects.slice(2)];
  const names = new Set(objects.map(({ colour, shape }) => `${colour} ${shape}`));
  return names.size === objects.length
    ? { world: { ...world, objects }, objects: [0, 1], stand: [0, 1] }
    : null;
}

type Place = (l: Lens, world: World, x: number) => [Solid | null, Solid | null];

/** For each axis, a function that returns A and B with the difference x, about the middle of sampled positions. */
const PLACES: Readonly<Record<Exclude<StillAxis, 'number'>, Place>> = {
  side(l, { objects: [a, b] }, x) {
    const right = (s: Solid) => project(l, s.x, s.size / 2, s.z).dx / l.size.w;
    const middle = (right(a!) + right(b!)) / 2;
    return [across(l, a!, middle + x / 200), across(l, b!, middle - x / 200)];
  },
  height(l, { objects: [a, b] }, x) {
    // From straight above, up in the image is +z, and depth does not depend on z.
    const rise = (s: Solid) => s.z / (l.height - s.size / 2);
    const middle = (rise(a!) + rise(b!)) / 2;
    const step = (x / 200) * (l.size.h / l.focal);
    const placed = (s: Solid, place: number): Solid => ({ ...s, z: place * (l.height - s.size / 2) });
    return [placed(a!, middle + step), placed(b!, middle - step)];
  },
  nearer(l, { camera, objects: [a, b] }, x) {
    const middle = Math.sqrt(distanceToCamera(camera, a!) * distanceToCamera(camera, b!));
    const factor = Math.exp(x / 200);
    return [atDistance(l, a!, middle / factor), atDistance(l, b!, middle * factor)];
  },
  'own-side'(_, { objects: [a, b] }, bearing) {
    // B turns until A is at this bearing from B's front, to its right.
    const heading = Math.atan2(a!.x - b!.x, a!.z - b!.z) - (bearing * Math.PI) / 180;
    const front = { x: Math.sin(heading), z: Math.cos(heading) };
    return [a!, { ...b!, shape: 'cube', face: true, front }];
  },
  size(_, { objects: [a, b] }, x) {
    const middle = Math.sqrt(a!.size * b!.size);
    const factor = Math.exp(x / 200);
    return [
      { ...a!, size: middle * factor },
      { ...b!, size: middle / factor },
    ];
  },
};

/** Moves an object sideways until its centre is this share of the width to the right of the image's middle. */
export function across(l: Lens, solid: Solid, right: number): Solid {
  const { depth } = project(l, 0, solid.size / 2, solid.z);
  return { ...solid, x: (right * l.size.w * depth) / l.focal };
}

/**
 * Moves an object along its image column to this distance from the camera; null if the distance is below the minimum.
 * The distance increases with z, so bisection finds z.
 */
export function atDistance(l: Lens, solid: Solid, metres: number): Solid | null {
  const right = project(l, solid.x, solid.size / 2, solid.z).dx / l.size.w;
  const atDepth = (z: number) => across(l, { ...solid, z }, right);
  const distance = (z: number) => {
    const { x } = atDepth(z);
    return Math.sqrt(x * x + (l.height - solid.size / 2) ** 2 + z * z);
  };
  let [low, high] = [0.5, 100];
  if (distance(low) > metres) return null;
  for (let i = 0; i < 60; i++) {
    const z = (low + high) / 2;
    if (distance(z) < metres) low = z;
    else high = z;
  }
  return atDepth((low + high) / 2);
}

/** Creates two counts of two shapes for a level, in all colours, seen from straight above. */
function plantNumber(random: Random, level: number, options: WorldOptions, size: Size): Planted | null {
  const [more, fewer] = random.pick(NUMBERS[Math.abs(level)] ?? []);
  const [ofA, ofB] = level < 0 ? [fewer, more] : [more, fewer];
  const [shapeA, shapeB] = random.shuffle(options.shapes);
  const solids = (shape: Solid['shape'], n: number) =>
    random
      .shuffle(options.colours)
      .slice(0, n)
      .map((colour) => ({ shape, colour }));
  const names = random.shuffle([...solids(shapeA!, ofA), ...solids(shapeB!, ofB)]);
  // Positions are sampled for objects with arbitrary names, which are then replaced.
  const count = names.length;
  const world = worldOrNull(random, { ...options, objects: [count, count] }, size);
  if (!world) return null;
  const objects = world.objects.map((solid, i) => ({ ...solid, ...names[i]! }));
  const first = (shape: Solid['shape']) => objects.findIndex((solid) => solid.shape === shape);
  return {
    world: { ...world, objects },
    objects: [first(shapeA!), first(shapeB!)],
    stand: objects.map((_, i) => i),
  };
}

/** Whether none of the objects overlap. */
export const stand = (objects: readonly Solid[]): boolean =>
  objects.every((a, i) =>
    objects.slice(i + 1).every((b) => {
      const apart = 1.05 * (girth(a) + girth(b));
      return (a.x - b.x) ** 2 + (a.z - b.z) ** 2 > apart * apart;
    }),
  );

/** Whether the objects in a question are fully visible, and no other object is between them in the image. */
export function isClear({ solids, size }: Observation, named: readonly number[], least: number): boolean {
  const boxes = named.map((i) => solids[i]!.box);
  const whole = named.every((i) => {
    const { box, hidden } = solids[i]!;
    if (!box || hidden > HIDDEN) return false;
    const [x1, y1, x2, y2] = box;
    return Math.min(x2 - x1, y2 - y1) >= least && x1 > 0 && y1 > 0 && x2 < size.w && y2 < size.h;
  });
  if (!whole) return false;
  const [x1, y1] = [0, 1].map((side) => Math.min(...boxes.map((box) => box![side]!)));
  const [x2, y2] = [2, 3].map((side) => Math.max(...boxes.map((box) => box![side]!)));
  return solids.every((solid, i) => {
    if (named.includes(i)) return true;
    const [x, y] = [(0.5 + solid.right) * size.w, (0.5 - solid.above) * size.h];
    return solid.box !== null && solid.hidden <= 0.5 && !(x >= x1! && x <= x2! && y >= y1! && y <= y2!);
  });
}
