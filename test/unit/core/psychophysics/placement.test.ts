import { describe, expect, it } from 'vitest';
import { type Level } from '../../../../src/core/psychophysics/fit.ts';
import { answers } from '../../../../src/core/psychophysics/verdict.ts';
import { type Observer, THRESHOLD } from '../../../../src/core/psychophysics/observer.ts';
import {
  type BlockPair,
  differences,
  ObserverGrid,
  placeNext,
} from '../../../../src/core/psychophysics/placement.ts';
import { Random } from '../../../../src/core/random.ts';

const XS = [-16, -8, -4, -2, -1, 0, 1, 2, 4, 8, 16];
const coarse: Observer = { bias: 0, width: 16, lapseLow: 0.02, lapseHigh: 0.02, overdispersion: 0 };
const fine: Observer = { ...coarse, bias: 3, width: 5 };

const blocks = (first: Observer, second: Observer, random: Random): BlockPair[] =>
  XS.flatMap((x) =>
    Array.from({ length: 12 }, () => ({
      x,
      first: { positive: answers(x, 4, first, random), n: 4 },
      second: { positive: answers(x, 4, second, random), n: 4 },
    })),
  );

describe('differences of conditions', () => {
  it('hold what was planted, and decide that it is not 0', () => {
    const { bias, threshold } = differences(blocks(coarse, fine, Random.from('planted')), Random.from(1))!;
    expect(bias.interval[0]).toBeLessThan(3);
    expect(bias.interval[1]).toBeGreaterThan(3);
    expect(bias.interval[0]).toBeGreaterThan(0);
    const truth = (5 - 16) * THRESHOLD;
    expect(threshold.interval[0]).toBeLessThan(truth);
    expect(threshold.interval[1]).toBeGreaterThan(truth);
    expect(threshold.interval[1]).toBeLessThan(0);
  });

  it('of a condition with itself are 0 without doubt', () => {
    const twice = blocks(fine, fine, Random.from('same')).map(({ x, first }) => ({
      x,
      first,
      second: first,
    }));
    expect(differences(twice, Random.from(2))).toEqual(
      Object.fromEntries(['bias', 'threshold', 'lapse'].map((key) => [key, { value: 0, interval: [0, 0] }])),
    );
  });

  it('need two levels', () => {
    expect(
      differences([{ x: 1, first: { positive: 1, n: 4 }, second: { positive: 2, n: 4 } }], Random.from(3)),
    ).toBe(null);
  });
});

describe('adaptive placement', () => {
  const measure = (who: Observer, seed: string, place: (levels: Level[], grid: ObserverGrid) => number) => {
    const random = Random.from(seed);
    const grid = new ObserverGrid(XS);
    const levels: Level[] = XS.map((x) => ({ x, positive: 0, n: 0 }));
    for (let block = 0; block < 15; block++) {
      const x = place(levels, grid);
      for (const level of levels.filter((each) => Math.abs(each.x) === Math.abs(x))) {
        const n = x === 0 ? 8 : 4;
        level.positive += answers(level.x, n, who, random);
        level.n += n;
      }
    }
    return placeNext(grid, levels).threshold;
  };

  it('knows a small threshold better than levels asked in turn, from as many answers', () => {
    const sharp: Observer = { ...coarse, bias: 0.5, width: 2.5 };
    const logWidth = ({ interval: [low, high] }: { interval: [number, number] }) => Math.log(high / low);
    let gain = 0;
    for (const seed of ['a', 'b', 'c', 'd']) {
      let turn = 0;
      gain += logWidth(measure(sharp, seed, () => XS[5 + (turn++ % 6)]!));
      gain -= logWidth(measure(sharp, seed, (levels, grid) => placeNext(grid, levels).distance));
    }
    expect(gain).toBeGreaterThan(0);
  });

  it('asks near the threshold, and the far ends rarely', () => {
    const asked: number[] = [];
    measure(fine, 'where', (levels, grid) => {
      const { distance } = placeNext(grid, levels);
      asked.push(distance);
      return distance;
    });
    expect(asked.filter((x) => x <= 4).length).toBeGreaterThan(0.7 * asked.length);
  });
});
