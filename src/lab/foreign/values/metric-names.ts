/** Metrics of one step by name. Null marks a missing value. */
export type Figures = Record<string, number | null>;

/** Function that receives the name of a metric in Chirality and in another program's file. */
export type Told = (ours: string, theirs: string) => void;

/** Chirality's names for metrics of other trainers that have the same definition. Other metrics keep their names. */
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
  // Metric names of SkyRL
  'reward/avg_raw_reward': 'reward',
  'generate/avg_num_tokens': 'completions/mean_length',
  'policy/rollout_train_logprobs_abs_diff_mean': 'sampling/sampling_logp_difference/mean',
  // Metric names of OpenRLHF
  'rollout/reward_mean': 'reward',
  'rollout/reward_std': 'reward_std',
  'rollout/response_length_mean': 'completions/mean_length',
  'rollout/truncated_rate': 'completions/clipped_ratio',
  actor_grad_norm: 'grad_norm',
  actor_lr: 'learning_rate',
  'timing/step_total': 'step_time',
};

/** Prefixes of the names of phase times. Phase times become timings under their own names. */
const PROFILING = /^(?:profiling\/Time taken: |timing\/)/;

/**
 * Returns Chirality's name for a metric. The prefix `train/` of trackers is removed. `eval/x` becomes `eval_x`, where
 * `x` is named as in training. The name of a reward gets `/mean`.
 */
export function metricName(name: string): string {
  const evaluated = /^eval[/_](.+)$/s.exec(name)?.[1];
  return evaluated === undefined
    ? trainingName(name.replace(/^train\//, ''))
    : `eval_${trainingName(evaluated)}`;
}

function trainingName(short: string): string {
  if (Object.hasOwn(OURS, short)) return OURS[short]!;
  const plain = short.replace(PROFILING, 'timing_s/');
  // SkyRL writes its own means under `reward/`, such as reward/avg_pass_at_8, and EasyR1 writes reward parts.
  const part = /^rewards?\/(?!(?:avg|mean)_)([^/]+)$/.exec(plain)?.[1];
  return part === undefined ? plain : `rewards/${part}/mean`;
}

/**
 * Returns the metrics of a row under Chirality's names, except strings and the step.
 * @param rename returns Chirality's name for a metric
 */
export function figuresIn(
  row: Readonly<Record<string, unknown>>,
  told: Told,
  rename: (name: string) => string = metricName,
): Figures {
  const figures: Figures = {};
  for (const [name, value] of Object.entries(row)) {
    const figure = name === 'step' ? undefined : figureOf(value);
    if (figure === undefined) continue;
    const ours = rename(name);
    figures[ours] = figure;
    told(ours, name);
  }
  return figures;
}

/** Renames the metrics of a trainer whose `reward_std` is the mean of the groups' std, not the std of the batch. */
export const withGroupSpread = (metrics: ReadonlyMap<number, Figures>): Map<number, Figures> =>
  new Map(
    [...metrics].map(([step, figures]) => [
      step,
      Object.fromEntries(
        Object.entries(figures).map(([name, value]) => [
          name.replace(/^(eval_)?(?=reward_std$)/, '$1group_'),
          value,
        ]),
      ),
    ]),
  );

/**
 * Reads a metric's value: a number, null for strings that mean missing values in some trackers' JSON, or undefined for
 * any other value.
 */
export const figureOf = (value: unknown): number | null | undefined =>
  value === null || value === 'NaN' || value === 'Infinity' || value === '-Infinity'
    ? null
    : typeof value === 'number'
      ? Number.isFinite(value)
        ? value
        : null
      : undefined;

/** Chirality's names for metrics of prime-rl that have the same definition. The name of a single agent is removed. */
const PRIME: Readonly<Record<string, string>> = {
  'effective/reward/mean': 'reward',
  'effective/num_output_tokens/mean': 'completions/mean_length',
  'effective/is_truncated/mean': 'completions/clipped_ratio',
  'all/solved_all': 'by_group/frac_all_good',
  'all/solved_none': 'by_group/frac_all_bad',
  'all/solved_some': 'by_group/frac_mixed',
  'optim/grad_norm': 'grad_norm',
  'optim/lr': 'learning_rate',
  'entropy/all/mean': 'entropy',
};
const AGENT = /^train\/agg\/effective\/([^/]+)\/reward\/mean$/;

/** Returns the metrics of a prime-rl line, under Chirality's names where the definitions are the same. */
export function primeFigures(line: Readonly<Record<string, unknown>>, told: Told): Figures {
  const agents = Object.keys(line).flatMap((name) => AGENT.exec(name)?.[1] ?? []);
  const [agent] = agents;
  return figuresIn({ ...line, time: undefined }, told, (name) => {
    const shortName = name.replace(/^train\/agg\//, '');
    const short =
      shortName === name || agents.length > 1 || agent === undefined
        ? shortName
        : shortName.replace(`/${agent}/`, '/');
    const part = /^effective\/rewards\/([^/]+)\/mean$/.exec(short)?.[1];
    const phase = /^time\/(.+)$/.exec(name)?.[1];
    const renamed = Object.hasOwn(PRIME, short) ? PRIME[short]! : name;
    return part !== undefined ? `rewards/${part}/mean` : phase !== undefined ? `timing_s/${phase}` : renamed;
  });
}
