import type { RunConfig } from '../core/config/run-config.ts';
import { EvaluationHistory } from '../core/metrics/evaluation-alarms.ts';
import { History } from '../core/rewards/alarms.ts';
import { temporaryFolder } from './files/leftovers.ts';
import type { Tools } from './models/recipe-tools.ts';
import { trainGrpo } from './recipes/grpo.ts';
import { trainSft } from './recipes/sft.ts';
import { lockFolder } from './runs/folder-lock.ts';
import { ActiveRun, fillRun } from './runs/make-run.ts';

/** Error that ends the loop after the measured steps. */
class Measured extends Error {}

/**
 * Runs the first two steps of a run, or its only step, in a temporary folder, without evaluations and checkpoints.
 * @param tools tools with the model, which is trained
 * @returns the seconds of the last step, because the first also compiles and warms up. Null for a run without steps
 */
export async function measureStep(
  config: RunConfig,
  { rows, trainer, encoder, ownRewards }: Tools,
): Promise<number | null> {
  if (config.steps === 0) return null;
  const short: RunConfig = {
    ...config,
    evaluate: { ...config.evaluate, every: 0, at_start: false },
    checkpoint: { ...config.checkpoint, every: 0 },
  };
  const { folder: dir, remove } = temporaryFolder('step');
  try {
    await fillRun(dir, short);
    const run = await ActiveRun.open(await lockFolder(dir), { step: 0, steps: short.steps });
    let [start, seconds] = [0, 0];
    const loop = {
      run,
      trainer,
      state: { step: 0, cursor: 0, tokens: 0, best: null },
      history: new History(),
      evaluate: () => Promise.resolve([]),
      onStart: () => (start = performance.now()),
      evaluated: new EvaluationHistory(),
      onStep: ({ step }: { step: number }) => {
        seconds = (performance.now() - start) / 1000;
        start = performance.now();
        return step === Math.min(2, short.steps) ? Promise.reject(new Measured()) : Promise.resolve();
      },
    };
    const trained =
      short.recipe === 'sft'
        ? trainSft({ ...loop, config: short }, rows)
        : trainGrpo({ ...loop, config: short }, rows, encoder, ownRewards);
    try {
      await trained;
    } catch (error) {
      if (!(error instanceof Measured)) throw error;
    } finally {
      await run.close('stopped', 'Measured.');
    }
    return seconds;
  } finally {
    await remove();
  }
}
