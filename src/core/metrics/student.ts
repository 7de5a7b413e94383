/**
 * Student's t, two-sided: how likely a mean of normal values is at least |t| standard errors off, with `df` ≥ 1 degrees
 * of freedom. The finite sums for whole degrees (Abramowitz and Stegun 26.7.3 and 26.7.4).
 */
export function studentP(t: number, df: number): number {
  const angle = Math.atan(Math.abs(t) / Math.sqrt(df));
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const odd = df % 2 === 1;
  let term = odd ? cos : 1;
  let sum = df === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k < df; k += 2) {
    term *= (cos * cos * (k - 1)) / k;
    sum += term;
  }
  const within = odd ? (2 / Math.PI) * (angle + sin * sum) : sin * sum;
  return Math.max(0, 1 - within);
}

/** The |t| beyond which 5 % lie. */
export function studentQuantile(df: number): number {
  let [low, high] = [0, 1e4];
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (studentP(middle, df) > 0.05) low = middle;
    else high = middle;
  }
  return high;
}

/** A mean over runs. */
export interface SeedMean {
  mean: number;
  n: number;
  /** 95 % by Student's t over the runs; absent for one, and where all runs are equal. */
  interval?: [number, number];
  /** Of the mean being 0; absent where the interval is. */
  p?: number;
}

/** The mean of one value per run with what the spread of the runs says of it. The list must not be empty. */
export function meanOfSeeds(values: readonly number[]): SeedMean {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { mean, n };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const error = Math.sqrt(variance / n);
  // Equal runs have no spread to tell anything from.
  if (error < 1e-12) return { mean, n };
  const half = studentQuantile(n - 1) * error;
  return { mean, n, interval: [mean - half, mean + half], p: studentP(mean / error, n - 1) };
}
