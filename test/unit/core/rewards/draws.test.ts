import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DrawOrder,
  PARTNER_RULES,
  drawPartner,
  hasOtherPartners,
  learnDisagreements,
  partnersOf,
} from '../../../../src/core/rewards/draws.ts';
import { forAll, property } from '../../../support/property.ts';

const VIEWS = ['mirror', 'rotate:180', 'converse'];
const draws = (n: number, ...[rule, seed, , allowed, shares]: Parameters<typeof drawPartner>) => {
  const counts: Record<string, number> = {};
  for (let at = 0; at < n; at++) {
    const view = drawPartner(rule, seed, at, allowed, shares);
    counts[view] = (counts[view] ?? 0) + 1;
  }
  return counts;
};
const pair = (view: string | null, agreement: number | null) => ({
  views: ['original', ...(view === null ? [] : [view])].map((view) => ({
    view,
    sample: { id: 'a', question: '', answer: '', images: [] },
    group: [],
  })),
  agreement,
});

it('partnersOf: returns the configured views, or the mirror if mirrors are on', () => {
  expect(partnersOf({ mirror: true })).toEqual(['mirror']);
  expect(partnersOf({ mirror: false })).toEqual([]);
  expect(partnersOf({ use: ['flip'], mirror: true })).toEqual(['flip']);
  expect([[], ['mirror'], ['mirror', 'flip']].map(hasOtherPartners)).toEqual([false, false, true]);
});

it('learnDisagreements: starts with the mean over the first pairs', () => {
  const pairs = [0, 0, 1].map((agreement) => pair('mirror', agreement));
  const { mirror } = learnDisagreements({}, pairs);
  expect(mirror!.pairs).toBe(3);
  expect(mirror!.share).toBeCloseTo(2 / 3, 12);
});

it('drawPartner, first: draws the first available view that is not deferred', () => {
  expect(draws(50, 'first', 1, 0, VIEWS, {})).toEqual({ mirror: 50 });
  expect(draws(50, 'first', 1, 0, ['rotate:180', 'converse'], {})).toEqual({ 'rotate:180': 50 });
});

it('drawPartner, uniform: draws all views equally often, regardless of disagreement', () => {
  const shares = { mirror: { share: 1, pairs: 200 }, converse: { share: 0, pairs: 200 } };
  for (const n of Object.values(draws(6000, 'uniform', 1, 0, VIEWS, shares))) {
    expect(n).toBeGreaterThan(1850);
    expect(n).toBeLessThan(2150);
  }
});

it('drawPartner, hardest: draws in proportion to 0.1 plus the disagreement, or 1 if unknown', () => {
  const shares = { mirror: { share: 0, pairs: 9 }, 'rotate:180': { share: 0.4, pairs: 9 } };
  const counts = draws(16_000, 'hardest', 7, 0, VIEWS, shares);
  // Weights 0.1, 0.5 and 1.1.
  expect(counts.mirror! / 16_000).toBeCloseTo(0.1 / 1.7, 1);
  expect(counts['rotate:180']! / 16_000).toBeCloseTo(0.5 / 1.7, 1);
  expect(counts.converse! / 16_000).toBeCloseTo(1.1 / 1.7, 1);
});

property(
  'drawPartner: draws an allowed view, the same view for the same arguments',
  [
    fc.constantFrom(...PARTNER_RULES),
    fc.integer(),
    fc.nat(),
    fc.uniqueArray(fc.constantFrom(...VIEWS, 'flip'), { minLength: 1 }),
    fc.dictionary(
      fc.constantFrom(...VIEWS),
      fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), pairs: fc.nat() }),
    ),
  ],
  (rule, seed, at, allowed, shares) => {
    const view = drawPartner(rule, seed, at, allowed, shares);
    expect(allowed).toContain(view);
    expect(drawPartner(rule, seed, at, allowed, shares)).toBe(view);
  },
);

it('learnDisagreements: switches to an exponential mean, and skips incomparable pairs', () => {
  const first = learnDisagreements({}, [
    pair('mirror', 1),
    pair('mirror', 0.5),
    pair('converse', null),
    pair(null, null),
  ]);
  expect(first).toEqual({ mirror: { share: 0.25, pairs: 2 } });
  const long = learnDisagreements({ mirror: { share: 0, pairs: 200 } }, [pair('mirror', 0)]);
  expect(long).toEqual({ mirror: { share: 1 / 200, pairs: 200 } });
});

const epoch = (order: DrawOrder, n: number, e: number) =>
  Array.from({ length: n }, (_, i) => order.at(e * n + i));

describe('DrawOrder', () => {
  it('property: DrawOrder: draws every row once per epoch, in a seeded order per epoch', () => {
    forAll([fc.integer(), fc.integer({ min: 1, max: 40 })], (seed, n) => {
      const order = new DrawOrder(seed, n, 'shuffled');
      const first = epoch(order, n, 0);
      expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      expect(epoch(new DrawOrder(seed, n, 'shuffled'), n, 0)).toEqual(first);
    });
    const order = new DrawOrder(1, 30, 'shuffled');
    expect(epoch(order, 30, 0)).not.toEqual(epoch(order, 30, 1));
  });

  it('DrawOrder resumes from a cursor in the uninterrupted order', () => {
    const straight = new DrawOrder(5, 7, 'shuffled');
    const all = Array.from({ length: 40 }, (_, i) => straight.at(i));
    for (const from of [3, 8, 17]) {
      const resumed = new DrawOrder(5, 7, 'shuffled');
      expect(Array.from({ length: 40 - from }, (_, i) => resumed.at(from + i))).toEqual(all.slice(from));
    }
  });

  it('keeps the file order if configured, and rejects an empty dataset', () => {
    expect(epoch(new DrawOrder(1, 4, 'as_given'), 4, 3)).toEqual([0, 1, 2, 3]);
    expect(() => new DrawOrder(1, 0, 'shuffled')).toThrow('empty dataset');
  });
});
