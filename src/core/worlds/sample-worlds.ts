import type { Random } from '../../base/random.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import { lens, looksDown, project, STRAIGHT_DOWN } from './camera.ts';
import { FLOOR_TONES } from './shade.ts';
import { rasterise } from './raster.ts';
import { girth } from './solids.ts';
import {
  COLOURS,
  SHAPES,
  type Camera,
  type Colour,
  type OnFloor,
  type Shape,
  type Solid,
  type World,
  isFlat,
} from './world.ts';

/** Options for random worlds. Ranges are [low, high], and include both ends. */
export interface WorldOptions {
  objects: [number, number];
  shapes: readonly Shape[];
  colours: readonly Colour[];
  /** Whether all objects of a world have different colours, so that each colour identifies one object. */
  oneOfEachColour: boolean;
  /** Range of the height and width of an object, in metres. */
  size: [number, number];
  /** Range of an object's distance along the floor from the point below the camera, in metres. */
  reach: [number, number];
  /**
   * Ranges of the camera's height above the floor in metres, downward pitch in radians, focal length / image height.
   */
  height: [number, number];
  pitch: [number, number];
  focal: [number, number];
  /** Whether floor and light vary. If not, the floor is plain and the light comes from behind the camera. */
  varied: boolean;
  /** Probability that an object is on top of another object; `faces`: probability that an object has a face. */
  stacked: number;
  faces: number;
  /** Ring: the first object is in front of the camera, and all others are within the radius. `reach` is then unused. */
  ring?: { z: number; radius: number };
}

/** Options of varied rooms, for images of 224 pixels and more. */
export const ROOM: WorldOptions = {
  objects: [2, 5],
  shapes: SHAPES,
  colours: COLOURS,
  oneOfEachColour: false,
  size: [0.4, 0.9],
  reach: [2.4, 6.5],
  height: [1.3, 2.2],
  pitch: [0.2, 0.36],
  focal: [0.95, 1.2],
  varied: true,
  stacked: 0.1,
  faces: 0.15,
};

/** Options of rooms around one point, so that an orbiting camera keeps every object in the image. */
export const RING: WorldOptions = {
  ...ROOM,
  size: [0.3, 0.7],
  height: [1.5, 1.7],
  pitch: [0.24, 0.28],
  focal: [0.9, 1],
  ring: { z: 4.5, radius: 1.6 },
};

/** Options of rooms from straight above, without stacked objects. Objects are anywhere in the image. */
export const TOP: WorldOptions = {
  ...ROOM,
  size: [0.4, 0.8],
  height: [6, 8],
  pitch: [STRAIGHT_DOWN, STRAIGHT_DOWN],
  stacked: 0,
};

/** Options with few words and a fixed camera, for 64 × 64 pixels and the embedded engine. */
export const TINY: WorldOptions = {
  objects: [2, 3],
  shapes: ['cube', 'ball', 'cone'],
  colours: ['red', 'green', 'blue', 'yellow', 'purple', 'white'],
  oneOfEachColour: true,
  size: [1, 1],
  reach: [2, 6],
  height: [1.9, 1.9],
  pitch: [0.38, 0.38],
  focal: [0.95, 0.95],
  varied: false,
  stacked: 0,
  faces: 0,
};

/** Minimum visible share of an object, and the image height at which this share is measured. */
const IN_SIGHT = 0.5;
const PROBE = 72;
/** Minimum distance between the centres of two objects on the floor, as a multiple of the sum of their half widths. */
const ELBOW_ROOM = 1.25;

/**
 * Samples a world for images of this aspect ratio (width / height). All objects are inside the image, and at least half
 * of each object is visible.
 * @throws RangeError if the options allow no world: more objects than names, or than fit on the floor.
 */
export function sampleWorld(random: Random, options: WorldOptions, aspect = 1): World {
  const count = options.objects[0] + random.below(options.objects[1] - options.objects[0] + 1);
  for (let attempt = 0; attempt < 500; attempt++) {
    const world: World = {
      camera: {
        height: random.between(...options.height),
        pitch: random.between(...options.pitch),
        focal: random.between(...options.focal),
      },
      ...surroundings(random, options.varied),
      objects: [],
    };
    for (const name of drawNames(random, options, count)) {
      let solid: Solid | null = null;
      for (let draw = 0; draw < 20 && !solid; draw++) solid = place(random, options, world, name, aspect);
      if (solid) world.objects.push(solid);
    }
    if (world.objects.length === count && allInSight(world, aspect)) return world;
  }
  throw new RangeError(
    `Cannot place ${count} objects in 500 attempts. Use fewer or smaller objects, or a larger reach.`,
  );
}

export function drawNames(
  random: Random,
  { shapes, colours, oneOfEachColour }: WorldOptions,
  count: number,
): Pick<Solid, 'shape' | 'colour'>[] {
  const names = oneOfEachColour
    ? colours.map((colour) => ({ shape: random.pick(shapes), colour }))
    : colours.flatMap((colour) => shapes.map((shape) => ({ shape, colour })));
  if (count > names.length) throw new RangeError(`${count} objects require more shapes or colours.`);
  return random.shuffle(names).slice(0, count);
}

export function surroundings(random: Random, varied: boolean): Pick<World, 'floor' | 'light'> {
  if (!varied) {
    return {
      floor: { pattern: 'plain', tone: 0, tile: 1, heading: { x: 1, z: 0 }, origin: { x: 0, z: 0 } },
      light: unit(0, 1, -0.6),
    };
  }
  return {
    floor: {
      pattern: random.chance(0.5) ? 'plain' : 'checker',
      tone: random.below(FLOOR_TONES),
      tile: random.between(0.4, 0.9),
      heading: heading(random),
      origin: { x: random.between(-0.5, 0.5), z: random.between(-0.5, 0.5) },
    },
    light: unit(random.between(-0.9, 0.9), 1, random.between(-0.9, 0.2)),
  };
}

/** Places an object with this name on the floor or on another object; null if no place was found. */
function place(
  random: Random,
  options: WorldOptions,
  world: World,
  name: Pick<Solid, 'shape' | 'colour'>,
  aspect: number,
): Solid | null {
  const { shape, colour } = name;
  const size = random.between(...options.size);
  const front = heading(random);
  const face = isFlat(name) && random.chance(options.faces);
  const supports = world.objects.filter((s) => carries(world, s, size));
  if (supports.length > 0 && random.chance(options.stacked)) {
    const { x, z, size: y } = random.pick(supports);
    return { shape, colour, size, x, y, z, front, face };
  }
  const { x, z } = options.ring
    ? onStage(random, options.ring, world.objects.length === 0)
    : looksDown(world.camera.pitch)
      ? belowCamera(random, world.camera, { shape, size }, aspect)
      : onFloor(random, options, world.camera.focal, aspect);
  const solid: Solid = { shape, colour, size, x, y: 0, z, front, face };
  const free = world.objects.every((s) => {
    const room = ELBOW_ROOM * (girth(s) + girth(solid));
    return s.y > 0 || (s.x - x) ** 2 + (s.z - z) ** 2 > room * room;
  });
  return free ? solid : null;
}

/** Samples a floor position between the left and the right side of the image. */
function onFloor(random: Random, { reach }: WorldOptions, focal: number, aspect: number): OnFloor {
  const z = random.between(...reach);
  const halfWidth = (aspect * z) / (2 * focal);
  return { x: random.between(-halfWidth, halfWidth), z };
}

/** Samples a floor position around the point below the camera, such that the image contains the whole object. */
function belowCamera(
  random: Random,
  { height, focal }: Camera,
  solid: Pick<Solid, 'shape' | 'size'>,
  aspect: number,
): OnFloor {
  const half = (height - solid.size) / (2 * focal);
  const [across, along] = [aspect * half - girth(solid), half - girth(solid)];
  return { x: random.between(-across, across), z: random.between(-along, along) };
}

/** Samples the centre of a ring, or a position in the ring, uniformly by area. */
function onStage(random: Random, { z, radius }: { z: number; radius: number }, middle: boolean): OnFloor {
  const { x: cos, z: sin } = heading(random);
  const from = middle ? 0 : radius * Math.sqrt(random.uniform());
  return { x: from * cos, z: z + from * sin };
}

/**
 * Returns whether an object can carry another object. The top of the carrier must be flat, faceless and free, the
 * carrier must be on the floor, and the other object must be smaller.
 */
function carries(world: World, support: Solid, size: number): boolean {
  return (
    isFlat(support) &&
    !support.face &&
    support.y === 0 &&
    size < 0.9 * support.size &&
    !world.objects.some((s) => s.y > 0 && s.x === support.x && s.z === support.z)
  );
}

export function allInSight(world: World, aspect: number): boolean {
  const size: Size = { w: Math.round(PROBE * aspect), h: PROBE };
  const l = lens(world.camera, size);
  const inside = world.objects.every((s) =>
    [s.y, s.y + s.size].every((y) =>
      [-girth(s), girth(s)].every((r) => {
        const p = project(l, s.x + r, y, s.z - girth(s));
        return p.depth > 0.5 && Math.abs(p.dx) < size.w / 2 && p.y > 0 && p.y < size.h;
      }),
    ),
  );
  if (!inside) return false;
  const { ids, covered } = rasterise(world, size);
  const seen = new Array<number>(world.objects.length).fill(0);
  for (const id of ids) if (id >= 0) seen[id]! += 1;
  return seen.every((n, i) => n > 0 && n >= IN_SIGHT * covered[i]!);
}

export function heading(random: Random): OnFloor {
  const angle = 2 * Math.PI * random.uniform();
  return { x: Math.cos(angle), z: Math.sin(angle) };
}

function unit(x: number, y: number, z: number): World['light'] {
  const length = Math.sqrt(x * x + y * y + z * z);
  return { x: x / length, y: y / length, z: z / length };
}
