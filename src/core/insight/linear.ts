/* Linear models for probes of hidden states. */

/** Linear map to one number: weights · x + bias. For a classifier, this number is the log-odds of the second class. */
export interface Linear {
  weights: Float64Array;
  bias: number;
}

export function valueAt({ weights, bias }: Linear, x: Float32Array): number {
  let sum = bias;
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * x[i]!;
  return sum;
}

/** Scales features to mean 0 and variance 1, as one row-major matrix. A constant feature becomes 0. */
function standardise(rows: readonly Float32Array[]) {
  const [n, width] = [rows.length, rows[0]!.length];
  const mean = new Float64Array(width);
  const scale = new Float64Array(width);
  for (const row of rows) for (let j = 0; j < width; j++) mean[j]! += row[j]! / n;
  for (const row of rows) for (let j = 0; j < width; j++) scale[j]! += (row[j]! - mean[j]!) ** 2 / n;
  for (let j = 0; j < width; j++) scale[j] = scale[j]! > 1e-12 ? Math.sqrt(scale[j]!) : 1;
  const x = new Float64Array(n * width);
  rows.forEach((row, i) => {
    for (let j = 0; j < width; j++) x[i * width + j] = (row[j]! - mean[j]!) / scale[j]!;
  });
  return { x, mean, scale, width };
}

/** L2 penalty, relative to the mean loss of a row. Features have unit variance. */
const PENALTY = 0.01;
const LOGISTIC_STEPS = 200;
/** Gradient norm at which the fit of logistic regression ends. */
const LOGISTIC_TOLERANCE = 3e-4;

/**
 * Fits logistic regression with an L2 penalty on standardised features. Minimises mean log(1 + exp(−y·(w·x + b))) +
 * PENALTY/2 · |w|² by Nesterov's accelerated gradient (2004, constant step for strongly convex functions). Both classes
 * have equal weight regardless of their numbers of rows; otherwise, the probe could predict the larger class
 * everywhere.
 * @param rows features of equal length. @param labels whether a row is of the second class
 * @throws RangeError if a class has no row
 */
export function fitLogistic(rows: readonly Float32Array[], labels: readonly boolean[]): Linear {
  const n = rows.length;
  const second = labels.filter(Boolean).length;
  if (second === 0 || second === n) throw new RangeError('A linear probe requires rows of both classes.');
  const { x, mean, scale, width } = standardise(rows);
  const weight = labels.map((label) => 1 / (2 * (label ? second : n - second)));
  // The last entry of the vector is the bias, which has no penalty.
  const point = new Float64Array(width + 1);
  const ahead = new Float64Array(width + 1);
  const gradient = new Float64Array(width + 1);
  const step = 1 / (largestCurvature(x, weight, width) / 4 + PENALTY);
  const ratio = Math.sqrt(PENALTY * step);
  const momentum = (1 - ratio) / (1 + ratio);
  for (let s = 0; s < LOGISTIC_STEPS; s++) {
    for (let j = 0; j < width; j++) gradient[j] = PENALTY * ahead[j]!;
    gradient[width] = 0;
    for (let i = 0; i < n; i++) {
      const at = i * width;
      let odds = ahead[width]!;
      for (let j = 0; j < width; j++) odds += ahead[j]! * x[at + j]!;
      const slope = weight[i]! * (1 / (1 + Math.exp(-odds)) - (labels[i] ? 1 : 0));
      for (let j = 0; j < width; j++) gradient[j]! += slope * x[at + j]!;
      gradient[width]! += slope;
    }
    let length = 0;
    for (let j = 0; j <= width; j++) {
      length += gradient[j]! ** 2;
      const next = ahead[j]! - step * gradient[j]!;
      ahead[j] = next + momentum * (next - point[j]!);
      point[j] = next;
    }
    if (length < LOGISTIC_TOLERANCE ** 2) break;
  }
  // Converts the weights back to the scale of the original features.
  const weights = Float64Array.from({ length: width }, (_, j) => point[j]! / scale[j]!);
  const bias = point[width]! - weights.reduce((sum, w, j) => sum + w * mean[j]!, 0);
  return { weights, bias };
}

/** Returns the largest eigenvalue of Σ weight · (x, 1)(x, 1)ᵀ, by power iteration, plus a safety margin. */
function largestCurvature(x: Float64Array, weight: readonly number[], width: number): number {
  let v = new Float64Array(width + 1).fill(1 / Math.sqrt(width + 1));
  let size = 1;
  for (let s = 0; s < 20; s++) {
    const next = new Float64Array(width + 1);
    for (let i = 0; i < weight.length; i++) {
      const at = i * width;
      let dot = v[width]!;
      for (let j = 0; j < width; j++) dot += v[j]! * x[at + j]!;
      for (let j = 0; j < width; j++) next[j]! += weight[i]! * dot * x[at + j]!;
      next[width]! += weight[i]! * dot;
    }
    size = Math.sqrt(next.reduce((sum, value) => sum + value ** 2, 0));
    v = next.map((value) => value / size);
  }
  return 1.2 * size;
}

const RIDGE_STEPS = 300;
/** Residual norm, relative to the right-hand side, below which the iteration stops. */
const RIDGE_TOLERANCE = 1e-5;

/**
 * Fits ridge regression on standardised features: minimises mean (w·x + b − y)² + penalty · |w|² by conjugate gradients
 * (Hestenes and Stiefel, 1952), which need no features × features matrix.
 * @param rows features of equal length; at least one row
 */
export function fitRidge(rows: readonly Float32Array[], values: readonly number[], penalty: number): Linear {
  const n = rows.length;
  const { x, mean, scale, width } = standardise(rows);
  const middle = values.reduce((sum, y) => sum + y / n, 0);
  /** Returns Xᵀ times a vector with one value per row, divided by the number of rows. */
  const gather = (valueOf: (row: number) => number) => {
    const out = new Float64Array(width);
    for (let i = 0; i < n; i++) {
      const value = valueOf(i) / n;
      for (let j = 0; j < width; j++) out[j]! += value * x[i * width + j]!;
    }
    return out;
  };
  const predict = (w: Float64Array, i: number) => {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += w[j]! * x[i * width + j]!;
    return sum;
  };
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, j) => sum + v * b[j]!, 0);
  const w = new Float64Array(width);
  const residual = gather((i) => values[i]! - middle);
  const direction = residual.slice();
  let size = dot(residual, residual);
  const tolerance = RIDGE_TOLERANCE ** 2 * size;
  for (let s = 0; s < RIDGE_STEPS && size > tolerance; s++) {
    const along = gather((i) => predict(direction, i));
    direction.forEach((d, j) => (along[j]! += penalty * d));
    const step = size / dot(direction, along);
    for (let j = 0; j < width; j++) {
      w[j]! += step * direction[j]!;
      residual[j]! -= step * along[j]!;
    }
    const next = dot(residual, residual);
    for (let j = 0; j < width; j++) direction[j] = residual[j]! + (next / size) * direction[j]!;
    size = next;
  }
  const weights = w.map((v, j) => v / scale[j]!);
  return { weights, bias: middle - weights.reduce((sum, v, j) => sum + v * mean[j]!, 0) };
}
