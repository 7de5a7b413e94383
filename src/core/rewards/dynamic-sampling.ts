import { setsOf, spreadOf, type AdvantageConvention } from './advantages.ts';

export const SAMPLING_MODES = ['off', 'skip', 'refill'] as const;
export const SAMPLING_SIGNALS = ['reward', 'accuracy'] as const;

/** Treatment of zero-variance groups, from which the model learns nothing (R25, R50). */
export interface DynamicSampling {
  /**
   * `off`: all groups are trained. `skip`: zero-variance groups are dropped, which makes the step smaller, but they
   * still count in the loss normaliser (R49). `refill`: other rows replace these groups, for at most `max_rounds`
   * rounds.
   */
  mode: (typeof SAMPLING_MODES)[number];
  /** Signal whose std is tested: the final reward, or whether the answer is right (0 or 1). */
  signal: (typeof SAMPLING_SIGNALS)[number];
  /** Minimum sample std at which the signal varies, in a set of completions that is normalised together. */
  min_std: number;
  max_rounds: number;
}

/** Reason why a pair is kept or dropped: the signal varies, all answers are right, all are wrong, or zero variance. */
export const KEEP_REASONS = ['varies', 'all_right', 'all_wrong', 'no_spread'] as const;
export type KeepReason = (typeof KEEP_REASONS)[number];

/**
 * Decides whether a pair's signal varies. The pair is kept, with both views, if any set that is normalised together
 * varies: the set of one view, or of both (R50). Rewards include the penalty, because Δ is computed before pairs are
 * dropped.
 * @param reward_V_G final rewards; one view for an unpaired row.
 * @param right_V_G whether each answer is right, in the same shape.
 */
export function judgePair(
  reward_V_G: readonly number[][],
  right_V_G: readonly boolean[][],
  { signal, min_std }: Pick<DynamicSampling, 'signal' | 'min_std'>,
  scope: AdvantageConvention['scope'],
): { varies: boolean; why: KeepReason } {
  const values_V_G = signal === 'reward' ? reward_V_G : right_V_G.map((right_G) => right_G.map(Number));
  const sets = setsOf(values_V_G, scope);
  if (sets.some((values) => spreadOf(values, 1) > min_std)) return { varies: true, why: 'varies' };
  const right = right_V_G.flat();
  const why = right.every(Boolean) ? 'all_right' : right.some(Boolean) ? 'no_spread' : 'all_wrong';
  return { varies: false, why };
}
