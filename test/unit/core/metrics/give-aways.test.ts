import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GiveAways, sideInAnswer } from '../../../../src/core/metrics/give-aways.ts';
import { Random } from '../../../../src/base/random.ts';
import { shuffleChoices } from '../../../../src/rows/sample/choices.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { property } from '../../../support/property.ts';

const collect = (rows: readonly Partial<Sample>[]) => {
  const collected = new GiveAways();
  rows.forEach((row, i) =>
    collected.take(
      GiveAways.look({ id: String(i), question: 'Which?', answer: 'A', images: [`${i}.png`], ...row }, true),
    ),
  );
  return collected;
};
const found = (rows: readonly Partial<Sample>[]) => collect(rows).all();
const choices = ['jug', 'pan', 'tray', 'pot'];
const many = (n: number, row: (i: number) => Partial<Sample>) => Array.from({ length: n }, (_, i) => row(i));

describe('detection of shortcuts in answers', () => {
  it('reports a right option that is always first, with chance', () => {
    expect(found(many(40, (i) => ({ choices, answer: i < 30 ? 'A' : 'C' })))).toEqual([
      { kind: 'place', answer: 'A', share: 0.75, chance: 0.25, n: 40 },
    ]);
  });

  it('reports a side and a verdict that are almost always right', () => {
    const sides = many(50, (i) => ({ question: `Where is ${i}?`, answer: i < 45 ? 'on the left' : 'right' }));
    expect(found(sides)).toEqual([{ kind: 'side', answer: 'left', share: 0.9, chance: 0.5, n: 50 }]);
    const verdicts = many(50, (i) => ({ question: `Is ${i} red?`, answer: i < 50 ? 'No.' : 'yes' }));
    expect(found(verdicts)).toEqual([{ kind: 'yes_no', answer: 'no', share: 1, chance: 0.5, n: 50 }]);
  });

  it.each([
    ['Where is the cup?', 'To the LEFT of the plate', undefined, 'left'],
    ['Where is it?', 'A', ['left and right', 'left'], 'both'],
    ['Where is it?', 'B', ['leftmost', 'rightmost'], 'right'],
    ['What does the sign say?', 'TURN LEFT', undefined, null],
    ['Is the cup left?', 'Yes, left of the jug', undefined, null],
  ])('reads the side in the answer to %j: %j', (question, answer, options, side) => {
    expect(sideInAnswer({ question, answer, ...(options && { choices: options }) })).toBe(side);
  });

  it('reports words that predict answers', () => {
    const rows = many(80, (i) => ({
      question: i % 2 ? 'Is the sun hot here?' : 'Does a dog fly here?',
      answer: i % 2 ? 'yes' : 'no',
    }));
    const [words, ...others] = found(rows);
    expect([words, others]).toEqual([{ kind: 'words', share: 1, chance: 0.5, n: 80 }, []]);
    expect(collect(rows).lines('a.qa.jsonl')).toEqual([
      'The words of the question alone predict the answer of 100.0% of 80 rows (most frequent answers: 50.0%). See chirality data audit a.qa.jsonl.',
    ]);
  });

  it('reports no shortcut for fewer than 20 rows', () => {
    expect(found(many(19, () => ({ choices, answer: 'A' })))).toEqual([]);
  });

  property(
    'reports no shortcut for uniformly drawn answers',
    [fc.integer(), fc.integer({ min: 20, max: 400 })],
    { numRuns: 40 },
    (seed, n) => {
      const random = Random.from(seed);
      const rows = many(n, (i) => ({
        question: `${random.pick(['Is it', 'Where is it', 'Which one'])} ${random.below(9)}?`,
        ...(i % 2
          ? { choices, answer: random.pick(['A', 'B', 'C', 'D']) }
          : { answer: random.pick(['left', 'right']) }),
      }));
      expect(found(rows)).toEqual([]);
    },
  );

  property(
    'shuffleChoices moves the right option to the drawn position',
    [fc.integer(), fc.nat(3), fc.nat(3)],
    (seed, from, to) => {
      const row = { id: '1', question: 'Which?', answer: 'ABCD'[from]!, images: [], choices };
      const shuffled = shuffleChoices(row, Random.from(seed), () => to)!;
      expect(shuffled.answer).toBe('ABCD'[to]);
      expect(shuffled.choices![to]).toBe(choices[from]);
      expect(
        shuffled.choices!.map((_, i) => choices[(shuffled.meta!.choices_order as number[])[i]!]),
      ).toEqual(shuffled.choices);
    },
  );
});
