import { describe, expect, it } from 'vitest';
import { oppositeHead, verdictOf } from '../../../../src/rows/read/clause.ts';

describe('verdict at the start of an answer', () => {
  it.each([
    ['Yes', 'No'],
    ['YES', 'NO'],
    ['no', 'yes'],
    ['True', 'False'],
    ['TRUE', 'FALSE'],
    ['That is true', 'That is false'],
    ["that's correct", "that's incorrect"],
    ["That's right", 'No'],
    ['Correct', 'Incorrect'],
    ['Certainly', 'No'],
    ['Absolutely', 'No'],
    ['Indeed', 'No'],
    ['Not really', 'Yes'],
    ['In fact', 'Yes'],
    ['Wrong', 'Yes'],
  ])('reads %s and returns its opposite %s', (head, opposite) => {
    const yes = /^(?:yes|true|that|correct|certainly|absolutely|indeed)/i.test(head);
    const joint = ', ';
    expect(verdictOf(`${head}${joint}it is.`)).toEqual({ value: yes, head, joint, explanation: 'it is.' });
    expect(oppositeHead(head)).toBe(opposite);
  });

  it.each(['Yes it is', 'no because of the cup', 'No, sir', 'No.', 'yes'])('is found in: %s', (text) =>
    expect(verdictOf(text)).not.toBeNull(),
  );
  it.each([
    'No cup',
    'Yes sir it is',
    'Correct it is',
    'nothing',
    'yes-man',
    '',
    'Yes men sat there',
    'Nope it is not',
  ])('finds no verdict at the start of: %s', (text) => expect(verdictOf(text)).toBeNull());
});
