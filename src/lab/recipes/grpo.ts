import { figure } from '../../base/format.ts';
import { sum } from '../../base/numbers.ts';
import { setImmediate } from 'node:timers/promises';
import { assessmentOf, learningRate } from '../../core/config/derived.ts';
import type { GrpoConfig } from '../../core/config/run-config.ts';
import { assess, trainedViews } from '../../core/rewards/assess.ts';
import { drawPartner, learnDisagreements, partnersOf } from '../../core/rewards/draws.ts';
import { lossMetrics, mismatchMetrics, rolloutMetrics } from '../../core/rewards/metrics-row.ts';
import type { StepCounts } from '../../core/rewards/token-weights.ts';
import type { Group, Scores } from '../../engines/trainer.ts';
import type { Encoder } from '../encoders/encoder.ts';
import { scorePairs, type OwnRewards, type ScoredRow, type TrainedRow } from '../rollouts/score-pairs.ts';
import type { ChoosePartner, RowSource } from '../rollouts/draw-groups.ts';
import {
  nameOf,
  overflowIn,
  overflowOfGradient,
  placesOf,
  sampledPlaces,
  weightPlaces,
  type Overflow,
} from '../rollouts/overflow.ts';
import { groupOf, sampleRows, weighGroups, withWeights } from '../rollouts/stages.ts';
import {
  inChunks,
  isDue,
  optimOptions,
  overlap,
  runSteps,
  type Loop,
  type Phase,
  type StepMetrics,
  type TakenStep,
} from '../rollouts/step-metrics.ts';
import { promptTokens, traceStep, type UsedScores } from '../rollouts/trace-step.ts';

/** Inputs of the functions that make up a training step. */
interface Step extends Loop {
  config: GrpoConfig;
  rows: RowSource;
  encoder: Encoder | null;
  ownRewards: OwnRewards | null;
  step: number;
  phase: Phase;
}

/** Sampled completions of a step, and the completions to train on. */
interface Batch {
  drawn: TrainedRow[];
  kept: TrainedRow[];
  rounds: number;
  /** Views of the kept pairs. `groups`: the views in the trainer's format. */
  views: TrainedRow['views'];
  groups: Group[];
  counts: StepCounts;
  /** Scores of the reference model, if requested while the rewards were computed. */
  reference: Promise<Scores[][][]> | null;
}

/**
 * GRPO and, with other views, Spatial-GRPO. A step
 * - draws rows with their partners, samples a group of completions for each view, scores them, couples the views
 * (equations 2–4), sums the rewards (equation 1) and computes advantages: `draw`, by `assess`;
 * - computes the groups' log-probabilities under the reference model: `score`;
 * - converts advantages to token weights (equation 5) and updates the policy: `update`, by `weighGroups`;
 * - records metrics and traces: `record`.
 */
export async function trainGrpo(
  loop: Loop & { config: GrpoConfig },
  rows: RowSource,
  encoder: Encoder | null,
  ownRewards: OwnRewards | null,
): Promise<'finished' | 'stopped'> {
  const { config, run, trainer, state } = loop;
  // The sampler's bfloat16 log-probabilities differ from the trainer's. Float32 log-probabilities agree by default.
  const isExact = trainer.info().precision === 'float32' && config.sampling.endpoint === undefined;

  return runSteps(loop, async (number, phase) => {
    const step: Step = { ...loop, rows, encoder, ownRewards, step: number, phase };
    const rescore = !isExact || state.rescores === true;
    const batch = await draw(step);
    if ('overflow' in batch) return { metrics: {}, skipped: batch };
    const scores = await score(step, batch, rescore);
    const updating = overlap(update(step, batch, scores, rescore && isFolded(step)));
    // Recording starts after the engine has received the calls of the update, because this process is then idle.
    const recording = overlap(setImmediate().then(() => record(step, batch, updating)));
    const { gap, skipped, ...updated } = await updating;
    if (!rescore && gap > config.max_logprob_gap) {
      state.rescores = true;
      await run.event(
        'rescoring',
        `Sampler and trainer log-probabilities differ by up to ${figure(gap)}. From this step, the trainer rescores the rollouts.`,
      );
    }
    if (skipped?.update !== 1) state.tokens += batch.counts.tokens;
    return {
      metrics: {
        epoch: state.cursor / rows.count,
        ...updated.metrics,
        ...(await phase('trace', () => recording)),
      },
      skipped,
    };
  });
}

/**
 * Draws rows, samples G completions of each view, and computes rewards, coupling and advantages. Dynamic sampling
 * repeats these actions until enough pairs vary, or the rounds are used up (R25, R50). An overflow ends sampling.
 */
async function draw(step: Step): Promise<Batch | { overflow: Overflow }> {
  const { config, trainer, state, rows, encoder, ownRewards, phase } = step;
  const { mode, max_rounds } = config.dynamic_sampling;
  const settings = assessmentOf(config);
  const scored: ScoredRow[] = [];
  let drawn: TrainedRow[];
  let kept: TrainedRow[] = [];
  let reference: Batch['reference'] = null;
  let rounds = 0;
  do {
    const wanted = config.batch.rows - kept.length;
    const batch = await phase('data', () => rows.take(state.cursor, wanted, trainer, partnerOf(step)));
    state.cursor += batch.length;
    const sampled = await phase('gen', () => sampleRows(trainer, batch, config));
    const overflow = overflowIn('log-probability', sampledPlaces(sampled, scored.length), true);
    if (overflow) return { overflow };
    // If all groups are kept, the reference model scores the groups while their rewards are computed.
    if (config.loss.beta > 0 && mode === 'off' && !state.unmoved)
      reference = overlap(forward(step, 'reference', groupsOf(sampled.flatMap(trainedViews), config)));
    scored.push(...(await phase('reward', () => scorePairs(sampled, config, encoder, ownRewards))));
    // Computes equations 1–4 and the advantages for all rounds together, because a normalisation can divide by the std
    // of the whole step.
    drawn = assess(scored, settings);
    kept = drawn.filter((pair) => pair.kept);
    rounds += 1;
  } while (mode === 'refill' && kept.length < config.batch.rows && rounds < max_rounds);
  if (config.views.partner === 'hardest') state.partners = learnDisagreements(state.partners ?? {}, drawn);

  const views = kept.flatMap(trainedViews);
  const groups = groupsOf(views, config);
  const counted = mode === 'skip' ? drawn : kept;
  return {
    drawn,
    kept,
    rounds,
    reference,
    groups,
    views,
    counts: {
      completions: sum(counted.flatMap((pair) => trainedViews(pair).map(({ group }) => group.length))),
      tokens: sum(trainedLengths(groups)),
    },
  };
}

/**
 * Computes log-probabilities of the groups under the reference model. Also computes log-probabilities under the current
 * policy if the sampler's are not exact and the update does not compute them. While the policy equals its reference
 * model, the policy is scored once: two passes would differ by rounding, which AdamW would amplify to a step.
 */
async function score(step: Step, { groups, reference }: Batch, rescore: boolean) {
  const some = groups.length > 0;
  const refers = step.config.loss.beta > 0;
  const { unmoved = false } = step.state;
  return {
    reference:
      refers && some && !unmoved
        ? await step.phase('ref', () => reference ?? forward(step, 'reference', groups))
        : null,
    // The reference model has no dropout, unlike the policy.
    old:
      some && (rescore || (refers && unmoved && drops(step))) && !isFolded(step)
        ? await step.phase('old', () => forward(step, 'policy', groups))
        : null,
  };
}

/**
 * Whether the update's own pass can also score the rollouts. With one update per sample, ρ = 1 in that pass and nothing
 * is clipped, so w is the sum of c·A and the KL term, which the engine adds. Dropout would change the log-probabilities
 * of that pass.
 */
function isFolded(step: Step): boolean {
  const { loss } = step.config;
  const pulls = loss.beta === 0 || step.trainer.info().features.includes('pull');
  return loss.iterations === 1 && !drops(step) && pulls;
}

const drops = ({ config: { engine } }: Step): boolean =>
  engine.kind === 'torch' && engine.adapter.dropout > 0;

/**
 * Runs equation 5 as often as configured: converts advantages to a weight per token, for which the engine minimises the
 * weighted cross-entropy. Until a weight has changed, the policy is the reference model: both have the
 * log-probabilities of one pass, and the KL term is 0. `gap` is the difference between the sampler's and the trainer's
 * log-probabilities.
 * @param folded whether the policy's log-probabilities come from the update (see `isFolded`)
 */
async function update(
  step: Step,
  batch: Batch,
  { reference, old }: { reference: Scores[][][] | null; old: Scores[][][] | null },
  folded: boolean,
): Promise<{
  metrics: StepMetrics;
  gap: number;
  used: UsedScores;
  skipped: TakenStep['skipped'];
}> {
  const { config, trainer, state, phase } = step;
  const { groups, views, counts } = batch;
  const name = nameOf(batch.drawn, views);
  const wrong = (quantity: string, scores: Scores[][][] | null, isPolicy: boolean) =>
    overflowIn(quantity, placesOf(scores, name), isPolicy);
  const { temperature, max_tokens } = config.sampling;
  const objective = { ...config.loss, max_tokens: max_tokens + (config.graph?.max_tokens ?? 0) };
  const rate = learningRate(step.step, config.steps, config.optimizer);
  let gradNorm: number | null = null;
  let skipped = false;
  let mismatch: StepMetrics = {};
  let loss: StepMetrics = { ...lossMetrics([]), loss: null };
  let anchor = reference;
  const used: UsedScores['updates'] = [];
  let overflow: Overflow | null = null;
  let updates = 0;
  for (let iteration = 0; iteration < config.loss.iterations && counts.tokens > 0; iteration++) {
    const current = iteration === 0 ? old : await phase('old', () => forward(step, 'policy', groups));
    updates = iteration + 1;
    overflow = wrong('log-probability', current, true) ?? wrong('reference log-probability', anchor, false);
    if (overflow) break;
    const isSame = objective.beta > 0 && anchor === null;
    // Equation 5: w of −Σ w·log p for every token, without the KL term if the pass is folded.
    const weighed =
      folded || isSame
        ? weighGroups(
            views,
            groups,
            { current: null, old, reference: null },
            { ...objective, beta: 0 },
            counts,
          )
        : weighGroups(views, groups, { current, old, reference: anchor }, objective, counts);
    overflow = overflowIn('weight', weightPlaces(weighed, name), false);
    if (overflow) break;
    const pull = folded && anchor ? { reference: anchor, beta: objective.beta } : undefined;
    const logprobs = await phase('update', async () => {
      const chunks = await inChunks(
        withWeights(groups, weighed, pull),
        config.batch.micro_groups,
        async (chunk) => (await trainer.forwardBackward(chunk, { temperature })).logprobs,
      );
      ({ gradNorm, skipped } = await trainer.optimStep({ ...optimOptions(config), learningRate: rate }));
      return chunks;
    });
    const seen = logprobs.map((group) =>
      group.map((segments) => segments.map((values) => ({ logprobs: values, entropies: null }))),
    );
    if (skipped) {
      const scores = { current: null, old: seen, reference: anchor };
      overflow =
        wrong('log-probability', seen, true) ??
        overflowOfGradient(
          weightPlaces(folded ? weighGroups(views, groups, scores, objective, counts) : weighed, name),
        );
      break;
    }
    if (iteration === 0) mismatch = mismatchMetrics(besideTrainer(views, logprobs));
    if (isSame) anchor = old ?? seen;
    const scores = { current: null, old: isSame ? anchor : seen, reference: anchor };
    const whole = folded || isSame ? weighGroups(views, groups, scores, objective, counts) : weighed;
    used.push({ scores: isSame ? anchor : folded ? seen : current, weighed: whole });
    loss = lossMetrics(whole.flat());
    if (gradNorm !== 0 || config.optimizer.weight_decay > 0) delete state.unmoved;
  }
  if (overflow) {
    gradNorm = null;
    loss = Object.fromEntries(Object.keys(loss).map((figure) => [figure, null]));
  }
  return {
    metrics: { learning_rate: rate, grad_norm: gradNorm, ...mismatch, ...loss },
    skipped: overflow ? { overflow, update: updates } : undefined,
    gap: mismatch['sampling/sampling_logp_difference/max'] ?? 0,
    used: { groups, reference: anchor, old, updates: used },
  };
}

/** Computes the metrics of the step's rollouts, writes their trace, and reads the next rows in advance. */
async function record(
  { config, run, trainer, state, rows, step }: Step,
  { drawn, kept, rounds, views }: Batch,
  updating: Promise<{ used: UsedScores }>,
): Promise<StepMetrics> {
  const { every } = config.trace;
  // Requests prompt tokens now, before images of later rows displace the images of these prompts.
  const prompts =
    every > 0 && isDue(every, step, config) ? overlap(promptTokens(drawn, config, trainer)) : null;
  // Reads nothing ahead before an evaluation, whose images might displace images of the next step in the engine.
  if (!isDue(config.evaluate.every, step, config)) {
    rows.prepare(state.cursor, config.batch.rows, trainer, partnerOf({ config, state }));
  }
  const metrics = {
    ...rolloutMetrics(
      drawn,
      partnersOf(config.views),
      Boolean(config.rewards.agreement?.weight),
      config.advantages.scope,
    ),
    ...drawMetrics(drawn, kept, rounds),
  };
  if (prompts) await traceStep(run, step, drawn, config, await prompts, views, (await updating).used);
  return metrics;
}

/** Selects the partners of rows. All rows of a step use the same shares of disagreement. */
const partnerOf = ({ config, state }: Pick<Step, 'config' | 'state'>): ChoosePartner => {
  const { partners = {} } = state;
  return (position, allowed) =>
    drawPartner(config.views.partner ?? 'first', config.seed, position, allowed, partners);
};

const forward = ({ config, trainer }: Step, model: 'policy' | 'reference', groups: Group[]) =>
  inChunks(groups, config.batch.micro_groups, (chunk) =>
    trainer.forward(chunk, { model, temperature: config.sampling.temperature }),
  );

/** Combines every sampled stage with the trainer's log-probabilities. */
const besideTrainer = (views: TrainedRow['views'], logprobs: readonly number[][][][]) =>
  views.flatMap(({ group }, g) =>
    group.flatMap(({ segments }, i) =>
      segments.map((segment, s) => [segment, logprobs[g]![i]![s]!] as const),
    ),
  );

const groupsOf = (views: readonly Parameters<typeof groupOf>[0][], config: GrpoConfig): Group[] =>
  views.map((view) => groupOf(view, config));

const trainedLengths = (groups: readonly Group[]): number[] =>
  groups
    .flatMap(({ completions }) => completions.flatMap(({ segments }) => segments))
    .map(({ trained, tokens }) => (trained ? tokens.length : 0));

/** Counts groups (one per view), and dropped groups by reason of dropping. */
function drawMetrics(
  drawn: readonly TrainedRow[],
  kept: readonly TrainedRow[],
  rounds: number,
): Record<string, number> {
  const groups = (list: readonly TrainedRow[]) => sum(list.map(({ views }) => views.length));
  const dropped = (why: string) => groups(drawn.filter((pair) => !pair.kept && pair.why === why));
  return {
    'dynamic_sampling/groups_drawn': groups(drawn),
    'dynamic_sampling/groups_kept': groups(kept),
    'dynamic_sampling/rounds': rounds,
    'dynamic_sampling/dropped_all_right': dropped('all_right'),
    'dynamic_sampling/dropped_all_wrong': dropped('all_wrong'),
    'dynamic_sampling/dropped_no_spread': dropped('no_spread'),
  };
}
