/**
 * An observer of a signed quantity x, who uses only image and question (docs/acuity.md). Response biases are
 * represented by their signs s: the claim (+1: x is positive) of an observer with only this bias. P(+ | x, s) = Σ |qₕ|
 * · [qₕ sₕ > 0] + (1 − Σ |qₕ|) · (γ + (1 − γ − λ) · Φ((x + Σ bₕ sₕ) / w · 2 z₉₅))
 */
export interface Observer {
  /** Width w > 0, in the unit of x: distance from Φ = 5% to Φ = 95% at fixed signs. */
  width: number;
  /** PSE shift b of each response bias, in the unit of x: apparent shift of x towards the claim of the bias. */
  shifts: readonly number[];
  /** Share q of answers that each response bias replaces, −1 to 1; negative for the opposite bias. */
  shares: readonly number[];
  /** Lapse rate γ, 0–0.5: share of positive answers for x far below 0. */
  lapseLow: number;
  /** Lapse rate λ, 0–0.5: share of negative answers for x far above 0. */
  lapseHigh: number;
  /**
   * Correlation ρ of the answers to one scene, 0–1. Under noise, an answer is positive if a normal variable is below
   * Φ⁻¹(P); the variables of one scene have this correlation. Under luck, an answer is positive if a uniform number is
   * below P; a share √ρ of the answers uses the scene's common number. 0 for independent answers.
   */
  likeness: number;
}

/** `equal`: γ = λ, one lapse rate for both ends. `free`: one lapse rate for each end. */
export type Asymptotes = 'equal' | 'free';

/** One width in standard deviations of Φ: z₉₅ − z₅. */
export const WIDTH = 2 * 1.6448536269514722;

/** Discrimination threshold in widths: half the distance from the 25% to the 75% point of Φ. */
export const THRESHOLD = 0.6744897501960817 / WIDTH;

/** Returns P(+ | x, s). @param signs sign of each response bias */
export function probability(x: number, signs: readonly number[], observer: Observer): number {
  const { width, shifts, shares, lapseLow, lapseHigh } = observer;
  let seen = x;
  let habits = 0;
  let rest = 1;
  for (let h = 0; h < signs.length; h++) {
    seen += shifts[h]! * signs[h]!;
    rest -= Math.abs(shares[h]!);
    habits += Math.max(0, shares[h]! * signs[h]!);
  }
  return habits + rest * (lapseLow + (1 - lapseLow - lapseHigh) * normalCdf((seen / width) * WIDTH));
}

/**
 * Returns Φ(z), with a relative error below 1e-12 in the lower tail: by the series about 0 for |z| < 2, otherwise by
 * the continued fraction of the tail (Abramowitz and Stegun 26.2.10 and 26.2.14).
 */
export function normalCdf(z: number): number {
  const size = Math.abs(z);
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  if (size < 2) {
    let term = z;
    let total = z;
    for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(total); k += 2) {
      term *= (z * z) / k;
      total += term;
    }
    return 0.5 + density * total;
  }
  const tail = density / tailFraction(size);
  return z < 0 ? tail : 1 - tail;
}

/** Returns the normal density divided by the tail probability, for z ≥ 2. */
function tailFraction(z: number): number {
  let fraction = 0;
  for (let k = 80; k > 0; k--) fraction = k / (z + fraction);
  return z + fraction;
}

/** Last z in the table of the lower tail Φ(−z), and number of points per unit of z. */
const END = 12;
const PER_UNIT = 512;
/** Table of Φ(−z), with one additional point for interpolation at the end. */
const TAILS = Float64Array.from({ length: END * PER_UNIT + 2 }, (_, i) => normalCdf(-i / PER_UNIT));

/**
 * Computes Φ(z) and Φ(−z) by linear interpolation in a table. The relative error is below 1e-5 for |z| < 4 and below
 * 1e-4 for larger |z|. Beyond z = ±12, returns the values at ±12.
 * @param below array that gets Φ(z) at the index `at`; `above` gets Φ(−z)
 */
export function cdfs(z: number, at: number, below: Float64Array, above: Float64Array): void {
  const place = Math.min(END, Math.abs(z)) * PER_UNIT;
  const before = Math.floor(place);
  const tail = TAILS[before]! + (place - before) * (TAILS[before + 1]! - TAILS[before]!);
  below[at] = z < 0 ? tail : 1 - tail;
  above[at] = z < 0 ? 1 - tail : tail;
}

const A = [-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716];
const B = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572];
const C = [-0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734];
const D = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];
const TAIL = 0.02425;

/** Returns Φ⁻¹(p) for 0 < p < 1, with a relative error below 1.2e-9 (P. J. Acklam's rational approximation). */
export function normalQuantile(p: number): number {
  if (p > 1 - TAIL) return -normalQuantile(1 - p);
  if (p < TAIL) {
    const t = Math.sqrt(-2 * Math.log(p));
    const above = ((((C[0]! * t + C[1]!) * t + C[2]!) * t + C[3]!) * t + 4.374664141464968) * t;
    return (above + 2.938163982698783) / ((((D[0]! * t + D[1]!) * t + D[2]!) * t + D[3]!) * t + 1);
  }
  const t = p - 0.5;
  const r = t * t;
  const above = ((((A[0]! * r + A[1]!) * r + A[2]!) * r + A[3]!) * r + A[4]!) * r + 2.506628277459239;
  return (above * t) / (((((B[0]! * r + B[1]!) * r + B[2]!) * r + B[3]!) * r + B[4]!) * r + 1);
}
