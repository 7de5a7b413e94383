import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCardinal } from '../../../../src/core/answers/number-words.ts';
import { forAll } from '../../../support/property.ts';

const SMALL =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = '_ _ twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

/** An independent writer of numbers. */
function spell(n: number): string {
  if (n < 20) return SMALL[n]!;
  if (n < 100) return TENS[Math.floor(n / 10)]! + (n % 10 ? `-${SMALL[n % 10]!}` : '');
  const [name, size] = n < 1000 ? ['hundred', 100] : n < 1e6 ? ['thousand', 1000] : ['million', 1e6];
  const rest = n % (size as number);
  const and = rest > 0 && rest < 100 ? ' and ' : rest ? ' ' : '';
  return `${spell(Math.floor(n / (size as number)))} ${name}${and}${rest ? spell(rest) : ''}`;
}

/** The value of a text that is one cardinal and nothing else ("Twenty-one"); null otherwise. */
function cardinalOf(text: string): number | null {
  const words = text
    .trim()
    .toLowerCase()
    .split(/[\s-]+/);
  const read = readCardinal(words);
  return read?.length === words.length ? read.value : null;
}

describe('readCardinal', () => {
  it('property: readCardinal reads every spelled-out number', () => {
    for (let n = 0; n < 2000; n++) expect(cardinalOf(spell(n)), spell(n)).toBe(n);
    forAll([fc.nat(999_999_999)], (n) => cardinalOf(spell(n)) === n);
  });

  it.each([
    ['a hundred', 100],
    ['hundred', 100],
    ['two dozen', 24],
    ['a dozen', 12],
    ['fifteen hundred', 1500],
    ['zero point two five', 0.25],
  ])('readCardinal: reads %s as %d', (text, n) => expect(cardinalOf(text)).toBe(n));

  it.each(['second', 'a', 'dozens', 'few', 'and', 'point five', 'five chairs', ''])('rejects %j', (text) =>
    expect(cardinalOf(text)).toBeNull(),
  );

  it('readCardinal stops at the end of the number', () => {
    expect(readCardinal(['the', 'two', 'three'], 1)).toEqual({ value: 2, length: 1 });
    expect(readCardinal(['one', 'and', 'two'])).toEqual({ value: 1, length: 1 });
  });
});
