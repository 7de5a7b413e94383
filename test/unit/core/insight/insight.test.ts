import { at } from '../../../../src/base/numbers.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  entropyOf,
  unionShares,
  unmirrorMap,
  liftOf,
  mapOf,
  divergence,
  mirrorError,
  relativeMap,
  sinksOf,
  packMaps,
  unpackMap,
} from '../../../../src/core/insight/maps.ts';
import { cellShares, type Grid } from '../../../../src/core/seen/token-grid.ts';
import {
  massAt,
  massWithout,
  oddsByLayer,
  oddsOf,
  sinksAt,
} from '../../../../src/core/insight/map-shares.ts';
import type { LookedView } from '../../../../src/core/insight/look.ts';
import { forAll, property } from '../../../support/property.ts';

const grid = fc.record({ rows: fc.integer({ min: 1, max: 6 }), cols: fc.integer({ min: 1, max: 6 }) });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const box = fc
  .tuple(share, share, share, share)
  .map(
    ([a, b, c, d]): [number, number, number, number] =>
      [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)] as [number, number, number, number],
  );
const weights = (cells: number) =>
  fc
    .array(fc.integer({ min: 0, max: 1000 }), { minLength: cells, maxLength: cells })
    .map((list) => Float32Array.from(list));
const twoMaps = grid.chain(({ rows, cols }) =>
  fc.tuple(fc.constant(cols), weights(rows * cols).map(mapOf), weights(rows * cols).map(mapOf)),
);
const whole: Grid = { rows: 4, cols: 4, piece: [0, 0, 1, 1] };
const sum = (values: Float32Array) => values.reduce((a, b) => a + b, 0);

describe('relativeMap', () => {
  it('property: relativeMap: is 1 for equal attention, and clipped to its 99th percentile', () => {
    forAll([twoMaps], ([, map]) => {
      relativeMap(map, map).forEach((ratio, i) => {
        if (map[i]! * map.length >= 0.01) expect(ratio).toBeCloseTo(1, 5);
      });
    });
    const general = new Float32Array(200).fill(1 / 200);
    const map = mapOf(Float32Array.from({ length: 200 }, (_, i) => (i === 7 ? 400 : 1)));
    const relative = relativeMap(map, general);
    expect(relative[7]).toBeLessThan(map[7]! / general[7]!);
    // Cells that nothing reads do not stand out by themselves.
    expect([...relativeMap(Float32Array.of(1, 0), Float32Array.of(1, 0))]).toEqual([expect.closeTo(0.99), 0]);
  });
});

describe('cells of an attention map', () => {
  property('cells cover a box in proportion to its area', [grid, box], ({ rows, cols }, [x1, y1, x2, y2]) => {
    const shares = cellShares({ rows, cols, piece: [0, 0, 1, 1] }, [x1, y1, x2, y2]);
    expect(sum(shares) / (rows * cols)).toBeCloseTo((x2 - x1) * (y2 - y1), 4);
  });

  it('cells are placed on the visible part of the image', () => {
    const middle: Grid = { rows: 2, cols: 2, piece: [0.25, 0, 0.75, 1] };
    expect([...cellShares(middle, [0.25, 0, 0.5, 0.5])]).toEqual([1, 0, 0, 0]);
    expect([...cellShares(middle, [0, 0, 0.25, 1])]).toEqual([0, 0, 0, 0]);
  });

  it('property: unmirroring cells twice restores the cells', () => {
    forAll([twoMaps], ([cols, map]) => {
      expect(unmirrorMap(unmirrorMap(map, { cols }), { cols })).toEqual(map);
    });
    expect([...unmirrorMap(Float32Array.of(1, 2, 3, 4, 5, 6), { cols: 3 })]).toEqual([3, 2, 1, 6, 5, 4]);
  });
});

describe('attention maps', () => {
  it('property: maps have a mirror error from 0 to 1, and 0 for the folded map', () => {
    forAll([twoMaps], ([cols, map, other]) => {
      expect(mirrorError(map, unmirrorMap(map, { cols }), { cols })).toBeCloseTo(0, 6);
      const error = mirrorError(map, other, { cols });
      expect(error).toBeGreaterThanOrEqual(0);
      expect(error).toBeLessThanOrEqual(1 + 1e-6);
    });
    expect(mirrorError(Float32Array.of(1, 0), Float32Array.of(1, 0), { cols: 2 })).toBeCloseTo(1);
  });

  it('symmetric maps have zero mirror error and divergence; folded maps follow the image', () => {
    const edges = mapOf(Float32Array.from({ length: 16 }, (_, i) => ([0, 3].includes(i % 4) ? 4 : 1)));
    expect([mirrorError(edges, edges, { cols: 4 }), divergence(edges, edges)]).toEqual([0, 0]);
    const left = Float32Array.of(0.9, 0.1);
    expect(mirrorError(left, Float32Array.of(0.1, 0.9), { cols: 2 })).toBeCloseTo(0);
    // By hand: half of the divergence of (0.9, 0.1) and (0.1, 0.9) from (0.5, 0.5), twice.
    const bits = 0.9 * Math.log2(1.8) + 0.1 * Math.log2(0.2);
    expect(divergence(left, Float32Array.of(0.1, 0.9))).toBeCloseTo(bits, 6);
  });

  property(
    'maps count the union of several boxes once',
    [fc.array(box, { minLength: 1, maxLength: 4 })],
    { numRuns: 60 },
    (boxes) => {
      const shares = unionShares({ rows: 2, cols: 3, piece: [0, 0, 1, 1] }, boxes);
      const steps = 40;
      const points = new Float64Array(6);
      for (let y = 0; y < 2 * steps; y++)
        for (let x = 0; x < 3 * steps; x++) {
          const [px, py] = [(x + 0.5) / (3 * steps), (y + 0.5) / (2 * steps)];
          if (boxes.some(([x1, y1, x2, y2]) => px > x1 && px < x2 && py > y1 && py < y2))
            points[3 * Math.floor(y / steps) + Math.floor(x / steps)]! += 1 / steps ** 2;
        }
      shares.forEach((share, i) => expect(Math.abs(share - points[i]!)).toBeLessThan(0.11));
      expect(Math.max(...shares)).toBeLessThan(1 + 1e-6);
    },
  );

  it('property: uniform maps have lift 1 and entropy 1', () => {
    const even = new Float32Array(16).fill(1 / 16);
    forAll([box], (one) => {
      const [x1, y1, x2, y2] = one;
      fc.pre((x2 - x1) * (y2 - y1) > 1e-3);
      const mass = cellShares(whole, one).reduce((total, inside, i) => total + inside * even[i]!, 0);
      expect(liftOf(mass, one, whole)).toBeCloseTo(1, 2);
      // Of two images, each gets half, and boxes are in the first.
      const two = { ...whole, pictures: 2 };
      expect(cellShares(two, one).subarray(0, 16)).toEqual(cellShares(whole, one));
      expect(liftOf(mass / 2, one, two)).toBeCloseTo(1, 2);
    });
    expect(entropyOf(even)).toBeCloseTo(1);
    expect(entropyOf(Float32Array.of(1, 0, 0))).toBe(0);
    expect(liftOf(0, [0.5, 0.5, 0.5, 1], whole)).toBeNull();
  });

  it('maps mark cells with high attention for every query as sinks', () => {
    const cells = 100;
    const at = (cell: number) =>
      Float32Array.from({ length: cells }, (_, i) => (i === cell || i === 7 ? 0.5 : 0));
    const large: Grid = { rows: 10, cols: 10, piece: [0, 0, 1, 1] };
    expect(sinksOf([at(1), at(2), at(3)], large)).toEqual([7]);
  });

  it('maps report values with and without sinks', () => {
    // Cell 7 gets half of every map; the other half is on the queried object's cell, in its box of cells 0 and 1.
    const map = Float32Array.from({ length: 100 }, (_, i) =>
      i === 7 ? 0.5 : i === 0 ? 0.3 : i === 50 ? 0.2 : 0,
    );
    const view = {
      grid: { rows: 10, cols: 10, piece: [0, 0, 1, 1] },
      queries: [{ name: 'answer', tokens: [] }],
      objects: [{ label: 'a', box: [0, 0, 0.2, 0.1], cells: 2 }],
      maps: packMaps({ shape: [1, 1, 1, 100], data: map }),
      share: [1],
      mass: [0.3],
    } as unknown as LookedView;
    const which = { layer: 0, head: null, query: 0 };
    expect(sinksAt(view, 0)).toEqual([0, 7, 50]);
    expect(massAt(view, which, 0)).toBeCloseTo(0.3);
    expect(massWithout(view, which, 0, [7])).toBeCloseTo(0.6, 2);
    expect(massWithout(view, which, 0, [0, 7, 50])).toBeNull();
  });

  property(
    'maps are stored in one byte with an error of at most 0.4% of the maximum',
    [fc.array(share, { minLength: 6, maxLength: 6 })],
    (list) => {
      const data = Float32Array.from(list);
      const packed = packMaps({ shape: [2, 3], data });
      for (const m of [0, 1]) {
        const most = Math.max(...data.subarray(3 * m, 3 * m + 3));
        unpackMap(packed, m).forEach((v, i) =>
          expect(Math.abs(v - data[3 * m + i]!)).toBeLessThanOrEqual(0.004 * most),
        );
      }
    },
  );
});

it('oddsOf: returns the log-odds of a word against all other words', () => {
  const p = [0.5, 0.3, 0.2].map(Math.log);
  expect(oddsOf(p, 0)).toBeCloseTo(0);
  expect(oddsOf(p, 1)).toBeCloseTo(Math.log(0.3 / 0.7));
  const layers = { shape: [2, 2], data: Float32Array.of(0, 0, 1, 0) };
  expect(oddsByLayer(layers)).toEqual([0, 1]);
});

it('at: slices values by leading indices', () => {
  const values = { shape: [2, 3], data: new Float32Array(6) };
  values.data.set([1, 2, 3, 4, 5, 6]);
  expect([...at(values, 1)]).toEqual([4, 5, 6]);
  expect([...at(values, 0, 2)]).toEqual([3]);
  expect(() => at(values, 2)).toThrow('Index 2 does not exist');
});
