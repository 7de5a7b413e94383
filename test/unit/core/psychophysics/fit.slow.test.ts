import { describe, expect, it } from 'vitest';
import { fit } from '../../../../src/core/psychophysics/fit.ts';
import { answers } from '../../../../src/core/psychophysics/verdict.ts';
import { Random } from '../../../../src/core/random.ts';
import { fixtures, parity } from './parity.ts';

describe('the fit', () => {
  it.each(fixtures)('is that of psignifit: $levels levels, n = $n, $experiment, $observer', (fixture) => {
    parity(fixture);
  });

  it.each([8, 24, 96])(
    'intervals of 95 percent hold bias and threshold that often, n = %i',
    { timeout: 900_000 },
    (n) => {
      const xs = [-16, -8, -4, -2, -1, 0, 1, 2, 4, 8, 16];
      const held = { bias: 0, width: 0 };
      const repetitions = 60;
      const observers = [0, 1.5].flatMap((bias) =>
        [6, 12].flatMap((width) => [0, 0.02, 0.1].map((lapse) => ({ bias, width, lapse }))),
      );
      for (const { bias, width, lapse } of observers)
        for (let i = 0; i < repetitions; i++) {
          const random = Random.from(`${n} ${bias} ${width} ${lapse} ${i}`);
          const who = { bias, width, lapseLow: lapse, lapseHigh: lapse, overdispersion: 0 };
          const curve = fit(xs.map((x) => ({ x, n, positive: answers(x, n, who, random) })));
          const holds = ([low, high]: [number, number], truth: number) =>
            Number(low <= truth && truth <= high);
          held.bias += holds(curve.bias.interval, bias);
          held.width += holds(curve.width.interval, width);
        }
      const total = observers.length * repetitions;
      console.log(
        `n = ${n}: bias ${(held.bias / total).toFixed(3)}, threshold ${(held.width / total).toFixed(3)}`,
      );
      // Three standard errors of 720 simulations around 93 to 97 %.
      for (const times of Object.values(held)) {
        expect(times / total).toBeGreaterThan(0.93 - 0.025);
      }
    },
  );
});
