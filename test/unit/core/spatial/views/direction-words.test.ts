import { describe, expect, it } from 'vitest';
import { SIGNS } from '../../../../../src/core/spatial/views/direction-words.ts';

describe.each(Object.entries(SIGNS))('the sign %s', (_, { pattern, example, counterExample }) => {
  it(`is in: ${example}`, () => expect(example.search(pattern)).toBeGreaterThanOrEqual(0));
  it(`is not in: ${counterExample}`, () => expect(counterExample.search(pattern)).toBe(-1));
});
