import { describe, expect, it } from 'vitest';
import { ALTERNATIVES } from '../../../../src/core/spatial/language/alternatives.ts';
import { EXCEPTIONS } from '../../../../src/core/spatial/mirror/exceptions.ts';
import { SIGNS } from '../../../../src/core/spatial/views/direction-words.ts';
import { RELATIONS } from '../../../../src/core/spatial/views/relation.ts';

const ALL = [ALTERNATIVES, EXCEPTIONS, RELATIONS, SIGNS].flatMap((signs) => Object.entries(signs));

describe.each(ALL)('the sign %s', (_, { pattern, example, counterExample }) => {
  it(`is in: ${example}`, () => expect(example.search(pattern)).toBeGreaterThanOrEqual(0));
  it(`is not in: ${counterExample}`, () => expect(counterExample.search(pattern)).toBe(-1));
});
