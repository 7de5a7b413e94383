import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../../../src/core/spatial/sample.ts';
import { applyVariant, isTrusted } from '../../../../../src/core/spatial/variant.ts';
import {
  inverseOf,
  stepsOf,
  SYMMETRIES,
  type Symmetry,
} from '../../../../../src/core/spatial/views/symmetry.ts';
import { turnPoint } from '../../../../../src/core/spatial/views/geometry.ts';
import { rewriteFor } from '../../../../../src/core/spatial/views/view.ts';

const QUARTERS = SYMMETRIES.filter((one) => stepsOf(one).exchanges);
const sample = (question: string, answer: string, topDown = false): Sample => ({
  id: 'a',
  question,
  answer,
  images: [],
  ...(topDown && { meta: { viewpoint: 'top_down' } }),
});

/** What is true of two points of a picture, in words that a rewrite may use. */
const TRUE: [phrase: RegExp, holds: (dx: number, dy: number) => boolean][] = [
  [/ to the left of /, (dx) => dx < 0],
  [/ to the right of /, (dx) => dx > 0],
  [/ above /, (_, dy) => dy < 0],
  [/ below /, (_, dy) => dy > 0],
  [/ further left in the image than /, (dx) => dx < 0],
  [/ further right in the image than /, (dx) => dx > 0],
  [/ higher in the image than /, (_, dy) => dy < 0],
  [/ lower in the image than /, (_, dy) => dy > 0],
];
const truth = (question: string, [ax, ay]: readonly number[], [bx, by]: readonly number[]) =>
  TRUE.find(([phrase]) => phrase.test(question))![1](ax! - bx!, ay! - by!);

const size = { w: 640, h: 480 };
const POINT = fc.tuple(fc.integer({ min: 1, max: 639 }), fc.integer({ min: 1, max: 479 }));

describe('directions under a quarter turn', () => {
  it('a relation is as true of the turned picture as it was of the picture', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...QUARTERS),
        fc.constantFrom(
          ...['to the left of', 'to the right of', 'above', 'below'],
          ...['further left in the image than', 'higher in the image than', 'lower in the image than'],
        ),
        fc.constantFrom('In the image, is the car', 'Is the car'),
        POINT,
        POINT,
        (symmetry: Symmetry, phrase, start, a, b) => {
          fc.pre(a[0] !== b[0] && a[1] !== b[1]);
          const question = `${start} ${phrase} the house?`;
          const turned = rewriteFor(sample(question, 'Yes', !start.startsWith('In')), symmetry);
          expect(isTrusted(turned)).toBe(true);
          const place = (point: readonly number[]) => turnPoint(point, symmetry, 'point_px', size);
          expect(truth(turned.question, place(a), place(b))).toBe(truth(question, a, b));
          expect(turned.answer).toBe('Yes');
          // "Above the house" alone could be height.
          if (/above|below/.test(turned.question)) expect(turned.question).toMatch(/in the image/i);
        },
      ),
    );
  });

  it('comes back with the same meaning, and is the same question after four quarters', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...QUARTERS),
        fc.constantFrom(
          'In the image, is the car to the left of the house?',
          'Which building is leftmost in the image?',
          'In the image, list the ships from left to right.',
          'In the image, what colour is the second boat from the top?',
          'What is in the top-left corner of the image?',
          'What is on the right side of the image?',
          'What is at the bottom of the image?',
          'How many cars are in the left half of the image?',
        ),
        (symmetry: Symmetry, question) => {
          const turned = rewriteFor(sample(question, 'red'), symmetry);
          expect([turned.reason, isTrusted(turned)]).toEqual([undefined, true]);
          // The top-left corner is the one that a transpose leaves alone.
          expect(turned.question === question).toBe(symmetry === 'transpose' && question.includes('corner'));
          expect(rewriteFor(sample(turned.question, 'red'), inverseOf(symmetry)).question).toBe(question);
          let four: string = question;
          for (let i = 0; i < 4; i++) four = rewriteFor(sample(four, 'red'), 'rotate:90').question;
          expect(four).toBe(question);
        },
      ),
    );
  });

  it.each([
    ['Is the car to the left of the house?', 'no_anchor'],
    ['In the image, is the car left or right of the house?', 'frame'],
    ['In the image, is the car to the left of the house and above the tree?', 'quarter_turn'],
    ['In the image, does the car move to the left?', 'quarter_turn'],
    ['Is the table wider than the door?', 'quarter_turn'],
    ['In the image, what is on top of the shelf?', 'gravity'],
  ])('defers what no class covers: %s', (question, code) => {
    for (const symmetry of QUARTERS)
      expect(rewriteFor(sample(question, 'Yes'), symmetry)).toMatchObject({ status: 'needs_llm', code });
  });
});

describe('words before a quarter turn', () => {
  const row: Sample = {
    ...{ id: 'a', question: 'Is the car left of the house?', answer: 'Yes' },
    ...{ images: [{ w: 640, h: 480 }], box_format: 'xyxy_px', boxes: [[100, 50, 300, 200]] },
    meta: { viewpoint: 'top_down' },
  };
  const turned = (sample: Sample, view: string): Sample => applyVariant(sample, rewriteFor(sample, view));

  it.each([
    ['rotate:90', 'rotate:90', 'rotate:90', 'rotate:90'],
    ['rotate:90', 'rotate:270'],
    ['transpose', 'rotate:180', 'antitranspose'],
  ])('come back byte for byte: %s, %s, …', (...views) => {
    const back = views.reduce(turned, row);
    expect(JSON.stringify(back)).toBe(JSON.stringify(row));
    expect(turned(row, views[0]!).question).toBe('Is the car above the house in the image?');
  });

  it('do not come back over what somebody has edited since', () => {
    const edited = { ...turned(row, 'rotate:90'), question: 'Is the truck above the house in the image?' };
    const back = turned(edited, 'rotate:270');
    expect(back.question).toBe('Is the truck to the left of the house in the image?');
    expect(back.meta?.view_words).toMatchObject({ turned: 'rotate:270' });
  });

  it('of another form are dropped', () => {
    for (const words of [
      'x',
      { turned: 'spin' },
      { turned: 'rotate:90', before: { question: 1 }, after: 2 },
    ]) {
      const odd: Sample = { ...row, meta: { ...row.meta, view_words: words } };
      expect(rewriteFor(odd, 'rotate:180').meta).toEqual({ viewpoint: 'top_down' });
    }
  });
});
