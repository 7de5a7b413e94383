import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../../src/base/random.ts';
import { lettered } from '../../../../src/base/item-names.ts';
import { choiceIndex, shuffleChoices } from '../../../../src/rows/sample/choices.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { forAll } from '../../../support/property.ts';

it('lettered: adds a letter to each option, and keeps existing letters', () => {
  expect(lettered(['left', 'a. lamp'])).toEqual(['A. left', 'B. a. lamp']);
  for (const own of [
    ['A. left', 'B. right'],
    ['(a) left', '(b) right'],
  ])
    expect(lettered(own)).toEqual(own);
});

describe('choiceIndex', () => {
  const choices = ['left', 'right', 'a lamp'];
  it.each([
    ['left', 0],
    [' RIGHT ', 1],
    ['(B)', 1],
    ['b', 1],
    ['B.', 1],
    ['C)', 2],
    ['(A) left', 0],
    ['B: right', 1],
    ['a lamp', 2],
    ['a left', null],
    ['(A) right', null],
    ['(D)', null],
    ['the left one', null],
    ['', null],
  ])('choiceIndex reads the answer %j as the option %j', (answer, index) => {
    expect(choiceIndex(answer, choices)).toBe(index);
  });

  it('choiceIndex returns null for options with equal texts', () => {
    expect(choiceIndex('x', ['x', 'X'])).toBeNull();
  });
});

const sample = (answer: string, extra: Partial<Sample> = {}): Sample => ({
  id: 'a',
  question: 'Which?',
  answer,
  choices: ['left', 'right', 'above', 'below'],
  images: [],
  ...extra,
});

describe('shuffleChoices', () => {
  it('property: shuffleChoices: keeps the correct option and the format, and stores the order', () => {
    const forms = ['(C)', 'C', 'C.', 'above', '(C) above', 'c) above'];
    forAll([fc.constantFrom(...forms), fc.integer()], (answer, seed) => {
      const before = sample(answer);
      const after = shuffleChoices(before, Random.from(seed))!;
      expect(after.choices![choiceIndex(after.answer, after.choices!)!]).toBe('above');
      expect(after.answer.replace(/[a-d]/i, '*')).toBe(
        answer === 'above' ? '*bove' : answer.replace(/c/i, '*'),
      );
      const order = after.meta!.choices_order as number[];
      expect(order.map((i) => before.choices![i])).toEqual(after.choices);
    });
  });

  it('stores the order relative to the source row after two shuffles', () => {
    const once = shuffleChoices(sample('(A)'), Random.from(1))!;
    const twice = shuffleChoices(once, Random.from(2))!;
    const order = twice.meta!.choices_order as number[];
    expect(order.map((i) => sample('x').choices![i])).toEqual(twice.choices);
  });

  it('reorders the options of variants in the same way as the row', () => {
    const mirror = {
      status: 'flipped' as const,
      question: 'Which?',
      answer: '(B)',
      choices: ['right', 'left', 'above', 'below'],
      route: 'rules' as const,
      rules: [],
      checks: {},
    };
    const after = shuffleChoices(sample('(B)', { variants: { mirror } }), Random.from(5))!;
    const flipped = after.variants!.mirror!;
    expect(flipped.choices![choiceIndex(flipped.answer, flipped.choices!)!]).toBe('left');
    expect(flipped.answer).toBe(after.answer);
  });

  it.each([
    sample('neither'),
    sample('(A)', { choices: undefined }),
    sample('(A)', { question: 'Which? (A) left (B) right' }),
    sample('A', { question: 'Which?\nA. left\nB. right' }),
    sample('A', { reasoning: 'It is (A).' }),
  ])('shuffleChoices returns null for %j', (row) => {
    expect(shuffleChoices(row, Random.from(1))).toBeNull();
  });
});
