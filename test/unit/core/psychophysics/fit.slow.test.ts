import { describe, expect, it } from 'vitest';
import { fit } from '../../../../src/core/psychophysics/fit.ts';
import { answers } from '../../../../src/core/psychophysics/verdict.ts';
import { Random } from '../../../../src/core/random.ts';
import { fixtures, parity } from './parity.ts';

describe('the fit', () => {
  it.each(fixtures)('is that of psignifit: $levels levels, n = $n, $experiment, $observer', (fixture) => {
    parity(fixture);
  });

  // With 8 answers a level, observers who err in 10 % of plain cases are a case of their own, below.
  it.each([
    [8, [0, 0.02]],
    [24, [0, 0.02, 0.1]],
    [96, [0, 0.02, 0.1]],
  ])(
    'intervals of 95 percent hold bias and threshold that often, n = %i, lapses %j',
    { timeout: 900_000 },
    (n, lapses) => {
      const { total, bias, width } = held(n, lapses, 60);
      // Three standard errors of 720 simulations around 93 to 97 %.
      for (const times of [bias, width]) expect(times / total).toBeGreaterThan(0.93 - 0.025);
    },
  );

  it('few answers of an observer who errs on plain differences make the threshold too large, hardly ever too small', () => {
    const { total, bias, width, tooLarge } = held(8, [0.1], 20);
    expect(bias / total).toBeGreaterThan(0.93 - 0.025);
    expect((width + tooLarge) / total).toBeGreaterThan(0.975);
  });
});

/** How many of the simulated observers have their bias and width within the intervals, or a width below its interval. */
function held(n: number, lapses: readonly number[], repetitions: number) {
  const xs = [-16, -8, -4, -2, -1, 0, 1, 2, 4, 8, 16];
  const counts = { total: 0, bias: 0, width: 0, tooLarge: 0 };
  const observers = [0, 1.5].flatMap((bias) =>
    [6, 12].flatMap((width) => lapses.map((lapse) => ({ bias, width, lapse }))),
  );
  for (const { bias, width, lapse } of observers)
    for (let i = 0; i < repetitions; i++) {
      const random = Random.from(`${n} ${bias} ${width} ${lapse} ${i}`);
      const who = { bias, width, lapseLow: lapse, lapseHigh: lapse, overdispersion: 0 };
      const curve = fit(xs.map((x) => ({ x, n, positive: answers(x, n, who, random) })));
      const holds = ([low, high]: [number, number], truth: number) => Number(low <= truth && truth <= high);
      counts.total += 1;
      counts.bias += holds(curve.bias.interval, bias);
      counts.width += holds(curve.width.interval, width);
      counts.tooLarge += Number(curve.width.interval[0] > width);
    }
  console.log(`n = ${n}, lapses ${lapses.join(', ')}: ${JSON.stringify(counts)}`);
  return counts;
}
