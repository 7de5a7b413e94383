/** Figures of one step by name; null is a gap. */
export type Figures = Record<string, number | null>;

/** Other trainers' names for figures that have the same definition in Chirality; all others keep their names. */
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

/** Profiling times become timings with their own names. */
const PROFILING = /^profiling\/Time taken: /;

/**
 * Returns Chirality's name for a figure. The trackers' prefix `train/` is removed; `eval/x` becomes `eval_x`; a
 * reward's own name gets `/mean`.
 * @param rewardStd what the trainer's `reward_std` is: that of the batch, or the mean over groups
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

/**
 * Reads a figure's value: a number, null for the texts with which some trackers write missing values in JSON, or
 * undefined for anything else.
 */
export const figureOf = (value: unknown): number | null | undefined =>
  value === null || value === 'NaN' || value === 'Infinity' || value === '-Infinity'
    ? null
    : typeof value === 'number'
      ? Number.isFinite(value)
        ? value
        : null
      : undefined;
