import { mean } from '../../base/numbers.ts';

/**
 * Maximum std that counts as zero. Sums of equal decimal rewards can differ in the last bits, far below this limit.
 * Differences between reward parts always exceed this limit.
 */
const LEAST_SPREAD = 1e-8;

export const ADVANTAGE_SCOPES = ['group', 'pair'] as const;

/** Advantage normalisation. Papers and libraries differ in every field, so each named normalisation sets all fields. */
export interface AdvantageConvention {
  /** Completions that share a mean: the group of one view, or the groups of both views of a pair (R3). */
  scope: (typeof ADVANTAGE_SCOPES)[number];
  /** Divisor of the centred rewards: std of the completions that share a mean, std of the whole step, or none. */
  scale: 'set' | 'batch' | 'none';
  /** 1 for the sample standard deviation (n − 1), 0 for the population standard deviation (n). */
  ddof: 0 | 1;
  /** Constant that is added to the standard deviation before the division. */
  epsilon: number;
  /** Advantage of a completion whose group contains no other completion: 0, or its unchanged reward. */
  lone: 'zero' | 'raw';
}

/** Advantage normalisations of well-known code bases (R7). The code of both papers is based on `trl`. */
export const ADVANTAGE_CONVENTIONS = {
  trl: { scope: 'group', scale: 'set', ddof: 1, epsilon: 1e-4, lone: 'zero' },
  'trl-batch': { scope: 'group', scale: 'batch', ddof: 1, epsilon: 1e-4, lone: 'zero' },
  verl: { scope: 'group', scale: 'set', ddof: 1, epsilon: 1e-6, lone: 'raw' },
  openrlhf: { scope: 'group', scale: 'set', ddof: 1, epsilon: 1e-9, lone: 'zero' },
  deepseek: { scope: 'group', scale: 'set', ddof: 0, epsilon: 0, lone: 'zero' },
  // Dr. GRPO, prime-rl, tinker-cookbook: centred rewards without a divisor.
  'dr-grpo': { scope: 'group', scale: 'none', ddof: 1, epsilon: 0, lone: 'zero' },
} as const satisfies Record<string, AdvantageConvention>;

/** Returns the values of a pair in the lists that are normalised together: one list per view, or one for both views. */
export const setsOf = <T>(
  values_V_G: readonly (readonly T[])[],
  scope: AdvantageConvention['scope'],
): (readonly T[])[] => (scope === 'pair' ? [values_V_G.flat()] : [...values_V_G]);

export type ConventionName = keyof typeof ADVANTAGE_CONVENTIONS;
export const CONVENTION_NAMES = Object.keys(ADVANTAGE_CONVENTIONS) as ConventionName[];

/**
 * Computes the advantages of one step.
 * @param rewards_P_V_G final rewards by pair, view and completion; an unpaired row has one view. Groups can differ in
 * size.
 * @returns advantages in the same shape. In a zero-variance set, all advantages are 0 with any normalisation.
 */
export function advantages(
  rewards_P_V_G: readonly number[][][],
  convention: AdvantageConvention,
): number[][][] {
  const { ddof, scale, scope } = convention;
  const batch = scale === 'batch' ? spreadOf(rewards_P_V_G.flat(2), ddof) : null;
  return rewards_P_V_G.map((rewards_V_G) => {
    if (scope === 'group') return rewards_V_G.map((rewards_G) => normalise(rewards_G, convention, batch));
    const together = normalise(rewards_V_G.flat(), convention, batch);
    let at = 0;
    return rewards_V_G.map((rewards_G) => together.slice(at, (at += rewards_G.length)));
  });
}

function normalise(
  rewards: readonly number[],
  convention: AdvantageConvention,
  batch: number | null,
): number[] {
  if (rewards.length === 1 && convention.lone === 'raw') return [...rewards];
  const spreadOfGroup = spreadOf(rewards, convention.ddof);
  if (spreadOfGroup === 0) return rewards.map(() => 0);
  const middle = mean(rewards)!;
  if (convention.scale === 'none') return rewards.map((reward) => reward - middle);
  const spread = batch ?? spreadOfGroup;
  return rewards.map((reward) => (spread === 0 ? 0 : (reward - middle) / (spread + convention.epsilon)));
}

/** Returns the standard deviation of rewards; 0 if only rounding errors cause it. */
export function spreadOf(rewards: readonly number[], ddof: 0 | 1): number {
  const spread = deviation(rewards, ddof);
  return spread < LEAST_SPREAD ? 0 : spread;
}

/** Returns the standard deviation with divisor n − `ddof`; 0 with too few values. */
export function deviation(values: readonly number[], ddof: 0 | 1): number {
  if (values.length <= ddof) return 0;
  const middle = mean(values)!;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - ddof));
}

/** Maximum difference of advantages that count as equal. The epsilon in the divisor causes tiny differences. */
export const SAME_ADVANTAGE = 1e-3;

/** Possible effects of a view penalty on the advantages of a pair (R3). */
export const EFFECTS = ['none', 'scaled', 'inverted', 'erased'] as const;
export type Effect = (typeof EFFECTS)[number];

/**
 * Returns the effect of a view penalty on the advantages of one pair (R3). Advantages are normalised, so subtracting a
 * constant from a whole group has no effect. Only changes of *order* or relative distance within a set have an effect.
 * @param before advantages with η = 0, in sets that were normalised together: one per view, or one for the pair.
 * @param after advantages of the same sets with the penalty.
 * @returns `none`; `erased` if the changed sets have no nonzero advantages left; `inverted` if two completions of a set
 * changed order; otherwise `scaled`.
 */
export function penaltyEffect(
  before: readonly (readonly number[])[],
  after: readonly (readonly number[])[],
): Effect {
  const touched = before
    .map((set, i) => ({ before: set, after: after[i]! }))
    .filter((set) => set.before.some((value, i) => Math.abs(value - set.after[i]!) > SAME_ADVANTAGE));
  if (touched.length === 0) return 'none';
  if (touched.every((set) => set.after.every((value) => Math.abs(value) <= SAME_ADVANTAGE))) return 'erased';
  const inverted = touched.some((set) =>
    set.before.some((a, i) =>
      set.before.some((b, j) => a - b > SAME_ADVANTAGE && set.after[j]! - set.after[i]! > SAME_ADVANTAGE),
    ),
  );
  return inverted ? 'inverted' : 'scaled';
}
