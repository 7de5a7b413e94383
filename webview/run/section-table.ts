import { EFFECTS } from '../../src/core/rewards/advantages.ts';
import type { MetricName } from '../../src/core/rewards/metrics-row.ts';
import type { SpreadOf } from '../../src/panels/run/run.contract.ts';
import { MIRROR, ORIGINAL } from '../../src/rows/view-list.ts';
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
  /** Whether the values are shares of 1, told in percent. */
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
const chart = (
  id: string,
  title: string,
  about: string,
  lines: Line[],
  more?: Omit<ChartSpec, 'id' | 'title' | 'about' | 'lines'>,
): ChartSpec => ({ id, title, about, lines, ...more });

/** The charts for every run; a run shows those for which it has data. */
export const SECTIONS: readonly SectionSpec[] = [
  {
    id: 'reward',
    title: 'Objective',
    charts: [
      chart(
        'reward',
        'Reward',
        'Mean reward of the completions of originals, after the penalty. The band is the mean spread (± one standard deviation) within groups: where it closes, there is nothing to learn from.',
        [figure('reward', 'reward', 'original')],
        { band: 'group_reward_std' },
      ),
      chart(
        'parts',
        'Reward parts',
        'Mean of each part on originals, before the penalty and before weighting.',
        [],
      ),
      chart(
        'parts-mirror',
        'Reward parts, mirror',
        'Mean of each part on mirrors, before the penalty and before weighting.',
        [],
      ),
      chart(
        'parts-view',
        'Reward parts, other views',
        'Mean of each part on partners other than mirrors, before the penalty and before weighting.',
        [],
      ),
      chart(
        'std',
        'Reward std',
        'Standard deviation of rewards: the mean of the groups’ own, and over the whole batch, as in current TRL.',
        [figure('group_reward_std', 'within groups'), figure('reward_std', 'over the batch')],
      ),
      chart(
        'loss',
        'Loss',
        'SFT: cross-entropy per token. GRPO: minus the objective; on-policy its value is near the penalty alone and says little.',
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
        'Mean reward of originals, of mirrors and of other partners, after the penalty. A model that sees space earns the same on both.',
        views('reward'),
      ),
      chart(
        'accuracy',
        'Rollout accuracy',
        'Share of correct completions among those sampled in training, at the training temperature. Evaluations use held-out rows and, by default, greedy decoding. If it rises on originals and falls on mirrors, the model learns a side, not space.',
        views('accuracy'),
        { shares: true },
      ),
      chart(
        'delta',
        'Δ between the views',
        'Mean over pairs of the reward of originals minus that of their partners (equation 2), of the part that couples them, and the mean of its size.',
        [figure('spatial/delta', 'Δ'), figure('spatial/delta_abs', '|Δ|')],
      ),
      chart(
        'penalised',
        'Penalised',
        'Shares of the pairs by the view that lost reward: the better one is penalised by η|Δ|. The rest lost nothing.',
        [
          figure('spatial/penalised_original', 'original', 'original'),
          figure('spatial/penalised_mirror', 'mirror', 'mirror'),
          figure('spatial/penalised_view', 'another view', 'view'),
        ],
        { stacked: true, shares: true, never: 'No pair lost reward.' },
      ),
      chart(
        'joint',
        'Right together',
        'Share of the pairs of completions, one of each view, that are right in both and agree: only these earn the joint reward.',
        [figure('spatial/joint', 'share')],
        { shares: true },
      ),
      chart(
        'behaving',
        'Change with the images',
        'Share of the completions in counterfactuals that behave: another answer where it should change, the same where it should stay (R56).',
        [figure('spatial/behaving', 'share')],
        { shares: true },
      ),
      chart(
        'bonus',
        'Need the order of frames',
        'Share of the pairs in which right completions earned a bonus, because shuffled frames did no better (R57).',
        [figure('spatial/bonus', 'share')],
        { shares: true },
      ),
      chart(
        'effect',
        'What the penalty did to advantages',
        'Shares of pairs. None: normalising took the penalty out again. Scaled: advantages changed, their order did not. Inverted: a better completion now counts as worse. Erased: zero variance is left.',
        EFFECTS.map((name) => figure(`spatial/effect_${name}`, name, name === 'none' ? name : undefined)),
        { stacked: true, shares: true },
      ),
      chart(
        'verdicts',
        'Verdicts',
        'Shares of pairs by the majority of each view: both right, only one, neither.',
        [
          figure('spatial/verdict_consistent', 'both views right', 'both'),
          figure('spatial/verdict_only_original', 'only the original', 'original'),
          figure('spatial/verdict_only_mirror', 'only the mirror', 'mirror'),
          figure('spatial/verdict_only_view', 'only another view', 'view'),
          figure('spatial/verdict_neither', 'neither', 'none'),
        ],
        { stacked: true, shares: true },
      ),
      chart(
        'agreement',
        'Answers that agree',
        'Share of the pairs of completions, one of each view, that say the same once mapped by the views, right or wrong. It needs no right answers: read it with accuracy, since a model may agree with itself and be wrong.',
        [figure('spatial/label_free_agreement', 'agreement')],
        { shares: true },
      ),
      chart('partners-n', 'Pairs by partner', 'How many rows of the step were paired with each view.', []),
      chart(
        'partners-both_right',
        'Pair accuracy, by partner',
        'Share of each view’s pairs for which most answers to both views are right.',
        [],
        { shares: true },
      ),
      chart(
        'partners-accuracy',
        'Rollout accuracy, by partner',
        'Share of the completions to each view that are right.',
        [],
        { shares: true },
      ),
      chart(
        'partners-agree',
        'Answers that agree, by partner',
        'Share of the answers to both views that agree, right or wrong, over the pairs of each view.',
        [],
        { shares: true },
      ),
      chart('partners-delta', 'Δ, by partner', 'Mean Δ over the pairs of each view.', []),
      chart(
        'partners-penalised',
        'Penalised, by partner',
        'Share of the pairs of each view in which that view lost reward.',
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
        'Rewards of single completions',
        'Every traced step is a column: the darker a cell, the more of its completions earned that reward. From the traces, both views together.',
        [],
        { spread: 'reward' },
      ),
      chart(
        'groups-spread',
        'Reward std within groups',
        'The standard deviation of rewards in each group, a column for each traced step. Groups at zero teach nothing: dynamic sampling skips or replaces them.',
        [],
        { spread: 'group_std' },
      ),
      chart(
        'delta-spread',
        'Δ of single pairs',
        'Every traced step is a column: the darker a cell, the more of its pairs had that Δ. A mean near zero may hide that half of the pairs favour the original and half the other view.',
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
        'Mean k3 per token to the policy at the start of the run. A sharp rise means that the model is drifting away.',
        [figure('kl', 'KL')],
      ),
      chart(
        'kl-share',
        'KL share of the gradient',
        'Share of the pull on the weights that comes from the penalty β·KL. Near 1 rewards have vanished, or β is too large: the policy only moves back.',
        [figure('kl_share', 'share')],
      ),
      chart(
        'entropy',
        'Entropy',
        'Mean over sampled tokens, in nats. Near zero, completions of a group are all alike.',
        [figure('entropy', 'entropy')],
      ),
      chart(
        'clip',
        'Clipped tokens',
        'Share of tokens whose ratio left the clip range, below and above.',
        [figure('clip_ratio/low_mean', 'below'), figure('clip_ratio/high_mean', 'above')],
        {
          shares: true,
          never: 'Clipping inactive: each batch is used for one update, so the ratio is 1 (on-policy).',
        },
      ),
      chart('grad-norm', 'Gradient norm', 'Before clipping.', [figure('grad_norm', 'norm')]),
      chart('learning-rate', 'Learning rate', 'As applied.', [figure('learning_rate', 'rate')], {
        exact: true,
      }),
      chart(
        'mismatch',
        'Sampler against trainer',
        'How far the sampler’s log-probabilities are from the trainer’s. Above max_logprob_gap the trainer rescores.',
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
        'Tokens of a completion: mean, and from the shortest to the longest as a band.',
        [figure('completions/mean_length', 'mean')],
        { between: ['completions/min_length', 'completions/max_length'] },
      ),
      chart(
        'truncated',
        'Truncated',
        'Share of completions that were truncated at the longest length.',
        [figure('completions/clipped_ratio', 'share')],
        { shares: true, never: 'No completion was truncated.' },
      ),
      chart(
        'penalised-completions',
        'Penalised completions',
        'Share of completions that lost reward.',
        [figure('spatial/penalised_frac', 'share')],
        { shares: true, never: 'No completion lost reward.' },
      ),
      chart(
        'zero-spread',
        'Groups with zero variance',
        'Share of groups whose completions all earn the same, and of those right or wrong throughout: too easy, or too hard.',
        [
          figure('frac_reward_zero_std', 'zero variance'),
          figure('by_group/frac_all_good', 'all right'),
          figure('by_group/frac_all_bad', 'all wrong'),
        ],
        { shares: true, never: 'Every group had spread.' },
      ),
      chart(
        'top-answer',
        'Most frequent answer',
        'Its share among completions, and that of the most frequent reference. Far above it, the answers collapse to one.',
        [figure('answers/top_share', 'completions'), figure('answers/reference_top_share', 'references')],
        { shares: true },
      ),
      chart('drawn', 'Dynamic sampling', 'Groups drawn and kept, in each step.', [
        figure('dynamic_sampling/groups_drawn', 'drawn'),
        figure('dynamic_sampling/groups_kept', 'kept'),
      ]),
      chart(
        'dropped',
        'Dropped groups',
        'By reason, in each step.',
        [
          figure('dynamic_sampling/dropped_all_right', 'all right'),
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
      chart(
        'phases',
        'Seconds of a step, by phase',
        'What a step spends its time on, one phase on top of the other.',
        [],
        { stacked: true },
      ),
      chart('throughput', 'Tokens per second', 'Trained tokens over the time of the whole step.', [
        figure('perf/tokens_per_second', 'tokens/s'),
      ]),
      chart(
        'memory',
        'Peak memory',
        'The most memory used so far: on the graphics card if the model is there, else by the engine’s process.',
        [figure('perf/peak_memory_gb', 'GB')],
        { exact: true },
      ),
      chart(
        'gpu-use',
        'GPU use',
        'Share of a step in which the graphics card computed, as NVIDIA’s driver says once a second. Low use says that the card waits: for data, for sampling, or for a batch that fills it.',
        [figure('perf/gpu_use', 'share of time')],
      ),
    ],
  },
];
