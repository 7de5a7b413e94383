import { several } from '../../base/format.ts';
import { sum } from '../../base/numbers.ts';
import { assessmentOf } from '../config/derived.ts';
import type { GrpoConfig, SftConfig } from '../config/run-config.ts';
import { readCompletion } from '../answers/extract.ts';
import { assess, trainedViews } from '../rewards/assess.ts';
import { lossSums, weighSums, type LossSums, type TargetSums } from '../rewards/loss-sums.ts';
import { lossMetrics, type LossFigures } from '../rewards/metrics-row.ts';
import { answerOf } from '../rewards/reward-parts.ts';
import { isTruncated } from '../rewards/rollout.ts';
import {
  superviseWeights,
  weighCompletion,
  type Objective,
  type StepCounts,
} from '../rewards/token-weights.ts';
import { Deviations, deviationText, largestText, TOLERANCE, type ValuePlace } from './deviations.ts';
import type { ArrayRef, TracedCompletion, TracedPair } from '../run-data/trace.ts';

type Figures = Readonly<Record<string, number | null>>;

/** Recorded metrics of a step, and the total number of tokens that were trained before this step. */
export interface RecordedStep {
  step: number;
  metrics: Figures;
  tokensBefore: number | null;
}

/** Reads an array of log-probabilities in the traces of a step. @throws RangeError if the array is missing */
export type ReadArray = (ref: ArrayRef) => number[];

/**
 * Recomputes a run from the records in its folder, step by step, and compares the results with the records. Does not
 * run the model: answers and log-probabilities of tokens are from the records.
 */
export class Verification extends Deviations {
  steps = 0;
  pairs = 0;
  completions = 0;
  /** Number of completions without stored tokens, for which the recorded sums were used. */
  withoutTokens = 0;
  /** Names of reward parts whose recorded values were used unchecked. */
  readonly takenParts = new Set<string>();

  /** Whether at least one step was recomputed, and no value deviates. */
  get isVerified(): boolean {
    return this.steps > 0 && this.count === 0;
  }

  /**
   * Verifies a GRPO step: rewards, coupling and advantages of its pairs; weights, loss, KL and clipped tokens of its
   * completions; and the metrics of the last update.
   */
  addRollouts(
    config: GrpoConfig,
    pairs: readonly TracedPair[],
    read: ReadArray,
    recorded: RecordedStep,
  ): void {
    const { step, metrics } = recorded;
    this.steps += 1;
    this.pairs += pairs.length;
    this.compareRewards(pairs, config);
    const drawn = sum(pairs.map(({ views }) => views.length));
    this.compare('groups_drawn', { step }, metrics['dynamic_sampling/groups_drawn'], drawn);

    const isCounted = (pair: TracedPair) => config.dynamic_sampling.mode === 'skip' || pair.kept === true;
    const kept = pairs.filter((pair) => pair.kept).flatMap((pair) => completionsOf(pair, trainedViews(pair)));
    const counts: StepCounts = {
      completions: sum(
        pairs.filter(isCounted).flatMap((pair) => trainedViews(pair).map(({ group }) => group.length)),
      ),
      tokens: sum(kept.map(({ completion }) => completion.updates?.[0]?.tokens ?? 0)),
    };
    const updates = kept.reduce((most, { completion }) => Math.max(most, completion.updates?.length ?? 0), 0);
    let losses: ReturnType<Verification['compareLoss']>[] = [];
    for (let u = 0; u < updates; u++)
      losses = kept.map((each) => this.compareLoss(each, u, config, counts, read));
    const computed = lossMetrics(losses.map(({ figures }) => figures));
    const isSkipped = updates < config.loss.iterations;
    this.compareStep(
      recorded,
      isSkipped ? Object.fromEntries(Object.keys(computed).map((name) => [name, null])) : computed,
      { size: sum(losses.map((each) => each.size)), areWhole: losses.every(({ isWhole }) => isWhole) },
    );
    // Tokens count as trained as soon as the first update of the step is done.
    this.compareTokens(recorded, updates === 0 ? 0 : counts.tokens);
  }

  addTargets(config: SftConfig, targets: readonly TargetSums[], recorded: RecordedStep): void {
    const { step, metrics } = recorded;
    this.steps += 1;
    this.completions += targets.length;
    const counts = { completions: targets.length, tokens: sum(targets.map(({ tokens }) => tokens)) };
    for (const { sample, view, tokens, logprobs, weight, loss } of targets) {
      const place = { step, sample, view };
      const [wanted = 0] = superviseWeights(tokens, config.aggregation, counts);
      this.compare('weight', place, weight, wanted, 0);
      this.compare('loss of a target', place, loss, -wanted * logprobs, 0);
    }
    this.compare('loss', { step }, metrics.loss, sum(targets.map(({ loss }) => loss)), 0);
    this.compareTokens(recorded, counts.tokens);
  }

  private compareRewards(pairs: readonly TracedPair[], config: GrpoConfig): void {
    const assessed = assess(pairs, assessmentOf(config));
    for (const [p, pair] of pairs.entries()) {
      const now = assessed[p]!;
      const place = { step: pair.step, pair: pair.pair, sample: pair.sample };
      for (const { completion, at } of completionsOf(pair, pair.views)) {
        this.completions += 1;
        const reading = readCompletion(completion.segments.at(-1)!.text);
        this.compare('answer', at, completion.answer_text, answerOf(reading, config.extraction));
        for (const [name, { value }] of Object.entries(completion.rewards))
          if (name === 'format') this.compare('format', at, value, Number(reading.format_ok));
          else this.takenParts.add(name);
      }
      for (const name of ['delta', 'penalised', 'joint', 'behaving', 'bonus', 'effect', 'verdict'] as const)
        if (pair[name] != null || now[name] != null) this.compare(name, place, pair[name], now[name]);
      for (const [v, view] of now.views.entries())
        for (const [g, { penalty, reward, advantage }] of view.group.entries()) {
          const recorded = pair.views[v]!.group[g]!;
          const at = { ...place, view: view.view, completion: g };
          this.compare('penalty', at, recorded.penalty, penalty);
          this.compare('reward', at, recorded.reward, reward);
          this.compare('advantage', at, recorded.advantage, advantage);
        }
      this.compare('kept', place, pair.kept, now.kept);
    }
  }

  /** Returns the loss inputs of a completion in an update: from its tokens if stored, otherwise from recorded sums. */
  private compareLoss(
    { completion, at }: Placed,
    u: number,
    config: GrpoConfig,
    counts: StepCounts,
    read: ReadArray,
  ): { figures: LossFigures; size: number; isWhole: boolean } {
    const place = { ...at, update: u + 1 };
    const sums = completion.updates?.[u];
    if (!sums) {
      this.compare('sums of the loss', place, null, 'recorded');
      return { figures: NOTHING, size: 0, isWhole: false };
    }
    const objective = objectiveOf(config);
    const bySums = weighSums(sums, completion.advantage ?? 0, objective, counts);
    const { sizes } = bySums;
    const tokens = trainedStages(completion, config);
    if (tokens.some((stage) => !stage.update_logprobs?.[u])) {
      if (u === 0) this.withoutTokens += 1;
      this.compare('weights', place, sums.weights, bySums.weights, sizes.weights);
      this.compare('loss of a completion', place, sums.loss, bySums.loss, sizes.loss);
      const { clipped_low: clippedLow = 0, clipped_high: clippedHigh = 0, kl = null } = sums;
      const figures = { ...NOTHING, ...bySums, tokens: sums.tokens, kl, clippedLow, clippedHigh };
      return { figures, size: sizes.loss, isWhole: false };
    }
    try {
      const figures = weighCompletion(
        { advantage: completion.advantage ?? 0, ...scoresOf(tokens, u, objective.beta > 0, read) },
        objective,
        counts,
      );
      const computed = lossSums(figures, u === 0);
      const scales: Partial<Record<string, number>> = { ...SCALES, weights: sizes.weights, loss: sizes.loss };
      for (const name of Object.keys({ ...sums, ...computed }) as (keyof LossSums)[])
        this.compare(NAMES[name] ?? name, place, sums[name], computed[name], scales[name]);
      return { figures, size: sizes.loss, isWhole: true };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.compare('arrays', place, error.message, 'arrays of the same length');
      return { figures: NOTHING, size: 0, isWhole: false };
    }
  }

  /** Compares the loss metrics of a step's last update. @param size sum of the magnitudes of the loss terms */
  private compareStep(
    { step, metrics }: RecordedStep,
    computed: Figures,
    { size, areWhole }: { size: number; areWhole: boolean },
  ): void {
    for (const [name, value] of Object.entries(computed))
      // The sums do not contain the KL share of the gradient for each token.
      if (name !== 'kl_share' || areWhole)
        this.compare(name, { step }, metrics[name], value, name === 'loss' ? size : (SCALES[name] ?? 1));
  }

  private compareTokens({ step, metrics, tokensBefore }: RecordedStep, tokens: number): void {
    if (tokensBefore !== null)
      this.compare('num_tokens', { step }, metrics.num_tokens, tokensBefore + tokens, 1);
  }

  /** Lists, for people, the values that were taken from the records, or were not recorded. */
  taken(): string[] {
    const parts = [...this.takenParts].sort();
    const completions = (n: number) => several(n, 'completion');
    return [
      parts.length > 0 && `Values read from the records without recomputing: ${parts.join(', ')}.`,
      this.withoutTokens > 0 &&
        `Tokens of ${completions(this.withoutTokens)} are not recorded (trace.arrays). The verification uses the recorded sums of these completions.`,
    ].filter((line) => line !== false);
  }

  /** Returns every quantity with the number of comparisons and the largest deviation, for people. */
  table(): string[][] {
    return [...this.quantities].map(([quantity, each]) => [quantity, `${each.compared}`, largestText(each)]);
  }

  /** Returns the result for people, after the first deviations. @param shown maximum number of listed deviations */
  result(shown: number): string[] {
    const what = `${several(this.steps, 'step')}, ${several(this.completions, this.pairs > 0 ? 'completion' : 'target')}`;
    if (this.count === 0) return [`Verified: ${what}.`];
    const more = this.count - shown;
    return [
      ...this.found.slice(0, shown).map(deviationText),
      ...(more > 0 ? [`… and ${several(more, 'more value')}`] : []),
      `Not verified: of ${what}, ${several(this.count, 'value')} ${this.count === 1 ? 'deviates' : 'deviate'} by more than ${TOLERANCE}.`,
    ];
  }
}

interface Placed {
  completion: TracedCompletion;
  at: ValuePlace;
}

const completionsOf = ({ step, pair, sample }: TracedPair, views: TracedPair['views']): Placed[] =>
  views.flatMap(({ view, group }) =>
    group.map((completion, g) => ({ completion, at: { step, pair, sample, view, completion: g } })),
  );

const NOTHING: LossFigures = {
  loss: 0,
  tokens: 0,
  kl: null,
  clippedLow: 0,
  clippedHigh: 0,
  rewardPull: 0,
  referencePull: 0,
};

/** Minimum value for relative deviations, by quantity. Rounding of log-probabilities causes a KL below this value. */
const SCALES: Partial<Record<string, number>> = { logprobs: 0, old_logprobs: 0, ref_logprobs: 0, kl: 1e-3 };
const NAMES: Partial<Record<keyof LossSums, string>> = {
  kl: 'kl of a completion',
  loss: 'loss of a completion',
};

const objectiveOf = ({ loss, sampling, graph }: GrpoConfig): Objective => ({
  ...loss,
  max_tokens: sampling.max_tokens + (graph?.max_tokens ?? 0),
});

/** Returns the trained stages of a completion, except stages that have no tokens. */
function trainedStages({ segments }: TracedCompletion, { loss, graph }: GrpoConfig) {
  if (loss.truncated === 'mask' && isTruncated({ segments })) return [];
  return segments.filter(
    ({ stage, tokens }) => tokens?.n !== 0 && (!graph || graph.trained === 'both' || graph.trained === stage),
  );
}

/** Returns the log-probabilities that the loss used in an update, with all stages as one sequence. */
function scoresOf(
  stages: readonly TracedCompletion['segments'][number][],
  u: number,
  refers: boolean,
  read: ReadArray,
) {
  const joined = (refOf: (stage: (typeof stages)[number]) => ArrayRef | undefined) => {
    const refs = stages.map(refOf);
    return refs.every((ref) => ref !== undefined) ? refs.flatMap(read) : null;
  };
  const logprobs = joined((stage) => stage.update_logprobs![u])!;
  const referenceLogprobs = refers ? joined((stage) => stage.ref_logprobs) : null;
  return {
    logprobs,
    oldLogprobs: u === 0 ? logprobs : joined((stage) => stage.old_logprobs ?? stage.update_logprobs![0])!,
    ...(referenceLogprobs && { referenceLogprobs }),
  };
}
