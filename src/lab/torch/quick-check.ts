import type { ConformanceTask } from '../../engines/conformance/sampler-conformance.ts';
import { trainerChecks } from '../../engines/conformance/trainer-conformance.ts';
import type { Trainer } from '../../engines/trainer.ts';
import { encodePng } from '../images/png.ts';

/**
 * Runs the named checks of the conformance suite on a new model. The checks take seconds and do not change the model.
 * @throws an error with every contract that the model violates
 */
export async function requirePromises(trainer: Trainer, names: readonly string[]): Promise<void> {
  const task = await pictures();
  const broken: string[] = [];
  for (const { name, run } of trainerChecks.filter((check) => names.includes(check.name))) {
    const reason = await run(trainer, task, '');
    if (reason !== null) broken.push(`${name}: ${reason}`);
  }
  if (broken.length > 0)
    throw new Error(
      `Cannot train with ${trainer.info().model}, because the engine fails these checks:\n${broken.join('\n')}`,
    );
}

/** Returns an image that is red on one side only, its mirror image, and another image. */
export async function pictures(): Promise<ConformanceTask> {
  return {
    image: await halves([210, 40, 40], [240, 240, 230]),
    mirrored: await halves([240, 240, 230], [210, 40, 40]),
    other: await halves([40, 80, 200], [240, 240, 230]),
    question: 'On which side is the coloured half?',
    answers: ['It is on the left side.', 'The right half has a colour.'],
  };
}

/** Returns a square image with two coloured halves. @param side side length in pixels */
export function halves(left: readonly number[], right: readonly number[], side = 224): Promise<Uint8Array> {
  const rgb = new Uint8Array(side * side * 3);
  for (let i = 0; i < side * side; i++) rgb.set(i % side < side / 2 ? left : right, i * 3);
  return encodePng({ w: side, h: side, rgb });
}
