import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOX_FORMATS, splitFormat, type BoxFormat } from '../../../../src/rows/sample/boxes.ts';
import { turnBox, turnMask, turnPoint } from '../../../../src/rows/views/geometry.ts';
import { subtractDecimals } from '../../../../src/base/numbers.ts';
import { mirrorSample } from '../../../../src/rows/views/mirror/mirror-sample.ts';
import { forAll, property } from '../../../support/property.ts';

const mirrorBox = (...[box, ...of]: Mirrored<typeof turnBox>) => turnBox(box, 'mirror', ...of);
const mirrorPoint = (...[point, ...of]: Mirrored<typeof turnPoint>) => turnPoint(point, 'mirror', ...of);
const mirrorMask = (...[mask, ...of]: Mirrored<typeof turnMask>) => turnMask(mask, 'mirror', ...of);
/** The arguments of a turn, without the symmetry. */
type Mirrored<F extends (...args: never[]) => unknown> =
  Parameters<F> extends [infer Place, unknown, ...infer Rest] ? [Place, ...Rest] : never;

const size = { w: 640, h: 480 };

/** A coordinate in the unit of a format, with up to nine decimals, as data files have them. */
function coordinate(format: BoxFormat): fc.Arbitrary<number> {
  const unit = splitFormat(format)?.unit ?? 'px';
  const full = unit === 'norm' ? 1 : unit === '1000' ? 1000 : size.w;
  return fc
    .tuple(fc.double({ min: 0, max: full, noNaN: true }), fc.nat(9))
    .map(([x, decimals]) => Number(x.toFixed(decimals)));
}

function entry(format: BoxFormat): fc.Arbitrary<number[]> {
  const x = coordinate(format);
  if (format.startsWith('scalar')) return fc.tuple(x);
  if (format === 'keypoints_px') return fc.array(x, { minLength: 51, maxLength: 51 });
  if (format === 'polygon_px') return fc.array(fc.tuple(x, x), { minLength: 1 }).map((pairs) => pairs.flat());
  return format.startsWith('point') ? fc.tuple(x, x) : fc.tuple(x, x, x, x);
}

describe('mirrored geometry', () => {
  it.each(BOX_FORMATS)('property: mirrorSample never throws for %s without an image size', (box_format) => {
    const answers = fc.constantFrom(
      'Yes',
      'no',
      'left',
      'x = 12',
      '12',
      '[1, 2, 3, 4]',
      '(x1=3)',
      '',
      'none.',
    );
    forAll([answers, answers, fc.boolean()], (answer, reasoning, sized) => {
      const images = [sized ? { path: 'a.png', ...size } : 'a.png'];
      const row = {
        id: 'r',
        question: 'Is the cup left of the plate?',
        answer,
        reasoning,
        images,
        box_format,
      };
      expect(['flipped', 'invariant', 'needs_llm', 'discard']).toContain(mirrorSample(row).status);
    });
  });

  it.each(BOX_FORMATS)('property: mirroring %s twice restores the same bytes', (format) => {
    forAll([entry(format)], (box) => {
      expect(JSON.stringify(mirrorBox(mirrorBox(box, format, size), format, size))).toBe(JSON.stringify(box));
    });
  });

  it('mirroring keeps decimals and the order of corners', () => {
    expect(mirrorBox([0.1, 0.2, 0.9, 1], 'xyxy_norm')).toEqual([0.1, 0.2, 0.9, 1]);
    expect(mirrorBox([0.42, 0.13, 0.9, 0.72], 'xyxy_norm')).toEqual([0.1, 0.13, 0.58, 0.72]);
    expect(mirrorBox([10, 20, 30.25, 40], 'xywh_px', size)).toEqual([599.75, 20, 30.25, 40]);
    expect(mirrorBox([100, 20, 30, 40], 'cxcywh_1000')).toEqual([900, 20, 30, 40]);
    expect(mirrorBox([1e-7, 0.5], 'point_norm')).toEqual([0.9999999, 0.5]);
    expect(mirrorBox([600], 'scalar_x_px', size)).toEqual([40]);
    expect(mirrorBox([600], 'scalar_y_px')).toEqual([600]);
    expect(mirrorBox([0, 0, 10, 0, 10, 5], 'polygon_px', size)).toEqual([640, 0, 630, 0, 630, 5]);
    expect(mirrorPoint([0.25, 0.5, 7], 'xyxy_norm')).toEqual([0.75, 0.5, 7]);
    expect(subtractDecimals('1', '0.10')).toBe('0.90');
    expect(subtractDecimals('1', '.42')).toBe('.58');
    expect(subtractDecimals('640', '10', '20.5')).toBe('609.5');
  });

  property(
    'mirroring: maps full-width boxes and centred boxes to themselves',
    [fc.integer({ min: 0, max: 320 })],
    (x) => {
      const box = [x, 5, 640 - x, 9];
      expect(mirrorBox(box, 'xyxy_px', size)).toEqual(box);
    },
  );

  it('mirroring swaps left and right key points', () => {
    const names = ['nose', 'left_eye', 'right_eye'];
    const mirrored = mirrorBox([320, 9, 2, 300, 8, 2, 0, 0, 0], 'keypoints_px', size, names);
    expect(mirrored).toEqual([320, 9, 2, 0, 0, 0, 340, 8, 2]);
    expect(() => mirrorBox([1, 2, 2], 'keypoints_px', size)).toThrow('visibility per name');
    expect(() => mirrorBox([1, 2, 2], 'keypoints_px', size, ['left_eye'])).toThrow('no partner');
  });

  it('rejects a missing width, or numbers that do not fit the format', () => {
    expect(() => mirrorBox([1, 2, 3, 4], 'xyxy_px')).toThrow("needs the image's width");
    expect(() => mirrorBox([1, 2, 3], 'xyxy_norm')).toThrow('needs 4 numbers');
    expect(() => mirrorMask([[1, 2, 3]], size)).toThrow('pairs');
    expect(() => mirrorMask([[1, 2]])).toThrow('width');
    expect(() => mirrorMask({ size: [2, 2], counts: [3] })).toThrow('3 pixels of 4');
  });
});

describe('mirrored masks', () => {
  const cases = JSON.parse(
    readFileSync(new URL('../../../fixtures/mirror/rle.json', import.meta.url), 'utf8'),
  ) as Record<'mask' | 'mirror', { size: [number, number]; counts: string }>[];

  it('mirrored masks match pycocotools in both directions', () => {
    for (const { mask, mirror } of cases) {
      expect(mirrorMask(mask)).toEqual(mirror);
      expect(mirrorMask(mirror)).toEqual(mask);
    }
  });

  it('mirrored masks keep run lengths as lists', () => {
    expect(mirrorMask({ size: [2, 2], counts: [0, 2, 2] })).toEqual({ size: [2, 2], counts: [2, 2] });
  });
});
