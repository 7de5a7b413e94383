import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoxFit } from '../../../../src/core/evaluation/box-fit.ts';
import { CASES } from '../../../support/slow.ts';
import { fromPixels, type BoxFormat, type Xyxy } from '../../../../src/rows/sample/boxes.ts';
import { forAll, property } from '../../../support/property.ts';

const SIZE = { w: 1920, h: 1080 };
const FORMATS: readonly BoxFormat[] = [
  'xyxy_px',
  'xyxy_1000',
  'xyxy_norm',
  'xywh_px',
  'cxcywh_px',
  'xywh_1000',
];
const box = fc
  .tuple(
    fc.integer({ min: 300, max: 1500 }),
    fc.integer({ min: 200, max: 800 }),
    fc.integer({ min: 60, max: 400 }),
    fc.integer({ min: 60, max: 250 }),
  )
  .map(([x, y, w, h]): Xyxy => [x, y, x + w, y + h]);

/** What is said of boxes that a model gives in one format, and rows declare in another. */
function told(boxes: readonly Xyxy[], declared: BoxFormat, by: BoxFormat): string | null {
  const fit = new BoxFit();
  for (const each of boxes) {
    const answer = JSON.stringify(fromPixels(each, declared, SIZE));
    const row = { task: 'bbox', box_format: declared, image: SIZE, answer };
    fit.add(row, JSON.stringify(fromPixels(each, by, SIZE)));
  }
  return fit.misfit('the set');
}

describe('property: box formats of a set', () => {
  property(
    'reports a mismatched box format only if another format fits better',
    [
      fc.array(box, { minLength: 8, maxLength: 30 }),
      fc.constantFrom(...FORMATS),
      fc.constantFrom(...FORMATS),
    ],
    { numRuns: CASES, seed: 4 },
    (boxes, declared, by) => {
      const said = told(boxes, declared, by);
      if (declared === by) expect(said).toBeNull();
      // Where conventions overlap by chance, a few boxes do not tell them apart.
      else if (said !== null) {
        expect(said).toMatch(/% as \w+ and \d+\.\d% as declared/);
        expect(said).toContain(`(${declared})`);
      }
    },
  );

  // Qwen2.5-VL makes 1064 × 588 pixels of 1920 × 1080 where 639,450 are allowed: 38 × 21 cells of 28 pixels.
  it('reports boxes in pixels of the resized image if the model family is known', () => {
    const boxes = Array.from({ length: 12 }, (_, i): Xyxy => [900 + 40 * i, 500, 990 + 40 * i, 580]);
    const said = (sees?: string) => {
      const fit = new BoxFit(sees);
      for (const each of boxes) {
        const row = { box_format: 'xyxy_px' as const, image: SIZE, answer: JSON.stringify(each) };
        fit.add(
          row,
          JSON.stringify(each.map((x, i) => Math.round(i % 2 === 0 ? (x * 1064) / 1920 : (x * 588) / 1080))),
        );
      }
      return fit.misfit('the set');
    };
    expect(said('qwen2.5-vl@639450')).toMatch(
      /fit pixels of the resized image of qwen2\.5-vl@639450 \(xyxy_seen_px\)/,
    );
    expect(said() ?? '').not.toContain('resized');
    expect(said('qwen2.5-vl') ?? '').not.toContain('resized');
  });

  it('reports boxes in thousandths from eight boxes on', () => {
    forAll([fc.array(box, { minLength: 3, maxLength: 30 })], { numRuns: CASES, seed: 5 }, (boxes) => {
      const small = boxes.map(([x, y]): Xyxy => [x + 300, y, x + 380, y + 60]);
      const said = told(small, 'xyxy_px', 'xyxy_1000');
      if (boxes.length < 8) expect(said).toBeNull();
      else expect(said).toContain('fit xyxy_1000 far better than the declared format (xyxy_px)');
    });
  });
});
