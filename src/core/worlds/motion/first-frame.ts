import type { Sample } from '../../../rows/sample/sample.ts';
import type { Size } from '../../../rows/sample/boxes.ts';
import { compare } from '../margins.ts';
import { observe, type Observation } from '../observation.ts';
import { label } from '../questions/question.ts';
import { rasterise } from '../raster.ts';
import { movingSceneOf } from './moving-scene.ts';
import { worldAt } from './moving-world.ts';

/** Image size in pixels for computing facts, which depend only on the positions of the objects. */
const SIZE: Size = { w: 64, h: 64 };

/**
 * Returns a row about a moving world with only the information in one frame. The objects in the question are named A
 * and B. The row contains their positions in the frame (left, middle or right third), and which of two is nearer. The
 * best function of such rows gives the image-free bound for one frame.
 * @param seen the row in a view with the same moving world
 * @param time time of the frame: −1 for the first frame, 1 for the last frame, which is the first frame of the reversal
 * @returns null if the row has no moving world
 */
export function knownFromFrame(
  { meta }: Sample,
  seen: Pick<Sample, 'question' | 'answer' | 'choices' | 'task'>,
  time: -1 | 1,
): Pick<Sample, 'question' | 'answer' | 'choices' | 'task'> | null {
  const scene = movingSceneOf(meta);
  if (!scene) return null;
  const world = worldAt(scene.moving, time);
  const frame = observe(world, rasterise(world, SIZE));
  const { objects } = scene.question;
  const letters = objects.map((i, k) => [label(frame, i, scene.style), 'ABCDEFGH'[k]!] as const);
  const without = (text: string) =>
    letters.reduce((said, [name, letter]) => said.replaceAll(name, letter), text);
  const { question, answer, choices, task } = seen;
  return {
    question: [without(question), ...factsOf(frame, objects)].join('\n'),
    answer: without(answer),
    ...(choices && { choices: choices.map(without) }),
    ...(task !== undefined && { task }),
  };
}

function factsOf(frame: Observation, objects: readonly number[]): string[] {
  const thirds = objects.map((i) => {
    const { right } = frame.solids[i]!;
    return right < -1 / 6 ? 'left' : right > 1 / 6 ? 'right' : 'middle';
  });
  const [a, b] = objects;
  return b === undefined ? thirds : [...thirds, String(compare(frame, 'near-far', a!, b))];
}
