/**
 * The psychometric function (Schütt, Harmeling, Macke and Wichmann, "Painfree and accurate Bayesian estimation of
 * psychometric functions for (potentially) overdispersed data", 2016): how often an observer gives the positive answer
 * to a signed quantity x.
 *
 * ψ(x) = γ + (1 − γ − λ) · Φ((x − m) / w · 2 z₉₅)
 */
export interface Observer {
  /** m, in the unit of x: where Φ is one half. An observer without a lean has 0. */
  bias: number;
  /** w > 0, in the unit of x: from Φ = 5 % to Φ = 95 %. */
  width: number;
  /** γ, 0–0.5: share of positive answers where x is far below the bias. */
  lapseLow: number;
  /** λ, 0–0.5: share of negative answers where x is far above the bias. */
  lapseHigh: number;
  /**
   * η, 0–1: how much the share varies between repetitions of a level beyond chance. The variance of counts is that of a
   * beta-binomial with α + β = 1/η² − 1; 0 is the binomial.
   */
  overdispersion: number;
}

/** z₉₅ − z₅: how many standard deviations of Φ one width is. */
const WIDTH = 2 * 1.6448536269514722;

/** The threshold, half the distance from the 25 % to the 75 % point of Φ, in widths. */
export const THRESHOLD = 0.6744897501960817 / WIDTH;

/** Where a quantity x lies on Φ, in standard deviations. */
export const standardised = (x: number, { bias, width }: Pick<Observer, 'bias' | 'width'>): number =>
  ((x - bias) / width) * WIDTH;

/** ψ(x), the probability of the positive answer. */
export const probability = (x: number, observer: Observer): number =>
  observer.lapseLow + (1 - observer.lapseLow - observer.lapseHigh) * normalCdf(standardised(x, observer));

/**
 * Φ(z), with a relative error below 1e-12 in the lower tail: the series about 0 for |z| < 2, and else the continued
 * fraction of the tail (Abramowitz and Stegun 26.2.10 and 26.2.14).
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
  let fraction = 0;
  for (let k = 80; k > 0; k--) fraction = k / (size + fraction);
  const tail = density / (size + fraction);
  return z < 0 ? tail : 1 - tail;
}

/** log Γ(x) for x > 0, to about 1e-13 relative to 1 (Stirling's series, after raising x to at least 8). */
export function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  for (; y < 8; y++) shift += Math.log(y);
  const square = 1 / (y * y);
  const series =
    (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))) / y;
  return (y - 0.5) * Math.log(y) - y + 0.9189385332046727 + series - shift;
}

/** Below this η a beta-binomial cannot be told from a binomial, and its formula loses its digits. */
const BINOMIAL = 1e-4;

/**
 * log of the probability that `positive` of `n` answers are positive, without the binomial coefficient (formula A.4 of
 * the paper above). `p` in (0, 1); `q` is 1 − p, given because it loses its digits near 0.
 */
export function logLikelihood(
  positive: number,
  n: number,
  p: number,
  q: number,
  overdispersion: number,
): number {
  if (overdispersion < BINOMIAL)
    return (positive && positive * Math.log(p)) + (n - positive && (n - positive) * Math.log(q));
  const nu = 1 / overdispersion ** 2 - 1;
  return logRising(p * nu, positive) + logRising(q * nu, n - positive) - (logGamma(n + nu) - logGamma(nu));
}

/** log of a (a + 1) … (a + k − 1). */
function logRising(a: number, k: number): number {
  if (k > 12) return logGamma(a + k) - logGamma(a);
  let product = 1;
  for (let i = 0; i < k; i++) product *= a + i;
  return Math.log(product);
}
