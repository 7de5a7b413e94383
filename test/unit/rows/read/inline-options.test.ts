import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  choicesOf,
  inlineChoices,
  namedOption,
  readOptions,
} from '../../../../src/rows/read/inline-options.ts';
import { letterOf } from '../../../../src/base/item-names.ts';
import { forAll } from '../../../support/property.ts';

const optionsOf = (question: string) => readOptions(question)?.options.map(({ text }) => text) ?? null;
const cut = (text: string) => (({ stem, after }) => ({ stem, after }))(readOptions(text)!);

describe('options inside a question', () => {
  it.each<[question: string, options: string[]]>([
    ['Is the stool near the piano?\nA. yes\nB. no', ['yes', 'no']],
    ['Does the boat lie at the pier? A. Yes B. No', ['Yes', 'No']],
    ['Where is the kite?\n(A) left\n(B) right\n(C) above', ['left', 'right', 'above']],
    ['Where is the kite? a) left b) right', ['left', 'right']],
    ['Where is the kite? A: left B: right', ['left', 'right']],
    ['Where is the kite? A.left B.right', ['left', 'right']],
    ['Where is the kite? **A.** left **B.** right', ['left', 'right']],
    ['Where is it? Option A: the shed. Option B: the barn.', ['the shed.', 'the barn.']],
    ['风筝在哪里？A、左边 B、右边', ['左边', '右边']],
    ['In which order? Options: A. cup, jug, B. jug, cup, C. cup, cup', ['cup, jug', 'jug, cup', 'cup, cup']],
    ['Which way? Options: A. Left, Right, B. Right, Left', ['Left, Right', 'Right, Left']],
    [
      'Where?\nA. to the left\nof the shed\nB. to the right\nof the shed',
      ['to the left\nof the shed', 'to the right\nof the shed'],
    ],
    [
      'What is in the pill?\nA. vitamin B. complex\nB. vitamin C.\nC. none',
      ['vitamin B. complex', 'vitamin C', 'none'],
    ],
    ['Where is the kite? Options: left, right or above.', ['left', 'right', 'above']],
    ['Where is the kite? Options: left; right; up, then left', ['left', 'right', 'up, then left']],
    ['Is the kite up? Options: yes/no', ['yes', 'no']],
    ['Where is the kite? Possible answers: left, right', ['left', 'right']],
    ['Where is the kite? The options are: left, right, and above.', ['left', 'right', 'above']],
    ['Where is the kite? Select one of these: left | right', ['left', 'right']],
    [`Where is the kite? Options: ['A. left', 'B. right']`, ['left', 'right']],
    ['Where is the kite? A.) left B.) right', ['left', 'right']],
    ['Where is the kite?\r\nA. left\r\nB. right\r\nAnswer:', ['left', 'right']],
    ['Options:\n- the shed\n- the barn\n\nWhich is nearer?', ['the shed', 'the barn']],
    [`Which? Choices: ['the baker's', "the 'Crown'", 'none']`, ["the baker's", "the 'Crown'", 'none']],
    [
      'Which holds? A. The shed is nearer. B. The barn is nearer.',
      ['The shed is nearer.', 'The barn is nearer.'],
    ],
  ])('reads from %j the options %j', (question, options) => expect(optionsOf(question)).toEqual(options));

  it.each([
    'Which is nearer, the shed (A) or the barn (B)?',
    'Is point (A) left of point (B)?',
    'The man in picture A. The woman in picture B. Who is taller?',
    'Is the U.S. A. flag on the left?',
    'Do the letters spell A. B.?',
    'Is the shed left or right of the barn?',
  ])('finds no options in %j', (question) => expect(optionsOf(question)).toBeNull());

  it.each<[question: string, asked: string, after: string]>([
    ['Which?\nA. shed\nB. barn', 'Which?', ''],
    ['Which? Options: A. shed, B. barn', 'Which?', ''],
    ['Which?\nChoose one of the following options:\nA. shed\nB. barn', 'Which?', ''],
    [
      "Which?\n(A) shed\n(B) barn\nAnswer with the option's letter from the given choices directly.",
      'Which?',
      "Answer with the option's letter from the given choices directly.",
    ],
    [
      'Which? A. shed B. barn Please select the correct answer.',
      'Which?',
      'Please select the correct answer.',
    ],
    [
      'How many? A. 3 B. 4\nThink step by step. Do not explain.',
      'How many?',
      'Think step by step. Do not explain.',
    ],
    ['A. shed B. barn. Which is nearer?', 'Which is nearer?', ''],
    ['Does it turn (A) left or (B) right?', 'Does it turn?', ''],
    ['Which? Options: shed, barn. Answer with one word.', 'Which?', 'Answer with one word.'],
  ])('splits %j into the question %j and the text %j', (question, asked, after) =>
    expect(cut(question)).toEqual({ stem: asked, after }),
  );

  it('property: reads the options inside a question in every notation', () => {
    const word = fc.constantFrom(
      'cup',
      'red shed',
      'to the left',
      '3',
      '2.5 m',
      'yes',
      'lamp, rug',
      'the baker’s',
    );
    forAll(
      [
        fc.uniqueArray(word, { minLength: 2, maxLength: 6 }),
        fc.constantFrom<[open: string, close: string]>(['(', ') '], ['', '. '], ['', ') '], ['', ': ']),
        fc.constantFrom('\n', ' ', ', ', '; '),
        fc.constantFrom('', '\nOptions:', ' Choices:'),
        fc.constantFrom('', '\nAnswer with the letter.', '\nPlease choose one.'),
      ],
      (options, [open, close], joint, lead, after) => {
        const menu = options.map((option, i) => `${open}${letterOf(i)}${close}${option}`).join(joint);
        const question = `Which one is it?${lead}${joint === '\n' ? '\n' : ' '}${menu}${after}`;
        expect(optionsOf(question)).toEqual(options);
        expect(cut(question)).toEqual({ stem: 'Which one is it?', after: after.trim() });
      },
    );
  });
});

describe('option that a reference answer names', () => {
  const menu = { labels: ['A', 'B', 'C'], options: ['left', 'right', 'a shed'] };
  it.each<[answer: unknown, index: number | null, conflict: boolean]>([
    ['B', 1, false],
    ['b', 1, false],
    ['Option B', 1, false],
    ['The answer is B.', 1, false],
    ['B - right', 1, false],
    ['**B**', 1, false],
    ['<answer>B</answer>', 1, false],
    ['(B)', 1, false],
    ['B. right', 1, false],
    ['(b) Right.', 1, false],
    ['Right', 1, false],
    ['"right".', 1, false],
    ['A shed', 2, false],
    ['B. left', null, true],
    ['E', null, true],
    ['E. left', null, true],
    ['B. far away', null, false],
    ['a lamp', null, false],
    ['2', null, false],
    ['', null, false],
    [null, null, false],
  ])('%j → %j', (answer, index, conflict) => expect(namedOption(answer, menu)).toEqual({ index, conflict }));

  it('accepts a number as the answer if the options are numbered', () => {
    const row = { question: 'Which is nearer? 1. shed 2. barn', answer: '2' };
    expect(inlineChoices(row)).toMatchObject({ kind: 'numbers', index: 1, labels: ['1', '2'] });
    expect(inlineChoices({ ...row, answer: '3 m' })).toBeNull();
    expect(inlineChoices({ ...row, answer: 2 })?.index).toBe(1);
  });
});

describe('choices of a row', () => {
  const question = 'Which is nearer?\nA. shed\nB. barn';
  it('choices of a row are its own choices, or options in the question with the answer', () => {
    expect(choicesOf({ question, choices: ['x', 'y'], answer: 'A' })).toEqual(['x', 'y']);
    expect(choicesOf({ question, answer: 'A' })).toEqual(['shed', 'barn']);
    expect(choicesOf({ question, answer: 'the tree' })).toBeUndefined();
    expect(choicesOf({ question: 'Which is nearer?', answer: 'A' })).toBeUndefined();
    expect(choicesOf({ answer: 'A' })).toBeUndefined();
  });
  it('choices of a row exclude options that the answer names by number', () => {
    const numbers = 'Which is nearer? 1. shed 2. barn';
    expect(choicesOf({ question: numbers, answer: '2' })).toBeUndefined();
    expect(choicesOf({ question: numbers, answer: 'barn' })).toEqual(['shed', 'barn']);
  });
});
