import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iou } from '../../../src/core/answers/box-overlap.ts';
import { BOX_FORMATS, fromPixels, splitFormat, toPixels, type Xyxy } from '../../../src/rows/sample/boxes.ts';
import { forAll } from '../../support/property.ts';

const size = { w: 640, h: 480 };
const formats = BOX_FORMATS.filter((format) => splitFormat(format) && !format.startsWith('point'));
const box: fc.Arbitrary<Xyxy> = fc
  .tuple(fc.nat(640), fc.nat(480), fc.nat(640), fc.nat(480))
  .map(([a, b, c, d]) => [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)]);

describe('box formats and IoU', () => {
  it.each(formats)('property: boxes: converts pixels to %s and back without loss', (format) => {
    forAll([box], (b) => {
      const back = toPixels(fromPixels(b, format, size), format, size);
      back.forEach((v, i) => expect(v).toBeCloseTo(b[i]!, 8));
    });
  });

  it('reads equal boxes in different formats as the same pixels', () => {
    expect(toPixels([64, 48, 128, 96], 'xywh_px')).toEqual([64, 48, 192, 144]);
    expect(toPixels([0.1, 0.1, 0.3, 0.3], 'xyxy_norm', size).map(Math.round)).toEqual([64, 48, 192, 144]);
    expect(toPixels([200, 200, 200, 200], 'cxcywh_1000', size)).toEqual([64, 48, 192, 144]);
  });

  it('sorts corners, and rejects missing numbers or a missing image size', () => {
    expect(toPixels([5, 6, 1, 2], 'xyxy_px')).toEqual([1, 2, 5, 6]);
    expect(() => toPixels([1, 2, 3], 'xyxy_px')).toThrow('requires 4 finite numbers');
    expect(() => toPixels([1, 2, 3, NaN], 'xyxy_px')).toThrow('finite');
    expect(() => toPixels([0, 0, 1, 1], 'xyxy_norm')).toThrow('width and height');
  });

  it('property: boxes: IoU is symmetric, 1 with itself, and 0 for disjoint or empty boxes', () => {
    forAll([box, box], (a, b) => {
      expect(iou(a, b)).toBe(iou(b, a));
      expect(iou(a, a)).toBe((a[2] - a[0]) * (a[3] - a[1]) > 0 ? 1 : 0);
      expect(iou(a, b)).toBeLessThanOrEqual(1);
    });
    expect(iou([0, 0, 10, 10], [5, 0, 15, 10])).toBeCloseTo(1 / 3, 12);
    expect(iou([0, 0, 1, 1], [2, 2, 3, 3])).toBe(0);
  });
});
