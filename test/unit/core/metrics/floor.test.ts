import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../../src/base/random.ts';
import { floorOf, type Asked } from '../../../../src/core/metrics/floor-search.ts';
import { forAll } from '../../../support/property.ts';

const asked = (question: string, answer: string, choices?: string[]): Asked => ({
  question,
  answer,
  task: choices ? 'mcq' : 'yesno',
  ...(choices && { choices }),
});
const LEFT = 'Is the cup left of the plate?';
const RIGHT = 'Is the cup right of the plate?';

describe('image-free bound', () => {
  it('is half for yes/no mirrors with swapped words, and higher if words predict answers', () => {
    // Of a balanced set, the originals of one half are the mirrors of the other.
    const pairs = (['Yes', 'No'] as const).flatMap((answer) => [
      [asked(LEFT, answer), asked(RIGHT, answer)] as const,
      [asked(RIGHT, answer), asked(LEFT, answer)] as const,
    ]);
    expect(floorOf(pairs)).toEqual({ constant: 0.5, words: 0.5, bounded: false });
    const leaning = [
      ...pairs,
      [asked('Is the jug left of it?', 'No'), asked('Is the jug right of it?', 'No')] as const,
    ];
    expect(floorOf(leaning)).toEqual({ constant: 3 / 5, words: 3 / 5, bounded: false });
    const known = leaning.slice(4).concat(leaning.slice(0, 1));
    expect(floorOf(known)).toEqual({ constant: 0.5, words: 1, bounded: false });
  });

  it('the bound is 0 for a mirror that keeps the question, with any words', () => {
    const kept = [
      [asked(LEFT, 'Yes'), asked(LEFT, 'No')] as const,
      [asked(RIGHT, 'No, it is not.'), asked(RIGHT, 'Yes.')] as const,
    ];
    expect(floorOf(kept)).toEqual({ constant: 0, words: 0, bounded: false });
  });

  it('the bound without image order is 0 for pairs with equal texts and different answers', () => {
    const WAY = 'Does the car move to the left or to the right?';
    const pairs = [
      [asked(WAY, 'to the left'), asked(WAY, 'to the right')] as const,
      [asked(LEFT, 'Yes'), asked(RIGHT, 'Yes')] as const,
      [asked('How many cups are there?', 'Two'), asked('How many cups are there?', 'two.')] as const,
    ];
    expect(floorOf(pairs, true)!.order).toBe(2 / 3);
    expect(floorOf(pairs)).not.toHaveProperty('order');
  });

  it('treats a letter and its option text as one answer, and reordered options as a new text', () => {
    const options = ['left', 'right'];
    const pair = [asked('Where?', 'A', options), asked('Where?', 'left', options)] as const;
    expect(floorOf([pair])).toMatchObject({ words: 1 });
    const permuted = [asked('Where?', 'A', options), asked('Where?', 'B', ['right', 'left'])] as const;
    expect(floorOf([permuted])).toEqual({ constant: 1, words: 1, bounded: false });
  });

  it('counts a constant letter, unless the options are hidden', () => {
    const pair = [
      asked('Where is the cup?', 'left', ['left', 'right']),
      asked('Where is the cup?', 'right', ['right', 'left']),
    ] as const;
    expect(floorOf([pair])).toEqual({ constant: 1, words: 1, bounded: false });
    const hidden = pair.map((row) => ({ ...row, options_hidden: true }));
    expect(floorOf([[hidden[0]!, hidden[1]!]])).toEqual({ constant: 0, words: 0, bounded: false });
  });

  it('property: the image-free bound equals the best of all functions of the words', () => {
    const row = fc.tuple(fc.nat({ max: 3 }), fc.boolean());
    forAll([fc.array(fc.tuple(row, row), { minLength: 1, maxLength: 12 })], (drawn) => {
      const pairs = drawn.map(
        (views) => views.map(([text, yes]) => asked(`Is it ${text}?`, yes ? 'yes' : 'no')) as [Asked, Asked],
      );
      const best = Math.max(
        ...Array.from(
          { length: 16 },
          (_, f) =>
            drawn.filter((views) => views.every(([text, yes]) => Boolean((f >> text) & 1) === yes)).length,
        ),
      );
      const { words, constant, bounded } = floorOf(pairs)!;
      expect([words, bounded]).toEqual([best / pairs.length, false]);
      expect(constant).toBeLessThanOrEqual(words);
    });
  });

  it('the bound is marked as an upper bound if too many texts depend on each other', () => {
    const random = Random.from('tangled');
    const view = () => asked(`Is it ${random.below(40)}?`, random.pick(['yes', 'no']));
    const pairs = Array.from({ length: 400 }, () => [view(), view()] as const);
    const { words, constant, bounded } = floorOf(pairs)!;
    expect(bounded).toBe(true);
    expect(words).toBeGreaterThanOrEqual(constant);
    expect(words).toBeLessThanOrEqual(1);
    expect(floorOf([])).toBeNull();
  });
});
