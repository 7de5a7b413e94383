import { describe, expect, it } from 'vitest';
import { singular } from '../../../../src/rows/read/names.ts';
import { ordersOf, reversedPredicate, usualFrame } from '../../../../src/rows/scene-graph/predicates.ts';

// Names that every JavaScript object has must be words like any other.
describe.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])('the word %s', (word) => {
  it('the word has no irregular singular', () => expect(singular(word)).toBe(word));
  it('the word has no order, frame or opposite', () => {
    expect(ordersOf({ predicate: word, frame: 'viewer' })).toEqual([]);
    expect(usualFrame(word)).toBe('none');
    expect(reversedPredicate(word)).toBeNull();
  });
});
