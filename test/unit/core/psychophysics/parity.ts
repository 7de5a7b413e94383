import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { fit } from '../../../../src/core/psychophysics/fit.ts';
import { THRESHOLD } from '../../../../src/core/psychophysics/observer.ts';

/** What psignifit 4.3 makes of simulated answers (make.py beside the file). Its `threshold` is our bias. */
interface Fixture {
  levels: string;
  x: number[];
  k: number[];
  n: number;
  experiment: 'yes/no' | 'equal asymptote';
  observer: { w: number };
  mean: { threshold: number; width: number; lambda: number };
  interval_95: Record<'threshold' | 'width' | 'lambda', [number, number]>;
}

export const { fits: fixtures } = JSON.parse(
  readFileSync(new URL('../../../fixtures/parity/psychometric/fits.json', import.meta.url), 'utf8'),
) as { fits: Fixture[] };

/**
 * Means within 2 % of the curve's width, ends of intervals within 5 %, lapses and the ends of theirs within one point.
 * Curves that are not wider than the distance of two levels get twice the width: psignifit's own grid is coarse there, a
 * tenth of it.
 */
export function parity({ x, k, n, experiment, observer, mean, interval_95 }: Fixture): void {
  const ours = fit(
    x.map((each, i) => ({ x: each, positive: k[i]!, n })),
    experiment === 'yes/no' ? 'free' : 'equal',
  );
  const sharp = observer.w < 2;
  const off = (a: number, b: number) => Math.abs(a - b) / mean.width / (sharp ? 2 : 1);
  expect(off(ours.bias.mean, mean.threshold)).toBeLessThan(0.02);
  expect(off(ours.threshold.mean, mean.width * THRESHOLD)).toBeLessThan(0.02);
  expect(Math.abs(ours.lapseHigh.mean - mean.lambda)).toBeLessThan(0.01);
  for (const end of [0, 1] as const) {
    expect(off(ours.bias.interval[end], interval_95.threshold[end])).toBeLessThan(0.05);
    expect(off(ours.threshold.interval[end], interval_95.width[end] * THRESHOLD)).toBeLessThan(0.05);
    expect(Math.abs(ours.lapseHigh.interval[end] - interval_95.lambda[end])).toBeLessThan(0.01);
  }
}
