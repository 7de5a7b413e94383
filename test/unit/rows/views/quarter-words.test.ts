import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { applyVariant, isTrusted } from '../../../../src/rows/sample/variant.ts';
import { inverseOf, stepsOf, SYMMETRIES, type Symmetry } from '../../../../src/rows/symmetry.ts';
import { turnPoint } from '../../../../src/rows/views/geometry.ts';
import { rewriteFor } from '../../../../src/rows/views/view.ts';
import { property } from '../../../support/property.ts';
import { readExamples } from '../../../support/view-examples.ts';

const QUARTERS = SYMMETRIES.filter((one) => stepsOf(one).exchanges);
const sample = (question: string, answer: string, topDown = false): Sample => ({
  id: 'a',
  question,
  answer,
  images: [],
  ...(topDown && { meta: { viewpoint: 'top_down' } }),
});

/** What is true of two points of an image, in words that a rewrite may use. */
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
  property(
    'directions hold in the rotated image exactly if they held before',
    [
      fc.constantFrom(...QUARTERS),
      fc.constantFrom(
        ...['to the left of', 'to the right of', 'above', 'below'],
        ...['further left in the image than', 'higher in the image than', 'lower in the image than'],
      ),
      fc.constantFrom('In the image, is the car', 'Is the car'),
      POINT,
      POINT,
    ],
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
  );

  property(
    'directions are restored by four quarter turns',
    [
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
    ],
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
  );

  const TOP = { row: { meta: { viewpoint: 'top_down' } } };
  const CLASSES = readExamples(
    `
1 rotate:90 | In the image, is the car left or right of the house? → left
  ⇒ In the image, is the car above or below the house? → above
2 rotate:90 | Is the car to the right or to the left of the house? → to the left
  ⇒ Is the car below or above the house in the image? → above
3 rotate:90 | In the image, on which side of the house is the car, left or right? → right
  ⇒ In the image, on which side of the house is the car, above or below? → below
4 rotate:90 | In the image, on which side of the house is the car? → B
  ⇒ In the image, on which side of the house is the car? → B
5 rotate:90 | Is the cup on the left or the right side of the image? → left
  ⇒ Is the cup at the top or at the bottom of the image? → top
6 rotate:90 | Where is the cup in the image? → on the left
  ⇒ Where is the cup in the image? → at the top
7 rotate:90 | In which half of the image is the cup? → the left half
  ⇒ In which half of the image is the cup? → the top half
8 rotate:90 | In which corner of the image is the cup? → top left
  ⇒ In which corner of the image is the cup? → top right
9 rotate:90 | In the image, which hand is on the left? → his left hand
  ⇒ In the image, which hand is at the top? → his left hand
10 rotate:90 | In the image, is the cup on the left? → Yes
  ⇒ In the image, is the cup at the top? → Yes
11 rotate:90 | Is the car on the left? → Yes
  ⇒ Is the car at the top of the image? → Yes
12 rotate:90 | Which car is more to the left, the red or the blue one? → the red one
  ⇒ Which car is higher in the image, the red or the blue one? → the red one
13 rotate:90 | In the image, does the car move to the left or to the right? → to the left
  ⇒ In the image, does the car move upwards or downwards? → upwards
14 rotate:90 | In the image, is the car to the left of the house and above the tree? → Yes
  ⇒ In the image, is the car above the house and to the right of the tree? → Yes
15 rotate:90 | Is the car to the left of the house, yes or no? → yes
  ⇒ Is the car above the house in the image, yes or no? → yes
`,
    {
      '2 rotate:90': TOP,
      '4 rotate:90': { row: { choices: ['left', 'right'] } },
      '11 rotate:90': TOP,
      '12 rotate:90': TOP,
      '15 rotate:90': TOP,
    },
  );
  it.each(CLASSES)('turns a question with its answer: $from', ({ from, to, row: more }) => {
    const [turned, becomes] = to!;
    const row = { ...sample(...from), ...more };
    const seen = rewriteFor(row, 'rotate:90');
    expect([seen.reason, seen.question, seen.answer]).toEqual([undefined, turned, becomes]);
    if (more?.choices) expect(seen.choices).toEqual(['above', 'below']);
    // The words of the table come back as its words, and mean the same.
    const back = applyVariant(row, rewriteFor({ ...row, ...seen, variants: {} }, 'rotate:270'));
    expect(rewriteFor({ ...back, variants: {} }, 'rotate:90')).toMatchObject({ answer: becomes });
  });

  it.each([
    ['rotate:180', 'In the image, does the car move upwards?', 'In the image, does the car move downwards?'],
    ['rotate:180', 'In the image, is the dog facing left?', 'In the image, is the dog facing right?'],
    [
      'flip',
      'Does the arrow point to the left in the image?',
      'Does the arrow point to the left in the image?',
    ],
    ['flip', 'If you were the man, is it on your left?', 'If you were the man, is it on your right?'],
  ])('a quarter turn rewrites in %s: "%s"', (view, question, turned) => {
    expect(rewriteFor(sample(question, 'Yes'), view)).toMatchObject({ question: turned, answer: 'Yes' });
  });

  it('a quarter turn defers height words in top-down images', () => {
    for (const question of [
      'Which building is higher?',
      'Is the car at the top?',
      'Does the car move upwards?',
    ])
      for (const view of ['rotate:180', 'rotate:90', 'flip'])
        expect(rewriteFor(sample(question, 'the bank', true), view)).toMatchObject({ status: 'needs_llm' });
  });

  it.each([
    ['Is the car to the left of the house?', 'no_anchor'],
    ['In the image, is the car left, right, above or below the house?', 'frame'],
    ['In the image, is the dog facing left?', 'quarter_turn'],
    ['In the image, is the left of the two cups red?', 'quarter_turn'],
    ['In the image, is the car moving to the left of the house?', 'quarter_turn'],
    ['In the image, is the car on the left side of the road?', 'frame'],
    ['In the image, is the cup at the top of the tower?', 'frame'],
    ['Is the table wider than the door?', 'quarter_turn'],
    ['In the image, what is on top of the shelf?', 'gravity'],
  ])('a quarter turn defers questions outside the supported classes: %s', (question, code) => {
    for (const symmetry of QUARTERS)
      expect(rewriteFor(sample(question, 'Yes'), symmetry)).toMatchObject({ status: 'needs_llm', code });
  });
});

describe('original words stored in a quarter-turned row', () => {
  const row: Sample = {
    id: 'a',
    question: 'Is the car left of the house?',
    answer: 'Yes',
    images: [{ w: 640, h: 480 }],
    box_format: 'xyxy_px',
    boxes: [[100, 50, 300, 200]],
    meta: { viewpoint: 'top_down' },
  };
  const turned = (sample: Sample, view: string): Sample => applyVariant(sample, rewriteFor(sample, view));

  it.each([
    ['rotate:90', 'rotate:90', 'rotate:90', 'rotate:90'],
    ['rotate:90', 'rotate:270'],
    ['transpose', 'rotate:180', 'antitranspose'],
  ])('stored words restore the row byte for byte after %s, %s, …', (...views) => {
    const back = views.reduce(turned, row);
    expect(JSON.stringify(back)).toBe(JSON.stringify(row));
    expect(turned(row, views[0]!).question).toBe('Is the car above the house in the image?');
  });

  it('stored words do not overwrite later edits', () => {
    const edited = { ...turned(row, 'rotate:90'), question: 'Is the truck above the house in the image?' };
    const back = turned(edited, 'rotate:270');
    expect(back.question).toBe('Is the truck to the left of the house in the image?');
    expect(back.meta?.view_words).toMatchObject({ turned: 'rotate:270' });
  });

  it('malformed stored words are dropped', () => {
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

describe('the option --anchor image', () => {
  const row: Sample = {
    id: 'a',
    question: 'where is the red-cube from the blue-ball ?',
    answer: 'left',
    images: [],
    choices: ['left', 'right'],
  };
  const anchored = 'In the image as shown, where is the red-cube from the blue-ball ?';

  it('--anchor image accepts questions about positions in both views', () => {
    expect(rewriteFor(row, 'rotate:180', { anchor: 'image' })).toMatchObject({
      status: 'flipped',
      question: anchored,
      answer: 'right',
      choices: ['right', 'left'],
      anchor: 'image',
    });
    expect(rewriteFor(row, 'rotate:90', { anchor: 'image' })).toMatchObject({
      question: anchored,
      answer: 'above',
    });
    expect(rewriteFor(row, 'anchored')).toMatchObject({ question: anchored, answer: 'left' });
  });
});
