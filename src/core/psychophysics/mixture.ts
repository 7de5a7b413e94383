import { sum } from '../../base/numbers.ts';
import type { Random } from '../../base/random.ts';

/** Degrees of freedom of the proposals. Proposals must have heavier tails than the posterior. */
const DF = 10;
/** Minimum share of each mixture component in the proposal. */
const LEAST_SHARE = 0.02;
/** Scale factor for the other coordinates if some coordinates are fixed at 0. */
const WIDER = 1.2;
/** Share of its earlier variance that a mixture component retains, so that it never collapses on a few points. */
const KEPT_VARIANCE = 0.02;

/** One component of a proposal. A proposal is a mixture of multivariate t distributions. */
export interface Part {
  share: number;
  mean: number[];
  /** Lower triangle of the Cholesky factor of the scale matrix. */
  root: number[][];
}

/** Draws points from a proposal. The number of points from each component is in proportion to the component's share. */
export function drawn(proposal: readonly Part[], n: number, random: Random): number[][] {
  let [part, until] = [0, proposal[0]!.share];
  return Array.from({ length: n }, (_, i) => {
    while (part < proposal.length - 1 && (i + 0.5) / n > until) until += proposal[++part]!.share;
    const { mean, root } = proposal[part]!;
    const stretch = Math.sqrt(DF / (2 * random.gamma(DF / 2)));
    const normal = mean.map(() => stretch * random.normal());
    return mean.map((middle, a) => {
      let value = middle;
      for (let b = 0; b <= a; b++) value += root[a]![b]! * normal[b]!;
      return value;
    });
  });
}

/** Returns Γ((ν + 1) / 2) / Γ(ν / 2). */
function halfStep(df: number): number {
  if (df < 3) return df === 1 ? 1 / Math.sqrt(Math.PI) : Math.sqrt(Math.PI) / 2;
  return (halfStep(df - 2) * (df - 1)) / (df - 2);
}

/**
 * Returns the density at 0 of a t distribution with a scale of 1 in d dimensions, Γ((ν + d) / 2) / Γ(ν / 2) / (ν π)^(d
 * / 2). `density` omits this factor for the default `df`.
 */
export function factorOf(dimensions: number, df = DF): number {
  const isOdd = dimensions % 2;
  let ratio = isOdd ? halfStep(df) : 1;
  for (let d = isOdd; d < dimensions; d += 2) ratio *= (df + d) / 2;
  return ratio / (df * Math.PI) ** (dimensions / 2);
}

/** Returns the density of a proposal at a point, without the constant factor of `factorOf`. */
export function density(proposal: readonly Part[], point: readonly number[]): number {
  let total = 0;
  for (const part of proposal) total += part.share * densityOf(part, point);
  return total;
}

/** Reused buffer, because distances are computed for every draw and proposal. */
const steps: number[] = [];

/** Returns the squared distance of a point from a component's centre, in its scale. Writes coordinates to `steps`. */
function distanceOf({ mean, root }: Part, point: readonly number[]): number {
  const d = mean.length;
  let total = 0;
  for (let a = 0; a < d; a++) {
    let rest = point[a]! - mean[a]!;
    for (let b = 0; b < a; b++) rest -= root[a]![b]! * steps[b]!;
    steps[a] = rest / root[a]![a]!;
    total += steps[a]! ** 2;
  }
  return total;
}

/** Returns the density of a mixture component at a point, without the constant factor of `factorOf`. */
function densityOf(part: Part, point: readonly number[]): number {
  let volume = 1;
  for (let a = 0; a < point.length; a++) volume *= part.root[a]![a]!;
  return (1 + distanceOf(part, point) / DF) ** (-(DF + point.length) / 2) / volume;
}

/** Returns a slightly widened proposal for the other coordinates, with the coordinates in `zeros` at 0. */
export function atZero(proposal: readonly Part[], zeros: readonly number[]): Part[] {
  const n = zeros.length;
  return proposal.map((part) => {
    const order = [...new Set([...zeros, ...part.mean.keys()])];
    const rows = order.map((a) => part.root[a]!);
    const root = rootOf(
      rows.map((row) => rows.map((other) => sum(row.map((value, c) => value * other[c]!)))),
    );
    const mean = order.map((a) => part.mean[a]!);
    const { share } = part;
    distanceOf({ share, mean, root }, Array<number>(mean.length).fill(0));
    const known = steps.slice(0, n);
    const rest = root.slice(n);
    return {
      share,
      mean: rest.map((row, i) => mean[n + i]! + sum(known.map((step, b) => row[b]! * step))),
      root: rest.map((row) => row.slice(n).map((value) => WIDER * value)),
    };
  });
}

/** Adapts a proposal to weighted points by one step of the EM algorithm for mixtures of t distributions. */
export function moved(
  proposal: readonly Part[],
  all: readonly number[][],
  allWeights: readonly number[],
): Part[] {
  // Skips points with negligible weight; most points have negligible weight.
  const counted = [...all.keys()].filter((i) => allWeights[i]! > 0.01 / all.length);
  const points = counted.map((i) => all[i]!);
  const weights = counted.map((i) => allWeights[i]!);
  const d = points[0]!.length;
  const densities = proposal.map((part) => points.map((point) => part.share * densityOf(part, point)));
  const totals = points.map((_, i) => sum(densities.map((density) => density[i]!)));
  const parts = proposal.map((part, k) => {
    const share = points.map((_, i) => (weights[i]! * densities[k]![i]!) / totals[i]!);
    const total = sum(share);
    // Points that are far from the centre of a t distribution have less weight.
    const near = points.map(
      (point, i) => share[i]! && (share[i]! * (DF + d)) / (DF + distanceOf(part, point)),
    );
    const nearby = sum(near);
    if (total < LEAST_SHARE) return { ...part, share: LEAST_SHARE };
    const mean = part.mean.map((_, a) => sum(points.map((point, i) => near[i]! * point[a]!)) / nearby);
    const matrix = mean.map((_, a) =>
      mean.map((__, b) =>
        b > a
          ? 0
          : sum(points.map((point, i) => near[i]! * (point[a]! - mean[a]!) * (point[b]! - mean[b]!))) / total,
      ),
    );
    for (let a = 0; a < d; a++)
      matrix[a]![a]! += KEPT_VARIANCE * sum(part.root[a]!.map((value) => value * value));
    return { share: Math.max(total, LEAST_SHARE), mean, root: rootOf(matrix) };
  });
  const whole = sum(parts.map(({ share }) => share));
  return parts.map((part) => ({ ...part, share: part.share / whole }));
}

/** Returns the Cholesky factor of a positive definite matrix from its lower triangle. */
function rootOf(matrix: readonly number[][]): number[][] {
  const root = matrix.map((row) => row.map(() => 0));
  for (let a = 0; a < matrix.length; a++)
    for (let b = 0; b <= a; b++) {
      let rest = matrix[a]![b]!;
      for (let c = 0; c < b; c++) rest -= root[a]![c]! * root[b]![c]!;
      root[a]![b] = a === b ? Math.sqrt(Math.max(rest, 1e-12)) : rest / root[b]![b]!;
    }
  return root;
}
