import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CouplingConfig } from '../../../../src/core/config/rewards-config.ts';
import {
  ADVANTAGE_CONVENTIONS,
  advantages,
  penaltyEffect,
  spreadOf,
} from '../../../../src/core/rewards/advantages.ts';
import { coupleViews } from '../../../../src/core/rewards/coupling.ts';
import { forAll, property } from '../../../support/property.ts';

/** The paper's values are the defaults. */
const PAPER_COUPLING = CouplingConfig.parse({});

const { trl } = ADVANTAGE_CONVENTIONS;
const round = (values: number[]) => values.map((value) => +value.toFixed(6));

describe('advantages, computed by hand', () => {
  // Rewards 1, 0, 0, 0: mean 0.25, sample std 0.5, population std 0.433013.
  const rewards = [[[1, 0, 0, 0]]];

  it('advantages are divided by the sample std plus 1e-4, as in TRL', () => {
    expect(round(advantages(rewards, trl)[0]![0]!)).toEqual(
      round([0.75 / 0.5001, ...[1, 1, 1].map(() => -0.25 / 0.5001)]),
    );
  });

  it('advantages are divided exactly by sample or population std', () => {
    expect(round(advantages(rewards, { ...trl, epsilon: 0 })[0]![0]!)).toEqual([1.5, -0.5, -0.5, -0.5]);
    expect(round(advantages(rewards, ADVANTAGE_CONVENTIONS.deepseek)[0]![0]!)).toEqual([
      1.732051, -0.57735, -0.57735, -0.57735,
    ]);
  });

  it('advantages are only centred under Dr. GRPO', () => {
    expect(advantages(rewards, ADVANTAGE_CONVENTIONS['dr-grpo'])[0]![0]).toEqual([0.75, -0.25, -0.25, -0.25]);
  });

  it('advantages are normalised per view in group scope, over both views in pair scope (R3)', () => {
    const pair = [
      [
        [1, 1],
        [0, 0],
      ],
    ];
    expect(advantages(pair, trl)).toEqual([
      [
        [0, 0],
        [0, 0],
      ],
    ]);
    const together = advantages(pair, { ...trl, scope: 'pair', epsilon: 0, ddof: 0 });
    expect(together).toEqual([
      [
        [1, 1],
        [-1, -1],
      ],
    ]);
  });

  it('advantages are divided by the std of the whole step in batch scale', () => {
    const out = advantages([[[1, 0]], [[5, 5]]], { ...ADVANTAGE_CONVENTIONS['trl-batch'], epsilon: 0 });
    const std = Math.sqrt((1.75 ** 2 + 2.75 ** 2 + 2 * 2.25 ** 2) / 3);
    expect(round(out[0]![0]!)).toEqual(round([0.5 / std, -0.5 / std]));
    expect(out[1]![0]).toEqual([0, 0]);
  });

  it('the advantage of a single completion is 0, or its reward for verl', () => {
    expect(advantages([[[0.7]]], trl)).toEqual([[[0]]]);
    expect(advantages([[[0.7]]], ADVANTAGE_CONVENTIONS.verl)).toEqual([[[0.7]]]);
  });
});

describe('property: advantages', () => {
  const group = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 2, maxLength: 8 });

  it.each(Object.entries(ADVANTAGE_CONVENTIONS))(
    'property: advantages: %s: sum to zero, keep the order, ignore a constant shift',
    (_, convention) => {
      forAll([group, fc.integer({ min: -4, max: 4 })], (rewards, shift) => {
        const out = advantages([[rewards]], convention)[0]![0]!;
        expect(Math.abs(out.reduce((a, b) => a + b, 0))).toBeLessThan(1e-6);
        rewards.forEach((a, i) =>
          rewards.forEach((b, j) => a > b && expect(out[i]!).toBeGreaterThanOrEqual(out[j]!)),
        );
        const shifted = advantages([[rewards.map((r) => r + shift)]], {
          ...convention,
          epsilon: 1e-3,
        })[0]![0]!;
        const plain = advantages([[rewards]], { ...convention, epsilon: 1e-3 })[0]![0]!;
        shifted.forEach((value, i) => expect(value).toBeCloseTo(plain[i]!, 6));
      });
    },
  );

  it('property: advantages are exactly 0 for equal rewards, despite rounding of their mean', () => {
    for (const convention of Object.values(ADVANTAGE_CONVENTIONS)) {
      expect(advantages([[[0.1, 0.1, 0.1]]], { ...convention, epsilon: 0 })).toEqual([[[0, 0, 0]]]);
    }
  });
});

describe('rewards with only rounding differences', () => {
  // What a model would write, said eight times: the parts' weighted sum is the same but for the order of its terms.
  const terms = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 6 });
  const summed = terms.chain((parts) =>
    fc
      .array(fc.shuffledSubarray(parts, { minLength: parts.length }), { minLength: 2, maxLength: 8 })
      .map((orders) => orders.map((order) => order.reduce((sum, part) => sum + part, 0))),
  );

  property(
    'rounding differences have zero variance and advantage in any normalisation',
    [summed],
    (rewards) => {
      expect(spreadOf(rewards, 1)).toBe(0);
      for (const convention of Object.values(ADVANTAGE_CONVENTIONS)) {
        const out = advantages([[rewards]], { ...convention, epsilon: 0 })[0]![0]!;
        expect(out.every((advantage) => advantage === 0)).toBe(true);
      }
    },
  );

  it('rounding differences have zero advantages if the std of the batch is also rounding', () => {
    const batch = { ...trl, scale: 'batch', epsilon: 0 } as const;
    const equal = Array.from({ length: 50 }, () => [0, 0]);
    const [differing, ...others] = advantages([[[0, 3e-8]], ...equal.map((group) => [group])], batch);
    expect(differing).toEqual([[0, 0]]);
    expect(others.flat(2).every((advantage) => advantage === 0)).toBe(true);
  });

  it('rounding differences are distinguished from differences of 1e-8', () => {
    expect(spreadOf([0, 2e-8], 1)).toBeGreaterThan(1e-8);
    expect(spreadOf([0, 1e-8], 1)).toBe(0);
  });
});

describe('penaltyEffect', () => {
  const effect = (semantic: [number[], number[]], scope: 'group' | 'pair', eta = 1) => {
    const { penalty_V_G } = coupleViews(semantic, { ...PAPER_COUPLING, eta });
    const adjusted = semantic.map((view, v) => view.map((r, i) => r - penalty_V_G[v]![i]!));
    const sets = (rewards: number[][]) => {
      const out = advantages([rewards], { ...trl, scope })[0]!;
      return scope === 'pair' ? [out.flat()] : out;
    };
    return penaltyEffect(sets(semantic), sets(adjusted));
  };
  const times = (n: number, value: number) => new Array<number>(n).fill(value);

  it('returns "none" if all completions of the better view are above δ, a constant shift', () => {
    expect(effect([[0.9, 0.8, 0.7, 0.6], times(4, 0.3)], 'group')).toBe('none');
  });

  it('returns "inverted" for six at 0.95, two at 0.45, mirrors at 0.2 (R3)', () => {
    expect(effect([[...times(6, 0.95), ...times(2, 0.45)], times(8, 0.2)], 'group')).toBe('inverted');
  });

  it('returns "scaled" if the order is kept with a smaller std', () => {
    expect(
      effect(
        [
          [0.95, 0.9, 0.3, 0.2],
          [0.5, 0.5, 0.5, 0.4],
        ],
        'group',
      ),
    ).toBe('scaled');
  });

  it('returns "erased" in pair scope for originals all 1 and mirrors all 0 (R3)', () => {
    expect(effect([times(4, 1), times(4, 0)], 'pair')).toBe('erased');
    expect(effect([times(4, 1), times(4, 0)], 'group')).toBe('none');
  });

  it('returns "none" at η = 0', () => {
    expect(
      effect(
        [
          [0.9, 0.1],
          [0.2, 0.3],
        ],
        'group',
        0,
      ),
    ).toBe('none');
  });

  it('compares each set separately, and ignores differences below a thousandth', () => {
    // Nothing changed in one view, and the other lost what it had.
    expect(
      penaltyEffect(
        [
          [1, -1],
          [1, -1],
        ],
        [
          [1, -1],
          [0, 0],
        ],
      ),
    ).toBe('erased');
    expect(penaltyEffect([[1, -1]], [[0.001, -0.001]])).toBe('erased');
    expect(penaltyEffect([[1, -1]], [[0.002, -0.002]])).toBe('scaled');
    expect(penaltyEffect([[1, -1]], [[1.0005, -1.0005]])).toBe('none');
    expect(penaltyEffect([[1, -1]], [[1.002, -1.002]])).toBe('scaled');
    expect(penaltyEffect([[0.5, -0.5]], [[-0.5, 0.5]])).toBe('inverted');
    // A tie is not an order, neither before nor after.
    expect(penaltyEffect([[1, 1, -2]], [[1.5, 0, -1.5]])).toBe('scaled');
    expect(penaltyEffect([[1.5, 0, -1.5]], [[1, 1, -2]])).toBe('scaled');
    // One of three changed its place.
    expect(penaltyEffect([[1, 0, -1]], [[0, 1, -1]])).toBe('inverted');
  });

  it('returns an effect over all sets for one inverted set, but not for one erased set', () => {
    const before = [
      [1, -1],
      [2, -2],
    ];
    const after = (...sets: number[][]) => penaltyEffect(before, sets);
    expect(after([0, 0], [1, -1])).toBe('scaled');
    expect(after([-1, 1], [1, -1])).toBe('inverted');
  });

  it('ignores a difference of exactly a thousandth, in size and in order', () => {
    expect(penaltyEffect([[0.001, 0]], [[0, 0]])).toBe('none');
    expect(penaltyEffect([[0.001, 0]], [[0, 1]])).toBe('scaled');
    expect(penaltyEffect([[1, 0, -5]], [[0, 0.001, -5]])).toBe('scaled');
  });
});
