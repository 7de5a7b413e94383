import { describe, expect, it } from 'vitest';
import { parseSample } from '../../../../src/rows/sample/parse-sample.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { isTrusted } from '../../../../src/rows/sample/variant.ts';
import { viewOf } from '../../../../src/rows/view-list.ts';
import { keepQuestion } from '../../../../src/rows/views/keep-question.ts';
import { withNullOption } from '../../../../src/rows/views/option-views.ts';
import { inView, rewriteFor } from '../../../../src/rows/views/view.ts';
import { mirrorMoving, reverseMoving } from '../../../../src/core/worlds/motion/moving-world.ts';
import { askMotion, motionFormOf } from '../../../../src/core/worlds/motion/questions/ask-motion.ts';
import { seeClip } from '../../../../src/core/worlds/motion/seen-clip.ts';
import { drawnRow, formsOf } from '../../core/worlds-motion-laws.ts';

const row = (question: string, answer: string, more: object = {}): Sample =>
  parseSample({ id: 'a', question, answer, images: ['1.png', '2.png', '3.png'], ...more }).sample!;
const answerIn = (view: string, sample: Sample) => keepQuestion(sample, view).answer || null;

const TURNED = [
  ['mirror', mirrorMoving],
  ['reverse', reverseMoving],
  ['mirror+reverse', (moving: Parameters<typeof mirrorMoving>[0]) => reverseMoving(mirrorMoving(moving))],
] as const;

describe('unchanged question about a transformed clip', () => {
  it('property: an unchanged question has the answer of the transformed world, or no answer', () => {
    let known = 0;
    for (const style of ['english', 'compact'] as const)
      for (const [seed, topic] of formsOf(style).entries()) {
        const { clip, question } = drawnRow('same', style, topic, seed);
        const sample = askMotion(clip, question, style, { id: 'law' });
        for (const [view, turn] of TURNED) {
          const answer = answerIn(view, sample);
          const there = seeClip(turn(clip.moving), clip.size).clip;
          const ways = motionFormOf(question).candidates(there);
          // Where the turned world has no answer to it, nothing says what is right.
          if (answer === null || !ways.some((one) => String(one) === String(question.objects))) continue;
          const right = askMotion(there, question, style, { id: 'law' });
          expect([topic, view, answer]).toEqual([topic, view, right.answer]);
          known += 1;
        }
      }
    expect(known).toBeGreaterThan(80);
  });

  const left = 'Does the red cube move to the left?';
  it.each([
    ['reverse', left, 'Yes', {}, 'No'],
    ['mirror', left, 'Yes', {}, 'No'],
    ['mirror+reverse', left, 'Yes', {}, 'Yes'],
    // It may not move at all, unless the row says that there is no third.
    ['reverse', left, 'No', {}, null],
    ['reverse', left, 'No', { meta: { no_tie: true } }, 'Yes'],
    ['reverse', left, 'A', { choices: ['Yes', 'No'] }, 'B'],
    ['reverse', 'How many cups are there?', '3', {}, '3'],
    ['reverse', 'Which object moves to the left?', 'The red cube', {}, null],
    ['reverse', 'At the start, is the cup left of the jug?', 'Yes', {}, null],
    ['mirror', 'Which way does it go?', 'B', { choices: ['left', 'right'] }, 'A'],
  ])('for %s: "%s" with the answer %s %o, the answer is %s', (view, question, answer, more, wanted) => {
    const sample = row(question, answer, more);
    expect(answerIn(view, sample)).toBe(wanted);
    if (wanted !== null)
      expect(keepQuestion(sample, view)).toMatchObject({
        question,
        images: inView(sample, view)!.images,
        ...(sample.choices && { choices: sample.choices }),
      });
  });

  it('an unchanged question has the frames of the view, and an empty answer if unknown', () => {
    const sample = row('Why does the man leave?', 'He is late', { clip: { fps: 4 } });
    expect(answerIn('reverse', sample)).toBe(null);
    expect(keepQuestion(sample, 'mirror+reverse')).toEqual({
      id: 'a',
      question: sample.question,
      answer: '',
      images: ['3.png', '2.png', '1.png'],
      clip: { fps: 4 },
    });
  });

  it('an unchanged question exists only for views that rotate, flip or reorder images', () => {
    const views = [
      'mirror',
      'flip+reverse',
      'exchange',
      'converse',
      'mirror/keep',
      'repeat:2',
      'grey',
      'orbit:90',
    ];
    expect(views.filter((view) => viewOf(view).turnsPictures)).toEqual([
      'mirror',
      'flip+reverse',
      'exchange',
    ]);
  });
});

describe('none-of-the-above option', () => {
  it('none of the above is added once as the last choice, with the next letter', () => {
    const of = (choices?: string[]) => withNullOption({ choices }).choices;
    expect(of(['left', 'right'])).toEqual(['left', 'right', 'None of the above']);
    expect(of(['A. left', 'B. right'])).toEqual(['A. left', 'B. right', 'C. None of the above']);
    expect(of(['left', 'None of these'])).toEqual(['left', 'None of these']);
    expect([of([]), of()]).toEqual([[], undefined]);
  });
});

describe('shuffled frames', () => {
  const shuffled = (seed: number, more: object = {}) =>
    inView(row('Which way does it go?', 'left', more), `shuffle:${seed}`);

  it('shuffled frames keep the question, and depend on seed and row', () => {
    const images = ['1.png', '2.png', '3.png', '4.png', '5.png'];
    const orders = [1, 2, 3].map((seed) => shuffled(seed, { images })!.images.join());
    expect(new Set([...orders, images.join()]).size).toBe(4);
    expect(shuffled(1, { images })!.images.toSorted()).toEqual(images);
    expect(shuffled(1, { images })!.images).toEqual(shuffled(1, { images })!.images);
    expect(shuffled(1, { images, id: 'b' })!.images.join()).not.toBe(orders[0]);
    expect(shuffled(1)).toMatchObject({ question: 'Which way does it go?', answer: 'left' });
  });

  it('shuffled frames do not exist for a single image or for a row with boxes', () => {
    expect(shuffled(1, { images: ['1.png'] })).toBe(null);
    const boxed = row('Which way does it go?', 'left', { boxes: [[0, 0, 1, 1]], box_format: 'xyxy_px' });
    expect(isTrusted(rewriteFor(boxed, 'shuffle:1'))).toBe(false);
  });
});
