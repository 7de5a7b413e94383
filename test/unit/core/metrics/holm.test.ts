import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holm } from '../../../../src/core/metrics/statistics.ts';
import { property } from '../../../support/property.ts';

describe("Holm's correction", () => {
  it('matches R’s p.adjust', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([0.02, null, undefined, 0.03]), 'two tests').toEqual([0.04, null, null, 0.04]);
  });

  property(
    'keeps the order of p values, between the input and Bonferroni’s correction',
    [fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 9 })],
    (ps) => {
      const corrected = holm(ps);
      for (const [i, p] of ps.entries()) {
        expect(corrected[i]).toBeGreaterThanOrEqual(p);
        expect(corrected[i]).toBeLessThanOrEqual(Math.min(1, ps.length * p));
        for (const [j, q] of ps.entries()) if (p < q) expect(corrected[i]).toBeLessThanOrEqual(corrected[j]!);
      }
    },
  );
});
