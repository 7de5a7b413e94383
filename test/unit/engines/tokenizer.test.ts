import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SPECIAL, Tokenizer, vocabularyOf } from '../../../src/engines/embedded/tokenizer.ts';
import { property } from '../../support/property.ts';

const TEXTS = [
  '<think>the red-cube is 3.5 metres away, isn’t it?</think> <answer>left</answer>',
  '{"objects": ["red cube", "ball"], "relations": [[0, "left of", 1]]}',
  'box [12, 30, 45, 60]: 50% (maybe)',
];
const words = vocabularyOf(TEXTS);
const tokenizer = new Tokenizer(words);

describe('Tokenizer', () => {
  it.each(TEXTS)('Tokenizer decodes the encoding of %s', (text) => {
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  property(
    'Tokenizer: encodes its decoded texts as the same tokens',
    [fc.array(fc.constantFrom(...words))],
    (list) => {
      const ids = list.flatMap((word) => tokenizer.encode(word));
      expect(tokenizer.encode(tokenizer.decode(ids))).toEqual(ids);
    },
  );

  it('ignores white space and special tokens when decoding', () => {
    const ids = tokenizer.encode(' the\n red-cube  is ');
    expect(tokenizer.decode([SPECIAL.assistant, ...ids, SPECIAL.end])).toBe('the red-cube is');
  });

  it('encodes a quoted unknown word without its quotes if that word is known', () => {
    const json = new Tokenizer(vocabularyOf(['{ "label" : "red-cube" } For']));
    const text = '{"label":"For"}';
    expect(json.decode(json.encode(text))).toBe('{"label": For}');
    expect(json.places(text).map(({ start, end }) => text.slice(start, end))).toEqual(
      json.places(text).map((place) => place.text),
    );
    expect(() => json.encode('"cup"')).toThrow('no word for "cup"');
  });

  it('Tokenizer names every unknown word', () => {
    expect(() => tokenizer.encode('the purple cube is purple')).toThrow(
      'no word for "purple", "cube" (in "the purple cube is purple")',
    );
  });

  it('does not encode role tokens in a text', () => {
    expect(() => tokenizer.encode('<assistant> hello')).toThrow('no word for "<assistant>"');
  });

  it('rejects a vocabulary with repeated words', () => {
    expect(() => new Tokenizer(['a', 'a'])).toThrow('same word twice');
  });
});
