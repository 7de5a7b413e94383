import { EFFECTS } from '../../src/core/rewards/advantages.ts';
import type { MetricName } from '../../src/core/rewards/metrics-row.ts';
import type { SpreadOf } from '../../src/panels/run/run.contract.ts';
import { MIRROR, ORIGINAL } from '../../src/rows/view-list.ts';
import type { Meaning } from '../ui/theme.ts';

export interface Line {
  metric: string;
  label: string;
  means?: Meaning | undefined;
}

export interface ChartSpec {
  id: string;
  title: string;
  /** Description of the chart's content, and advice on reading the chart. */
  about: string;
  lines: Line[];
  /** Metric that gives a band (mean ± metric) around the first line. */
  band?: MetricName;
  /** Metrics that are the edges of the band around the first line. */
  between?: [low: MetricName, high: MetricName];
  stacked?: boolean;
  /** Whether the values are shares of 1. The chart shows them in percent. */
  shares?: boolean;
  /** Distribution of single values, which the chart shows in place of lines. */
  spread?: SpreadOf;
  needs?: MetricName;
  /** Whether the values are exact, so that the chart does not smooth them. */
  exact?: boolean;
  /** Text that replaces the chart if all values of the chart are always zero. */
  never?: string;
}

export interface SectionSpec {
  id: string;
  title: string;
  charts: ChartSpec[];
}

export const line = (metric: string, label: string): Line => ({ metric, label });
const figure = (metric: MetricName, label: string, means?: Meaning): Line => ({ metric, label, means });
const views = (metric: 'reward' | 'accuracy'): Line[] => [
  figure(metric, ORIGINAL, 'original'),
  figure(`${metric}_mirror`, MIRROR, 'mirror'),
  figure(`${metric}_view`, 'other views', 'view'),
];
const chart = (
  id: string,
  title: string,
  about: string,
  lines: Line[],
  more?: Omit<ChartSpec, 'id' | 'title' | 'about' | 'lines'>,
): ChartSpec => ({ id, title, about, lines, ...more });

/** Charts for every run. A run shows only charts for which data exist. */
export const SECTIONS: readonly SectionSpec[] = [
  {
    id: 'reward',
    title: 'Objective',
    charts: [
      chart(
        'reward',
        'Reward',
        'Mean reward of completions for originals, after the view penalty. The band is the mean std within groups. Steps with a band of zero width have no training signal.',
        [figure('reward', 'reward', 'original')],
        { band: 'group_reward_std' },
      ),
      chart(
        'parts',
        'Reward parts',
        'Mean of each reward part on originals, before the view penalty and the weights.',
        [],
      ),
      chart(
        'parts-mirror',
        'Reward parts, mirror',
        'Mean of each reward part on mirrors, before the view penalty and the weights.',
        [],
      ),
      chart(
        'parts-view',
        'Reward parts, other views',
        'Mean of each reward part on partners other than mirrors, before the view penalty and the weights.',
        [],
      ),
      chart(
        'std',
        'Reward std',
        'Standard deviation of rewards. One curve is the mean over groups. The other curve covers the whole batch, as in recent TRL versions.',
        [figure('group_reward_std', 'within groups'), figure('reward_std', 'over the batch')],
      ),
      chart(
        'loss',
        'Loss',
        'For SFT, the loss is the cross-entropy per token. For GRPO, the loss is the negative objective. On-policy, the GRPO loss is close to the KL penalty and shows little about progress.',
        [figure('loss', 'loss')],
      ),
    ],
  },
  {
    id: 'views',
    title: 'Views',
    charts: [
      chart(
        'reward-views',
        'Reward by view',
        'Mean reward of originals, mirrors and other partners, after the view penalty. A model that uses the spatial relation earns the same reward on each view.',
        views('reward'),
      ),
      chart(
        'accuracy',
        'Rollout accuracy',
        'Share of correct completions sampled in training, at the training temperature. Evaluations use held-out rows and, by default, greedy decoding. If accuracy rises on originals and falls on mirrors, the model learns a response bias, not the spatial relation.',
        views('accuracy'),
        { shares: true },
      ),
      chart(
        'delta',
        'Δ between views',
        'Δ is the coupled reward of the original minus the coupled reward of its partner (equation 2). The chart shows the means of Δ and |Δ| over pairs.',
        [figure('spatial/delta', 'Δ'), figure('spatial/delta_abs', '|Δ|')],
      ),
      chart(
        'penalised',
        'Penalised',
        'Share of pairs with lost reward, by view. The penalty η|Δ| is subtracted from the better view. The remaining pairs lost no reward.',
        [
          figure('spatial/penalised_original', 'original', 'original'),
          figure('spatial/penalised_mirror', 'mirror', 'mirror'),
          figure('spatial/penalised_view', 'another view', 'view'),
        ],
        { stacked: true, shares: true, never: 'No pair lost reward.' },
      ),
      chart(
        'joint',
        'Joint reward',
        'Share of completion pairs, one completion per view, that agree and are correct in both views. Only these pairs earn the joint reward.',
        [figure('spatial/joint', 'share')],
        { shares: true },
      ),
      chart(
        'behaving',
        'Expected answer changes',
        'Share of counterfactual completions that respond as expected. An answer must change where a change is expected, and otherwise stay the same (implementation choice R56).',
        [figure('spatial/behaving', 'share')],
        { shares: true },
      ),
      chart(
        'bonus',
        'Frame order bonus',
        'Share of pairs whose correct completions earned a bonus because shuffled frames scored no higher (implementation choice R57).',
        [figure('spatial/bonus', 'share')],
        { shares: true },
      ),
      chart(
        'effect',
        'Effect of the view penalty',
        'Shares of pairs by the effect of the penalty on their advantages. “None” means that normalisation cancelled the penalty. “Scaled” means that advantages changed in size but not in order. “Inverted” means that a better completion now counts as worse. “Erased” means that the rewards have zero variance.',
        EFFECTS.map((name) => figure(`spatial/effect_${name}`, name, name === 'none' ? name : undefined)),
        { stacked: true, shares: true },
      ),
      chart(
        'verdicts',
        'Rollout outcomes',
        'Share of training pairs by outcome. A view counts as correct if most of its completions are correct.',
        [
          figure('spatial/verdict_consistent', 'both views correct', 'both'),
          figure('spatial/verdict_only_original', 'only the original correct', 'original'),
          figure('spatial/verdict_only_mirror', 'only the mirror correct', 'mirror'),
          figure('spatial/verdict_only_view', 'only another view correct', 'view'),
          figure('spatial/verdict_neither', 'neither', 'none'),
        ],
        { stacked: true, shares: true },
      ),
      chart(
        'agreement',
        'Agreement',
        'Share of completion pairs, one completion per view, whose answers match once mapped back, correct or wrong. Agreement needs no reference answers. Compare agreement with accuracy, because a model can agree with itself and be wrong.',
        [figure('spatial/label_free_agreement', 'agreement')],
        { shares: true },
      ),
      chart('partners-n', 'Pairs by partner', 'Number of rows in the step, by partner view.', []),
      chart(
        'partners-both_right',
        'Rollout pair accuracy by partner',
        'Share of pairs with mostly correct answers to both views, by partner view.',
        [],
        { shares: true },
      ),
      chart(
        'partners-accuracy',
        'Rollout accuracy by partner',
        'Share of correct completions, by partner view.',
        [],
        { shares: true },
      ),
      chart(
        'partners-agree',
        'Agreement by partner',
        'Share of pairs with agreeing answers, correct or wrong, by partner view.',
        [],
        { shares: true },
      ),
      chart('partners-delta', 'Δ by partner', 'Mean Δ over pairs, by partner view.', []),
      chart(
        'partners-penalised',
        'Penalised by partner',
        'Share of pairs whose partner view lost reward, by view.',
        [],
        { shares: true },
      ),
    ],
  },
  {
    id: 'distributions',
    title: 'Distributions',
    charts: [
      chart(
        'rewards-spread',
        'Rewards of completions',
        'Each column is a traced step. Darker cells mean that more completions of the step earned that reward. Both views are counted together.',
        [],
        { spread: 'reward' },
      ),
      chart(
        'groups-spread',
        'Reward std within groups',
        'Standard deviation of rewards in each group, with one column per traced step. Groups at zero add no training signal. Dynamic sampling skips or replaces these groups.',
        [],
        { spread: 'group_std' },
      ),
      chart(
        'delta-spread',
        'Δ of pairs',
        'Each column is a traced step. Darker cells mean that more pairs of the step had that Δ. A mean near zero can hide preferences, because some pairs prefer the original and other pairs prefer the partner.',
        [],
        { spread: 'delta', needs: 'spatial/delta' },
      ),
    ],
  },
  {
    id: 'policy',
    title: 'Policy',
    charts: [
      chart(
        'kl',
        'KL to the reference model',
        'Mean k3 estimate of the KL per token against the reference model (the policy at the start of the run). A sharp rise means that the policy moves far from the reference model.',
        [figure('kl', 'KL')],
      ),
      chart(
        'kl-share',
        'KL share of the gradient',
        'Share of the gradient that comes from the term β·KL. At a share near 1, the policy only returns to the reference model. Rewards have then vanished, or β is too large.',
        [figure('kl_share', 'share')],
      ),
      chart(
        'entropy',
        'Entropy',
        'Mean entropy over sampled tokens, in nats. Near zero, all completions of a group are alike.',
        [figure('entropy', 'entropy')],
      ),
      chart(
        'clip',
        'Clipped tokens',
        'Shares of tokens whose ratio is below or above the clip range.',
        [figure('clip_ratio/low_mean', 'below'), figure('clip_ratio/high_mean', 'above')],
        {
          shares: true,
          never: 'Clipping is inactive. Each batch has one update, so the ratio is 1 (on-policy).',
        },
      ),
      chart('grad-norm', 'Gradient norm', 'Gradient norm before clipping.', [figure('grad_norm', 'norm')]),
      chart('learning-rate', 'Learning rate', 'Rate of each update.', [figure('learning_rate', 'rate')], {
        exact: true,
      }),
      chart(
        'mismatch',
        'Sampler–trainer gap',
        'Gap between the log-probabilities of the sampler and the trainer. If the gap exceeds the setting max_logprob_gap, the trainer rescores the rollouts.',
        [
          figure('sampling/sampling_logp_difference/mean', 'mean'),
          figure('sampling/sampling_logp_difference/max', 'largest'),
        ],
      ),
    ],
  },
  {
    id: 'completions',
    title: 'Completions',
    charts: [
      chart(
        'length',
        'Length',
        'Mean number of tokens per completion. The band covers the range from the shortest to the longest completion.',
        [figure('completions/mean_length', 'mean')],
        { between: ['completions/min_length', 'completions/max_length'] },
      ),
      chart(
        'truncated',
        'Truncated',
        'Share of completions that hit the token limit.',
        [figure('completions/clipped_ratio', 'share')],
        { shares: true, never: 'No completion was truncated.' },
      ),
      chart(
        'penalised-completions',
        'Penalised completions',
        'Share of completions that lost reward to the view penalty.',
        [figure('spatial/penalised_frac', 'share')],
        { shares: true, never: 'No completion lost reward.' },
      ),
      chart(
        'zero-spread',
        'Groups with zero variance',
        'Share of groups whose completions all earn the same reward. If all completions are correct, the row is too easy. If all completions are wrong, the row is too hard.',
        [
          figure('frac_reward_zero_std', 'zero variance'),
          figure('by_group/frac_all_good', 'all correct'),
          figure('by_group/frac_all_bad', 'all wrong'),
        ],
        { shares: true, never: 'Rewards differed in every group.' },
      ),
      chart(
        'top-answer',
        'Most frequent answer',
        'Share of the most frequent answer among completions and among reference answers. If the first share is far above the second, the model gives one answer to most questions.',
        [
          figure('answers/top_share', 'completions'),
          figure('answers/reference_top_share', 'reference answers'),
        ],
        { shares: true },
      ),
      chart('drawn', 'Dynamic sampling', 'Groups drawn and kept per step.', [
        figure('dynamic_sampling/groups_drawn', 'drawn'),
        figure('dynamic_sampling/groups_kept', 'kept'),
      ]),
      chart(
        'dropped',
        'Dropped groups',
        'Dropped groups per step, by reason.',
        [
          figure('dynamic_sampling/dropped_all_right', 'all correct'),
          figure('dynamic_sampling/dropped_all_wrong', 'all wrong'),
          figure('dynamic_sampling/dropped_no_spread', 'zero variance'),
        ],
        { stacked: true, never: 'No group was dropped.' },
      ),
    ],
  },
  {
    id: 'time',
    title: 'Time',
    charts: [
      chart('phases', 'Seconds per step by phase', 'Duration of the phases of a step, stacked.', [], {
        stacked: true,
      }),
      chart('throughput', 'Tokens per second', 'Trained tokens divided by the duration of the whole step.', [
        figure('perf/tokens_per_second', 'tokens/s'),
      ]),
      chart(
        'memory',
        'Peak memory',
        'Highest memory use so far. For a model on a GPU, the chart shows GPU memory. For a model on the CPU, the chart shows memory of the engine process.',
        [figure('perf/peak_memory_gb', 'GB')],
        { exact: true },
      ),
      chart(
        'gpu-use',
        'GPU use',
        'Share of a step in which the GPU computed, sampled once a second by the NVIDIA driver. If the share is low, the GPU waits for data or sampling, or the batch is too small.',
        [figure('perf/gpu_use', 'share of time')],
      ),
    ],
  },
];
