import { describe, expect, it } from 'vitest';
import { QUESTION_SIGNS } from '../../../../src/core/answers/question-type.ts';
import {
  ALTERNATIVES,
  COORDINATE_SIGNS,
  ENDINGS,
  LETTERING,
  NAME_SIGNS,
  EXCEPTIONS,
  RELATIONS,
} from '../../../../src/core/read/words/signs.ts';
import { Text } from '../../../../src/core/read/tokens.ts';
import { FRAMES } from '../../../../src/core/read/words/frames.ts';
import { ORDERS } from '../../../../src/core/read/words/orders.ts';
import { ARROW_SIGNS } from '../../../../src/core/read/side-words.ts';
import { SIDE_WORDS } from '../../../../src/core/read/words/sides.ts';
import { mirrorText } from '../../../../src/core/read/sides.ts';
import { SIGNS } from '../../../../src/core/read/words/directions.ts';

const ALL = [
  ALTERNATIVES,
  ARROW_SIGNS,
  COORDINATE_SIGNS,
  EXCEPTIONS,
  ENDINGS,
  FRAMES,
  LETTERING,
  NAME_SIGNS,
  ORDERS,
  RELATIONS,
  SIGNS,
].flatMap((signs) => Object.entries(signs));

describe.each(ALL)('the sign %s', (_, { pattern, example, counterExample }) => {
  it(`is in: ${example}`, () => expect(example.search(pattern)).toBeGreaterThanOrEqual(0));
  it(`is not in: ${counterExample}`, () => expect(counterExample.search(pattern)).toBe(-1));
});

describe.each(Object.entries(QUESTION_SIGNS))(
  'of questions: %s',
  (_, { phrases, example, counterExample }) => {
    it(`is in: ${example}`, () => expect(phrases.in(new Text(example).words)).toBe(true));
    it(`is not in: ${counterExample}`, () => expect(phrases.in(new Text(counterExample).words)).toBe(false));
  },
);

describe.each(SIDE_WORDS)('the word $word', ({ word, partner, example, counterExample }) => {
  const mirrored = example.replace(word, partner);
  it(`is a side in: ${example}`, () => expect(mirrorText(example).text).toBe(mirrored));
  it(`has its partner: ${mirrored}`, () => expect(mirrorText(mirrored).text).toBe(example));
  it(`is none in: ${counterExample}`, () =>
    expect(mirrorText(counterExample)).toMatchObject({ changes: [], notes: [] }));
});
