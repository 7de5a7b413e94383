import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CouplingConfig } from '../../../../src/core/config/rewards-config.ts';
import {
  coupleByOrder,
  coupleByRelation,
  coupleJointly,
  coupleViews,
  type JointCompletion,
} from '../../../../src/core/rewards/coupling.ts';
import { property } from '../../../support/property.ts';

/** The paper's values are the defaults. */
const PAPER_COUPLING = CouplingConfig.parse({});

const rewards = fc.array(fc.double({ min: -0.2, max: 1, noNaN: true }), { minLength: 2, maxLength: 8 });
const four = (value: number) => [value, value, value, value];

describe('coupleViews, computed by hand', () => {
  it('penalises the originals by η|Δ| if they are better than the mirrors', () => {
    const out = coupleViews([[0.9, 0.8, 0.6, 0.3], four(0.4)], PAPER_COUPLING);
    // Means 0.65 and 0.4.
    expect(out.delta).toBeCloseTo(0.25, 12);
    expect(out.penalised).toBe(0);
    expect(out.penalty_V_G[0].map((p) => +p.toFixed(12))).toEqual([0.25, 0.25, 0.25, 0]);
    expect(out.penalty_V_G[1]).toEqual(four(0));
  });

  it('penalises the mirrors if they are better than the originals', () => {
    const out = coupleViews([four(0.2), [0.6, 0.6, 0.2, 0.2]], { ...PAPER_COUPLING, eta: 2 });
    expect(out.delta).toBeCloseTo(-0.2, 12);
    expect(out.penalised).toBe(1);
    expect(out.penalty_V_G[1].map((p) => +p.toFixed(12))).toEqual([0.4, 0.4, 0, 0]);
  });

  it('penalises neither view for a rounding difference', () => {
    const out = coupleViews(
      [
        [0.7, 0.8, 0.9],
        [0.9, 0.8, 0.7],
      ],
      PAPER_COUPLING,
    );
    expect(out.delta).not.toBe(0);
    expect(out.penalised).toBe(null);
    expect(out.penalty_V_G.flat()).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('penalises the worse view if configured', () => {
    const worse = { ...PAPER_COUPLING, side: 'worse' as const };
    const views: [number[], number[]] = [four(0.9), four(0.6)];
    expect(coupleViews(views, worse).penalised).toBe(1);
    expect(coupleViews([views[1], views[0]], worse).penalised).toBe(0);
    expect(coupleViews(views, worse).penalty_V_G[1][0]).toBeCloseTo(0.3, 12);
  });

  it('penalises only completions strictly above δ (R2)', () => {
    const out = coupleViews(
      [
        [0.5, 0.50001],
        [0, 0],
      ],
      PAPER_COUPLING,
    );
    expect(out.penalty_V_G[0][0]).toBe(0);
    expect(out.penalty_V_G[0][1]).toBeGreaterThan(0);
  });

  it('penalises neither view if no completion is above δ, even for a nonzero Δ', () => {
    const out = coupleViews([four(0.5), four(0)], PAPER_COUPLING);
    expect(out).toMatchObject({ delta: 0.5, penalised: null });
  });

  it('applies a dead band to |Δ|, including its ends', () => {
    const views: [number[], number[]] = [four(0.75), four(0.5)];
    expect(coupleViews(views, { ...PAPER_COUPLING, dead_band: 0.25 }).penalised).toBeNull();
    expect(coupleViews(views, { ...PAPER_COUPLING, dead_band: 0.24 }).penalised).toBe(0);
  });

  it('clamps the penalised reward at 0 or δ only if configured (R5)', () => {
    const views: [number[], number[]] = [four(0.8), four(0)];
    const left = (clamp: 'none' | 'zero' | 'threshold') =>
      0.8 - coupleViews(views, { ...PAPER_COUPLING, eta: 10, clamp }).penalty_V_G[0][0]!;
    expect(left('none')).toBeCloseTo(-7.2, 12);
    expect(left('zero')).toBeCloseTo(0, 12);
    expect(left('threshold')).toBeCloseTo(0.5, 12);
  });

  it('divides each mean by its own count, and returns null for fewer than two completions (R47)', () => {
    expect(
      coupleViews(
        [
          [1, 0.4, 0.4],
          [0.2, 0.6],
        ],
        PAPER_COUPLING,
      ).delta,
    ).toBeCloseTo(0.2, 12);
    expect(coupleViews([[1], [0, 0]], PAPER_COUPLING)).toEqual({
      delta: null,
      penalised: null,
      penalty_V_G: [[0], [0, 0]],
    });
    expect(coupleViews([[0, 0], [1]], PAPER_COUPLING).delta).toBeNull();
    expect(coupleViews([[0], [1]], PAPER_COUPLING).delta).toBeNull();
  });
});

describe('property: coupleViews', () => {
  property('coupleViews: is symmetric in its views', [rewards, rewards], (a, b) => {
    const ab = coupleViews([a, b], PAPER_COUPLING);
    const ba = coupleViews([b, a], PAPER_COUPLING);
    expect(ba.delta).toBeCloseTo(-ab.delta!, 12);
    expect(ba.penalty_V_G).toEqual([ab.penalty_V_G[1], ab.penalty_V_G[0]]);
  });

  property(
    'penalises at most one view, adds no reward, and does nothing at η = 0',
    [rewards, rewards, fc.double({ min: 0, max: 10, noNaN: true })],
    (a, b, eta) => {
      const { penalty_V_G } = coupleViews([a, b], { ...PAPER_COUPLING, eta });
      expect(penalty_V_G.flat().every((p) => p >= 0)).toBe(true);
      expect(penalty_V_G.filter((view) => view.some((p) => p > 0)).length).toBeLessThanOrEqual(
        eta === 0 ? 0 : 1,
      );
    },
  );
});

describe('coupleJointly', () => {
  const completion = (value: number, right: boolean, agrees?: boolean): JointCompletion => ({
    value,
    right,
    ...(agrees !== undefined && { agrees }),
  });
  const view = fc.array(
    fc.record({ value: fc.double({ min: -0.2, max: 1, noNaN: true }), right: fc.boolean() }),
    { minLength: 2, maxLength: 8 },
  );

  it('keeps the value of a completion if the completion and its partner are right and agree', () => {
    const out = coupleJointly([
      [
        completion(1, true, true),
        completion(0.9, true, false),
        completion(0.8, true, true),
        completion(-0.2, false),
      ],
      [
        completion(1, true, true),
        completion(0.7, true, false),
        completion(0.3, false, true),
        completion(0.6, true),
      ],
    ]);
    expect(out).toEqual({
      delta: expect.closeTo(-0.025, 12) as number,
      joint: 1,
      // Pair accuracy, but they disagree; right alone; wrong together: all that a completion earned is gone, and no more.
      penalty_V_G: [
        [0, 0.9, 0.8, 0],
        [0, 0.7, 0.3, 0.6],
      ],
    });
  });

  it('requires only right answers if answers cannot be compared', () => {
    const out = coupleJointly([
      [completion(0.9, true), completion(0.8, true)],
      [completion(0.7, true), completion(0.6, false)],
    ]);
    expect(out).toMatchObject({
      joint: 1,
      penalty_V_G: [
        [0, 0.8],
        [0, 0.6],
      ],
    });
  });

  it('reuses partners from the first partner on if a view has fewer completions', () => {
    const out = coupleJointly([
      [completion(1, true), completion(1, true), completion(1, true)],
      [completion(1, true), completion(1, false)],
    ]);
    expect(out).toMatchObject({
      joint: 2,
      penalty_V_G: [
        [0, 1, 0],
        [0, 1],
      ],
    });
  });

  it('subtracts nothing if a view has fewer than two completions (R47)', () => {
    const lone = coupleJointly([[completion(1, false)], [completion(1, false), completion(1, false)]]);
    expect(lone).toEqual({ delta: null, joint: null, penalty_V_G: [[0], [0, 0]] });
  });

  property(
    'coupleJointly: is symmetric, leaves no positive value to wrong completions',
    [view, view],
    (one, other) => {
      const out = coupleJointly([one, other]);
      const swapped = coupleJointly([other, one]);
      expect(swapped.penalty_V_G).toEqual([...out.penalty_V_G].reverse());
      expect(swapped.joint).toBe(out.joint);
      expect(swapped.delta).toBeCloseTo(-out.delta!, 12);
      for (const [v, completions] of [one, other].entries())
        for (const [i, { value, right }] of completions.entries()) {
          const left = value - out.penalty_V_G[v]![i]!;
          expect(left).toBeLessThanOrEqual(Math.max(value, 0));
          if (!right) expect(left).toBe(Math.min(value, 0));
        }
    },
  );
});

describe('coupleByRelation', () => {
  const rights = fc.array(fc.boolean(), { minLength: 2, maxLength: 8 });

  it('pays right originals the share of expected changes, and expected changes the right share', () => {
    // Three of four originals are right; two of four counterfactual completions behave.
    const out = coupleByRelation([true, true, false, true], [true, false, true, false]);
    expect(out).toEqual({
      behaving: 2,
      penalty_V_G: [
        [-0.5, -0.5, 0, -0.5],
        [-0.75, 0, -0.75, 0],
      ],
    });
  });

  it('adds no reward if a view has fewer than two completions (R47)', () => {
    expect(coupleByRelation([true], [true, true])).toEqual({ behaving: null, penalty_V_G: [[0], [0, 0]] });
    expect(coupleByRelation([true, true], [true])).toEqual({ behaving: null, penalty_V_G: [[0, 0], [0]] });
  });

  property(
    'coupleByRelation: rewards right or behaving completions by at most 1',
    [rights, rights],
    (right, behaves) => {
      const { penalty_V_G } = coupleByRelation(right, behaves);
      for (const [v, holds] of [right, behaves].entries())
        for (const [i, penalty] of penalty_V_G[v]!.entries()) {
          expect(penalty).toBeGreaterThanOrEqual(-1);
          expect(penalty < 0).toBe(holds[i]! && [behaves, right][v]!.includes(true));
        }
      const all = coupleByRelation(
        right.map(() => true),
        behaves.map(() => true),
      );
      expect(all.penalty_V_G.flat().every((penalty) => penalty === -1)).toBe(true);
    },
  );

  property(
    'coupleByRelation: does not depend on the order of completions or views',
    [rights, rights, fc.nat()],
    (right, behaves, turn) => {
      const by = turn % right.length;
      const turned = <T>(list: readonly T[]) => [...list.slice(by), ...list.slice(0, by)];
      const { penalty_V_G } = coupleByRelation(right, behaves);
      expect(coupleByRelation(turned(right), behaves).penalty_V_G).toEqual([
        turned(penalty_V_G[0]),
        penalty_V_G[1],
      ]);
      expect(coupleByRelation(behaves, right).penalty_V_G).toEqual([...penalty_V_G].reverse());
    },
  );
});

describe('coupleByOrder', () => {
  const rights = fc.array(fc.boolean(), { minLength: 2, maxLength: 8 });

  it('adds 0.3 to right completions in order if shuffled frames give no more right answers', () => {
    // Two of four are right in order, one of two shuffled: as often.
    expect(coupleByOrder([true, false, true, false], [true, false])).toEqual({
      delta: 0,
      bonus: true,
      penalty_V_G: [
        [-0.3, 0, -0.3, 0],
        [0, 0],
      ],
    });
    expect(coupleByOrder([true, false, true, false], [true, true, false])).toEqual({
      delta: expect.closeTo(-1 / 6, 12) as number,
      bonus: false,
      penalty_V_G: [
        [0, 0, 0, 0],
        [0, 0, 0],
      ],
    });
    expect(coupleByOrder([false, false], [false, false])).toMatchObject({ delta: 0, bonus: false });
  });

  it('adds no bonus if a view has fewer than two completions (R47)', () => {
    expect(coupleByOrder([true, true], [false])).toEqual({
      delta: null,
      bonus: false,
      penalty_V_G: [[0, 0], [0]],
    });
    expect(coupleByOrder([true], [false, false])).toMatchObject({ delta: null, bonus: false });
  });

  property(
    'coupleByOrder: adds 0.3 to all right completions or to none, in any order',
    [rights, rights],
    (right, shuffled) => {
      const { delta, bonus, penalty_V_G } = coupleByOrder(right, shuffled);
      expect(penalty_V_G[0]).toEqual(right.map((one) => (one && bonus ? -0.3 : 0)));
      expect(penalty_V_G[1].every((penalty) => penalty === 0)).toBe(true);
      if (delta! < -1e-6) expect(bonus).toBe(false);
      const other = coupleByOrder(right.toReversed(), shuffled.toReversed());
      expect(other).toEqual({ delta, bonus, penalty_V_G: [penalty_V_G[0].toReversed(), penalty_V_G[1]] });
    },
  );
});
