import { describe, expect, it } from 'vitest';
import { leanings, type Trial } from '../../../../src/core/psychophysics/leanings.ts';
import { Random } from '../../../../src/base/random.ts';

type Signs = Trial['signs'];

/**
 * A scene asked eight ways, or four by one order; `claim` tells what the observer claims, given the truth and what each
 * leaning would claim.
 */
const block = (
  name: string,
  truth: 1 | -1,
  claim: (truth: 1 | -1, signs: Signs) => 1 | -1 | null,
  orders = [1, -1],
): Trial[] =>
  [1, -1].flatMap((view) =>
    orders.flatMap((order) =>
      [1, -1].map((pole) => {
        const signs = { side: view * order, yes: view * order * pole, first: order * pole } as Signs;
        return { block: name, claim: claim(truth, signs), signs };
      }),
    ),
  );

const many = (claim: (truth: 1 | -1, signs: Signs) => 1 | -1 | null): Trial[] =>
  Array.from({ length: 60 }, (_, i) => block(`${i}`, i % 3 ? 1 : -1, claim)).flat();

describe('response bias', () => {
  it('response bias is 0 for an observer who uses the image', () => {
    for (const { value } of Object.values(leanings(many((truth) => truth)))) expect(value).toBe(0);
  });

  it('recovers the share of trials that one bias decides, and 0 for all other biases', () => {
    const random = Random.from('leaning');
    const { yes, side, first } = leanings(many((truth, signs) => (random.chance(0.3) ? signs.yes! : truth)));
    expect(yes!.interval![0]).toBeLessThan(0.3);
    expect(yes!.interval![1]).toBeGreaterThan(0.3);
    expect(yes!.interval![0]).toBeGreaterThan(0.15);
    for (const { value } of [side!, first!]) expect(Math.abs(value!)).toBeLessThan(0.1);
  });

  // Student's t alone, without the prior, holds 0.02 of those who see all in 78% of them, and 0.98 in 73%.
  it.each([0, 0.02, 0.1, 0.5, 0.9, 0.98, 1, -0.02, -0.5, -0.98, -1])(
    'intervals contain the simulated share %d at any acuity of the observer',
    (share) => {
      for (const sight of [1, 0.6, 0]) {
        const random = Random.from(`intervals ${share} ${sight}`);
        const sees = (truth: 1 | -1) => (random.chance((1 + sight) / 2) ? truth : truth === 1 ? -1 : 1);
        const habit = (sign: 1 | -1) => (share < 0 ? (sign === 1 ? -1 : 1) : sign);
        const intervals = Array.from({ length: 300 }, () => {
          const scenes = Array.from({ length: 33 }, (_, i) =>
            block(
              `${i}`,
              i % 2 ? 1 : -1,
              (truth, { yes }) => (random.chance(Math.abs(share)) ? habit(yes!) : sees(truth)),
              [1],
            ),
          );
          return leanings(scenes.flat()).yes!.interval!;
        });
        // Three standard errors of 300 below 95%.
        const held = intervals.filter(([low, high]) => low <= share && share <= high);
        expect(held.length).toBeGreaterThan(0.91 * 300);
        for (const [low, high] of intervals) expect(-1 <= low && low < high && high <= 1).toBe(true);
      }
    },
  );

  it('response bias has the opposite sign for an observer who always answers no', () => {
    expect(leanings(many((_, signs) => (signs.yes === 1 ? -1 : 1))).yes!.value).toBe(-1);
  });

  it('excludes blocks with unparsed answers, and counts the remaining blocks', () => {
    const trials = [...block('a', 1, (truth) => truth), ...block('b', 1, () => null)];
    expect(leanings(trials).yes).toEqual({ value: 0, interval: null, blocks: 1 });
    expect(leanings(block('b', 1, () => null)).yes).toEqual({ value: null, interval: null, blocks: 0 });
  });

  it('rejects blocks that cannot separate a bias from acuity or from another bias', () => {
    const half = block('half', 1, (truth) => truth).filter(({ signs }) => signs.side === 1);
    expect(() => leanings(half)).toThrow('Block half: the signs of "side" do not add up to 0');
    const twins = block('twins', 1, (truth) => truth).map((trial) => ({
      ...trial,
      signs: { yes: trial.signs.yes!, again: trial.signs.yes! },
    }));
    expect(() => leanings(twins)).toThrow('"yes" and "again" cannot be separated');
  });
});
