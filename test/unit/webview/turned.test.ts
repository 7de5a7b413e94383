import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inverseOf, sizeIn, SYMMETRIES } from '../../../src/rows/symmetry.ts';
import { turnPoint } from '../../../src/rows/views/geometry.ts';
import { turnedShapes } from '../../../webview/ui/shapes.ts';
import { turnedStyle, turnedZoom } from '../../../webview/ui/zoom.ts';
import { property } from '../../support/property.ts';

const symmetry = fc.constantFrom(...SYMMETRIES);
const size = fc.record({ w: fc.integer({ min: 1, max: 900 }), h: fc.integer({ min: 1, max: 900 }) });
const part = fc.double({ min: 0, max: 1, noNaN: true });

/** Where CSS draws a point of the image, in parts of the view's frame. */
function drawnAt(
  style: Record<string, string> | undefined,
  { w, h }: { w: number; h: number },
  x: number,
  y: number,
) {
  if (!style) return [x, y];
  const [a, b, c, d] = /matrix\(([^)]*)\)/.exec(style.transform!)![1]!.split(', ').map(Number) as number[];
  // From the middle, in pixels; an image on its side is as large as its own width and height.
  const [u, v] = [(x - 0.5) * w, (y - 0.5) * h];
  const [du, dv] = [a! * u + c! * v, b! * u + d! * v];
  const frame = style.width ? { w: h, h: w } : { w, h };
  return [0.5 + du / frame.w, 0.5 + dv / frame.h];
}

property(
  'turnedStyle: draws each point at the position from turnPoint',
  [symmetry, size, part, part],
  (view, size, x, y) => {
    if (view === 'mirror') return; // it has a class of its own
    const after = sizeIn(view, size);
    const [u, v] = turnPoint([x * size.w, y * size.h], view, 'point_px', size);
    const [a, b] = drawnAt(turnedStyle(view, size), size, x, y);
    expect(a).toBeCloseTo(u! / after.w, 6);
    expect(b).toBeCloseTo(v! / after.h, 6);
  },
);

it('turnedShapes: transforms boxes and points with their image', () => {
  const shape = { kind: 'dots' as const, label: '1', colour: 0, from: 'points' as const };
  const [dot] = turnedShapes([{ ...shape, points: [[10, 20]] }], 'rotate:90', { w: 100, h: 50 });
  expect(dot).toEqual({ ...shape, points: [[30, 10]] });
});

property(
  'turnedZoom: shows the same part in every view, and is invertible',
  [symmetry, fc.double({ min: 1, max: 30, noNaN: true }), part, part],
  (view, scale, p, q) => {
    const zoom = { scale, x: (1 - scale) * p, y: (1 - scale) * q };
    const turned = turnedZoom(zoom, view);
    const back = turnedZoom(turned, inverseOf(view));
    expect(back.x).toBeCloseTo(zoom.x, 9);
    expect(back.y).toBeCloseTo(zoom.y, 9);
    // The middle of the frame shows the same point of the image.
    const seen = ({ scale, x, y }: typeof zoom) => [(0.5 - x) / scale, (0.5 - y) / scale];
    const [x, y] = seen(zoom);
    const [u, v] = turnPoint([x!, y!], view, 'point_norm', { w: 1, h: 1 });
    expect(seen(turned)[0]).toBeCloseTo(u!, 9);
    expect(seen(turned)[1]).toBeCloseTo(v!, 9);
  },
);
