import { describe, expect, it } from 'vitest';
import { Pattern, Phrases, Rules, SAYS } from '../../../../src/rows/read/patterns.ts';
import { Text } from '../../../../src/rows/read/tokens.ts';

/** The words that a pattern finds in a text, null for none. */
function found(pattern: string, text: string): string | null {
  const { words } = new Text(text);
  const match = new Phrases(pattern).find(words);
  return match && text.slice(words[match.first]!.start, words[match.end - 1]!.end);
}

describe('word pattern', () => {
  it.each([
    ['which|what _ side', 'On which other side is it?', 'which other side'],
    ['what … say|says', 'What does the sign, if any, say?', 'What does the sign, if any, say'],
    ['what … say|says', 'What is it? They say so.', null],
    ['cup ~ plate', 'the cup near the plate', 'cup near the plate'],
    ['cup ~ plate', 'the cup, the plate', null],
    ['left @hand', 'a left-hand turn', 'left-hand'],
    ['left -hand', 'a left hand', null],
    ['# =%', '30% of it', '30%'],
    ['# =%', '30 % of it', null],
    ['turn !left|right', 'turn now', 'turn'],
    ['turn !left|right', 'turn left', null],
    ['turn !{ to the left }', 'turn to the left', null],
    ['turn !{ to the left }', 'turn to the wall', 'turn'],
    ['on|at the? left $', 'on the left, far away', 'on the left'],
    ['on|at the? left $', 'on the left side', null],
    ['^^ <mark>* @is', '"Is it?"', '"Is'],
    ['^^ <mark>* @is', 'There it is.', null],
    ['!the [ @left of ] the', 'it is left of the door', 'left of'],
    ['closest { in distance }? to', 'closest in distance to it', 'closest in distance to'],
    ['US', 'in the US', 'US'],
    ['US', 'let us go', null],
    ['what is', "What's up?", null],
    ['the player', "the player's number", 'the player'],
    ['@\\$ #', 'for $ 5', '$ 5'],
  ])('matches %s in "%s" as %j', (pattern, text, expected) => expect(found(pattern, text)).toBe(expected));

  it.each([
    ['<nothing> left', 'has an unknown class <nothing>'],
    ['{ a / b }', 'has no required word to search for'],
    ['left { of', 'has a group that is not closed'],
    ['left of|^^', 'has a malformed element "of|^^"'],
    ['left ~?', 'has a malformed element "~?"'],
    ['left side}', 'has a malformed element "side}"'],
    ['left the||a', 'has a malformed element "the||a"'],
  ])('rejects the malformed pattern %s', (pattern, problem) =>
    expect(() => found(pattern, 'on the left')).toThrow(`The pattern "${pattern}" ${problem}.`),
  );
});

it.each(Object.entries(SAYS))('SAYS: compiles the phrases of %s', (_, phrases) =>
  expect(phrases.in([])).toBe(false),
);

it('Phrases: compiles patterns on first use, not at module load', () => {
  const phrases = new Phrases('<nothing> left');
  expect(() => phrases.in(new Text('left').words)).toThrow('<nothing>');
});

it('Rules: finds all matching rules from left to right', () => {
  const rules = new Rules([
    [new Pattern('left of'), 'side'],
    [new Pattern('left'), 'word'],
    [new Pattern('[ right ] now'), 'time'],
  ]);
  const { tokens } = new Text('left of it right now, left');
  expect(rules.find(tokens).map(({ rule, first, end }) => [rule, first, end])).toEqual([
    ['side', 0, 2],
    ['word', 0, 1],
    ['time', 3, 4],
    ['word', 6, 7],
  ]);
});
