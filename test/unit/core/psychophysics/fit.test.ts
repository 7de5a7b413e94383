import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fit, type Level } from '../../../../src/core/psychophysics/fit.ts';
import { answers, deviance, verdict } from '../../../../src/core/psychophysics/verdict.ts';
import {
  logGamma,
  logLikelihood,
  normalCdf,
  type Observer,
} from '../../../../src/core/psychophysics/observer.ts';
import { Random } from '../../../../src/core/random.ts';
import { fixtures, parity } from './parity.ts';

const XS = [-16, -8, -4, -2, -1, 0, 1, 2, 4, 8, 16];

const observer = (changes: Partial<Observer> = {}): Observer => ({
  bias: 0,
  width: 6,
  lapseLow: 0.02,
  lapseHigh: 0.02,
  overdispersion: 0,
  ...changes,
});

const asked = (who: Observer, n: number, seed: string, turn = 1): Level[] => {
  const random = Random.from(seed);
  return XS.map((x) => ({ x, n, positive: answers(turn * x, n, who, random) }));
};

describe('the curve', () => {
  it.each([
    [0, 0.5],
    [1, 0.841344746068543],
    [-1.9, 0.028716559816001803],
    [-2, 0.02275013194817921],
    [-6, 9.865876450376981e-10],
    [3, 0.9986501019683699],
  ])('the normal distribution function at %f is %f', (z, phi) => {
    expect(Math.abs(normalCdf(z) / phi - 1)).toBeLessThan(1e-11);
  });

  it('the logarithm of Γ is that of factorials', () => {
    let factorial = 1;
    for (let n = 1; n < 20; n++) {
      expect(logGamma(n)).toBeCloseTo(Math.log(factorial), 11);
      factorial *= n;
    }
  });

  it('probabilities of all counts add up to 1, whatever the overdispersion', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        fc.oneof(fc.constant(0), fc.double({ min: 1e-3, max: 0.95, noNaN: true })),
        (n, p, eta) => {
          let total = 0;
          for (let k = 0; k <= n; k++) {
            const ways = logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
            total += Math.exp(ways + logLikelihood(k, n, p, 1 - p, eta));
          }
          expect(total).toBeCloseTo(1, 6);
        },
      ),
    );
  });
});

describe('the fit', () => {
  it.each(fixtures.filter((_, i) => i % 7 === 0 || i === 3))(
    'is that of psignifit: $levels levels, n = $n, $experiment',
    (fixture) => {
      parity(fixture);
    },
  );

  it('answers turned around a level of 0 have the opposite bias and the same threshold', () => {
    const levels = asked(observer({ bias: 2 }), 24, 'turned');
    const [there, back] = [
      levels,
      levels.map(({ x, positive, n }) => ({ x: -x, positive: n - positive, n })),
    ].map((each) => fit(each));
    expect(back!.bias.mean).toBeCloseTo(-there!.bias.mean, 6);
    expect(back!.threshold.mean).toBeCloseTo(there!.threshold.mean, 6);
  });

  it('another unit changes figures by its factor', () => {
    const levels = asked(observer({ bias: 1 }), 24, 'unit');
    const there = fit(levels);
    const scaled = fit(levels.map((level) => ({ ...level, x: level.x * 100 })));
    expect(scaled.bias.interval[1] / there.bias.interval[1]).toBeCloseTo(100, 6);
    expect(scaled.threshold.mean / there.threshold.mean).toBeCloseTo(100, 6);
  });

  it('one level, or a level twice, is refused', () => {
    expect(() => fit([{ x: 1, positive: 1, n: 2 }])).toThrow('at least two levels');
    const twice = { x: 1, positive: 1, n: 2 };
    expect(() => fit([twice, twice, { x: 2, positive: 1, n: 2 }])).toThrow('add their answers up');
  });
});

describe('the verdict', () => {
  const judged = (levels: Level[]) => verdict(fit(levels), levels);

  it('an observer who sees is measured, an inverted one is called so', () => {
    expect(judged(asked(observer(), 24, 'sees'))).toBe('measured');
    expect(judged(asked(observer(), 24, 'sees', -1))).toBe('inverted');
  });

  it('a coin cannot tell, and one who sees only what is larger than all levels is out of their range', () => {
    expect(judged(asked(observer({ lapseLow: 0.5, lapseHigh: 0.5 }), 24, 'coin'))).toBe('cannot tell');
    expect(judged(asked(observer({ width: 60 }), 48, 'far'))).toBe('out of range');
  });

  it('a coin cannot tell, though its posterior be sure of a direction', () => {
    for (const seed of [8, 40, 53]) {
      const random = Random.from(`coin ${seed}`);
      const heads = () => Array.from({ length: 48 }).filter(() => random.chance(0.5)).length;
      const levels = XS.map((x) => ({ x, n: 48, positive: heads() }));
      const fitted = fit(levels);
      expect(Math.abs(fitted.inverted - 0.5)).toBeGreaterThan(0.475);
      expect(verdict(fitted, levels)).toBe('cannot tell');
    }
  });

  it('the same answer to everything is called constant', () => {
    expect(judged(XS.map((x) => ({ x, positive: 8, n: 8 })))).toBe('constant');
    expect(judged(XS.map((x) => ({ x, positive: 0, n: 8 })))).toBe('constant');
  });

  it('a curve that goes up and down is not a psychometric function', () => {
    const levels = XS.map((x) => ({ x, n: 48, positive: Math.abs(x) === 4 || Math.abs(x) === 1 ? 44 : 4 }));
    expect(deviance(fit(levels), levels, Random.from('up and down')).p).toBeLessThan(0.5);
    const smooth = asked(observer(), 48, 'smooth');
    expect(deviance(fit(smooth), smooth, Random.from('smooth')).p).toBeGreaterThan(0.05);
  });
});
