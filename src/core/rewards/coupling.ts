import { mean } from '../../base/numbers.ts';
import { REWARDS, REWARD_NAMES, type RewardName } from './rewards.ts';

export const PENALISED_SIDES = ['better', 'worse'] as const;
type SignalName = {
  [Name in RewardName]: (typeof REWARDS)[Name]['couples'] extends true ? Name : never;
}[RewardName];
export const SIGNALS = REWARD_NAMES.filter((name): name is SignalName => REWARDS[name].couples);
/**
 * Modes of view coupling: a penalty on the better view (equations 2–4), a joint reward for pairs of completions, or a
 * reward for answers that change with the images (CRPO) or need their order (T-GRPO).
 */
export const COUPLING_MODES = ['penalty', 'joint', 'relation', 'order'] as const;
export type CouplingMode = (typeof COUPLING_MODES)[number];
export const CLAMPS = ['none', 'zero', 'threshold'] as const;

/** Parameters of the view coupling. In the paper, `eta` is 1 and `threshold` 0.5, without dead band and clamp. */
export interface Coupling {
  /** Coupling mode; the default is the penalty. All other modes use only the setting `signal`. */
  mode?: CouplingMode | undefined;
  /**
   * Reward part that is compared between views (Δ) and adjusted: by the penalty, or by the additional reward of other
   * modes. Default: the semantic part.
   */
  signal?: SignalName | undefined;
  /** Strength η of the penalty on the better view. 0 means training on both views without coupling. */
  eta: number;
  /** Threshold δ: only completions with a value strictly above the threshold are penalised (R2). */
  threshold: number;
  /** Maximum |Δ| at which the views count as equal (R2: "substantially" has no number in the equations). */
  dead_band: number;
  /** View that is penalised: the better view, or, unlike in the paper, the worse view (R2). */
  side: (typeof PENALISED_SIDES)[number];
  /** Lower bound of a penalised value (R5): no bound, 0, or δ. */
  clamp: (typeof CLAMPS)[number];
}

export const signalOf = ({ signal }: Pick<Coupling, 'signal'>): SignalName => signal ?? 'semantic';

interface CoupledViews {
  /** Difference Δ: mean of the original's values minus mean of the other view's values; null if incomparable. */
  delta: number | null;
  /** Index of the view that lost reward: 0 for the original, 1 for the other view; null if no view lost reward. */
  penalised: 0 | 1 | null;
  /** Amount to subtract from each value before the value is weighted; never negative. */
  penalty_V_G: [number[], number[]];
}

/** Maximum difference of means that rounding can cause. Up to this difference, no view counts as better. */
const ROUNDING = 1e-8;

/**
 * Computes equations 2–4: the view with the higher mean loses η|Δ| on every completion above δ. Δ uses only one reward
 * part, in the paper the semantic part (R1). Groups can differ in size; each mean is over its own group. If a view has
 * fewer than two completions, no view is penalised (R47). The total reward and the advantages are computed from the
 * adjusted values afterwards (R4).
 * @param value_V_G values of this part in the original and in the other view, one value per completion.
 */
export function coupleViews(value_V_G: readonly [number[], number[]], coupling: Coupling): CoupledViews {
  const [original, partner] = value_V_G;
  const none: CoupledViews['penalty_V_G'] = [original.map(() => 0), partner.map(() => 0)];
  if (original.length < 2 || partner.length < 2) return { delta: null, penalised: null, penalty_V_G: none };

  const delta = mean(original)! - mean(partner)!;
  const step = Math.abs(delta) > Math.max(coupling.dead_band, ROUNDING) ? coupling.eta * Math.abs(delta) : 0;
  const held = delta >= 0 === (coupling.side === 'better') ? 0 : 1;
  const floor = { none: -Infinity, zero: 0, threshold: coupling.threshold }[coupling.clamp];
  const penalty_V_G = none;
  penalty_V_G[held] = value_V_G[held].map((value) =>
    value > coupling.threshold ? Math.max(0, Math.min(step, value - floor)) : 0,
  );
  const anyone = penalty_V_G[held].some((penalty) => penalty > 0);
  return { delta, penalised: anyone ? held : null, penalty_V_G };
}

export interface JointCompletion {
  value: number;
  right: boolean;
  /** Whether the answer agrees with the partner's answer; absent if the answers cannot be compared. */
  agrees?: boolean | undefined;
}

/** Returns the index of a completion's partner in the other view: the same index, or cyclic in a smaller group. */
export const jointPartner = (index: number, others: number): number => index % others;

/**
 * Computes ConsistRoll's joint reward (Zou et al., arXiv 2606.29812). A completion keeps its value only if the
 * completion and its partner in the other view are both right and agree: ṽᵢ = vᵢ·[rightᵢ ∧ right′ᵢ ∧ agreeᵢ]. The lost
 * value is returned as a penalty, as in equations 3–4, so that sums, traces and what-if analysis need no special case.
 * If a view has fewer than two completions, no value is lost (R47).
 */
export function coupleJointly(
  one_V_G: readonly [JointCompletion[], JointCompletion[]],
): Omit<CoupledViews, 'penalised'> & { joint: number | null } {
  const [original, partner] = one_V_G;
  const lost = (earns: (index: number) => boolean) => (completion: JointCompletion, index: number) =>
    earns(index) ? 0 : Math.max(0, completion.value);
  if (original.length < 2 || partner.length < 2)
    return { delta: null, joint: null, penalty_V_G: [original.map(() => 0), partner.map(() => 0)] };
  const earnsWith = (own: JointCompletion[], others: JointCompletion[]) => (index: number) => {
    const completion = own[index]!;
    return (
      completion.right && completion.agrees !== false && others[jointPartner(index, others.length)]!.right
    );
  };
  const earns = [earnsWith(original, partner), earnsWith(partner, original)] as const;
  const values = (view: JointCompletion[]) => view.map(({ value }) => value);
  const longer = original.length >= partner.length ? 0 : 1;
  return {
    delta: mean(values(original))! - mean(values(partner))!,
    joint: one_V_G[longer].filter((_, index) => earns[longer](index)).length,
    penalty_V_G: [original.map(lost(earns[0])), partner.map(lost(earns[1]))],
  };
}

/** Converts additions to values into negative penalties, so that sums, traces and what-if analysis work unchanged. */
const adding = (values: readonly number[]): number[] => values.map((value) => 0 - value);

const shareOf = (holds: readonly boolean[]): number => mean(holds.map(Number))!;

/**
 * Computes CRPO's relation reward (Du et al., arXiv 2605.21988; R56). The counterfactual view has the same question
 * about turned images. s is the share of right originals; s′ is the share of counterfactual completions that behave:
 * they change where the answer should change, and agree where it should stay. A right completion of the original earns
 * s′ more, a counterfactual completion that behaves earns s more: rᵢ = vᵢ + [rightᵢ]·s′ and r′ⱼ = v′ⱼ + [behavesⱼ]·s,
 * with v′ⱼ = [behavesⱼ]. Additions are returned as negative penalties, from −1 to 0. If a view has fewer than two
 * completions, there are no additions (R47).
 */
export function coupleByRelation(
  right_G: readonly boolean[],
  behaves_G: readonly boolean[],
): { behaving: number | null; penalty_V_G: [number[], number[]] } {
  const isTold = right_G.length >= 2 && behaves_G.length >= 2;
  const [s, behaving] = isTold ? [shareOf(right_G), shareOf(behaves_G)] : [0, 0];
  return {
    behaving: isTold ? behaves_G.filter(Boolean).length : null,
    penalty_V_G: [
      adding(right_G.map((right) => (right ? behaving : 0))),
      adding(behaves_G.map((behaves) => (behaves ? s : 0))),
    ],
  };
}

/** Bonus α of a right completion in T-GRPO. */
export const ORDER_BONUS = 0.3;

/**
 * Computes T-GRPO's temporal reward (Feng et al., arXiv 2503.21776; R57). The second view has the same frames in
 * shuffled order. p and p̃ are the shares of right completions with ordered and with shuffled frames. If p ≥ p̃, a
 * right completion with ordered frames earns a bonus α of 0.3; the shuffled group is only for comparison. The bonus is
 * returned as a negative penalty. If a view has fewer than two completions, there is no bonus (R47).
 */
export function coupleByOrder(
  right_G: readonly boolean[],
  shuffled_G: readonly boolean[],
): { delta: number | null; bonus: boolean; penalty_V_G: [number[], number[]] } {
  const isTold = right_G.length >= 2 && shuffled_G.length >= 2;
  const delta = isTold ? shareOf(right_G) - shareOf(shuffled_G) : null;
  const bonus = delta !== null && delta >= -ROUNDING && right_G.includes(true);
  return {
    delta,
    bonus,
    penalty_V_G: [
      adding(right_G.map((right) => (bonus && right ? ORDER_BONUS : 0))),
      shuffled_G.map(() => 0),
    ],
  };
}
