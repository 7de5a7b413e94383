import { mean, countsOf } from '../../base/numbers.ts';
import * as z from 'zod';
import { isNatural, isRecord } from '../../base/json.ts';
import { checkRecord, type RecordError, type RowReader } from '../../base/record.ts';
import { VERDICTS, type Verdict } from '../answers/pair-verdict.ts';
import { EFFECTS, setsOf, spreadOf, type AdvantageConvention, type Effect } from './advantages.ts';
import type { KeepReason } from './dynamic-sampling.ts';
import { isTruncated, type Pair, type Rollout, type SampledSegment } from './rollout.ts';
import { hasOtherPartners, VIEW_FIGURES } from './draws.ts';
import type { WeightedCompletion } from './token-weights.ts';
import { isControl, MIRROR, ORIGINAL, PAIR, type PairView, type ViewId } from '../../rows/view-list.ts';

/** Name of a metric on originals, on mirrors (`_mirror`), or on all other partner views (`_view`). */
type OfEachView<T extends string> = T | `${T}_${'mirror' | 'view'}`;

/** Names of Chirality's metrics of a step (docs/training.md). External programs can use other names. */
export type MetricName =
  | OfEachView<
      'reward' | 'reward_std' | 'group_reward_std' | 'accuracy' | `rewards/${string}/${'mean' | 'std'}`
    >
  | `completions/${'mean' | 'min' | 'max'}_${'' | 'terminated_'}length`
  | 'completions/clipped_ratio'
  | 'graph/json_frac'
  | 'frac_reward_zero_std'
  | `by_group/frac_${'all_good' | 'all_bad' | 'mixed'}`
  | `answers/${'' | 'reference_'}top_share`
  | `spatial/${'delta' | 'delta_abs' | 'joint' | 'behaving' | 'bonus' | 'penalised_frac' | `penalised_${PairView | 'view'}` | 'label_free_agreement'}`
  | `views/${ViewId}/${(typeof VIEW_FIGURES)[number]}`
  | `spatial/effect_${Effect}`
  | `spatial/verdict_${Verdict}`
  | `dynamic_sampling/${'groups_drawn' | 'groups_kept' | 'rounds' | `dropped_${KeepReason}`}`
  | `clip_ratio/${'low' | 'high' | 'region'}_${'mean' | 'min' | 'max'}`
  | `sampling/${'sampling_logp_difference' | 'importance_sampling_ratio'}/${'min' | 'mean' | 'max'}`
  | ('loss' | 'kl' | 'kl_share' | 'entropy' | 'grad_norm' | 'learning_rate' | 'num_tokens' | 'epoch')
  | ('step_time' | `timing_s/${string}` | 'perf/peak_memory_gb' | 'perf/gpu_use' | 'perf/tokens_per_second');

/** A line of `metrics.jsonl` or `timings.jsonl`: an optimiser step and its metrics by name; null if missing. */
export const metricsRowSchema = z.object({ step: z.int().min(0) }).catchall(z.number().nullable());
export type MetricsRow = z.infer<typeof metricsRowSchema>;

/**
 * Reads a parsed line as a row of metrics, without values that are not numbers. Files can have a million lines, so
 * valid lines are checked without the schema, which only explains errors in invalid lines.
 */
export const readMetricsRow: RowReader<MetricsRow> = (value, source, leaveOut) => {
  if (isMetricsRow(value)) return value;
  try {
    return checkRecord(metricsRowSchema, value, source);
  } catch (error) {
    const rest = Object.fromEntries(Object.entries(value ?? {}).filter(([, figure]) => isFigure(figure)));
    if (!isMetricsRow(rest)) throw error;
    leaveOut(error as RecordError);
    return rest;
  }
};

const isFigure = (value: unknown): boolean => value === null || Number.isFinite(value);

function isMetricsRow(value: unknown): value is MetricsRow {
  if (!isRecord(value) || !isNatural(value.step)) return false;
  for (const name in value) if (!isFigure(value[name])) return false;
  return true;
}

const share = <T>(values: readonly T[], holds: (value: T) => boolean) =>
  mean(values.map((v) => Number(holds(v))));
// Avoids `Math.min(...values)`, because a step can have more tokens than a call can have arguments.
const min = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((least, value) => Math.min(least, value));
const max = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((most, value) => Math.max(most, value));

/**
 * Computes the metrics of a step's pairs, before any pairs are dropped. Names are TRL's if TRL has the metric; names
 * for the mirror end in `_mirror`, for other partner views in `_view` (docs/training.md). `reward_std` is over the
 * whole batch, as in current TRL; `group_reward_std` is the mean over groups, as in older forks of TRL. A group is the
 * set of completions that is normalised together: for a pair, both views have the std of the pair.
 * @param partners partner views of the run.
 * @param agreementCounts whether the rewards include agreement.
 * @param scope completions that share a mean in the advantages.
 */
export function rolloutMetrics(
  pairs: readonly Pair[],
  partners: readonly ViewId[] = [MIRROR],
  agreementCounts = false,
  scope: AdvantageConvention['scope'] = 'group',
): Record<string, number | null> {
  const several = hasOtherPartners(partners);
  const sets = pairs.flatMap((pair) => setsOfPair(pair, scope));
  const spreads = sets.map(rewardSpread);
  const spreadBeside = new Map(sets.flatMap((set, i) => set.map((rollout) => [rollout, spreads[i]!])));
  const spreadOfSet = ([first]: readonly Rollout[]) => spreadBeside.get(first!) ?? 0;
  const figuresOf = (isOf: (view: ViewId) => boolean, suffix: string) =>
    viewMetrics(pairs, isOf, suffix, spreadOfSet);
  const groups = pairs.flatMap(({ views }) => views);
  const all = groups.flatMap(({ group }) => group);
  const lengthOf = ({ segments }: Rollout) => segments.reduce((n, { tokens }) => n + tokens.length, 0);
  const lengths = all.map(lengthOf);
  const ended = all.filter((rollout) => !isTruncated(rollout)).map(lengthOf);
  const segments = all.flatMap((rollout) => rollout.segments);
  const graphs = segments.filter(({ stage }) => stage === 'graph');
  return {
    ...figuresOf((view) => view === ORIGINAL, ''),
    ...figuresOf((view) => view === MIRROR, '_mirror'),
    ...(several && figuresOf((view) => !PAIR.some((pairView) => pairView === view), '_view')),
    entropy: mean(segments.flatMap(({ entropies }) => entropies ?? [])),
    'completions/mean_length': mean(lengths),
    'completions/min_length': min(lengths),
    'completions/max_length': max(lengths),
    'completions/mean_terminated_length': mean(ended),
    'completions/min_terminated_length': min(ended),
    'completions/max_terminated_length': max(ended),
    'completions/clipped_ratio': share(all, isTruncated),
    ...(graphs.length > 0 && { 'graph/json_frac': share(graphs, ({ source }) => source !== 'raw') }),
    frac_reward_zero_std: share(spreads, (spread) => spread === 0),
    'by_group/frac_all_good': share(groups, ({ group }) => group.every(({ right }) => right)),
    'by_group/frac_all_bad': share(groups, ({ group }) => !group.some(({ right }) => right)),
    'by_group/frac_mixed': share(groups, ({ group }) => new Set(group.map(({ right }) => right)).size === 2),
    'answers/top_share': topShare(all.map(({ answer_text: answer }) => answer ?? '')),
    'answers/reference_top_share': topShare(groups.map(({ sample }) => sample.answer)),
    ...spatialMetrics(pairs, several),
    ...((several || agreementCounts) && {
      'spatial/label_free_agreement': mean(pairs.flatMap(({ agreement }) => agreement ?? [])),
    }),
    ...(several && partnerMetrics(pairs, partners)),
  };
}

/** Returns the share of right completions among the completions with a known right answer. */
const shareRight = (group: readonly Rollout[]): number | null =>
  mean(group.flatMap(({ right }) => (right === null ? [] : Number(right))));

/** Returns the sets of completions that are normalised together. Controls are in separate sets. */
function setsOfPair({ views }: Pair, scope: AdvantageConvention['scope']): (readonly Rollout[])[] {
  const groups = (are: 'trained' | 'controls') =>
    views.filter(({ view }) => isControl(view) === (are === 'controls')).map(({ group }) => group);
  return [...setsOf(groups('trained'), scope), ...groups('controls')];
}

const rewardSpread = (group: readonly Rollout[]): number =>
  spreadOf(
    group.map(({ reward }) => reward),
    1,
  );

/** Computes rewards and accuracy of the given views; {} if no pair has any of these views. */
function viewMetrics(
  pairs: readonly Pair[],
  isOf: (view: ViewId) => boolean,
  suffix: string,
  spreadOfSet: (group: readonly Rollout[]) => number,
) {
  const groups = pairs
    .flatMap(({ views }) => views.filter(({ view }) => isOf(view)))
    .map(({ group }) => group);
  const all = groups.flat();
  if (all.length === 0) return {};
  const out: Record<string, number | null> = {
    [`reward${suffix}`]: mean(all.map(({ reward }) => reward)),
    [`reward_std${suffix}`]: rewardSpread(all),
    [`group_reward_std${suffix}`]: mean(groups.map(spreadOfSet)),
    [`accuracy${suffix}`]: shareRight(all),
  };
  for (const name of Object.keys(all[0]!.rewards)) {
    const values = all.map(({ rewards }) => rewards[name]!.value);
    out[`rewards/${name}/mean${suffix}`] = mean(values);
    out[`rewards/${name}/std${suffix}`] = spreadOf(values, 1);
  }
  return out;
}

function spatialMetrics(pairs: readonly Pair[], several: boolean): Record<string, number | null> {
  const coupled = pairs.filter(({ views }) => views.length === 2);
  if (coupled.length === 0) return {};
  const deltas = coupled.flatMap(({ delta }) => delta ?? []);
  const penalties = coupled.flatMap(({ views }) =>
    views.flatMap(({ group }) => group.map(({ penalty }) => penalty)),
  );
  const shares = (key: 'effect' | 'verdict' | 'penalised', values: readonly string[]) =>
    Object.fromEntries(
      values.map((value) => [`spatial/${key}_${value}`, share(coupled, (pair) => pair[key] === value)]),
    );
  const joint = coupled.flatMap(({ joint, views }) =>
    joint === undefined ? [] : joint / Math.max(...views.map(({ group }) => group.length)),
  );
  const behaving = coupled.flatMap(({ behaving, views }) =>
    behaving === undefined ? [] : behaving / views[1]!.group.length,
  );
  const bonus = coupled.flatMap(({ bonus }) => (bonus === undefined ? [] : Number(bonus)));
  return {
    'spatial/delta': mean(deltas),
    'spatial/delta_abs': mean(deltas.map(Math.abs)),
    'spatial/penalised_frac': share(penalties, (penalty) => penalty > 0),
    // These coupling modes withhold reward in both views or add reward, so no penalty has an effect.
    ...(joint.length + behaving.length + bonus.length > 0
      ? {
          ...(joint.length > 0 && { 'spatial/joint': mean(joint) }),
          ...(behaving.length > 0 && { 'spatial/behaving': mean(behaving) }),
          ...(bonus.length > 0 && { 'spatial/bonus': mean(bonus) }),
        }
      : {
          ...shares('penalised', PAIR),
          ...(several && {
            'spatial/penalised_view': share(
              coupled,
              ({ penalised }) => penalised !== null && !PAIR.some((view) => view === penalised),
            ),
          }),
          ...shares('effect', EFFECTS),
        }),
    ...(coupled.some(({ verdict }) => verdict !== null) &&
      shares(
        'verdict',
        VERDICTS.filter((verdict) => several || verdict !== 'only_view'),
      )),
  };
}

/** Computes the metrics of each partner view, over the pairs of a step that have this view. */
function partnerMetrics(pairs: readonly Pair[], partners: readonly ViewId[]) {
  return Object.fromEntries(
    partners.flatMap((view) => {
      const ofView = pairs.filter(({ views }) => views[1]?.view === view);
      const figures: Record<(typeof VIEW_FIGURES)[number], number | null> = {
        n: ofView.length,
        accuracy: shareRight(ofView.flatMap(({ views }) => views[1]!.group)),
        delta: mean(ofView.flatMap(({ delta }) => delta ?? [])),
        both_right: share(
          ofView.filter(({ verdict }) => verdict !== null),
          ({ verdict }) => verdict === 'consistent',
        ),
        agree: mean(ofView.flatMap(({ agreement }) => agreement ?? [])),
        penalised: share(ofView, ({ penalised }) => penalised === view),
      };
      return Object.entries(figures).map(([name, value]) => [`views/${view}/${name}`, value] as const);
    }),
  );
}

/** Returns the share of the most frequent text among all texts in a list. */
const topShare = (texts: readonly string[]): number | null =>
  texts.length === 0 ? null : Math.max(...countsOf(texts).values()) / texts.length;

/** Fields of a completion that loss metrics need. */
export type LossFigures = Pick<
  WeightedCompletion,
  'loss' | 'tokens' | 'kl' | 'clippedLow' | 'clippedHigh' | 'rewardPull' | 'referencePull'
>;

/** Computes loss metrics over a step's trained tokens. `kl` is null without trained tokens or a reference model. */
export function lossMetrics(weighted: readonly LossFigures[]): Record<string, number | null> {
  const sum = (pick: (w: LossFigures) => number) => weighted.reduce((total, w) => total + pick(w), 0);
  const tokens = sum((w) => w.tokens);
  const perToken = (pick: (w: LossFigures) => number) => (tokens === 0 ? null : sum(pick) / tokens);
  const shareOf = (pick: (w: LossFigures) => number) =>
    weighted.filter((w) => w.tokens > 0).map((w) => pick(w) / w.tokens);
  const pulls = sum((w) => w.rewardPull) + sum((w) => w.referencePull);
  return {
    loss: sum((w) => w.loss),
    kl: weighted.some((w) => w.kl === null) ? null : perToken((w) => w.kl!),
    'clip_ratio/low_mean': perToken((w) => w.clippedLow),
    'clip_ratio/low_min': min(shareOf((w) => w.clippedLow)),
    'clip_ratio/high_mean': perToken((w) => w.clippedHigh),
    'clip_ratio/high_max': max(shareOf((w) => w.clippedHigh)),
    'clip_ratio/region_mean': perToken((w) => w.clippedLow + w.clippedHigh),
    // KL share of the gradient. If the share is near 1, rewards have almost no influence.
    kl_share: pulls === 0 ? null : sum((w) => w.referencePull) / pulls,
  };
}

/** Compares the log-probabilities of the sampler and of the trainer, over all trained tokens. */
export function mismatchMetrics(
  pairs: readonly (readonly [Pick<SampledSegment, 'logprobs'>, readonly number[]])[],
) {
  const gaps = pairs.flatMap(([{ logprobs }, trainer]) => trainer.map((lp, t) => lp - logprobs[t]!));
  const sizes = gaps.map(Math.abs);
  const ratios = gaps.map(Math.exp);
  return {
    'sampling/sampling_logp_difference/mean': mean(sizes),
    'sampling/sampling_logp_difference/max': max(sizes),
    'sampling/importance_sampling_ratio/min': min(ratios),
    'sampling/importance_sampling_ratio/mean': mean(ratios),
    'sampling/importance_sampling_ratio/max': max(ratios),
  };
}
