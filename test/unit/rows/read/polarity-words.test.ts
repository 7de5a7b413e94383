import { describe, expect, it } from 'vitest';
import { readQuestion } from '../../../../src/rows/read/asked.ts';
import { checkPolarity, flipPolarity } from '../../../../src/rows/views/polarity/flip.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';

const sampleOf = (question: string, answer: string, more: Partial<Sample> = {}): Sample => ({
  id: 'x',
  images: [],
  question,
  answer,
  ...more,
});

describe('flipPolarity: questions whose answer changes from yes to no', () => {
  it.each([
    ['Can you see more cups than plates?', 'Can you see fewer cups than plates?'],
    ['Does the box contain more apples than the bag?', 'Does the box contain fewer apples than the bag?'],
    ['Are there more wedding cakes than plates?', 'Are there fewer wedding cakes than plates?'],
    ['Is the pole less than 2 meters from the wall?', 'Is the pole more than 2 meters from the wall?'],
    ['Is the cup nearer the wall than the plate?', 'Is the cup farther from the wall than the plate?'],
    ['Is the cup on the lefthand side of the plate?', 'Is the cup on the righthand side of the plate?'],
    ['Is the cup on the left-hand side of the plate?', 'Is the cup on the right-hand side of the plate?'],
    ['Is the cup further behind than the plate?', 'Is the cup further in front than the plate?'],
    ['Is the cup farthest back?', 'Is the cup farthest forward?'],
    ['Is the phone longer than the mug?', 'Is the phone shorter than the mug?'],
    ['Is the table longer than the bench?', 'Is the table shorter than the bench?'],
    [
      'Is the second chair from the left closer to the camera than the table?',
      'Is the second chair from the left farther from the camera than the table?',
    ],
    [
      'Is the lamp to the left of the sofa taller than the vase?',
      'Is the lamp to the left of the sofa shorter than the vase?',
    ],
  ])('flipPolarity rewrites "%s"', (question, opposite) => {
    const reasoning = 'It can be seen.';
    expect(flipPolarity(sampleOf(question, 'Yes', { reasoning }))).toMatchObject({
      status: 'flipped',
      question: opposite,
      answer: 'No',
      reasoning: '',
      rules: [expect.any(String), 'yes-to-no'],
    });
  });
});

describe('flipPolarity: rows that the rules defer or do not flip', () => {
  it.each([
    ['Is the cup more to the left than to the right?', 'The question has several predicates.'],
    ['Is the lamp taller than the vase and closer to the wall?', 'The question has several predicates.'],
    ['Can you see a cup to the left of the plate?', 'The question asks what can be seen.'],
    ['Do more people sit than stand?', 'The question compares numbers in its subject.'],
    ['Is the man who is tall near the tree?', 'The question has more than a noun before the place.'],
    [
      'Given the picture, where is the cup, left or right of it?',
      'The question asks for the relation itself.',
    ],
    ['In the image, where is the cup, left of the plate?', 'The question asks for the relation itself.'],
    ['Is the man who is tall left of the tree?', 'The question has more than a noun before the place.'],
    [
      'Is the chair behind the table from the left?',
      'The question goes on after the place with more than its noun.',
    ],
    ['Is the paint inside and outside the box?', 'The question has no predicate with an opposite.'],
    ['Is the cup not left of the plate?', 'The question is negated.'],
    ['Might the cup be left of the plate?', 'The question hedges.'],
    ['What is the distance between the cup and the plate?', 'The question asks for a magnitude.'],
    ['Where is the cup, left of the plate or right of it?', 'The question asks for the relation itself.'],
    ['Is the cup left of the plate or right of it?', 'The question offers both poles.'],
    ['Is the cup near?', 'The question says near or far of nothing.'],
    ["Is the shorter's bag closer to the camera than the box?", 'The question has several predicates.'],
    ['Is left_of above the plate?', 'The question has more than a noun before the place.'],
    ['Is the cup in the top left corner?', 'The question asks for a corner, which has no single opposite.'],
  ])('flipPolarity does not flip "%s"', (question, reason) => {
    const { status, ...got } = flipPolarity(sampleOf(question, 'Yes'));
    expect(status).not.toBe('flipped');
    expect(got.reason).toBe(reason);
    expect(got.question).toBe(question);
  });
});

it('flipPolarity: swaps the letters of the options yes and no, and keeps their case', () => {
  const choices = ['Yes', 'No'];
  const answerTo = (answer: string) => {
    const got = flipPolarity(sampleOf('Is the cup left of the plate?', answer, { choices }));
    return got.status === 'flipped' ? got.answer : got.reason;
  };
  expect(['A', 'a', '(A)', 'A.', 'A) Yes'].map(answerTo)).toEqual(['B', 'b', '(B)', 'B.', 'B) No']);
  expect(answerTo('B')).toBe('A "no" might mean a tie.');
});

it('flipPolarity: swaps the letters of two candidates, with their words', () => {
  const choices = ['the cup', 'the plate'];
  const answerTo = (answer: string) =>
    flipPolarity(sampleOf('Which is closer, the cup or the plate?', answer, { choices })).answer;
  const answers = ['A', 'Option a', 'The answer is : A', 'The answer is A.', '(A) the cup', 'the cup'];
  expect(answers.map(answerTo)).toEqual([
    'B',
    'Option b',
    'The answer is : B',
    'The answer is B.',
    '(B) the plate',
    'the plate',
  ]);
});

it.each([
  ['Which is farther? Choose between: the cup or the plate', 'the cup', undefined, 'the plate'],
  ['Which is farther? Choices: cup, plate', 'cup', undefined, 'plate'],
  [
    'Which is farther?',
    'The cup is farther',
    ['The cup is farther', 'The plate is farther'],
    'The plate is closer',
  ],
])('flipPolarity: swaps the two candidates: %s %s', (question, answer, choices, other) => {
  expect(flipPolarity(sampleOf(question, answer, choices && { choices }))).toMatchObject({
    status: 'flipped',
    question: question.replace('farther', 'closer'),
    answer: other,
  });
});

it('flipPolarity: keeps a tie between two candidates, and defers among three candidates', () => {
  const answer = 'The same distance';
  const two = ['the cup', 'the plate', answer];
  const question = 'Which is closer, the cup or the plate?';
  expect(flipPolarity(sampleOf(question, answer, { choices: two }))).toMatchObject({
    status: 'flipped',
    question: 'Which is farther, the cup or the plate?',
    answer,
  });
  expect(flipPolarity(sampleOf(question, 'the cup', { choices: two })).answer).toBe('the plate');
  const three = { choices: ['the bowl', ...two] };
  const more = flipPolarity(sampleOf('Which is closer, the bowl, the cup or the plate?', answer, three));
  expect(more).toMatchObject({ status: 'needs_llm', reason: 'The answer names no candidate.' });
});

describe('candidates of a question', () => {
  it.each([
    [
      'Which of the cup, the plate, and the bowl is closest to the camera?',
      ['the cup', 'the plate', 'the bowl'],
    ],
    ['The cup or the plate: which is closer to the camera?', ['The cup', 'the plate']],
    ['Which is closer to the camera, the cup or the plate in the image?', ['the cup', 'the plate']],
    ['Between the cup and the plate, which is closer?', ['the cup', 'the plate']],
    ['Is the cup or the plate closer to the camera?', ['the cup', 'the plate']],
    ['Is the ball closer to the cup or to the plate?', ['the cup', 'the plate']],
    ['Which is taller-looking, the lamp (red) or the vase?', ['the lamp (red)', 'the vase']],
  ])('reads candidates from "%s"', (question, names) => {
    const read = readQuestion(question, undefined, names[0]!);
    expect(read.kind === 'choice' ? read.candidates.map(({ text }) => text) : read).toEqual(names);
  });
});

it('checkPolarity: allows external rewrites to change only polar phrases', () => {
  const only = (question: string, rewritten: string) =>
    checkPolarity(sampleOf(question, 'Yes'), { question: rewritten, answer: 'No' }).predicate_only;
  expect(only('Is the cup left of the plate?', 'Is the cup right of the plate?')).toBe('pass');
  expect(only('Is the rope shorter than the bar?', 'Is the rope longer than the bar?')).toBe('pass');
  expect(only('Is the cup left of the plate?', 'Is the cup right of the bowl?')).toBe('fail');
  expect(only('Is the cup full?', 'Is the cup full ?')).toBe('undecidable');
});
