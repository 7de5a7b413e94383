import { describe, expect, it } from 'vitest';
import { type Observer, probability } from '../../../../src/core/psychophysics/observer.ts';
import { type Level, ObserverGrid, placeNext } from '../../../../src/core/psychophysics/placement.ts';
import { Random } from '../../../../src/base/random.ts';
import { observer } from '../../../support/simulated-observers.ts';

const XS = [-16, -8, -4, -2, -1, 0, 1, 2, 4, 8, 16];
/** Answers of an observer in whom habits cancel. */
const answers = (x: number, n: number, who: Observer, random: Random): number =>
  Array.from({ length: n }).filter(() => random.chance(probability(x, [], who))).length;
const who = (width: number) => observer({ width, shifts: [], shares: [] });

describe('adaptive placement', () => {
  const measure = (one: Observer, seed: string, place: (levels: Level[], grid: ObserverGrid) => number) => {
    const random = Random.from(seed);
    const grid = new ObserverGrid(XS);
    const levels: Level[] = XS.map((x) => ({ x, positive: 0, n: 0 }));
    for (let block = 0; block < 15; block++) {
      const x = place(levels, grid);
      for (const level of levels.filter((each) => Math.abs(each.x) === Math.abs(x))) {
        const n = x === 0 ? 8 : 4;
        level.positive += answers(level.x, n, one, random);
        level.n += n;
      }
    }
    return placeNext(grid, levels).threshold;
  };

  it('estimates a small threshold more precisely than fixed levels, with equal cost', () => {
    const sharp = who(2.5);
    const logWidth = ({ interval: [low, high] }: { interval: [number, number] }) => Math.log(high / low);
    let gain = 0;
    for (const seed of ['a', 'b', 'c', 'd']) {
      let turn = 0;
      gain += logWidth(measure(sharp, seed, () => XS[5 + (turn++ % 6)]!));
      gain -= logWidth(measure(sharp, seed, (levels, grid) => placeNext(grid, levels).distance));
    }
    expect(gain).toBeGreaterThan(0);
  });

  it('places most trials near the threshold', () => {
    const asked: number[] = [];
    measure(who(5), 'where', (levels, grid) => {
      const { distance } = placeNext(grid, levels);
      asked.push(distance);
      return distance;
    });
    expect(asked.filter((x) => x <= 4).length).toBeGreaterThan(0.7 * asked.length);
  });
});
