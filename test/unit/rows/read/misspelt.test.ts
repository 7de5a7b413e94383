import dictionary from 'dictionary-en';
import fc from 'fast-check';
import nspell from 'nspell';
import { expect, it } from 'vitest';
import { DIRECTION_WORDS, isOneError, misspelt, NO_ERRORS } from '../../../../src/rows/read/misspelt.ts';
import { forAll } from '../../../support/property.ts';

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];

/** All words that are one typing error from a word. */
const errorsOf = (word: string): string[] =>
  Array.from({ length: word.length + 1 }, (_, i) => {
    const [before, here, after] = [word.slice(0, i), word.slice(i), word.slice(i + 1)];
    return [
      ...LETTERS.flatMap((letter) => [before + letter + here, ...(here ? [before + letter + after] : [])]),
      ...(here ? [before + after] : []),
      ...(after ? [before + after[0]! + here[0]! + after.slice(1)] : []),
    ];
  })
    .flat()
    .filter((error) => error !== word);

const speller = nspell(Buffer.from(dictionary.aff), Buffer.from(dictionary.dic));
const isEnglish = (word: string) =>
  speller.correct(word) || speller.correct(word[0]!.toUpperCase() + word.slice(1));

it.each(['x', 'y'] as const)('NO_ERRORS: lists the English words close to directions along %s', (axis) => {
  const near = [...DIRECTION_WORDS[axis]].flatMap(errorsOf).filter(isEnglish);
  expect([...NO_ERRORS[axis]].sort()).toEqual([...new Set(near)].sort());
});

it('property: misspelt: finds each word with one typing error that is not an English word', () => {
  const direction = fc.constantFrom(...DIRECTION_WORDS.x);
  forAll([direction, fc.nat()], (word, n) => {
    const errors = errorsOf(word).filter((error) => error.length > 2);
    const error = errors[n % errors.length]!;
    expect(isOneError(error, word)).toBe(true);
    const meant = misspelt(error, 'x');
    expect(meant !== null).toBe(!isEnglish(error) && !DIRECTION_WORDS.x.has(error));
  });
});

it.each(['right', 'night', 'to', 'plate', 'rigthh', 'xleftx'])('misspelt: ignores %s', (word) =>
  expect(misspelt(word, 'x')).toBeNull(),
);
