import { standardise, type Linear } from './standardise.ts';

/** Weight of the squared length of the weights, next to the mean loss of a row; features have unit variance. */
const PENALTY = 0.01;
const MOST_STEPS = 200;
/** Iteration stops when the gradient is shorter than this. */
const STILL = 3e-4;

/**
 * Logistic regression with an L2 penalty, on standardised features: minimises mean log(1 + exp(−y·(w·x + b))) +
 * PENALTY/2 · |w|² by Nesterov's accelerated gradient (2004, constant step for strongly convex functions). Classes weigh
 * the same, however many rows they have, so that a set that is mostly one class does not make it the answer.
 * @param rows features, all of one length. @param labels whether a row is of the second class
 * @throws RangeError if a class has no row
 */
export function fitLogistic(rows: readonly Float32Array[], labels: readonly boolean[]): Linear {
  const n = rows.length;
  const second = labels.filter(Boolean).length;
  if (second === 0 || second === n) throw new RangeError('Both classes need rows.');
  const { x, mean, scale, width } = standardise(rows);
  const weight = labels.map((label) => 1 / (2 * (label ? second : n - second)));
  // The last place is the bias, which is not penalised.
  const point = new Float64Array(width + 1);
  const ahead = new Float64Array(width + 1);
  const gradient = new Float64Array(width + 1);
  const step = 1 / (largestCurvature(x, weight, width) / 4 + PENALTY);
  const ratio = Math.sqrt(PENALTY * step);
  const momentum = (1 - ratio) / (1 + ratio);
  for (let s = 0; s < MOST_STEPS; s++) {
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
    if (length < STILL ** 2) break;
  }
  // Back to the features as they were.
  const weights = Float64Array.from({ length: width }, (_, j) => point[j]! / scale[j]!);
  const bias = point[width]! - weights.reduce((sum, w, j) => sum + w * mean[j]!, 0);
  return { weights, bias };
}

/** The largest eigenvalue of Σ weight · (x, 1)(x, 1)ᵀ, by power iteration, with a little more to be on the safe side. */
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
