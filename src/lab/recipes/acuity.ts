import { basename, dirname, join } from 'node:path';
import type { RunConfig } from '../../core/config/run.ts';
import { planQuick } from '../../core/psychophysics/plan.ts';
import { ACUITY_FILE } from '../../core/psychophysics/record.ts';
import { ORIGINAL } from '../../core/view-list.ts';
import type { Sampler } from '../../engines/sampler.ts';
import { writeAcuity } from '../acuity/answers.ts';
import { stimuli, stimuliName } from '../acuity/rows.ts';
import { aboutCheckpoint, evaluationPlan } from '../evaluation/plan.ts';
import { stepName } from '../runs/step-names.ts';
import { evaluate } from './evaluate.ts';

/**
 * Measures how finely a model sees after a step, about each axis of `evaluate.acuity`, in the run's folder `acuity`,
 * which is like a folder of `chirality acuity`. Nothing is drawn from the training's random numbers.
 */
export async function measureStep(
  dir: string,
  config: RunConfig,
  sampler: Sampler,
  step: number,
): Promise<void> {
  const folder = join(dir, 'acuity');
  const { strategy, sampling } = evaluationPlan(config);
  for (const axis of config.evaluate.acuity ?? []) {
    const plan = planQuick(axis, config.engine.kind);
    const { rows } = await stimuli(join(folder, 'rows'), plan);
    const set = stimuliName(plan);
    const answers = join(folder, `${stepName(step)}-${set}`);
    const run = basename(dir);
    const subject = { model: `${run}, step ${step}`, run, step };
    await evaluate(() => Promise.resolve(sampler), answers, {
      sets: { [set]: rows },
      root: dirname(rows),
      views: [ORIGINAL],
      strategy,
      sampling: { ...sampling, apart: true },
      about: aboutCheckpoint(config, step),
      subject,
    });
    await writeAcuity(plan, rows, { answers, ...subject }, join(answers, ACUITY_FILE));
  }
}
