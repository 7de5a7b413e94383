/** Symmetric error of one prediction: |p − g| / ((|p| + |g|)/2), 0–200 percent (R12; the paper's ×100 is misplaced). */
export function smape(predicted: number, reference: number): number {
  const scale = (Math.abs(predicted) + Math.abs(reference)) / 2;
  return scale === 0 ? 0 : (100 * Math.abs(predicted - reference)) / scale;
}

/**
 * Relative accuracy of VSI-Bench: the share of the thresholds t = 0.50, 0.55 … 0.95 with |p − g|/g ≤ 1 − t. 0–1; its
 * mean over rows is MRA. The reference must be positive.
 */
export function relativeAccuracy(predicted: number, reference: number): number {
  // In twentieths, rounded, because 1 − 0.95 is not 0.05.
  const error = Number(((20 * Math.abs(predicted - reference)) / reference).toPrecision(12));
  let passed = 0;
  for (let twentieths = 1; twentieths <= 10; twentieths++) if (error <= twentieths) passed += 1;
  return passed / 10;
}
