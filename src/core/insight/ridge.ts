import { standardise, type Linear } from './standardise.ts';

const MOST_STEPS = 300;
/** Iteration stops when the residual is shorter than this share of the right-hand side. */
const STILL = 1e-5;

/**
 * Ridge regression on standardised features: minimises mean (w·x + b − y)² + penalty · |w|² by conjugate gradients
 * (Hestenes and Stiefel, 1952), which need no matrix of features by features.
 * @param rows features, all of one length; at least one row
 */
export function fitRidge(rows: readonly Float32Array[], values: readonly number[], penalty: number): Linear {
  const n = rows.length;
  const { x, mean, scale, width } = standardise(rows);
  const middle = values.reduce((sum, y) => sum + y / n, 0);
  /** Xᵀ of a value for each row, by the number of rows. */
  const gather = (of: (row: number) => number) => {
    const out = new Float64Array(width);
    for (let i = 0; i < n; i++) {
      const value = of(i) / n;
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
  const still = STILL ** 2 * size;
  for (let s = 0; s < MOST_STEPS && size > still; s++) {
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
