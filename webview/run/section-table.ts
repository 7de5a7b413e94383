import { EFFECTS } from '../../src/core/grpo/advantages.ts';
import type { MetricName } from '../../src/core/grpo/metrics.ts';
import type { SpreadOf } from '../../src/core/protocol/run-panel.ts';
import { MIRROR, ORIGINAL } from '../../src/core/view-list.ts';
import type { Meaning } from '../ui/theme.ts';

/** A line of a chart: a figure and its label, and what it is of. */
export interface Line {
  metric: string;
  label: string;
  means?: Meaning | undefined;
}

export interface ChartSpec {
  id: string;
  title: string;
  /** What it shows, and how to read it. */
  about: string;
  lines: Line[];
  /** The figure drawn as a band (mean ± figure) around the first line. */
  band?: MetricName;
  /** Figures that bound the band around the first line. */
  between?: [low: MetricName, high: MetricName];
  /** Whether the lines are parts of a whole, and are stacked. */
  stacked?: boolean;
  /** Whether the parts are shares of 1. */
  shares?: boolean;
  /** Shows the distribution of single values instead of lines. */
  spread?: SpreadOf;
  /** A figure without which the chart is empty. */
  needs?: MetricName;
  /** Never smoothed, because the value is set, not measured. */
  exact?: boolean;
  /** What to say instead of the chart if all of it is zero throughout. */
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

/** The charts for every run; a run shows those for which it has data. */
export const SECTIONS: readonly SectionSpec[] = [
  {
    id: 'reward',
    title: 'Objective',
    charts: [
      {
        id: 'reward',
        title: 'Reward',
        about:
          'Mean reward of the completions of originals, after the penalty. The band is the mean spread (± one standard deviation) within groups: where it closes, there is nothing to learn from.',
        lines: [figure('reward', 'reward', 'original')],
        band: 'group_reward_std',
      },
      {
        id: 'parts',
        title: 'Reward parts',
        about: 'Mean of each part on originals, before the penalty and before weighting.',
        lines: [],
      },
      {
        id: 'parts-mirror',
        title: 'Reward parts, mirror',
        about: 'Mean of each part on mirrors, before the penalty and before weighting.',
        lines: [],
      },
      {
        id: 'parts-view',
        title: 'Reward parts, other views',
        about: 'Mean of each part on partners other than mirrors, before the penalty and before weighting.',
        lines: [],
      },
      {
        id: 'std',
        title: 'Reward spread',
        about:
          'Standard deviation of rewards: the mean of the groups’ own, and over the whole batch, as in current TRL.',
        lines: [figure('group_reward_std', 'within groups'), figure('reward_std', 'over the batch')],
      },
      {
        id: 'loss',
        title: 'Loss',
        about:
          'SFT: cross-entropy per token. GRPO: minus the objective; on-policy its value is near the penalty alone and says little.',
        lines: [figure('loss', 'loss')],
      },
    ],
  },
  {
    id: 'views',
    title: 'Views',
    charts: [
      {
        id: 'reward-views',
        title: 'Reward by view',
        about:
          'Mean reward of originals, of mirrors and of other partners, after the penalty. A model that sees space earns the same on both.',
        lines: views('reward'),
      },
      {
        id: 'accuracy',
        title: 'Accuracy',
        about:
          'Share of the sampled completions that are right. Rising on originals and falling on mirrors means that a side is learnt, not space.',
        lines: views('accuracy'),
      },
      {
        id: 'delta',
        title: 'Δ between the views',
        about:
          'Mean over pairs of the reward of originals minus that of their partners (equation 2), of the part that couples them, and the mean of its size.',
        lines: [figure('spatial/delta', 'Δ'), figure('spatial/delta_abs', '|Δ|')],
      },
      {
        id: 'penalised',
        title: 'Penalised',
        about:
          'Shares of the pairs by the view that lost reward: the better one is penalised by η|Δ|. The rest lost nothing.',
        lines: [
          figure('spatial/penalised_original', 'original', 'original'),
          figure('spatial/penalised_mirror', 'mirror', 'mirror'),
          figure('spatial/penalised_view', 'another view', 'view'),
        ],
        stacked: true,
        shares: true,
        never: 'No pair lost reward.',
      },
      {
        id: 'joint',
        title: 'Right together',
        about:
          'Share of the pairs of completions, one of each view, that are right in both and agree: only these earn the joint reward.',
        lines: [figure('spatial/joint', 'share')],
      },
      {
        id: 'effect',
        title: 'What the penalty did to advantages',
        about:
          'Shares of pairs. None: normalising took the penalty out again. Scaled: advantages changed, their order did not. Inverted: a better completion now counts as worse. Erased: no spread is left.',
        lines: EFFECTS.map((name) =>
          figure(`spatial/effect_${name}`, name, name === 'none' ? name : undefined),
        ),
        stacked: true,
        shares: true,
      },
      {
        id: 'verdicts',
        title: 'Verdicts',
        about: 'Shares of pairs by the majority of each view: both right, only one, neither.',
        lines: [
          figure('spatial/verdict_consistent', 'both views right', 'both'),
          figure('spatial/verdict_only_original', 'only the original', 'original'),
          figure('spatial/verdict_only_mirror', 'only the mirror', 'mirror'),
          figure('spatial/verdict_only_view', 'only another view', 'view'),
          figure('spatial/verdict_neither', 'neither', 'none'),
        ],
        stacked: true,
        shares: true,
      },
      {
        id: 'agreement',
        title: 'Answers that agree',
        about:
          'Share of the pairs of completions, one of each view, that say the same once mapped by the views, right or wrong. It needs no right answers: read it with accuracy, since a model may agree with itself and be wrong.',
        lines: [figure('spatial/label_free_agreement', 'agreement')],
      },
      {
        id: 'partners-n',
        title: 'Pairs by partner',
        about: 'How many rows of the step were paired with each view.',
        lines: [],
      },
      {
        id: 'partners-both_right',
        title: 'Both right, by partner',
        about: 'Share of each view’s pairs for which most answers to both views are right.',
        lines: [],
      },
      {
        id: 'partners-accuracy',
        title: 'Accuracy, by partner',
        about: 'Share of the completions to each view that are right.',
        lines: [],
      },
      {
        id: 'partners-agree',
        title: 'Answers that agree, by partner',
        about: 'Share of the answers to both views that agree, right or wrong, over the pairs of each view.',
        lines: [],
      },
      {
        id: 'partners-delta',
        title: 'Δ, by partner',
        about: 'Mean Δ over the pairs of each view.',
        lines: [],
      },
      {
        id: 'partners-penalised',
        title: 'Penalised, by partner',
        about: 'Share of the pairs of each view in which that view lost reward.',
        lines: [],
      },
    ],
  },
  {
    id: 'distributions',
    title: 'Distributions',
    charts: [
      {
        id: 'rewards-spread',
        title: 'Rewards of single completions',
        about:
          'Every traced step is a column: the darker a cell, the more of its completions earned that reward. From the traces, both views together.',
        lines: [],
        spread: 'reward',
      },
      {
        id: 'groups-spread',
        title: 'Spread within groups',
        about:
          'The standard deviation of rewards in each group, a column for each traced step. Groups at zero teach nothing: dynamic sampling skips or replaces them.',
        lines: [],
        spread: 'group_std',
      },
      {
        id: 'delta-spread',
        title: 'Δ of single pairs',
        about:
          'Every traced step is a column: the darker a cell, the more of its pairs had that Δ. A mean near zero may hide that half of the pairs favour the original and half the other view.',
        lines: [],
        spread: 'delta',
        needs: 'spatial/delta',
      },
    ],
  },
  {
    id: 'policy',
    title: 'Policy',
    charts: [
      {
        id: 'kl',
        title: 'KL to the reference policy',
        about:
          'Mean k3 per token to the policy at the start of the run. A sharp rise means that the model is drifting away.',
        lines: [figure('kl', 'KL')],
      },
      {
        id: 'kl-share',
        title: 'Pull of the reference policy',
        about:
          'Share of the pull on the weights that comes from the penalty β·KL. Near 1 rewards have vanished, or β is too large: the policy only moves back.',
        lines: [figure('kl_share', 'share')],
      },
      {
        id: 'entropy',
        title: 'Entropy',
        about: 'Mean over sampled tokens, in nats. Near zero, completions of a group are all alike.',
        lines: [figure('entropy', 'entropy')],
      },
      {
        id: 'clip',
        title: 'Clipped tokens',
        about: 'Share of tokens whose ratio left the clip range, below and above.',
        lines: [figure('clip_ratio/low_mean', 'below'), figure('clip_ratio/high_mean', 'above')],
        never: 'Clipping inactive: each batch is used for one update, so the ratio is 1 (on-policy).',
      },
      {
        id: 'grad-norm',
        title: 'Gradient norm',
        about: 'Before clipping.',
        lines: [figure('grad_norm', 'norm')],
      },
      {
        id: 'learning-rate',
        title: 'Learning rate',
        about: 'As applied.',
        lines: [figure('learning_rate', 'rate')],
        exact: true,
      },
      {
        id: 'mismatch',
        title: 'Sampler against trainer',
        about:
          'How far the sampler’s log-probabilities are from the trainer’s. Above max_logprob_gap the trainer rescores.',
        lines: [
          figure('sampling/sampling_logp_difference/mean', 'mean'),
          figure('sampling/sampling_logp_difference/max', 'largest'),
        ],
      },
    ],
  },
  {
    id: 'completions',
    title: 'Completions',
    charts: [
      {
        id: 'length',
        title: 'Length',
        about: 'Tokens of a completion: mean, and from the shortest to the longest as a band.',
        lines: [figure('completions/mean_length', 'mean')],
        between: ['completions/min_length', 'completions/max_length'],
      },
      {
        id: 'truncated',
        title: 'Truncated',
        about: 'Share of completions that were cut off at the longest length.',
        lines: [figure('completions/clipped_ratio', 'share')],
        never: 'No completion was cut off.',
      },
      {
        id: 'penalised-completions',
        title: 'Penalised completions',
        about: 'Share of completions that lost reward.',
        lines: [figure('spatial/penalised_frac', 'share')],
        never: 'No completion lost reward.',
      },
      {
        id: 'zero-spread',
        title: 'Groups without spread',
        about:
          'Share of groups whose completions all earn the same, and of those right or wrong throughout: too easy, or too hard.',
        lines: [
          figure('frac_reward_zero_std', 'no spread'),
          figure('by_group/frac_all_good', 'all right'),
          figure('by_group/frac_all_bad', 'all wrong'),
        ],
        never: 'Every group had spread.',
      },
      {
        id: 'top-answer',
        title: 'Most frequent answer',
        about:
          'Its share among completions, and that of the most frequent reference. Far above it, the answers collapse to one.',
        lines: [
          figure('answers/top_share', 'completions'),
          figure('answers/reference_top_share', 'references'),
        ],
      },
      {
        id: 'drawn',
        title: 'Dynamic sampling',
        about: 'Groups drawn and kept, in each step.',
        lines: [
          figure('dynamic_sampling/groups_drawn', 'drawn'),
          figure('dynamic_sampling/groups_kept', 'kept'),
        ],
      },
      {
        id: 'dropped',
        title: 'Dropped groups',
        about: 'By reason, in each step.',
        lines: [
          figure('dynamic_sampling/dropped_all_right', 'all right'),
          figure('dynamic_sampling/dropped_all_wrong', 'all wrong'),
          figure('dynamic_sampling/dropped_no_spread', 'no spread'),
        ],
        stacked: true,
        never: 'No group was dropped.',
      },
    ],
  },
  {
    id: 'time',
    title: 'Time',
    charts: [
      {
        id: 'phases',
        title: 'Seconds of a step, by phase',
        about: 'What a step spends its time on, one phase on top of the other.',
        lines: [],
        stacked: true,
      },
      {
        id: 'throughput',
        title: 'Tokens per second',
        about: 'Trained tokens over the time of the whole step.',
        lines: [figure('perf/tokens_per_second', 'tokens/s')],
      },
      {
        id: 'memory',
        title: 'Peak memory',
        about:
          'The most memory used so far: on the graphics card if the model is there, else by the engine’s process.',
        lines: [figure('perf/peak_memory_gb', 'GB')],
        exact: true,
      },
      {
        id: 'gpu-use',
        title: 'GPU use',
        about:
          'Share of a step in which the graphics card computed, as NVIDIA’s driver says once a second. Low use says that the card waits: for data, for sampling, or for a batch that fills it.',
        lines: [figure('perf/gpu_use', 'share of time')],
      },
    ],
  },
];
