import { sum } from '../numbers.ts';
import { REWARD_NAMES, REWARDS, type RewardName } from './parts.ts';

export const PENALISED_SIDES = ['better', 'worse'] as const;
type SignalName = {
  [Name in RewardName]: (typeof REWARDS)[Name]['couples'] extends true ? Name : never;
}[RewardName];
/** The rewards by which views can be coupled. */
export const SIGNALS = REWARD_NAMES.filter((name): name is SignalName => REWARDS[name].couples);
export const CLAMPS = ['none', 'zero', 'threshold'] as const;

/** Parameters of the view coupling. The paper's values are `eta` 1, `threshold` 0.5, no dead band and no clamp. */
export interface Coupling {
  /** The reward part by which views are compared (Δ), and from which the penalty is taken; by default the semantic. */
  signal?: SignalName | undefined;
  /** η: how strongly the better view is held back. 0 trains on both views without coupling them. */
  eta: number;
  /** δ: only completions whose value is strictly above it are penalised (R2). */
  threshold: number;
  /** Up to this |Δ|, the views count as equal (R2: "substantially" has no number in the equations). */
  dead_band: number;
  /** Which view is held back: the better one, or, unlike in the paper, the worse one (R2). */
  side: (typeof PENALISED_SIDES)[number];
  /** Lower bound of a penalised value (R5): none, 0, or δ. */
  clamp: (typeof CLAMPS)[number];
}

interface CoupledViews {
  /** Δ: mean of the originals' values minus that of the other view's. Null if the views are not comparable. */
  delta: number | null;
  /** The index of the view that lost reward, 0 for the original; null if neither did. */
  penalised: 0 | 1 | null;
  /** What is subtracted from each value, before its weight; never negative. */
  penalty_V_G: [number[], number[]];
}

/**
 * Equations 2–4: the view with the higher mean loses η|Δ| on every completion above δ.
 *
 * Δ uses only one part of the rewards, in the paper the semantic one (R1). Groups may differ in size; each mean is over
 * its own group. If a view has fewer than two completions, neither view is penalised (R47). The total reward and the
 * advantages are computed from the adjusted values afterwards (R4).
 * @param value_V_G values of that part in the original and in the other view, one per completion.
 */
export function coupleViews(value_V_G: readonly [number[], number[]], coupling: Coupling): CoupledViews {
  const [original, partner] = value_V_G;
  const none: CoupledViews['penalty_V_G'] = [original.map(() => 0), partner.map(() => 0)];
  if (original.length < 2 || partner.length < 2) return { delta: null, penalised: null, penalty_V_G: none };

  const delta = mean(original) - mean(partner);
  const step = Math.abs(delta) > coupling.dead_band ? coupling.eta * Math.abs(delta) : 0;
  const held = delta >= 0 === (coupling.side === 'better') ? 0 : 1;
  const floor = { none: -Infinity, zero: 0, threshold: coupling.threshold }[coupling.clamp];
  const penalty_V_G = none;
  penalty_V_G[held] = value_V_G[held].map((value) =>
    value > coupling.threshold ? Math.max(0, Math.min(step, value - floor)) : 0,
  );
  const anyone = penalty_V_G[held].some((penalty) => penalty > 0);
  return { delta, penalised: anyone ? held : null, penalty_V_G };
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
