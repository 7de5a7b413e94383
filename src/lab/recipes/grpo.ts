import { setImmediate } from 'node:timers/promises';
import { assessmentOf } from '../../core/config/assessment.ts';
import { learningRate } from '../../core/config/schedule.ts';
import type { GrpoConfig } from '../../core/config/run.ts';
import { assess } from '../../core/grpo/assess.ts';
import { lossMetrics, mismatchMetrics, rolloutMetrics } from '../../core/grpo/metrics.ts';
import { stagesOf, type Pair, type SampledRollout } from '../../core/grpo/rollout.ts';
import type { Objective, StepCounts } from '../../core/grpo/token-weights.ts';
import type { Group, Scores } from '../../engines/trainer.ts';
import type { Encoder } from '../encoders/encoder.ts';
import { isDue, runSteps, type Loop } from './loop.ts';
import { answered, scorePairs } from '../rollouts/score.ts';
import type { DrawnRow, RowSource } from '../rollouts/source.ts';
import { completionOf, sampleRows, weighRollout, withWeights } from '../rollouts/stages.ts';
import { traceStep } from '../rollouts/trace.ts';

/** A pair with the row it was drawn from; their views are in the same order. */
interface Drawn {
  pair: Pair;
  row: DrawnRow;
}

/**
 * GRPO, and with mirrored views Spatial-GRPO: draw rows, sample a group per view, score, couple the views, turn
 * rewards into advantages and advantages into token weights, update. Top to bottom is the order of equations 1–5.
 */
export async function trainGrpo(
  loop: Loop & { config: GrpoConfig },
  rows: RowSource,
  encoder: Encoder | null,
): Promise<'finished' | 'stopped'> {
  const { config, run, trainer, state } = loop;
  const settings = assessmentOf(config);
  const longest = config.sampling.max_tokens + (config.graph?.max_tokens ?? 0);
  const objective: Objective = { ...config.loss, max_tokens: longest };
  // bfloat16 log-probabilities of a sampler are not those of the trainer; float32 ones are, until they prove not to be.
  let rescore = trainer.info().precision !== 'float32';

  return runSteps(loop, async (step, clock) => {
    const phase = <T>(name: string, work: () => Promise<T>): Promise<T> => {
      run.busyWith(name);
      return clock.time(name, work);
    };
    const forward = (model: 'policy' | 'reference', groups: Group[]) =>
      mapChunks(groups, config.batch.micro_groups, (chunk) =>
        trainer.forward(chunk, { model, temperature: config.sampling.temperature }),
      );

    let drawn: Drawn[] = [];
    let kept: Drawn[] = [];
    let rounds = 0;
    let referring: Promise<Scores[][][]> | null = null;
    do {
      const batch = await phase('data', () =>
        rows.take(state.cursor, config.batch.rows - kept.length, trainer),
      );
      state.cursor += batch.length;
      const sampled = await phase('gen', () => sampleRows(trainer, batch, config));
      // Where every group is kept, the reference scores them while their rewards are computed here.
      if (config.loss.beta > 0 && config.dynamic_sampling.mode === 'off') {
        referring = forward('reference', sampledGroups(batch, sampled, config));
        referring.catch(() => undefined); // told when it is waited for
      }
      const scored = await phase('reward', () => scorePairs(batch, sampled, config, encoder));
      drawn.push(...scored.map((pair, i) => ({ pair, row: batch[i]! })));
      // All rounds together, since a convention may divide by the spread of the whole step.
      drawn = assess(
        drawn.map(({ pair }) => pair),
        settings,
      ).map((pair, i) => ({ ...drawn[i]!, pair }));
      kept = drawn.filter(({ pair }) => pair.kept);
      rounds += 1;
    } while (
      config.dynamic_sampling.mode === 'refill' &&
      kept.length < config.batch.rows &&
      rounds < config.dynamic_sampling.max_rounds
    );

    const groups = kept.flatMap(({ pair, row }) =>
      pair.views.map(({ group }, v) => groupOf(row, v, group, config)),
    );
    const rollouts = kept.flatMap(({ pair }) => pair.views.map(({ group }) => group));
    const counted = config.dynamic_sampling.mode === 'skip' ? drawn : kept;
    const counts: StepCounts = {
      completions: counted.reduce(
        (n, { pair }) => n + pair.views.reduce((m, { group }) => m + group.length, 0),
        0,
      ),
      tokens: groups.reduce(
        (n, { completions }) =>
          n +
          completions
            .flatMap(({ segments }) => segments)
            .reduce((m, { trained, tokens }) => m + (trained ? tokens.length : 0), 0),
        0,
      ),
    };

    const reference =
      config.loss.beta > 0 && groups.length > 0
        ? await phase('ref', () => referring ?? forward('reference', groups))
        : null;
    const old = rescore && groups.length > 0 ? await phase('old', () => forward('policy', groups)) : null;
    const rate = learningRate(step, config.steps, config.optimizer);
    let gradNorm: number | null = null;
    let metrics: Record<string, number | null> = { ...lossMetrics([]), loss: null };

    // Done while the engine updates: once its calls are sent, this process has nothing else to do.
    const meanwhile = setImmediate().then(async () => {
      // What an evaluation shows to the model might push out what was shown for the next step.
      if (!isDue(config.evaluate.every, step, config)) rows.prepare(state.cursor, config.batch.rows, trainer);
      const figures = {
        ...rolloutMetrics(drawn.map(({ pair }) => pair)),
        ...drawMetrics(drawn, kept, rounds),
      };
      if (config.trace.every > 0 && isDue(config.trace.every, step, config))
        await traceStep(run.dir, step, drawn, reference, config.trace.arrays);
      return figures;
    });
    // Whatever else fails first is what is told.
    meanwhile.catch(() => undefined);

    for (let iteration = 0; iteration < config.loss.iterations && counts.tokens > 0; iteration++) {
      const current = iteration === 0 ? old : await phase('old', () => forward('policy', groups));
      const weighted = rollouts.map((group, g) =>
        group.map((rollout, i) =>
          weighRollout(
            rollout,
            groups[g]!.completions[i]!,
            { current: current?.[g]![i], old: old?.[g]![i], reference: reference?.[g]![i] },
            objective,
            counts,
          ),
        ),
      );
      const weightedGroups = groups.map((group, g) => ({
        ...group,
        completions: group.completions.map((completion, i) =>
          withWeights(completion, weighted[g]![i]!.weights),
        ),
      }));
      const results = await phase('update', async () => {
        const logprobs = await mapChunks(
          weightedGroups,
          config.batch.micro_groups,
          async (chunk) =>
            (await trainer.forwardBackward(chunk, { temperature: config.sampling.temperature })).logprobs,
        );
        ({ gradNorm } = await trainer.optimStep({ ...optimOptions(config), learningRate: rate }));
        return logprobs;
      });
      if (iteration === 0) {
        metrics = mismatchMetrics(
          rollouts.flatMap((group, g) =>
            group.flatMap((rollout, i) =>
              stagesOf(rollout).map((stage, s) => [stage, results[g]![i]![s]!] as const),
            ),
          ),
        );
        const gap = metrics['sampling/sampling_logp_difference/max'] ?? 0;
        if (!rescore && gap > config.max_logprob_gap) {
          rescore = true;
          await run.event(
            'rescoring',
            `Sampler and trainer differ by up to ${gap.toFixed(4)}: from now on the trainer scores the rollouts.`,
          );
        }
      }
      metrics = { ...metrics, ...lossMetrics(weighted.flat()) };
    }
    state.tokens += counts.tokens;

    const figures = await phase('trace', () => meanwhile);
    return {
      epoch: state.cursor / rows.count,
      learning_rate: rate,
      grad_norm: gradNorm,
      ...metrics,
      ...figures,
    };
  });
}

/** The completions of a row's view as the trainer takes them. */
const groupOf = (
  row: DrawnRow,
  view: number,
  group: readonly SampledRollout[],
  config: GrpoConfig,
): Group => ({
  prompt: row.prompts[view]!,
  completions: group.map((rollout) => completionOf(rollout, row, row.views[view]!, config)),
});

/** The groups of rows before they are scored. */
function sampledGroups(rows: readonly DrawnRow[], sampled: SampledRollout[][], config: GrpoConfig): Group[] {
  const places = rows.flatMap((row) => row.views.map((_, view) => ({ row, view })));
  return places.map(({ row, view }, i) => groupOf(row, view, answered(sampled[i]!), config));
}

/** Applies `work` to `size` items at a time and joins the results. */
async function mapChunks<T, R>(
  items: T[],
  size: number | undefined,
  work: (chunk: T[]) => Promise<R[]>,
): Promise<R[]> {
  const out: R[] = [];
  const step = size ?? Math.max(1, items.length);
  for (let at = 0; at < items.length; at += step) out.push(...(await work(items.slice(at, at + step))));
  return out;
}

export function optimOptions({ optimizer }: Pick<GrpoConfig, 'optimizer'>) {
  const { betas, eps, weight_decay, grad_clip } = optimizer;
  return { betas, eps, weightDecay: weight_decay, gradClip: grad_clip > 0 ? grad_clip : null };
}

/** Groups are counted as views, and by the reason for which they were dropped. */
function drawMetrics(
  drawn: readonly Drawn[],
  kept: readonly Drawn[],
  rounds: number,
): Record<string, number> {
  const groups = (list: readonly Drawn[]) => list.reduce((n, { pair }) => n + pair.views.length, 0);
  const dropped = (why: string) => groups(drawn.filter(({ pair }) => !pair.kept && pair.why === why));
  return {
    'dynamic_sampling/groups_drawn': groups(drawn),
    'dynamic_sampling/groups_kept': groups(kept),
    'dynamic_sampling/rounds': rounds,
    'dynamic_sampling/dropped_all_right': dropped('all_right'),
    'dynamic_sampling/dropped_all_wrong': dropped('all_wrong'),
    'dynamic_sampling/dropped_no_spread': dropped('no_spread'),
  };
}
