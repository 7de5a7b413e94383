import { sum } from '../../base/numbers.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import { learningRate } from '../../core/config/derived.ts';
import { targetSums } from '../../core/rewards/loss-sums.ts';
import { superviseWeights, type StepCounts } from '../../core/rewards/token-weights.ts';
import { fillTarget } from '../../core/prompts/template.ts';
import type { Prompt } from '../../core/prompts/message.ts';
import type { Trainer, WeightedGroup } from '../../engines/trainer.ts';
import { overflowIn, overflowOfGradient, type Place } from '../rollouts/overflow.ts';
import { writeTargets } from '../runs/trace-files.ts';
import { inChunks, isDue, optimOptions, overlap, runSteps, type Loop } from '../rollouts/step-metrics.ts';
import type { RowSource } from '../rollouts/draw-groups.ts';

/**
 * Runs supervised fine-tuning: the engine's operation for GRPO, with the targets as completions and w = c. If `views`
 * requests mirrors, a mirror is an additional target of its row's step.
 */
export async function trainSft(
  loop: Loop & { config: Extract<RunConfig, { recipe: 'sft' }> },
  rows: RowSource,
): Promise<'finished' | 'stopped'> {
  const { config, run, trainer, state } = loop;
  const draw = async (cursor: number) => {
    const batch = await rows.take(cursor, config.batch.samples, trainer);
    const seen = batch.flatMap(({ views }) => views);
    const targets = await Promise.all(
      seen.map(async ({ sample, view, prompt }) => {
        const { target } = await trainer.encode(prompt, fillTarget(config.target, sample));
        const cut = config.released_prompt_overwrite
          ? await cutPrompt(trainer, prompt, target.length)
          : prompt;
        return { prompt: cut, tokens: target, sample: sample.id, view };
      }),
    );
    return { rows: batch.length, targets };
  };
  /** Batch of the next step, read while the engine updates. */
  let ahead: { cursor: number; drawn: ReturnType<typeof draw> } | null = null;
  return runSteps(loop, async (step, phase) => {
    const { rows: taken, targets } = await phase('data', () =>
      ahead?.cursor === state.cursor ? ahead.drawn : draw(state.cursor),
    );
    state.cursor += taken;
    const counts: StepCounts = {
      completions: targets.length,
      tokens: targets.reduce((n, { tokens }) => n + tokens.length, 0),
    };
    const groups = targets.map(({ prompt, tokens }): WeightedGroup => ({
      prompt,
      completions: [
        {
          segments: [
            { tokens, trained: true, weights: superviseWeights(tokens.length, config.aggregation, counts) },
          ],
        },
      ],
    }));
    const rate = learningRate(step, config.steps, config.optimizer);
    let loss = 0;
    // Reads ahead while the engine updates, but not before an evaluation, whose images might displace the new images.
    if (!isDue(config.evaluate.every, step, config))
      setImmediate(() => (ahead = { cursor: state.cursor, drawn: overlap(draw(state.cursor)) }));
    const { gradNorm, skipped, logprobs } = await phase('update', async () => {
      const parts = await inChunks(groups, config.batch.micro_samples, async (chunk) => [
        await trainer.forwardBackward(chunk, { temperature: 1 }),
      ]);
      loss = sum(parts.map((part) => part.loss));
      const taken = await trainer.optimStep({ ...optimOptions(config), learningRate: rate });
      return { ...taken, logprobs: parts.flatMap((part) => part.logprobs) };
    });
    const figures = (told: number | null) => ({
      epoch: state.cursor / rows.count,
      learning_rate: rate,
      loss: told,
      grad_norm: gradNorm,
    });
    if (skipped) {
      const places = targets.map(({ sample }, t): Place => ({
        name: `row "${sample}"`,
        values: logprobs[t]![0]![0]!,
      }));
      const overflow = overflowIn('log-probability', places, true) ?? overflowOfGradient([]);
      return { metrics: figures(null), skipped: { overflow, update: 1 } };
    }
    state.tokens += counts.tokens;
    const { every } = config.trace;
    if (every > 0 && isDue(every, step, config)) {
      const used = targets.map(({ sample, view }, t) =>
        targetSums({ sample, view }, logprobs[t]![0]![0]!, groups[t]!.completions[0]!.segments[0]!.weights),
      );
      await phase('trace', () => writeTargets(run.dir, step, used, run.lock.write));
    }
    return { metrics: figures(loss) };
  });
}

/** Number of tokens in a bug of the released code: the target overwrites the prompt's last tokens, up to 8 (R37). */
const OVERWRITTEN = 8;

/** Removes words from the end of the prompt, as many tokens as the target would have overwritten. */
async function cutPrompt(trainer: Trainer, prompt: Prompt, target: number): Promise<Prompt> {
  const length = async (p: Prompt) => (await trainer.encode(p)).prompt.length;
  const wanted = (await length(prompt)) - Math.min(OVERWRITTEN, target);
  let cut = prompt;
  while ((await length(cut)) > wanted) {
    const last = cut.at(-1)!;
    const text = last.content.at(-1);
    if (typeof text !== 'string' || text.trim() === '') break;
    const shorter = text.trimEnd().replace(/\S+$/, '');
    cut = [...cut.slice(0, -1), { ...last, content: [...last.content.slice(0, -1), shorter] }];
  }
  return cut;
}
