import { Random } from '../../../base/random.ts';
import type { Sample } from '../../../rows/sample/sample.ts';
import { discard } from '../../../rows/views/view-variant.ts';
import { type ViewId, viewOf } from '../../../rows/view-list.ts';
import { looksDown } from '../camera.ts';
import type { Wording } from '../questions/question.ts';
import { surroundings } from '../sample-worlds.ts';
import { girth } from '../solids.ts';
import { mirrorWorld, supportOf, type World } from '../world.ts';
import {
  panned,
  orbited,
  swapped,
  seenFromSolid,
  travelled,
  withoutSolid,
  zoomed,
  type RowScene,
  type Scene,
} from './scene.ts';

export interface Arranged {
  scene: Scene;
  /** Indices of the remaining objects in the world of the row. */
  kept: number[];
  /** Index, in the world of the row, of the object that is the viewpoint; −1 for the row's own camera. */
  taken: number;
  /** Indices of the removed objects in the world of the row. */
  removed: number[];
}

export type Refusal = ReturnType<typeof discard>;

/** Applies the scene views in an id, from left to right. Returns a refusal if the world does not allow a view. */
export function arrange(row: RowScene, id: ViewId): Arranged | Refusal {
  let arranged: Arranged = {
    scene: { world: row.world, pivot: row.pivot },
    kept: row.world.objects.map((_, i) => i),
    taken: -1,
    removed: [],
  };
  for (const part of viewOf(id).parts) {
    const next = step(row, arranged, part.id);
    if ('code' in next) return next;
    arranged = next;
  }
  return cameraIsFree(arranged.scene.world)
    ? arranged
    : discard('camera', 'The camera would stand in a solid, or under the floor.');
}

function step({ world }: RowScene, arranged: Arranged, id: ViewId): Arranged | Refusal {
  const [name, value = ''] = id.split(/:(.*)/s) as [string, string?];
  const { scene, kept } = arranged;
  const by = Number(value);
  const to = (next: Scene): Arranged => ({ ...arranged, scene: next });
  const solids = value.split(',').map((solid) => placeOf(world, solid));
  switch (name) {
    case 'orbit':
      return to(orbited(scene, by));
    case 'depth-mirror': {
      const { world: behind, pivot } = orbited(scene, 180);
      return to({ world: mirrorWorld(behind), pivot: { ...pivot, x: -pivot.x } });
    }
    case 'dolly':
      return to(travelled(scene, 0, 0, by));
    case 'truck':
      return to(travelled(scene, by, 0, 0));
    case 'rise':
      return to(travelled(scene, 0, by, 0));
    case 'turn':
      return to(panned(scene, by));
    case 'zoom':
      return by > 0 ? to(zoomed(scene, by)) : discard('camera', 'zoom needs a number above 0.');
    case 'relight':
    case 'repaint': {
      const { light, floor } = surroundings(Random.from(`${name} ${value}`), true);
      const change = name === 'relight' ? { light } : { floor };
      return to({ ...scene, world: { ...scene.world, ...change } });
    }
  }
  // The ids of other views contain names of objects.
  const [a, b] = solids.map((i) => kept.indexOf(i)) as [number, number?];
  const missing = value.split(',').find((_, i) => [a, b][i] === -1);
  if (missing !== undefined)
    return discard('no_such_solid', `The scene has no "${missing}" to name in ${name}.`);
  if (name === 'swap') return swap(scene, a, b!, to);
  const left = { ...arranged, kept: kept.filter((_, i) => i !== a) };
  if (name === 'take') {
    const { face, colour, shape } = scene.world.objects[a]!;
    return face
      ? { ...left, scene: seenFromSolid(scene, a), taken: kept[a]! }
      : discard('no_face', `The ${colour} ${shape} has no face, so it does not look anywhere.`);
  }
  if (carries(scene.world, a)) return discard('support', 'Another solid stands on the one to take away.');
  return { ...left, scene: withoutSolid(scene, a), removed: [...arranged.removed, kept[a]!] };
}

function swap(scene: Scene, a: number, b: number, to: (next: Scene) => Arranged): Arranged | Refusal {
  const { objects } = scene.world;
  const stands = [a, b].every((i) => objects[i]!.y === 0 && !carries(scene.world, i));
  if (!stands || objects[a]!.size !== objects[b]!.size)
    return discard(
      'support',
      'Only solids of one size that stand on the floor and carry nothing change places.',
    );
  const next = swapped(scene, a, b);
  const apart = next.world.objects.every((s, i, all) =>
    all.every((t, j) => j <= i || s.y > 0 || t.y > 0 || isApart(s, t)),
  );
  return apart ? to(next) : discard('support', 'A solid has no room in the place of the other.');
}

const isApart = (s: World['objects'][number], t: World['objects'][number]): boolean =>
  Math.hypot(s.x - t.x, s.z - t.z) >= girth(s) + girth(t);

const carries = (world: World, index: number): boolean =>
  world.objects.some((_, i) => supportOf(world, i) === index);

/** Returns the index of an object by name ("red cube", "red-cube") or by scene graph id (`o1`); −1 if not found. */
function placeOf({ objects }: World, id: string): number {
  const name = id.trim().replace('-', ' ');
  return objects.findIndex((s, i) => `${s.colour} ${s.shape}` === name || `o${i + 1}` === name);
}

/** Distance from the camera, in metres, within which an object could hide the whole scene. */
const ROOM_FOR_CAMERA = 0.05;

function cameraIsFree({ camera: { height }, objects }: World): boolean {
  if (height < ROOM_FOR_CAMERA) return false;
  return objects.every(
    (s) =>
      Math.hypot(s.x, s.z) > girth(s) + ROOM_FOR_CAMERA ||
      height < s.y - ROOM_FOR_CAMERA ||
      height > s.y + s.size + ROOM_FOR_CAMERA,
  );
}

/** Id of a view that describes an orbit in words. The first group is the id of the orbit. */
export const IMAGINE = /^imagine:(orbit:.*)$/s;

/** Maximum distance from an object to the pivot at which the object's name describes it, in metres per axis. */
const AT_PIVOT = 0.05;

/**
 * Rewrites a question about a scene after an orbit, for a viewer who sees the image before the orbit.
 * @param answered question and answer about the scene after the orbit.
 */
export function imagined(
  { world, pivot, style, question }: RowScene,
  orbit: string,
  answered: Sample,
): Pick<Wording, 'question' | 'answer' | 'choices' | 'reasoning'> | Refusal {
  if (style === 'compact') return discard('style', 'The compact style has no words for a camera that moves.');
  if (question.family === 'box')
    return discard('about_picture', 'A picture that is only imagined has no coordinates.');
  if (looksDown(world.camera.pitch))
    return discard('no_pivot', 'A camera that looks straight down turns on the spot, not around a solid.');
  const middle = world.objects.find(
    ({ x, y, z }) => y === 0 && Math.abs(x - pivot.x) <= AT_PIVOT && Math.abs(z - pivot.z) <= AT_PIVOT,
  );
  if (!middle)
    return discard('no_pivot', 'No solid stands where the camera would go around, so words cannot name it.');
  const way = wayOf(Number(orbit.slice('orbit:'.length)));
  const around = `Imagine that the camera moved ${way} around the ${middle.colour} ${middle.shape}, still facing it.`;
  const { choices, reasoning = '' } = answered;
  return {
    question: `${around} ${then(answered.question)}`,
    answer: answered.answer,
    ...(choices && { choices }),
    reasoning: `Seen from there, ${small(reasoning)}`,
  };
}

function wayOf(degrees: number): string {
  if (degrees === 180) return 'half a circle';
  const [by, side] = degrees < 180 ? [degrees, 'right'] : [360 - degrees, 'left'];
  return `${by === 90 ? 'a quarter circle' : `${by} degrees of a circle`} to the ${side}`;
}

/** Returns "Is the red cube then behind …" if an object follows the verb, else "Seen from there, which object …". */
function then(question: string): string {
  const verb = /^Is the [a-z]+ [a-z]+ (?=to the|in front|behind|closer|farther)/.exec(question);
  return verb ? `${verb[0]}then ${question.slice(verb[0].length)}` : `Seen from there, ${small(question)}`;
}

const small = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
