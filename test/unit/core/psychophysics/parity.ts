import { readFileSync } from 'node:fs';
import { fit } from '../../../../src/core/psychophysics/fit.ts';

/** What psignifit 4.3 makes of simulated answers (make.py beside the file). Its `threshold` is where the curve's middle lies. */
interface Fixture {
  levels: string;
  x: number[];
  k: number[];
  n: number;
  experiment: 'yes/no' | 'equal asymptote';
  observer: { w: number; spread: number };
  mean: { threshold: number; width: number; lambda: number };
}

export const { fits: fixtures } = JSON.parse(
  readFileSync(new URL('../../../fixtures/parity/psychometric/fits.json', import.meta.url), 'utf8'),
) as { fits: Fixture[] };

/**
 * Our mean width, and how far our middle lies from psignifit's in percent of its width, and our lapses in points of
 * percent. Each answer is a scene of its own, and the curve's middle is what a habit shifts that always claims the same.
 */
export function compared({ x, k, n, experiment, mean }: Fixture) {
  const scenes = x.flatMap((level, i) =>
    Array.from({ length: n }, (_, j) => ({
      block: `${level} ${j}`,
      x: level,
      answers: [[j < k[i]! ? 1 : -1, 1] as const],
    })),
  );
  const ours = fit({ habits: ['positive'], scenes }, 1, experiment === 'yes/no' ? 'free' : 'equal');
  return {
    width: ours.width.mean,
    middle: (100 * Math.abs(-ours.shifts[0]!.mean - mean.threshold)) / mean.width,
    lapse: 100 * Math.abs(ours.lapseHigh.mean - mean.lambda),
  };
}
