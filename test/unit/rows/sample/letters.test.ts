import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseChoice } from '../../../../src/core/answers/choice.ts';
import { rowSlots } from '../../../../src/core/prompts/template.ts';
import { indexOfLetter, letterOf } from '../../../../src/base/item-names.ts';
import { choiceIndex, reordered } from '../../../../src/rows/sample/choices.ts';
import { forAll } from '../../../support/property.ts';

describe('letters of options', () => {
  test('letters of options continue after Z with two letters', () => {
    expect([0, 25, 26, 27, 51, 52, 701, 702].map(letterOf)).toEqual([
      'A',
      'Z',
      'AA',
      'AB',
      'AZ',
      'BA',
      'ZZ',
      'AAA',
    ]);
  });

  test('property: letters identify their option in upper and lower case', () => {
    forAll([fc.nat(5000)], (index) => {
      expect(indexOfLetter(letterOf(index))).toBe(index);
      expect(indexOfLetter(letterOf(index).toLowerCase())).toBe(index);
    });
    for (const none of ['', '[', 'é', 'A1', '(A)']) expect(indexOfLetter(none)).toBe(-1);
  });
});

describe('question with thirty options', () => {
  const choices = Array.from({ length: 30 }, (_, i) => `thing ${i + 1}`);
  const sample = { id: 'a', question: 'Which?', answer: 'AB', choices, images: [] };

  test('a question with thirty options shows one letter for each option', () => {
    const { lettered } = rowSlots(sample, '{question} {lettered}');
    expect(lettered.split('\n').slice(25)).toEqual([
      '(Z) thing 26',
      '(AA) thing 27',
      '(AB) thing 28',
      '(AC) thing 29',
      '(AD) thing 30',
    ]);
  });

  test.each([
    ['AB', 'AB'],
    ['(AB)', 'AB'],
    ['ab.', 'AB'],
    ['(AB) thing 28', 'AB'],
    ['The answer is AB', 'AB'],
    ['thing 28', 'AB'],
    ['B', 'B'],
    ['(B) thing 2', 'B'],
    ['AE', null],
    ['no', null],
  ])('reads %s as %s', (text, letter) => expect(parseChoice(text, choices)).toBe(letter));

  test('keeps the answer on its option, and updates its letter after reordering', () => {
    expect([choiceIndex('AB', choices), choiceIndex('(ad) thing 30', choices)]).toEqual([27, 29]);
    expect(choiceIndex('No', choices)).toBeNull();
    const back = choices.map((_, i) => 29 - i);
    expect(reordered('(AB) thing 28', choices, back).answer).toBe('(C) thing 28');
    expect(reordered('C', choices, back).answer).toBe('AB');
  });
});
