import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checksOf } from '../../../../src/core/psychophysics/observer-checks.ts';
import { differencesOf, type Fitted } from '../../../../src/core/psychophysics/differences.ts';
import { fit } from '../../../../src/core/psychophysics/fit.ts';
import { type Answers, Likelihood, type Scene } from '../../../../src/core/psychophysics/likelihood.ts';
import {
  cdfs,
  normalCdf,
  normalQuantile,
  type Observer,
  probability,
  THRESHOLD,
} from '../../../../src/core/psychophysics/observer.ts';
import { directionOf, verdictOn } from '../../../../src/core/psychophysics/observer-verdict.ts';
import { sum } from '../../../../src/base/numbers.ts';
import { Random } from '../../../../src/base/random.ts';
import { MISFITS, observer, seesAs, simulated } from '../../../support/simulated-observers.ts';
import { besideChain, chains, compared, fixtures } from './parity.ts';
import { slowly } from '../../../support/slow.ts';
import { forAll } from '../../../support/property.ts';

const asked = (who: Observer, seed: string, scenes = 6, rho = 0.3): Answers =>
  simulated([seesAs(who)], scenes, { by: 'noise', rho }, Random.from(seed))[0]!;

const both = (z: number): number[] => {
  const [below, above] = [new Float64Array(1), new Float64Array(1)];
  cdfs(z, 0, below, above);
  return [below[0]!, above[0]!];
};

const expectHeld = ({ interval: [low, high] }: { interval: readonly [number, number] }, truth: number) => {
  expect(low).toBeLessThan(truth);
  expect(high).toBeGreaterThan(truth);
};

describe('simulated observer', () => {
  it.each([
    [0, 0.5],
    [1, 0.841344746068543],
    [-1.9, 0.028716559816001803],
    [-2, 0.02275013194817921],
    [-6, 9.865876450376981e-10],
    [3, 0.9986501019683699],
  ])('the normal distribution function at %f is %f', (z, phi) => {
    expect(Math.abs(normalCdf(z) / phi - 1)).toBeLessThan(1e-11);
    const [below, above] = both(z);
    expect(Math.abs(below! / phi - 1)).toBeLessThan(2e-5);
    expect(Math.abs(above! / (1 - phi) - 1)).toBeLessThan(2e-5);
    expect(Math.abs(normalQuantile(phi) - z)).toBeLessThan(1e-7);
  });

  it('clamps values outside the table of the normal distribution to its ends', () => {
    expect(both(30)).toEqual(both(12));
    expect(both(-30)).toEqual(both(12).reverse());
  });

  it('property: a simulated observer answers opposite questions with complementary chances', () => {
    const any = fc.double({ min: -1, max: 1, noNaN: true });
    forAll([any, any, any, fc.constantFrom(1, -1)], (x, shift, share, sign) => {
      const who = observer({ shifts: [5 * shift, 0], shares: [share, 0] });
      const there = probability(10 * x, [sign, 1], who);
      expect(probability(-10 * x, [-sign, -1], who)).toBeCloseTo(1 - there, 10);
    });
  });
});

describe('Likelihood', () => {
  it('the likelihood sums to 1 over all answers to a scene, with any correlation', () => {
    for (const likeness of [0, 0.3, 0.8]) {
      const who = observer({ shifts: [2, -1], shares: [0.1, 0], likeness });
      let total = 0;
      for (let bits = 0; bits < 16; bits++) {
        const signs = [
          [1, 1],
          [1, -1],
          [-1, 1],
          [-1, -1],
        ] as const;
        const answers = signs.map((one, i) => [(bits >> i) & 1 ? 1 : -1, ...one] as const);
        total += Math.exp(new Likelihood({ habits: [], scenes: [{ block: 'a', x: 2, answers }] }).of(who));
      }
      expect(total).toBeCloseTo(1, 2);
    }
  });

  it('the likelihood is the product over independent answers and over all scenes', () => {
    const answers = asked(observer(), 'product', 1);
    const who = observer({ width: 12, shifts: [1, 2], shares: [0.1, -0.2] });
    const expected = answers.scenes.map(({ x, answers: some }) =>
      some.reduce((total, [claim, ...signs]) => {
        const p = probability(x, signs, who);
        return total + Math.log(claim === 1 ? p : 1 - p);
      }, 0),
    );
    const likelihood = new Likelihood(answers);
    likelihood.ofScenes(who).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 2));
    expect(likelihood.of(who)).toBeCloseTo(
      expected.reduce((a, b) => a + b),
      1,
    );
  });

  /** P of the answers to a scene that are alike by noise: by the midpoint rule, finer and wider than the likelihood's own. */
  function byNoise({ x, answers }: Scene, who: Observer): number {
    const chances = answers.map(([claim, ...signs]) => {
      const place = claim! * normalQuantile(probability(x, signs, who));
      return (effect: number) =>
        normalCdf((place + claim! * Math.sqrt(who.likeness) * effect) / Math.sqrt(1 - who.likeness));
    });
    const effects = Array.from({ length: 1200 }, (_, i) => (i - 599.5) / 100);
    const density = (effect: number) => Math.exp(-0.5 * effect * effect) / Math.sqrt(2 * Math.PI) / 100;
    return sum(effects.map((at) => chances.reduce((p, of) => p * of(at), density(at))));
  }

  /** P of the answers to a scene that are alike by luck: the sum over all choices of those that its number decides. */
  function byLuck({ x, answers }: Scene, who: Observer): number {
    const common = Math.sqrt(who.likeness);
    let total = 0;
    for (let bits = 0; bits < 2 ** answers.length; bits++) {
      let [product, from, to] = [1, 0, 1];
      for (const [i, [claim, ...signs]] of answers.entries()) {
        const p = probability(x, signs, who);
        const isCommon = (bits >> i) & 1;
        product *= isCommon ? common : (1 - common) * (claim === 1 ? p : 1 - p);
        if (isCommon && claim === 1) to = Math.min(to, p);
        if (isCommon && claim !== 1) from = Math.max(from, p);
      }
      total += product * Math.max(0, to - from);
    }
    return total;
  }

  it.each([
    [0.05, 1e-3],
    [0.35, 3e-3],
    [0.6, 3e-3],
    [0.85, 0.01],
  ])('the likelihood matches its formula for correlated scenes, ρ = %d', (likeness, error) => {
    const who = observer({ width: 6, shifts: [3, -1], shares: [0.15, -0.05], likeness });
    for (const by of ['noise', 'luck'] as const) {
      const [all] = simulated([seesAs(who)], 3, { by, rho: 0.6 }, Random.from(`formula ${likeness}`));
      // With one scene either kind is probable, with all of them hardly more than one is.
      for (const scenes of [all!.scenes, ...all!.scenes.map((scene) => [scene])]) {
        const [noise, luck] = [byNoise, byLuck].map((of) =>
          scenes.map((scene) => Math.log(of(scene, who))),
        ) as [number[], number[]];
        const whole = Math.log((Math.exp(sum(noise)) + Math.exp(sum(luck))) / 2);
        const weight = Math.exp(sum(luck) - whole) / 2;
        const likelihood = new Likelihood({ habits: [], scenes });
        expect(Math.abs(likelihood.of(who) - whole)).toBeLessThan(error * scenes.length);
        for (const [i, value] of likelihood.ofScenes(who).entries())
          expect(Math.abs(value - (1 - weight) * noise[i]! - weight * luck[i]!)).toBeLessThan(0.01 + error);
      }
    }
  });
});

describe('fit of a psychometric curve', () => {
  it('fit: separates a PSE shift from a high threshold', () => {
    const who = observer({ width: 4, shifts: [0, 4] });
    const { threshold, shifts, shares, lapse } = fit(asked(who, 's2', 12));
    expectHeld(threshold, 4 * THRESHOLD);
    expectHeld(shifts[1]!, 4);
    expectHeld(shifts[0]!, 0);
    expectHeld(shares[1]!, 0);
    expectHeld(lapse, 0.02);
  });

  it('fit: separates a bias that replaces answers from lapses', () => {
    const { threshold, shares, lapse } = fit(asked(observer({ shares: [0.3, 0] }), 'says yes', 12));
    expectHeld(threshold, 8 * THRESHOLD);
    expectHeld(shares[0]!, 0.3);
    expect(shares[0]!.interval[0]).toBeGreaterThan(0.1);
    expectHeld(lapse, 0.02);
    expect(lapse.interval[1]).toBeLessThan(0.12);
  });

  it('fit: scales with the unit, and is deterministic', () => {
    const answers = asked(observer({ shifts: [1, 0] }), 'unit', 2);
    const scenes = answers.scenes.map((scene) => ({ ...scene, x: 100 * scene.x }));
    const [there, scaled] = [fit(answers), fit({ ...answers, scenes })];
    expect(scaled.threshold.mean / there.threshold.mean).toBeCloseTo(100, 6);
    expect(scaled.shifts[0]!.interval[1] / there.shifts[0]!.interval[1]).toBeCloseTo(100, 6);
    expect(fit(answers).threshold).toEqual(there.threshold);
  });

  slowly('fit: estimates free asymptotes separately for each end', () => {
    const answers = asked(observer({ lapseLow: 0.2, lapseHigh: 0.01 }), 'free', 12, 0);
    const free = fit(answers, 1, 'free');
    expectHeld(free.lapseLow, 0.2);
    expect(free.lapseLow.interval[0]).toBeGreaterThan(free.lapseHigh.interval[1]);
    const equal = fit(answers);
    expect(equal.lapseLow).toEqual(equal.lapseHigh);
  });

  it('fit: accepts levels that differ only in the last digits', () => {
    const answers = asked(observer(), 'near', 2);
    const scenes = answers.scenes.map((one, i) => ({ ...one, x: one.x + i * 1e-12 }));
    const [low, high] = fit({ ...answers, scenes }).threshold.interval;
    expect(low).toBeGreaterThan(0);
    expect(high).toBeLessThan(32);
  });

  it('fit: rejects a single level', () => {
    expect(() => fit({ habits: [], scenes: [{ block: 'a', x: 1, answers: [[1]] }] })).toThrow('two levels');
  });

  // Single means differ more: psignifit's prior of the width favours wide curves, and ours no scale.
  it('fit: is close to psignifit, and closer to the simulated values', () => {
    const some = fixtures.filter(
      ({ n, observer: planted }, i) => n === 48 && planted.spread === 0 && i % 2 === 0,
    );
    const all = some.map((fixture) => ({ ...fixture, ours: compared(fixture) }));
    const median = (values: number[]) => values.sort((x, y) => x - y)[values.length >> 1]!;
    expect(median(all.map(({ ours }) => ours.apart))).toBeLessThan(2);
    expect(median(all.map(({ ours }) => ours.lapse))).toBeLessThan(2);
    const middles = all.map(({ ours }) => ours.withTheirPriors.middle);
    expect(Math.max(...middles)).toBeLessThan(3);
    expect(median(middles)).toBeLessThan(1);
    expect(median(all.map(({ ours }) => ours.withTheirPriors.width))).toBeLessThan(6);
    const error = (of: (one: (typeof all)[number]) => number) =>
      all.reduce((total, one) => total + Math.log(of(one) / one.observer.w) ** 2, 0);
    expect(error(({ ours }) => ours.width)).toBeLessThan(error(({ mean }) => mean.width));
  });

  slowly('fit: is close to Markov chains with two biases and correlated answers', () => {
    for (const chain of chains.filter(({ rho }) => rho === 0.3)) {
      const { means, ends, none } = besideChain(chain);
      for (const apart of none) expect(apart).toBeLessThan(3);
      for (const apart of means) expect(apart).toBeLessThan(7);
      for (const apart of ends) expect(apart).toBeLessThan(15);
    }
  });
});

describe('verdict of a fit', () => {
  const judged = (answers: Answers) => {
    const direction = directionOf(answers);
    return typeof direction === 'string' ? direction : verdictOn(fit(answers, direction), 16);
  };
  const coin = observer({ lapseLow: 0.5, lapseHigh: 0.5 });

  it('verdict: is "measured" for a correct observer, and "inverted" for opposite answers', () => {
    const answers = asked(observer(), 'sees');
    expect(judged(answers)).toBe('measured');
    expect(judged({ ...answers, scenes: answers.scenes.map((one) => ({ ...one, x: -one.x })) })).toBe(
      'inverted',
    );
  });

  slowly('verdict: is "out of range" for a threshold above all levels', () => {
    expect(judged(asked(observer({ width: 60 }), 'far', 12))).toBe('out of range');
  });

  it('verdict: is "cannot tell" for at least 90% of random observers, even if correlated', () => {
    const named = Array.from({ length: 200 }, (_, i) => directionOf(asked(coin, `coin ${i}`, 3, 0.6)));
    expect(named.filter((one) => one !== 'cannot tell').length).toBeLessThanOrEqual(19);
  });

  it('verdict: is "constant" for equal answers, and "cannot tell" for a single level', () => {
    const scenes = [-1, 0, 1].map((x) => ({ block: String(x), x, answers: [[1], [1]] as const }));
    expect(judged({ habits: [], scenes })).toBe('constant');
    expect(judged({ habits: [], scenes: scenes.slice(1, 2) })).toBe('cannot tell');
  });
});

describe('checks of a fit', () => {
  slowly('checks of a fit pass for a correct model, and are absent for few scenes', () => {
    const answers = asked(observer({ shifts: [2, 0] }), 'fits', 12);
    for (const p of Object.values(checksOf(answers, fit(answers))!)) expect(p).toBeGreaterThan(0.05);
    const few = { ...answers, scenes: answers.scenes.slice(0, 9) };
    expect(checksOf(few, fit(few))).toBe(null);
  });

  it.each([
    ['a sawtooth', 'levels'],
    ['two slopes', 'sides'],
    ['lapses on one side', 'sides'],
    ['a plateau', 'levels'],
    ['a change midway', 'halves'],
  ] as const)('checks of a fit detect %s', (name, check) => {
    const random = Random.from(name);
    const [answers] = simulated([MISFITS[name]!], 12, { by: 'noise', rho: 0.3 }, random);
    expect(checksOf(answers!, fit(answers!))![check]).toBeLessThan(0.05);
  });
});

describe('differencesOf', () => {
  const pair = (one: Observer, two: Observer, seed: string): Fitted[] =>
    simulated([seesAs(one), seesAs(two)], 12, { by: 'noise', rho: 0.6 }, Random.from(seed)).map(
      (answers) => ({ answers, fit: fit(answers) }),
    );

  it('differences contain the simulated difference, and exclude 0', () => {
    const [first, second] = pair(
      observer({ width: 16 }),
      observer({ width: 5, shifts: [3, 0] }),
      'planted 2',
    );
    const { threshold, shifts, shares, lapse } = differencesOf(first!, second!);
    expectHeld(threshold, (5 - 16) * THRESHOLD);
    expect(threshold.interval[1]).toBeLessThan(0);
    expectHeld(shifts.yes!, 3);
    expect(shifts.yes!.interval[0]).toBeGreaterThan(0);
    expectHeld(shares.yes!, 0);
    expectHeld(lapse, 0);
  });

  slowly('differences are antisymmetric, and 0 with a narrow interval for equal observers', () => {
    const [first, second] = pair(observer(), observer({ width: 6 }), 'turned');
    const [there, back] = [differencesOf(first!, second!), differencesOf(second!, first!)];
    expect(back.threshold.value).toBeCloseTo(-there.threshold.value, 10);
    const { threshold } = differencesOf(first!, first!);
    expect(threshold.value).toBe(0);
    expectHeld(threshold, 0);
    // The scenes are the same, so what they do to both cancels.
    const alone = first!.fit.threshold.interval;
    expect(threshold.interval[1] - threshold.interval[0]).toBeLessThan(0.7 * (alone[1] - alone[0]));
  });

  slowly('differences have the intervals of independent observers if the scenes differ', () => {
    const [first, second] = pair(observer(), observer({ width: 6 }), 'others');
    const scenes = second!.answers.scenes.map((one) => ({ ...one, block: `other ${one.block}` }));
    const { threshold } = differencesOf(first!, { ...second!, answers: { ...second!.answers, scenes } });
    const half = ({ interval: [low, high] }: { interval: readonly [number, number] }) => (high - low) / 2;
    const expected = Math.hypot(half(first!.fit.threshold), half(second!.fit.threshold));
    expect(half(threshold) / expected).toBeGreaterThan(0.85);
    expect(half(threshold) / expected).toBeLessThan(1.15);
  });
});
