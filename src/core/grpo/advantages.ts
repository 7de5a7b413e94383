/**
 * How rewards are assessed. 1: any difference between rewards is a spread, and a penalty's effect is that on the
 * advantages as they are trained on. 2: a spread below `LEAST_SPREAD` is none, since it is rounding, and what ε alone
 * changed is no effect. A run keeps the rules that it began with: its manifest says which (docs/records.md).
 */
export const ASSESSMENT_RULES = [1, 2] as const;
export type AssessmentRules = (typeof ASSESSMENT_RULES)[number];
/** Those of runs that begin now. */
export const LATEST_RULES: AssessmentRules = 2;

/** Sums of decimal rewards differ in the last bits where the rewards do not: far below this, which no reward part is. */
const LEAST_SPREAD = 1e-8;

export const ADVANTAGE_SCOPES = ['group', 'pair'] as const;

/** How rewards become advantages. Papers and libraries differ in every field, so each preset names its own. */
export interface AdvantageConvention {
  /** The completions that share a mean: one view's group, or both views of a pair together (R3). */
  scope: (typeof ADVANTAGE_SCOPES)[number];
  /** What the centred rewards are divided by: the spread of that same set, of the whole step, or nothing. */
  scale: 'set' | 'batch' | 'none';
  /** 1: sample standard deviation (n−1). 0: population (n). */
  ddof: 0 | 1;
  /** Added to the standard deviation. */
  epsilon: number;
  /** A completion alone in its set has no spread: advantage 0, or its reward as it is. */
  lone: 'zero' | 'raw';
}

/** The conventions of the code bases that users compare with (R7). `trl` is what both papers' code descends from. */
export const ADVANTAGE_CONVENTIONS = {
  trl: { scope: 'group', scale: 'set', ddof: 1, epsilon: 1e-4, lone: 'zero' },
  'trl-batch': { scope: 'group', scale: 'batch', ddof: 1, epsilon: 1e-4, lone: 'zero' },
  verl: { scope: 'group', scale: 'set', ddof: 1, epsilon: 1e-6, lone: 'raw' },
  openrlhf: { scope: 'group', scale: 'set', ddof: 1, epsilon: 1e-9, lone: 'zero' },
  deepseek: { scope: 'group', scale: 'set', ddof: 0, epsilon: 0, lone: 'zero' },
  // Dr. GRPO, prime-rl, tinker-cookbook: centred, not divided.
  'dr-grpo': { scope: 'group', scale: 'none', ddof: 1, epsilon: 0, lone: 'zero' },
} as const satisfies Record<string, AdvantageConvention>;
export type ConventionName = keyof typeof ADVANTAGE_CONVENTIONS;
export const CONVENTION_NAMES = Object.keys(ADVANTAGE_CONVENTIONS) as ConventionName[];

/**
 * Advantages of one step.
 * @param rewards_P_V_G final rewards by pair, view and completion; an unpaired row has one view. Groups may be ragged.
 * @returns the same shape. A set without spread has advantage 0 throughout, under every convention.
 */
export function advantages(
  rewards_P_V_G: readonly number[][][],
  convention: AdvantageConvention,
  rules: AssessmentRules,
): number[][][] {
  const { ddof, scale, scope } = convention;
  const batch = scale === 'batch' ? spreadOf(rewards_P_V_G.flat(2), ddof, rules) : null;
  return rewards_P_V_G.map((rewards_V_G) => {
    if (scope === 'group')
      return rewards_V_G.map((rewards_G) => normalise(rewards_G, convention, rules, batch));
    const together = normalise(rewards_V_G.flat(), convention, rules, batch);
    let at = 0;
    return rewards_V_G.map((rewards_G) => together.slice(at, (at += rewards_G.length)));
  });
}

function normalise(
  rewards: readonly number[],
  convention: AdvantageConvention,
  rules: AssessmentRules,
  batch: number | null,
): number[] {
  if (rewards.length === 1 && convention.lone === 'raw') return [...rewards];
  const own = spreadOf(rewards, convention.ddof, rules);
  // By the first rules, the mean of equal numbers can differ from them in the last bit.
  if (own === 0 || rewards.every((reward) => reward === rewards[0])) return rewards.map(() => 0);
  const mean = average(rewards);
  if (convention.scale === 'none') return rewards.map((reward) => reward - mean);
  const spread = batch ?? own;
  return rewards.map((reward) => (spread === 0 ? 0 : (reward - mean) / (spread + convention.epsilon)));
}

/** The standard deviation of rewards, 0 where it is none by the rules. */
export function spreadOf(rewards: readonly number[], ddof: 0 | 1, rules: AssessmentRules): number {
  const spread = deviation(rewards, ddof);
  return rules > 1 && spread < LEAST_SPREAD ? 0 : spread;
}

/** Standard deviation with `ddof` degrees of freedom taken off; 0 when too few values are there to have one. */
export function deviation(values: readonly number[], ddof: 0 | 1): number {
  if (values.length <= ddof) return 0;
  const mean = average(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - ddof));
}

/** 0 where there are no values. */
export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}

/** Below this, two advantages are the same: the epsilon in the divisor makes small differences that mean nothing. */
export const SAME_ADVANTAGE = 1e-3;

/** What a penalty can do to the advantages of a pair (R3). */
export const EFFECTS = ['none', 'scaled', 'inverted', 'erased'] as const;
export type Effect = (typeof EFFECTS)[number];

/**
 * What a penalty did to the advantages of one pair (R3). Advantages are normalised, so subtracting a constant from a
 * whole group changes nothing; only a changed *order* or spread within a set does.
 * @param before advantages with η = 0, as sets that were normalised together: one per view, or one for the pair.
 * @param after the same sets with the penalty.
 * @returns `none`; `erased`: what the penalty touched has no advantage left; `inverted`: two completions of a set
 *   changed order; else `scaled`.
 */
export function penaltyEffect(before: readonly number[][], after: readonly number[][]): Effect {
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
