import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learningRate } from '../../../../src/core/config/derived.ts';
import { forAll } from '../../../support/property.ts';

const rates = (
  steps: number,
  schedule: 'linear' | 'cosine' | 'constant',
  warmup_steps = 0,
  final_share = 0,
): number[] =>
  Array.from({ length: steps }, (_, i) =>
    learningRate(i + 1, steps, { learning_rate: 1, schedule, warmup_steps, final_share }),
  );
const close = (values: number[]) => values.map((value) => expect.closeTo(value, 12) as number);

describe('learningRate', () => {
  it('learningRate matches the schedules of Hugging Face, with a positive last rate', () => {
    // get_linear_schedule_with_warmup: (N - s) / (N - W) after s updates.
    expect(rates(5, 'linear')).toEqual(close([1, 0.8, 0.6, 0.4, 0.2]));
    expect(rates(6, 'linear', 2)).toEqual(close([0.5, 1, 1, 0.75, 0.5, 0.25]));
    // get_cosine_schedule_with_warmup: (1 + cos(pi s / N)) / 2; at N = 4 the cosines are 1, 1/sqrt(2), 0, -1/sqrt(2).
    expect(rates(4, 'cosine')).toEqual(close([1, (1 + Math.SQRT1_2) / 2, 0.5, (1 - Math.SQRT1_2) / 2]));
  });

  it('learningRate ends at the final share of the peak rate, if set', () => {
    expect(rates(4, 'linear', 0, 0.2)).toEqual(close([0.8, 0.6, 0.4, 0.2]));
    expect(rates(4, 'cosine', 1, 0.1).at(-1)).toBeCloseTo(0.1, 12);
  });

  it('property: learningRate is positive at every step and never above the peak', () => {
    const schedules = fc.constantFrom('linear', 'cosine', 'constant');
    const few = fc.integer({ min: 0, max: 20 });
    forAll([schedules, few, few, fc.constantFrom(0, 0.1)], (schedule, more, warmup, share) => {
      for (const rate of rates(more + 1, schedule, warmup, share)) {
        expect(rate).toBeGreaterThan(0);
        expect(rate).toBeLessThanOrEqual(1 + 1e-12);
      }
    });
  });
});
