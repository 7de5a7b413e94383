/** Figures of one step by name; null is a gap. */
export type Figures = Record<string, number | null>;

/** Names of other trainers for figures that are defined as ours are; all others keep the name that they have. */
const OURS: Readonly<Record<string, string>> = {
  'critic/score/mean': 'reward',
  'reward/overall': 'reward',
  completion_length: 'completions/mean_length',
  'actor/kl_loss': 'kl',
  kl_loss: 'kl',
  'actor/grad_norm': 'grad_norm',
  'actor/lr': 'learning_rate',
  'actor/entropy': 'entropy',
  'actor/entropy_loss': 'entropy',
  'response_length/mean': 'completions/mean_length',
  'response_length/clip_ratio': 'completions/clipped_ratio',
  'timing_s/step': 'step_time',
};

/** Clocks go to the timings; they are kept under their own names. */
const PROFILING = /^profiling\/Time taken: /;

/**
 * The name of a figure here. `train/` of trackers is cut off; `eval/x` is `eval_x`; a reward's own name has `/mean`.
 * @param reward_std what the trainer's `reward_std` is: of the batch, or the mean of the groups'
 */
export function metricName(name: string, rewardStd: 'batch' | 'group' = 'batch'): string {
  const plain = name
    .replace(/^train\//, '')
    .replace(/^eval\//, 'eval_')
    .replace(PROFILING, 'timing_s/');
  if (plain === 'reward_std' && rewardStd === 'group') return 'group_reward_std';
  if (Object.hasOwn(OURS, plain)) return OURS[plain]!;
  const part = /^rewards\/([^/]+)$/.exec(plain)?.[1] ?? /^reward\/([^/]+)$/.exec(plain)?.[1];
  return part === undefined ? plain : `rewards/${part}/mean`;
}

/** A figure's value: a number, or the texts in which Python's JSON of some trackers holds what is none. */
export const figureOf = (value: unknown): number | null | undefined =>
  value === null || value === 'NaN' || value === 'Infinity' || value === '-Infinity'
    ? null
    : typeof value === 'number'
      ? Number.isFinite(value)
        ? value
        : null
      : undefined;
