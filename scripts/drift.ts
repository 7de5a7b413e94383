// How far a run of the embedded engine has moved from the checkpoint that it started from. `habit-table.mjs` bundles it.
import { mean } from '../src/base/numbers.ts';
import { fillPrompt } from '../src/core/prompts/template.ts';
import { PAIR } from '../src/rows/view-list.ts';
import type { SampledCompletion } from '../src/engines/trainer.ts';
import { openEmbedded } from '../src/engines/embedded/open-embedded.ts';
import { evaluationSamples } from '../src/lab/evaluation/evaluation-samples.ts';
import { decodeForModel } from '../src/lab/images/decode.ts';
import { putImages } from '../src/lab/rollouts/draw-groups.ts';
import { checkpointFolder, listCheckpoints } from '../src/lab/runs/checkpoints.ts';
import { readRunConfig } from '../src/lab/runs/make-run.ts';

const LONGEST = 32;

/**
 * KL(policy ‖ start) of each checkpoint of a run, in nats per completion: the mean, over the run's evaluation rows and
 * their mirrors, of lp_policy − lp_start of one completion drawn from the policy at temperature 1.
 * @param which of the run's checkpoints
 * @returns pairs of step and KL
 */
export async function drifts(run: string, which: 'all' | 'last'): Promise<[step: number, kl: number][]> {
  const { init, engine, data, prompt } = await readRunConfig(run);
  if (engine.kind !== 'embedded' || init === undefined)
    throw new Error(`${run} is no run of the embedded engine that starts from a checkpoint.`);
  const rows = await evaluationSamples({ sets: data.eval, root: data.root!, views: PAIR });
  const trainer = await openEmbedded({ model: { folder: init }, seed: 1, decodeImage: decodeForModel });
  try {
    await trainer.setReference('current');
    const prompts = await Promise.all(
      rows.map(async ({ sample, view, images }) =>
        fillPrompt(prompt, sample, await putImages(trainer, sample, images, view), view),
      ),
    );
    const found: [number, number][] = [];
    for (const step of (await listCheckpoints(run)).slice(which === 'last' ? -1 : 0)) {
      await trainer.load(checkpointFolder(run, step), 'weights');
      const drawn = await trainer.sample(prompts, {
        n: 1,
        temperature: 1,
        topP: 1,
        maxTokens: LONGEST,
        seed: 1,
      });
      const groups = drawn.map((completions, i) => ({
        prompt: prompts[i]!,
        completions: completions.map(({ tokens }) => ({ segments: [{ tokens, trained: true }] })),
      }));
      const scored = await trainer.forward(groups, { model: 'reference', temperature: 1 });
      const ratios = drawn.map(([one], i) => logRatio(one!, scored[i]![0]![0]!.logprobs));
      found.push([step, mean(ratios)!]);
    }
    return found;
  } finally {
    await trainer.close();
  }
}

const logRatio = ({ logprobs }: SampledCompletion, reference: readonly number[]): number =>
  logprobs.reduce((sum, lp, i) => sum + lp - reference[i]!, 0);
