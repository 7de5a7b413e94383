import * as z from 'zod';
import type { Sample } from '../../../rows/sample/sample.ts';
import { looksDown, STRAIGHT_DOWN } from '../camera.ts';
import { FLOOR_TONES } from '../shade.ts';
import { FORMS } from '../questions/question-forms.ts';
import { FAMILIES, type Question, type Style } from '../questions/question.ts';
import type { WorldOptions } from '../sample-worlds.ts';
import { COLOURS, SHAPES, type OnFloor, type Solid, type World } from '../world.ts';

/** World, and the point on its floor that the camera orbits. */
export interface Scene {
  world: World;
  pivot: OnFloor;
}

/** Contents of `meta.world` in a row: its scene, and its question as data. */
export interface RowScene extends Scene {
  question: Question;
  style: Style;
}

/** Grid steps per metre. With a power of two, sums are exact in doubles, so that four quarter turns change nothing. */
const GRAIN = 2 ** 20;
const onGrid = (metres: number): number => Math.round(metres * GRAIN) / GRAIN;

const metres = z.number().min(-1000).max(1000);
const part = z.number().min(-1).max(1);
const heading = z.object({ x: part, z: part });

/**
 * Returns the schema of a world in `meta.world`, still or moving. @param coordinate schema of coordinates, in metres
 * @param steepest maximum pitch of the camera
 */
export function worldFields(coordinate: z.ZodType<number>, steepest: number) {
  const length = coordinate.refine((m) => m > 0);
  const onFloor = z.object({ x: coordinate, z: coordinate });
  return {
    camera: z.object({
      height: coordinate,
      pitch: z.number().min(-1.5).max(steepest),
      focal: z.number().positive().max(100),
    }),
    floor: z.object({
      pattern: z.enum(['plain', 'checker']),
      tone: z
        .int()
        .min(0)
        .max(FLOOR_TONES - 1),
      tile: length,
      heading,
      origin: onFloor,
    }),
    light: z.object({ x: part, y: part, z: part }),
    objects: z
      .array(
        z.object({
          shape: z.enum(SHAPES),
          colour: z.enum(COLOURS),
          size: length,
          x: coordinate,
          y: coordinate,
          z: coordinate,
          front: heading,
          face: z.boolean(),
        }),
      )
      .min(1)
      .max(32),
  };
}

const gridded = metres.transform(onGrid);

const SCHEMA = z
  .object({
    ...worldFields(gridded, STRAIGHT_DOWN),
    pivot: z.object({ x: gridded, z: gridded }),
    question: z.object({
      family: z.enum(FAMILIES),
      form: z.string(),
      pole: z.union([z.literal(0), z.literal(1)]),
      wording: z.int().min(0),
      objects: z.array(z.int().min(0)),
    }),
    style: z.enum(['english', 'compact']),
  })
  .refine(
    ({ objects, question }) =>
      Object.hasOwn(FORMS[question.family], question.form) &&
      question.wording < (FORMS[question.family][question.form]!.wordings ?? 1) &&
      question.objects.every((i) => i < objects.length),
  );

/**
 * Reads `meta.world` of a row, which is untrusted input. Rounds coordinates to the grid, by less than a micrometre.
 * Null without a world, or if the world cannot be drawn.
 */
export function sceneOf(meta: Sample['meta']): RowScene | null {
  const read = SCHEMA.safeParse(meta?.world);
  if (!read.success) return null;
  const { pivot, question, style, ...world } = read.data;
  return { world, pivot, question, style };
}

/** Returns the contents of `meta.world` for a row. */
export const sceneForRow = ({ world, pivot, question, style }: RowScene): Record<string, unknown> => ({
  ...world,
  pivot,
  question,
  style,
});

/**
 * Returns the pivot of a world, on the camera's axis: the centre of the ring if any, otherwise midway between the
 * nearest and the farthest object. If the camera looks straight down, the pivot is the point below the camera.
 */
export function pivotOf({ camera, objects }: World, ring: WorldOptions['ring']): OnFloor {
  if (looksDown(camera.pitch)) return { x: 0, z: 0 };
  if (ring) return { x: 0, z: ring.z };
  const depths = objects.map(({ z }) => z);
  return { x: 0, z: onGrid((Math.min(...depths) + Math.max(...depths)) / 2) };
}

/** Moves everything except the camera. Directions have a separate function, because they have no position. */
function moved(scene: Scene, place: (from: OnFloor) => OnFloor, direct: (to: OnFloor) => OnFloor): Scene {
  const { world, pivot } = scene;
  const { floor, light } = world;
  return {
    pivot: place(pivot),
    world: {
      camera: world.camera,
      floor: { ...floor, heading: direct(floor.heading), origin: place(floor.origin) },
      light: { ...light, ...direct(light) },
      objects: world.objects.map(({ shape, colour, size, x, y, z, front, face }): Solid => {
        const to = place({ x, z });
        return { shape, colour, size, x: to.x, y, z: to.z, front: direct(front), face };
      }),
    },
  };
}

/** Returns the sine and the cosine of an angle in degrees; both are exact for quarter turns. */
function turnOf(degrees: number): [sin: number, cos: number] {
  const quarters = (((degrees / 90) % 4) + 4) % 4;
  if (Number.isInteger(quarters)) return [[0, 1, 0, -1][quarters]!, [1, 0, -1, 0][quarters]!];
  const angle = (degrees * Math.PI) / 180;
  return [Math.sin(angle), Math.cos(angle)];
}

/** Turns everything around a point, in the direction that moves the camera counterclockwise. */
function turned(scene: Scene, degrees: number, { x: px, z: pz }: OnFloor): Scene {
  const [sin, cos] = turnOf(degrees);
  const direct = ({ x, z }: OnFloor): OnFloor => ({ x: cos * x + sin * z, z: cos * z - sin * x });
  return moved(
    scene,
    ({ x, z }) => {
      const to = direct({ x: x - px, z: z - pz });
      return { x: onGrid(px + to.x), z: onGrid(pz + to.z) };
    },
    direct,
  );
}

/** Moves the camera around the pivot by `degrees` to its own right. The camera still faces the pivot. */
export const orbited = (scene: Scene, degrees: number): Scene => turned(scene, degrees, scene.pivot);

/** Turns the camera in place by `degrees` to its right. */
export const panned = (scene: Scene, degrees: number): Scene => turned(scene, -degrees, { x: 0, z: 0 });

const same = (to: OnFloor): OnFloor => to;

/** Moves the camera to its right, up and ahead, in metres, without turning the camera. */
export function travelled(scene: Scene, right: number, up: number, ahead: number): Scene {
  const [dx, dz] = [onGrid(right), onGrid(ahead)];
  const { pivot, world } = moved(scene, ({ x, z }) => ({ x: x - dx, z: z - dz }), same);
  return {
    pivot,
    world: { ...world, camera: { ...world.camera, height: world.camera.height + onGrid(up) } },
  };
}

/** Multiplies the focal length of the image by `times`. */
export const zoomed = ({ world, pivot }: Scene, times: number): Scene => ({
  pivot,
  world: { ...world, camera: { ...world.camera, focal: world.camera.focal * times } },
});

/** Focal length for the view from an object, as a share of the image height. The field of view is 90°. */
const EYE = 0.5;

/** Returns the scene as an object with a face sees it: from its centre, along its front, without the object itself. */
export function seenFromSolid(scene: Scene, index: number): Scene {
  const { x: sx, z: sz, y, size, front } = scene.world.objects[index]!;
  const direct = ({ x, z }: OnFloor): OnFloor => ({
    x: x * front.z - z * front.x,
    z: x * front.x + z * front.z,
  });
  const { world, pivot } = moved(
    scene,
    ({ x, z }) => {
      const to = direct({ x: x - sx, z: z - sz });
      return { x: onGrid(to.x), z: onGrid(to.z) };
    },
    direct,
  );
  const camera = { height: y + size / 2, pitch: 0, focal: EYE };
  return { pivot, world: { ...world, camera, objects: world.objects.filter((_, i) => i !== index) } };
}

/** Exchanges the positions of two objects. */
export function swapped({ world, pivot }: Scene, a: number, b: number): Scene {
  const [p, q] = [world.objects[a]!, world.objects[b]!];
  const objects = world.objects.map((solid, i) =>
    i === a ? { ...solid, x: q.x, z: q.z } : i === b ? { ...solid, x: p.x, z: p.z } : solid,
  );
  return { pivot, world: { ...world, objects } };
}

export const withoutSolid = ({ world, pivot }: Scene, index: number): Scene => ({
  pivot,
  world: { ...world, objects: world.objects.filter((_, i) => i !== index) },
});
