import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mirrorSample } from '../../../src/rows/views/mirror/mirror-sample.ts';
import { type BoxFormat, BOX_FORMATS } from '../../../src/rows/sample/boxes.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import { shapesOf, viewShapes } from '../../../webview/ui/shapes.ts';
import { Lru } from '../../../webview/ui/pictures.ts';
import { forAll } from '../../support/property.ts';

describe('Lru image cache', () => {
  test('property: image cache: keeps the last used values within its budget', () => {
    const use = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 1, max: 6 }));
    forAll([fc.array(use)], (uses) => {
      const left: { weight: number }[] = [];
      const cache = new Lru<{ weight: number }>(
        8,
        ({ weight }) => weight,
        (value) => left.push(value),
      );
      const made: { weight: number }[] = [];
      /** The model: keys with their values, the most recent last. */
      let model: [string, { weight: number }][] = [];
      for (const [key, weight] of uses) {
        const known = model.find(([k]) => k === key);
        expect(cache.get(key)).toBe(known?.[1]);
        model = model.filter((entry) => entry !== known);
        if (!known) made.push({ weight });
        const value = known?.[1] ?? made.at(-1)!;
        if (!known) cache.set(key, value);
        model.push([key, value]);
        while (model.reduce((sum, [, v]) => sum + v.weight, 0) > 8 && model.length > 1) model.shift();
      }
      const kept = new Set(model.map(([, value]) => value));
      expect(new Set(left)).toEqual(new Set(made.filter((value) => !kept.has(value))));
      expect(left.length).toBe(new Set(left).size);
    });
  });
});

describe('shapes over an image', () => {
  const size = { w: 200, h: 100 };
  const numbers: Record<string, number[]> = {
    xyxy: [0.1, 0.2, 0.3, 0.5],
    xywh: [0.1, 0.2, 0.2, 0.3],
    cxcywh: [0.2, 0.35, 0.2, 0.3],
  };
  const inUnit = (format: BoxFormat) => {
    const [shape, unit] = format.split('_') as [string, string];
    const [sx, sy] = { px: [200, 100], norm: [1, 1], 1000: [1000, 1000] }[unit]!;
    return numbers[shape]!.map((v, i) => v * (i % 2 ? sy! : sx!));
  };

  test.for(BOX_FORMATS.filter((format) => /^(xyxy|xywh|cxcywh)_/.test(format)))('convert %s', (format) => {
    const [shape] = shapesOf({ boxes: [inUnit(format)] }, format, size);
    const rounded = shape!.points.map((point) => point.map((v) => Math.round(v)));
    expect(rounded).toEqual([
      [20, 20],
      [60, 20],
      [60, 50],
      [20, 50],
    ]);
  });

  test.for([
    'xyxy_px',
    'xywh_norm',
    'cxcywh_1000',
    'point_px',
    'polygon_px',
    'scalar_x_px',
    'scalar_y_px',
  ] as const)('shapes of a mirrored row in %s match the mirror of the original shapes', (format) => {
    const entries: Partial<Record<BoxFormat, number[]>> = {
      point_px: [30, 40],
      polygon_px: [10, 10, 50, 20, 30, 60],
      scalar_x_px: [80],
      scalar_y_px: [80],
    };
    const sample: Sample = {
      id: 'a',
      question: 'Where is it?',
      answer: 'There.',
      images: [{ path: 'a.png', ...size }],
      boxes: [entries[format] ?? inUnit(format)],
      box_format: format,
    };
    const mirror = mirrorSample(sample);
    expect(mirror.boxes).toBeDefined();
    const area = (shapes: ReturnType<typeof shapesOf>) =>
      shapes.map(({ points }) => points.map(([x, y]) => `${x.toFixed(6)} ${y.toFixed(6)}`).sort());
    expect(area(viewShapes(sample, mirror, 'mirror', format, size))).toEqual(
      area(viewShapes(sample, {}, 'mirror', format, size)),
    );
  });

  test('omits boxes with the wrong number of values, and keeps all other boxes', () => {
    const boxes = [
      [1, 2, 3],
      [10, 10, 20, 20],
    ];
    expect(shapesOf({ boxes }, 'xyxy_px', size).map(({ label }) => label)).toEqual(['2']);
    expect(shapesOf({ boxes }, undefined, size)).toEqual([]);
  });

  test('shapes include objects of the graph with their labels', () => {
    const scene_graph = {
      version: 1 as const,
      objects: [
        { id: 'o1', label: 'cup', box: [0, 0, 10, 10] as [number, number, number, number] },
        { id: 'o2', label: 'plate', centroid: [50, 50] as [number, number] },
        { id: 'o3', label: 'nowhere' },
      ],
      relations: [],
    };
    const shapes = shapesOf({ scene_graph }, undefined, size);
    for (const objects of [undefined, 'cup', [null, 3, { label: {}, box: 'wide' }]]) {
      expect(shapesOf({ scene_graph: { ...scene_graph, objects } as never }, undefined, size)).toEqual([]);
    }
    expect(shapes.map(({ label, kind }) => [label, kind])).toEqual([
      ['cup', 'outline'],
      ['plate', 'dots'],
    ]);
  });
});
