/** A linear map to one number: weights · x + bias. Of a classifier, the log-odds of the second class. */
export interface Linear {
  weights: Float64Array;
  bias: number;
}

export function valueAt({ weights, bias }: Linear, x: Float32Array): number {
  let sum = bias;
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * x[i]!;
  return sum;
}

/** Features with mean 0 and variance 1, one row after another. One that never varies stays 0. */
export function standardise(rows: readonly Float32Array[]) {
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
