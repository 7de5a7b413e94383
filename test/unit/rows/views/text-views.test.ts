import { describe, expect, it } from 'vitest';
import { ask } from '../../../../src/core/worlds/questions/question-forms.ts';
import { familiesFor, drawRow } from '../../../../src/core/worlds/world-rows.ts';
import { ROOM } from '../../../../src/core/worlds/sample-worlds.ts';
import { Random } from '../../../../src/base/random.ts';
import type { Sample, ViewVariant } from '../../../../src/rows/sample/sample.ts';
import { isTrusted } from '../../../../src/rows/sample/variant.ts';
import { rewriteFor } from '../../../../src/rows/views/view.ts';

const row = (question: string, answer: string, reasoning?: string, more: object = {}): Sample => ({
  id: 'a',
  question,
  answer,
  images: [],
  ...(reasoning !== undefined && { reasoning }),
  ...more,
});

describe('reasoning in text views', () => {
  const question = 'Is the cup to the left of the jug?';

  it.each([
    'The cup is 20% of the width to the left of the center, the jug is 5% of the width to the right of the center, so the cup is to the left of the jug.',
    'The cup is 2 meters away.',
  ])('reasoning is kept if it describes the image: %s', (reasoning) => {
    expect(rewriteFor(row(question, 'Yes', reasoning), 'converse')).toMatchObject({
      status: 'flipped',
      question: 'Is the jug to the right of the cup?',
      answer: 'Yes',
    });
    expect(rewriteFor(row(question, 'Yes', reasoning), 'exchange-names')).toMatchObject({
      question: 'Is the jug to the left of the cup?',
      answer: 'No',
    });
  });

  it.each([
    'The cup is at column 10, the jug at column 90, so yes.',
    'cup left-2 , jug right-3 , to left',
    'The first one is on the left of the table.',
    'It is to the left.',
    'The statement holds.',
    'It is closer.',
    'The cup is not behind the jug.',
  ])('reasoning is dropped if it refers to the question or continues its sentence: %s', (reasoning) => {
    for (const view of ['converse', 'exchange-names'])
      expect(rewriteFor(row(question, 'Yes', reasoning), view)).toEqual({
        ...rewriteFor(row(question, 'Yes'), view),
        reasoning_dropped: 'The reasoning repeats the words of the question.',
      });
  });
});

it('exchange-names and permute-options: update the letter of an answer with its candidate', () => {
  const sample = row('Which is closer, the cup or the jug?', '(A) the cup', undefined, {
    choices: ['the cup', 'the jug'],
  });
  for (const view of ['exchange-names', 'permute-options:1'])
    expect(rewriteFor(sample, view)).toMatchObject({
      answer: '(B) the cup',
      choices: ['the jug', 'the cup'],
    });
});

it('permute-options: marks a letter answer as changed, and a name answer as unchanged', () => {
  const choices = ['the cup', 'the jug'];
  const effects = ['A', '(A)', 'the cup'].map(
    (answer) =>
      (
        rewriteFor(
          row('Which is closer?', answer, undefined, { choices }),
          'permute-options:1',
        ) as ViewVariant
      ).effect,
  );
  expect(effects).toEqual(['changes', 'changes', 'stays']);
});

describe('converse of questions about worlds', () => {
  const random = Random.from('text views');
  const size = { w: 448, h: 448 };
  const drawn = Array.from({ length: 150 }, () =>
    drawRow(random, {
      world: ROOM,
      size,
      style: 'english',
      bias: {},
      families: familiesFor('english', size).filter((family) => ['side', 'front', 'size'].includes(family)),
    }),
  );
  const samples = drawn.map(({ observation, question }, i): Sample => ({
    ...ask(observation, question),
    id: `w${i}`,
    images: [],
  }));

  it('converses exist for over ten questions about worlds, and repeated converses restore them', () => {
    let rewritten = 0;
    for (const sample of samples) {
      const variant = rewriteFor(sample, 'converse');
      if (!isTrusted(variant)) continue;
      rewritten += 1;
      const back = rewriteFor({ ...sample, question: variant.question, answer: variant.answer }, 'converse');
      expect([back.question, back.answer]).toEqual([sample.question, sample.answer]);
    }
    expect(rewritten).toBeGreaterThan(10);
  });
});
