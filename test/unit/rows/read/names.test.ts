import { describe, expect, it } from 'vitest';
import {
  bareName,
  headWord,
  isNounPhrase,
  isPlural,
  nameKey,
  referent,
  singular,
  subjectLength,
} from '../../../../src/rows/read/names.ts';
import { inCaseOf, Text, tokenise } from '../../../../src/rows/read/tokens.ts';

describe('names of objects', () => {
  it.each([
    ['- *cup*', 'cup'],
    ['“ The red_cup.”', 'red cup'],
    ['  The   cup (in a red box) !', 'cup'],
    ['an APPLE', 'apple'],
    ['ant', 'ant'],
    ['ｃｕｐ', 'cup'],
  ])('nameKey: normalises %s to %s', (name, key) => expect(nameKey(name)).toBe(key));

  it('bareName: keeps case and article, and removes punctuation and remarks', () =>
    expect(bareName(': The  Chair (left, by the wall); ')).toBe('The Chair'));

  it.each([
    ['the man in a red shirt', 'man'],
    ['cups on the table', 'cups'],
    ['the red cup', 'cup'],
    ['in', 'in'],
    ['the cup on', 'on'],
  ])('headWord: reads from %s the head word %s', (name, head) => expect(headWord(name)).toBe(head));

  it.each([
    ['cups', 'cup'],
    ['boxes', 'box'],
    ['benches', 'bench'],
    ['dishes', 'dish'],
    ['glasses', 'glass'],
    ['ponies', 'pony'],
    ['pies', 'pie'],
    ['ties', 'tie'],
    ['glass', 'glass'],
    ['bus', 'bus'],
    ['people', 'person'],
    ['knives', 'knife'],
    ['cup', 'cup'],
  ])('singular: converts %s to %s', (word, one) => expect(singular(word)).toBe(one));

  it('isPlural: considers only the head word', () => {
    const plural = ['cups', 'the men on the bus', 'sheep', 'teeth', 'dice', 'red cups near a wall'];
    const single = ['cup', 'the man with the cups', 'glass', 'bus', 'series', 'cup of beans'];
    expect([...plural, ...single].filter(isPlural)).toEqual(plural);
  });

  it.each([
    ['of the cup in the image', 'the cup'],
    ['the cup is', 'the cup'],
    ['the man who is tall', 'the man who is tall'],
    ['to the wall', 'the wall'],
    ["the cup from the viewer's side", 'the cup'],
    ['the cups from my perspective, please', 'the cups'],
    ['the cup on the side', 'the cup on the side'],
  ])('referent: reads from "%s" the name "%s"', (text, name) => expect(referent(text)).toBe(name));

  it.each([
    ['the cup positioned directly', 2],
    ['the man the second', 2],
    ['the cup a lot', 2],
    ['the cup one of', 2],
    ['the cup', 2],
    ['standing', 0],
  ])('subjectLength: ends the subject of "%s" after %i words', (text, length) =>
    expect(subjectLength(new Text(text).words)).toBe(length),
  );
});

describe('isNounPhrase', () => {
  it.each([
    'parked car',
    'a building',
    'red bed',
    'the woman in white',
    'cup (next to me)',
    'earring',
    'wooden box',
  ])('isNounPhrase accepts %s', (text) => {
    expect(isNounPhrase(text, 'subject')).toBe(true);
    expect(isNounPhrase(text, 'other')).toBe(true);
  });
  it.each([
    'car parked in the street',
    'the car parked',
    'truck red',
    'man wearing a hat',
    'cup next to the plate',
    'the cup is here',
    'boy with the kite',
    'lamp turned on',
    'car moving up',
    'cup of equal size',
  ])('isNounPhrase rejects %s', (text) => expect(isNounPhrase(text, 'subject')).toBe(false));
  it('ends a noun at a comma', () => expect(isNounPhrase('cup, holding a spoon', 'subject')).toBe(true));
  it('isNounPhrase accepts a location for a subject, but not for the compared object', () => {
    expect(isNounPhrase('cup on the table', 'subject')).toBe(true);
    expect(isNounPhrase('cup on the table', 'other')).toBe(false);
  });
});

describe('tokens of a text', () => {
  it.each([
    ['0.25 m and 1,000.5, 2nd', ['0.25', 'm', 'and', '1,000.5', ',', '2nd']],
    ['à 0.25 m, 1,000.5; 3RD', ['à', '0.25', 'm', ',', '1,000.5', ';', '3RD']],
    ['left-hand top_left topLeft', ['left', 'hand', 'top', 'left', 'top', 'Left']],
    ['USA iPhone', ['USA', 'i', 'Phone']],
    ['a - b', ['a', '-', 'b']],
    ["the driver's\nseat", ['the', "driver's", '\n', 'seat']],
  ])('are split in %j', (text, tokens) => expect(tokenise(text).map((token) => token.text)).toEqual(tokens));

  it('tokens separate words, numbers and punctuation, and keep hyphenated words together', () => {
    const of = (text: string) =>
      tokenise(text).map(({ kind, joined }) => `${kind}${joined ? ' joined' : ''}`);
    expect(of('top-left 2 ½ É .')).toEqual(['word', 'word joined', 'number', 'word', 'word', 'mark']);
    expect(of('topLeft')).toEqual(['word', 'word joined']);
    expect(of('-left')).toEqual(['mark', 'word']);
  });

  it('tokens strip contracted endings from words', () => {
    const { words } = new Text("What's the country’s name? They're here.");
    expect(words.map(({ lower }) => lower)).toEqual(
      ['what', 'the', 'country', 'name', '?', 'they', 'here', '.'], //
    );
    expect(words[2]).toMatchObject({ start: 11, end: 18 });
  });

  it.each([
    ['CLOSER to', 'farther from', 'FARTHER from'],
    ['Closer To', 'farther from', 'Farther From'],
    ['close to', 'far from', 'far from'],
    ['in FRONT of', 'behind', 'BEHIND'],
    ['Left', 'right', 'Right'],
    ['A', 'right', 'Right'],
  ])('tokens apply the case of %s to %s: %s', (from, to, cased) => expect(inCaseOf(from, to)).toBe(cased));
});
