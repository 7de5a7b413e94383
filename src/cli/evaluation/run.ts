import { join } from 'node:path';
import { aboutCheckpoint, evaluationPlan } from '../../lab/evaluation/plan.ts';
import { chooseStep } from '../../lab/models/open-model.ts';
import { openFolder } from '../../lab/models/open-trainer.ts';
import { checkpointFolder, stepName } from '../../lab/runs/checkpoints.ts';
import { readRunConfig } from '../../lab/runs/run.ts';
import { UsageError } from '../errors.ts';
import { requireRun } from '../runs.ts';
import { givenStrategy, once, type EvalFlags, type Target } from './target.ts';

/** A checkpoint of a run, asked as it was trained where nobody says otherwise. */
export async function runTarget(
  name: string,
  given: Record<string, string>,
  flags: EvalFlags,
): Promise<Target> {
  const dir = await requireRun(flags.runs, name);
  const config = await readRunConfig(dir);
  const step = await chooseStep(dir, flags.step);
  const sets = Object.keys(given).length > 0 ? given : config.data.eval;
  if (Object.keys(sets).length === 0)
    throw new UsageError('The config names no evaluation set: give one with --set name=file.');
  const plan = evaluationPlan(config);
  const { strategy, n, temperature, topP, seed, maxTokens, views, limit } = flags;
  const greedy = n === 1 && temperature === 0;
  return {
    ...plan,
    sets,
    ...(views && { views }),
    ...(limit !== undefined && { limit }),
    ...(strategy !== undefined && { strategy: givenStrategy(strategy, maxTokens) }),
    // Drawn or not, the longest text is that of training: a model stops where it learnt to stop.
    sampling: {
      ...plan.sampling,
      ...(!greedy && { n, temperature, topP, seed }),
      ...(strategy !== undefined && { maxTokens: 1024 }),
      ...(maxTokens !== undefined && { maxTokens }),
    },
    about: aboutCheckpoint(config, step),
    name: stepName(step),
    folder: join(dir, 'eval'),
    asTrained:
      greedy && [strategy, views, limit, maxTokens].every((flag) => flag === undefined) && sets !== given,
    ...once(() => openFolder(config, checkpointFolder(dir, step))),
  };
}
