import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapOf } from '../../../src/core/insight/maps.ts';
import { sum } from '../../../src/base/numbers.ts';
import { contourOf } from '../../../webview/ui/contour.ts';
import { property } from '../../support/property.ts';

describe('contourOf', () => {
  const [rows, cols] = [3, 4];
  const maps = fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: rows * cols, maxLength: rows * cols })
    .map((all) => mapOf(Float32Array.from(all)));

  property('contourOf: draws each outer side of the selected cells once, as closed lines', [maps], (map) => {
    const sorted = [...map].filter((value) => value > 0).sort((a, b) => b - a);
    const most = sorted.findIndex((_, i) => sum(sorted.slice(0, i + 1)) >= sum(map) / 2);
    const isIn = (r: number, c: number) =>
      most >= 0 && r >= 0 && r < rows && c >= 0 && c < cols && map[r * cols + c]! >= sorted[most]!;
    const sides = Array.from(map, (_, i) => [Math.floor(i / cols), i % cols] as const)
      .filter(([r, c]) => isIn(r, c))
      .flatMap(([r, c]) => [isIn(r - 1, c), isIn(r + 1, c), isIn(r, c - 1), isIn(r, c + 1)]);
    const lines = contourOf(map, { rows, cols, piece: [0.1, 0, 0.9, 1] });
    expect(lines).toHaveLength(sides.filter((inside) => !inside).length);
    const ends = lines.flatMap(([x1, y1, x2, y2]) => [`${x1} ${y1}`, `${x2} ${y2}`]);
    for (const end of ends) expect(ends.filter((other) => other === end).length % 2).toBe(0);
  });

  it('surrounds a single cell with over half of the attention; empty without attention', () => {
    const grid = { rows: 1, cols: 2, piece: [0, 0, 1, 1] as [number, number, number, number] };
    expect(contourOf(Float32Array.of(0.4, 0.6), grid)).toEqual([
      [0.5, 0, 0.5, 1],
      [0.5, 0, 1, 0],
      [1, 0, 1, 1],
      [0.5, 1, 1, 1],
    ]);
    expect(contourOf(Float32Array.of(0, 0), grid)).toEqual([]);
    // Half of all attention is in the second of two images, and none of it in the first.
    const ofTwo = Float32Array.of(0.2, 0.2, 0, 0.6);
    expect(contourOf(ofTwo, { ...grid, pictures: 2 }, 0)).toEqual([]);
    expect(contourOf(ofTwo, { ...grid, pictures: 2 }, 1)).toEqual(contourOf(Float32Array.of(0.4, 0.6), grid));
  });
});
