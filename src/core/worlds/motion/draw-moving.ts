import type { Random } from '../../../base/random.ts';
import { allInSight, drawNames, heading, surroundings, type WorldOptions } from '../sample-worlds.ts';
import type { OnFloor, Solid } from '../world.ts';
import { keepApart } from './apart.ts';
import { rolesFor, type Roles, type Manner } from './roles.ts';
import { AT_REST, frameTimes, worldAt, type MovingWorld, type Path, type Terms } from './moving-world.ts';
import type { MotionQuestion } from './questions/motion-question.ts';

export interface MotionOptions {
  world: WorldOptions;
  frames: number;
  fps: number;
  /** Whether speeds of objects change, with paths of degree 2. */
  accelerate: boolean;
  /** Share of clips in which the camera moves, if the question allows a moving camera. */
  camera: number;
}

/** Returns a position within the image's sides, at this share of half the image's width from the middle. */
const placeIn = (share: number, z: number, focal: number, aspect: number): OnFloor => ({
  x: (share * aspect * z) / (2 * focal),
  z,
});

/** Maximum quadratic coefficient as a share of the linear coefficient; below a half, objects never turn back. */
const BEND = 0.35;

/**
 * Draws a moving world that allows this form of question, for images with this aspect ratio (width / height). Objects
 * never overlap. In every frame, all objects are inside the image and at least half of each is visible.
 * @throws RangeError if the options leave no space for the objects
 */
export function drawMoving(
  random: Random,
  options: MotionOptions,
  asked: Pick<MotionQuestion, 'family' | 'form'>,
  aspect = 1,
): MovingWorld {
  const { world: room, frames, fps } = options;
  const [fewest, most] = room.objects;
  for (let attempt = 0; attempt < 500; attempt++) {
    const count = fewest + random.below(most - fewest + 1);
    const roles = rolesFor(random, asked, count, frames, options.camera);
    const moving = withSolids(
      random,
      options,
      roles,
      {
        world: {
          camera: {
            height: random.between(...room.height),
            pitch: random.between(...room.pitch),
            focal: random.between(...room.focal),
          },
          ...surroundings(random, room.varied),
          objects: [],
        },
        paths: [],
        course: courseOf(random, roles, options.accelerate),
        frames,
        fps,
      },
      aspect,
    );
    if (moving && frameTimes(frames).every((time) => allInSight(worldAt(moving, time), aspect)))
      return moving;
  }
  throw new RangeError(
    `Cannot place the objects of the question "${asked.family}.${asked.form}" in 500 attempts. Use fewer or smaller objects, or a larger reach.`,
  );
}

/** Adds the objects of some roles to a world; null if an object does not fit. */
function withSolids(
  random: Random,
  options: MotionOptions,
  roles: Roles,
  bare: MovingWorld,
  aspect: number,
): MovingWorld | null {
  const { world: room, accelerate } = options;
  const shapes = roles.faces
    ? room.shapes.filter((shape) => shape === 'cube' || shape === 'cylinder')
    : room.shapes;
  const names = drawNames(random, { ...room, shapes }, roles.manners.length);
  // A still camera can have any floor. For a moving camera, the floor must show the motion.
  const { pattern } = bare.world.floor;
  const floor = {
    ...bare.world.floor,
    pattern: roles.camera && room.varied ? ('checker' as const) : pattern,
  };
  let moving: MovingWorld = { ...bare, world: { ...bare.world, floor } };
  for (const [i, { shape, colour }] of names.entries()) {
    const manner = roles.manners[i]!;
    let placed: MovingWorld | null = null;
    for (let draw = 0; draw < 20 && !placed; draw++) {
      const size = random.between(...room.size);
      const { at, path } = pathOf(random, options, bare, manner, roles.windows[i]!, aspect, accelerate);
      const face = manner === 'spin';
      const solid: Solid = { shape, colour, size, x: at.x, y: 0, z: at.z, front: heading(random), face };
      const { world, paths } = moving;
      const next = {
        ...moving,
        world: { ...world, objects: [...world.objects, solid] },
        paths: [...paths, path],
      };
      if (paths.every((_, other) => keepApart(next, other, i))) placed = next;
    }
    if (!placed) return null;
    moving = placed;
  }
  return moving;
}

/** Samples position and path of an object that moves in a given manner. */
function pathOf(
  random: Random,
  { world: { reach }, frames }: MotionOptions,
  { world: { camera } }: MovingWorld,
  manner: Manner,
  [from, to]: readonly [number, number],
  aspect: number,
  accelerate: boolean,
): { at: OnFloor; path: Path } {
  const place = (share: number, z: number) => placeIn(share, z, camera.focal, aspect);
  const share = () => random.between(-0.85, 0.85);
  const depth = () => random.between(...reach);
  const bend = () => (accelerate ? random.between(-BEND, BEND) : 0);
  const z = depth();
  const [start, end] = ((): [OnFloor, OnFloor] => {
    switch (manner) {
      case 'rest':
      case 'spin': {
        const spot = place(share(), z);
        return [spot, spot];
      }
      case 'middle': {
        const spot = place(random.between(-0.3, 0.3), z);
        return [spot, spot];
      }
      case 'across':
        return [place(share(), z), place(share(), z + random.between(-0.3, 0.3))];
      case 'through': {
        const side = random.chance(0.5) ? 1 : -1;
        const far = z + random.between(-0.3, 0.3);
        return [place(side * random.between(0.1, 0.85), z), place(-side * random.between(0.1, 0.85), far)];
      }
      case 'along': {
        const column = share();
        return [place(column, z), place(column, depth())];
      }
      case 'any':
        return [place(share(), z), place(share(), depth())];
    }
  })();
  const terms = (a: number, b: number): { terms: Terms; base: number } => {
    const linear = (b - a) / (to - from);
    const quadratic = linear * bend();
    return { terms: [linear, quadratic], base: a - linear * from - quadratic * (from * from) };
  };
  const [x, alongZ] = [terms(start.x, end.x), terms(start.z, end.z)];
  const rests = manner === 'rest' || manner === 'middle';
  if (rests) return { at: start, path: AT_REST };
  if (manner === 'spin') {
    const most = Math.min(1.6 * Math.PI, 0.55 * (frames - 1));
    const angle = (random.chance(0.5) ? 1 : -1) * random.between(Math.min(0.9, most), most);
    return { at: start, path: { ...AT_REST, turn: [angle / 2, (angle / 2) * bend()] } };
  }
  return { at: { x: x.base, z: alongZ.base }, path: { from, to, x: x.terms, z: alongZ.terms, turn: [0, 0] } };
}

function courseOf(random: Random, { camera }: Roles, accelerate: boolean): Path {
  if (!camera) return AT_REST;
  const sign = random.chance(0.5) ? 1 : -1;
  const [low, high] = camera === 'turn' ? [0.18, 0.4] : [0.6, 1.4];
  const linear = (sign * random.between(low, high)) / 2;
  const terms: Terms = [linear, accelerate ? linear * random.between(-BEND, BEND) : 0];
  const key = ({ side: 'x', depth: 'z', turn: 'turn' } as const)[camera];
  return { ...AT_REST, [key]: terms };
}
