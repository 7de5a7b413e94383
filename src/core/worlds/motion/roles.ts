import type { Random } from '../../../base/random.ts';
import type { MotionQuestion } from './questions/motion-question.ts';

/**
 * Manner in which an object moves: at rest, at rest near the middle of the image, sideways, from one side of the image
 * to the other, towards the camera or away, in any direction, or turning in place.
 */
export type Manner = 'rest' | 'middle' | 'across' | 'through' | 'along' | 'any' | 'spin';

/** Movements of the objects and of the camera in a clip that make a question possible. */
export interface Roles {
  manners: Manner[];
  /** Time interval in which each object moves, in the order of the objects. */
  windows: (readonly [from: number, to: number])[];
  camera: 'side' | 'depth' | 'turn' | null;
  /** Whether all objects must have a shape with space for a face. */
  faces: boolean;
}

const WHOLE = [-1, 1] as const;
const CAMERA_WAYS = ['side', 'depth', 'turn'] as const;

/** Families whose questions are valid for any camera motion. */
const BESIDE_A_CAMERA = new Set(['moves', 'which-moves', 'apart', 'then', 'still']);

/** @param camera share of clips with a moving camera, among clips whose question allows a moving camera */
export function rolesFor(
  random: Random,
  { family, form }: Pick<MotionQuestion, 'family' | 'form'>,
  count: number,
  frames: number,
  camera: number,
): Roles {
  const withCamera = BESIDE_A_CAMERA.has(family) && random.chance(camera);
  const roles: Roles = {
    manners: mannersOf(random, family, form, count),
    windows: Array.from({ length: count }, () => WHOLE),
    camera: withCamera ? random.pick(CAMERA_WAYS) : null,
    faces: family === 'spin',
  };
  if (family === 'camera') {
    const way = CAMERA_WAYS.find((known) => known === form);
    roles.camera = way ?? (random.chance(0.5) ? random.pick(CAMERA_WAYS) : null);
    if (roles.camera) roles.manners = roles.manners.map(() => 'rest');
  }
  if (family === 'order') roles.windows.splice(0, 2, ...windowsOf(random, frames));
  return roles;
}

function mannersOf(random: Random, family: MotionQuestion['family'], form: string, count: number): Manner[] {
  const rest = (first: Manner[]): Manner[] =>
    [...first, ...Array.from({ length: count }, (): Manner => 'rest')].slice(0, count);
  const sometimes = (share: number): Manner => (random.chance(share) ? 'any' : 'rest');
  switch (family) {
    case 'moves': {
      const manner: Manner =
        /side/.test(form) || (form === 'direction' && random.chance(0.5)) ? 'across' : 'along';
      return rest([manner, /^which/.test(form) ? manner : sometimes(0.5)]);
    }
    case 'which-moves':
    case 'camera': {
      const most = form === 'count' ? count : count - 1;
      const movers = 1 + random.below(Math.max(1, most));
      return random.shuffle(Array.from({ length: count }, (_, i): Manner => (i < movers ? 'any' : 'rest')));
    }
    case 'faster':
    case 'order':
      return rest(['any', 'any']);
    case 'passes':
      return rest(form === 'middle' ? ['through', 'through'] : ['through', 'middle']);
    case 'apart':
      return rest(['any', sometimes(0.5)]);
    case 'spin':
      return rest(['spin', sometimes(0.3)]);
    case 'then':
      return rest([random.chance(0.5) ? 'across' : 'any', sometimes(0.5)]);
    case 'still':
      return [...rest([sometimes(0.2), sometimes(0.2)]).slice(0, count - 1), 'any'];
  }
}

/** Samples the times at which two objects move. Starts and ends are at least two frames apart, in the same order. */
function windowsOf(random: Random, frames: number): [readonly [number, number], readonly [number, number]] {
  const last = frames - 1;
  // With enough frames, objects rest in the first and the last frame, so that start and stop are visible.
  const edge = frames >= 6 ? 1 : 0;
  for (;;) {
    const steps = Array.from({ length: 4 }, () => edge + random.below(frames - 2 * edge));
    const [a, b, c, d] = steps as [number, number, number, number];
    if (a >= b || c >= d || Math.abs(a - c) < 2 || Math.abs(b - d) < 2 || a < c !== b < d) continue;
    const timeOf = (step: number) => (2 * step - last) / last;
    return [
      [timeOf(a), timeOf(b)],
      [timeOf(c), timeOf(d)],
    ];
  }
}
