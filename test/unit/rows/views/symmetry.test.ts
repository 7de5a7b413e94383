import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { readViewId } from '../../../../src/rows/view-list.ts';
import {
  composed,
  directionIn,
  hourIn,
  inverseOf,
  sizeIn,
  SYMMETRIES,
  turnPixels,
  type Symmetry,
} from '../../../../src/rows/symmetry.ts';
import { turnBox, turnMask } from '../../../../src/rows/views/geometry.ts';
import { turnSample } from '../../../../src/rows/views/turn.ts';
import { forAll } from '../../../support/property.ts';

const symmetry = fc.constantFrom(...SYMMETRIES);
/** The table of docs/views.md: row first, then column. */
const ORDER = 'mirror flip rotate:180 rotate:90 rotate:270 transpose antitranspose'.split(' ') as Symmetry[];
const TABLE: Record<string, string> = {
  mirror: 'original rotate:180 flip antitranspose transpose rotate:270 rotate:90',
  flip: 'rotate:180 original mirror transpose antitranspose rotate:90 rotate:270',
  'rotate:180': 'flip mirror original rotate:270 rotate:90 antitranspose transpose',
  'rotate:90': 'transpose antitranspose rotate:270 rotate:180 original flip mirror',
  'rotate:270': 'antitranspose transpose rotate:90 original rotate:180 mirror flip',
  transpose: 'rotate:90 rotate:270 antitranspose mirror flip original rotate:180',
  antitranspose: 'rotate:270 rotate:90 transpose flip mirror rotate:180 original',
};

describe('symmetries of the rectangle', () => {
  it('symmetries compose according to the table', () => {
    for (const [first, row] of Object.entries(TABLE))
      expect(ORDER.map((then) => composed(first as Symmetry, then)).join(' ')).toBe(row);
  });

  it('symmetries map directions and clock hours of the image', () => {
    const left = ORDER.map((one) => directionIn(one, 'left')).join(' ');
    expect(left).toBe('right left right above below above below');
    expect(ORDER.map((one) => hourIn(one, 2))).toEqual([10, 4, 8, 5, 11, 7, 1]);
  });

  it('property: symmetries move boxes, masks and pixels consistently, and compose', () => {
    const picture = { width: 7, height: 6, data: Uint8Array.from({ length: 126 }, (_, i) => i) };
    forAll([symmetry, symmetry], (a, b) => {
      const both = composed(a, b);
      expect(turnPixels(turnPixels(picture, a), b)).toEqual(turnPixels(picture, both));
      const size = { w: 640, h: 480 };
      const mid = sizeIn(a, size);
      const box = [100.5, 50.25, 300, 200];
      expect(turnBox(turnBox(box, a, 'xyxy_px', size), b, 'xyxy_px', mid)).toEqual(
        turnBox(box, both, 'xyxy_px', size),
      );
      const mask = { size: [2, 3] as [number, number], counts: [1, 2, 3] };
      expect(turnMask(turnMask(mask, a), b)).toEqual(turnMask(mask, both));
    });
  });

  it('symmetries move a corner pixel to its new corner', () => {
    const picture = { width: 2, height: 1, data: Uint8Array.from([1, 1, 1, 2, 2, 2]) };
    const first = ORDER.map((one) =>
      [...turnPixels(picture, one).data].filter((_, i) => i % 3 === 0).join(''),
    );
    expect(first).toEqual(['21', '12', '21', '12', '21', '12', '21']);
    expect(turnPixels(picture, 'rotate:90')).toMatchObject({ width: 1, height: 2 });
    // As the torch worker turns them by Pillow (test_files.py).
    const corners = {
      width: 2,
      height: 2,
      data: Uint8Array.from([...'AAABBBCCCDDD'].map((c) => c.charCodeAt(0))),
    };
    const turned = ORDER.map((one) =>
      String.fromCharCode(...turnPixels(corners, one).data.filter((_, i) => i % 3 === 0)),
    );
    expect(turned).toEqual(['BADC', 'CDAB', 'DCBA', 'CADB', 'BDAC', 'ACBD', 'DBCA']);
  });

  it('symmetries permute whole pixels at any width', () => {
    for (const [width, height] of [
      [1, 5],
      [4, 3],
      [9, 7],
    ] as const) {
      const pixel = (x: number, y: number) => [x, y, 200 + x];
      const data = Uint8Array.from(
        Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => pixel(x, y))).flat(
          2,
        ),
      );
      // Not at the start of its buffer, as decoders return it.
      const picture = { width, height, data: new Uint8Array([9, ...data]).subarray(1) };
      for (const one of SYMMETRIES) {
        const turned = turnPixels(picture, one);
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++) {
            const [u, v] = turnBox([x, y, x + 1, y + 1], one, 'xyxy_px', { w: width, h: height });
            const at = 3 * (v! * turned.width + u!);
            expect([...turned.data.subarray(at, at + 3)]).toEqual(pixel(x, y));
          }
      }
    }
  });

  it('symmetries swap names of key points only if handedness changes', () => {
    const names = ['left_eye', 'right_eye'];
    const points = [10, 20, 2, 30, 40, 2];
    const size = { w: 100, h: 80 };
    expect(turnBox(points, 'rotate:180', 'keypoints_px', size, names)).toEqual([90, 60, 2, 70, 40, 2]);
    expect(turnBox(points, 'flip', 'keypoints_px', size, names)).toEqual([30, 40, 2, 10, 60, 2]);
  });

  it('symmetries restore a transformed row when applied in reverse', () => {
    const sample = {
      id: 'a',
      question: 'In the image, which is further to the left, the cup at the top of the image or the jug?',
      answer: 'the cup',
      images: [{ w: 640, h: 480 }],
      boxes: [[1, 2, 3, 4]],
      box_format: 'xyxy_px' as const,
    };
    for (const one of ['flip', 'rotate:180'] as const) {
      const seen = turnSample(sample, one);
      expect(seen.status).toBe('flipped');
      const back = turnSample({ ...sample, ...seen, images: sample.images } as typeof sample, inverseOf(one));
      expect([back.question, back.answer, back.boxes]).toEqual([
        sample.question,
        sample.answer,
        sample.boxes,
      ]);
    }
  });
});

describe('readViewId', () => {
  it.each([
    ['mirror+flip', 'rotate:180'],
    ['rotate:90+rotate:90', 'rotate:180'],
    ['orbit:270+orbit:180', 'orbit:90'],
    ['mirror+orbit:90', 'orbit:270+mirror'],
    ['orbit:180+mirror', 'depth-mirror'],
    ['converse', 'converse'],
    [' flip + converse ', 'flip+converse'],
  ])('readViewId normalises "%s" to "%s"', (text, id) => expect(readViewId(text)).toEqual({ id }));

  it.each([
    ['mirror+mirror', 'is the same as the original'],
    ['orbit:90+orbit:270', 'is the same as the original'],
    ['rotate:180+orbit:90', 'Move orbit to the front'],
    ['mirror+dolly:1', 'Move dolly to the front'],
    ['converse+mirror', 'Move converse to the end'],
    ['converse+polarity', 'changes the wording twice'],
    ['spin', 'Unknown view "spin"'],
    ['orbit:fast', 'Unknown view "orbit:fast"'],
    ['', 'Unknown view ""'],
  ])('readViewId rejects "%s"', (text, problem) =>
    expect(readViewId(text)).toMatchObject({ problem: expect.stringContaining(problem) as string }),
  );
});
