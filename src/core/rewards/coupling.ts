import { PAIR, type PairView } from '../spatial/views/list.ts';

export const PENALISED_SIDES = ['better', 'worse'] as const;
export const CLAMPS = ['none', 'zero', 'threshold'] as const;

/** Parameters of the view coupling. The paper's values are `eta` 1, `threshold` 0.5, no dead band and no clamp. */
export interface Coupling {
  /** η: how strongly the better view is held back. 0 trains on both views without coupling them. */
  eta: number;
  /** δ: only completions with a semantic reward strictly above it are penalised (R2). */
  threshold: number;
  /** Up to this |Δ|, the views count as equal (R2: "substantially" has no number in the equations). */
  dead_band: number;
  /** Which view is held back: the better one, or, unlike in the paper, the worse one (R2). */
  side: (typeof PENALISED_SIDES)[number];
  /** Lower bound of a penalised semantic reward (R5): none, 0, or δ. */
  clamp: (typeof CLAMPS)[number];
}

export interface CoupledViews {
  /** Δ: mean semantic reward of the originals minus that of the mirrors. Null if the views are not comparable. */
  delta: number | null;
  /** The view that lost reward; null if neither did. */
  penalised: PairView | null;
  /** What is subtracted from each semantic reward, before its weight; never negative. */
  penalty_V_G: [number[], number[]];
}

/**
 * Equations 2–4: the view with the higher mean semantic reward loses η|Δ| on every completion above δ.
 *
 * Δ uses only the semantic rewards (R1). Groups may differ in size; each mean is over its own group. If a view has
 * fewer than two completions, neither view is penalised (R47). The total reward and the advantages are computed from
 * the adjusted values afterwards (R4).
 * @param semantic_V_G semantic rewards of the original and of the mirrored view, one per completion.
 */
export function coupleViews(semantic_V_G: readonly [number[], number[]], coupling: Coupling): CoupledViews {
  const [original, mirror] = semantic_V_G;
  const none: CoupledViews['penalty_V_G'] = [original.map(() => 0), mirror.map(() => 0)];
  if (original.length < 2 || mirror.length < 2) return { delta: null, penalised: null, penalty_V_G: none };

  const delta = mean(original) - mean(mirror);
  const step = Math.abs(delta) > coupling.dead_band ? coupling.eta * Math.abs(delta) : 0;
  const held = delta >= 0 === (coupling.side === 'better') ? 0 : 1;
  const floor = { none: -Infinity, zero: 0, threshold: coupling.threshold }[coupling.clamp];
  const penalty_V_G = none;
  penalty_V_G[held] = semantic_V_G[held].map((reward) =>
    reward > coupling.threshold ? Math.max(0, Math.min(step, reward - floor)) : 0,
  );
  const anyone = penalty_V_G[held].some((penalty) => penalty > 0);
  return { delta, penalised: anyone ? PAIR[held] : null, penalty_V_G };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
