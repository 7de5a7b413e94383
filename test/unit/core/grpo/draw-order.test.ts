import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DrawOrder } from '../../../../src/core/grpo/draw-order.ts';

const epoch = (order: DrawOrder, n: number, e: number) =>
  Array.from({ length: n }, (_, i) => order.at(e * n + i));

describe('DrawOrder', () => {
  it('draws every row once per epoch, in another order each time, the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 40 }), (seed, n) => {
        const order = new DrawOrder(seed, n, 'shuffled');
        const first = epoch(order, n, 0);
        expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
        expect(epoch(new DrawOrder(seed, n, 'shuffled'), n, 0)).toEqual(first);
      }),
    );
    const order = new DrawOrder(1, 30, 'shuffled');
    expect(epoch(order, 30, 0)).not.toEqual(epoch(order, 30, 1));
  });

  it('goes on from a cursor as if it had never stopped', () => {
    const straight = new DrawOrder(5, 7, 'shuffled');
    const all = Array.from({ length: 40 }, (_, i) => straight.at(i));
    for (const from of [3, 8, 17]) {
      const resumed = new DrawOrder(5, 7, 'shuffled');
      expect(Array.from({ length: 40 - from }, (_, i) => resumed.at(from + i))).toEqual(all.slice(from));
    }
  });

  it('keeps the order of the file when asked, and refuses an empty one', () => {
    expect(epoch(new DrawOrder(1, 4, 'as_given'), 4, 3)).toEqual([0, 1, 2, 3]);
    expect(() => new DrawOrder(1, 0, 'shuffled')).toThrow('no rows');
  });
});
