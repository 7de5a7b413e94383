import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { polarPhrases } from '../../../../src/rows/read/polar-phrases.ts';

/** Each line: axis, form, pole, and phrases in brackets with what stands in for them at the other pole. */
const lines = readFileSync(new URL('../../../fixtures/corpus/poles.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => {
    const [kind, ...rest] = line.split(': ');
    return [kind!, rest.join(': ').split('; ')] as const;
  });

describe('polarPhrases: phrases of each pole and their opposites', () => {
  it.each(lines)('polarPhrases finds every phrase of %s', (kind, phrases) => {
    const found = phrases.map((phrase) => {
      const text = `Is the cup ${phrase.split(' → ')[0]!.replace(/[[\]]/g, '')}?`;
      return polarPhrases(text).map(({ axis, form, pole, start, end, opposite }) => {
        const marked = `${text.slice(11, start)}[${text.slice(start, end)}]${text.slice(end, -1)}`;
        return `${axis} ${form} ${pole}: ${marked} → ${opposite}`;
      });
    });
    expect(found).toEqual(phrases.map((phrase) => [`${kind}: ${phrase}`]));
  });
});
