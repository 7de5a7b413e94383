import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JoinIndex, joinPairs, type JoinKey } from '../../../../../src/lab/foreign/values/join-index.ts';
import type { TracedPair } from '../../../../../src/core/run-data/trace.ts';
import type { Sample } from '../../../../../src/rows/sample/sample.ts';
import { forAll } from '../../../../support/property.ts';

const row = (id: string, question: string, answer: string, more: Partial<Sample> = {}): Sample => ({
  id,
  question,
  answer,
  images: [`${id}.png`],
  ...more,
});

const ROWS = [
  row('a', 'Is the cup left of the plate?', 'yes'),
  row('b', 'Is the fork nearer than the knife?', 'no'),
  row('c', 'Which is bigger?', 'cup', { choices: ['cup', 'jug'] }),
  row('d', 'How many?', '2'),
  row('e', 'How many?', '3'),
  row('f', 'How many?', '3'),
];

function indexOf(rows: readonly Sample[], prompts: readonly string[]): JoinIndex {
  const index = new JoinIndex(({ question, choices }) => [
    question,
    `${question} Options: ${choices?.join(', ')}`,
  ]);
  for (const each of rows) index.add(each);
  index.learn(prompts);
  return index;
}

const key = (question: string, more: Partial<JoinKey> = {}): JoinKey => ({
  id: null,
  view: null,
  question,
  reference: null,
  ...more,
});

const pair = (question: string, right: (boolean | null)[] = [null, null]): TracedPair => ({
  step: 1,
  pair: 0,
  sample: '1/0',
  kept: null,
  why: null,
  delta: null,
  penalised: null,
  effect: null,
  verdict: null,
  views: [
    {
      view: 'original',
      question,
      answer: null,
      images: [],
      group: right.map((each) => ({
        segments: [],
        answer_text: null,
        right: each,
        rewards: {},
        penalty: null,
        reward: null,
        advantage: null,
      })),
    },
  ],
});

describe('JoinIndex', () => {
  it('matches questions after removing the common start and end of all prompts', () => {
    const asked = ROWS.slice(0, 3).map(({ question }) => `[picture]Look.\n${question} Think first.`);
    const index = indexOf(ROWS, asked);
    expect(asked.map((text) => index.find(key(text)))).toMatchObject([
      { sample: 'a', view: 'original' },
      { sample: 'b' },
      { sample: 'c' },
    ]);
    expect(index.find(key('[picture]Look.\nIs the cup right of the plate? Think first.'))).toMatchObject({
      sample: 'a',
      view: 'mirror',
      answer: 'yes',
    });
    expect(index.find(key('Look.\nIs the cup left of the plates? Think first.'))).toBeNull();
  });

  it('matches questions with their options', () => {
    const index = indexOf(ROWS, ['Which is bigger? Options: cup, jug', 'How many?']);
    expect(index.find(key('Which is bigger? Options: cup, jug'))).toMatchObject({ sample: 'c' });
  });

  it('reports an ambiguous match unless an id or a reference answer selects one row', () => {
    const index = indexOf(ROWS, ['How many?', 'Which is bigger?']);
    expect(index.find(key('How many?'))).toBe('several');
    expect(index.find(key('How many?', { reference: '2' }))).toMatchObject({ sample: 'd' });
    expect(index.find(key('How many?', { reference: '3' }))).toBe('several');
    expect(index.find(key('How many?', { id: 'f' }))).toMatchObject({ sample: 'f', images: ['f.png'] });
    expect(index.find(key('How many?', { reference: '4' }))).toBeNull();
    // The id counts where the text is unknown, such as one that was cut; not where the reference differs.
    expect(index.find(key('How', { id: 'f' }))).toMatchObject({ sample: 'f' });
    expect(index.find(key('How', { id: 'f', reference: '9' }))).toBeNull();
  });

  it('matches a question equal to its mirror to the original, unless the view is logged', () => {
    const index = indexOf(ROWS, ['How many?', 'Is the fork nearer than the knife?']);
    const question = 'Is the fork nearer than the knife?';
    expect(index.find(key(question))).toMatchObject({ sample: 'b', view: 'original' });
    expect(index.find(key(question, { view: 'mirror' }))).toMatchObject({ sample: 'b', view: 'mirror' });
  });

  it('merges the two rows that convert writes for a pair', () => {
    const rows = [
      row('x', 'Left?', 'yes', { meta: { pair: 'x', view: 'original' } }),
      row('x/mirror', 'Right?', 'yes', { meta: { pair: 'x', view: 'mirror' } }),
    ];
    const index = indexOf(rows, ['Left?', 'Right?']);
    expect(index.find(key('Right?'))).toMatchObject({
      sample: 'x',
      view: 'mirror',
      // Viewers mirror it; the row of the mirror has the mirrored image already.
      images: ['x.png'],
    });
  });

  it('joinPairs: merges a row and its mirror to a pair with an outcome', () => {
    const [left, right] = ['Is the cup left of the plate?', 'Is the cup right of the plate?'];
    const index = indexOf(ROWS, [left, right, 'How many?', 'Unknown?']);
    const logged = [
      pair(right, [true, true]),
      pair('How many?'),
      pair(left, [false, true]),
      pair('Unknown?'),
      pair(left, [false, false]),
    ];
    const { pairs, counts } = joinPairs(
      logged,
      logged.map(({ views }) => key(views[0]!.question)),
      index,
    );
    expect(counts).toEqual({ pairs: 5, joined: 3, ambiguous: 1 });
    expect(
      pairs.map(({ pair, sample, views, verdict, joined }) => [
        pair,
        sample,
        views.map(({ view }) => view).join(),
        verdict,
        joined,
      ]),
    ).toEqual([
      [0, 'a', 'original,mirror', 'only_mirror', true],
      [1, '1/0', 'original', null, undefined],
      [2, '1/0', 'original', null, undefined],
      [3, 'a', 'original', null, true],
    ]);
    expect(pairs[0]!.views.map(({ answer, images }) => [answer, images])).toEqual([
      ['yes', ['a.png']],
      ['yes', ['a.png']],
    ]);
  });

  it('property: JoinIndex: matches every row by its question, with any text around prompts', () => {
    const text = fc.string({ minLength: 1, maxLength: 12 }).filter((each) => each.trim() === each);
    const frame = fc.constantFrom(['', ''], ['Look. ', ''], ['', ' Think first.'], ['<image>\nQ: ', '\nA:']);
    forAll([fc.uniqueArray(text, { minLength: 2, maxLength: 6 }), frame], (questions, [before, after]) => {
      const rows = questions.map((question, i) => row(`r${i}`, question, 'x', { variants: {} }));
      const index = new JoinIndex(({ question }) => [question]);
      for (const each of rows) index.add(each);
      const prompts = questions.map((question) => `${before}${question}${after}`);
      index.learn(prompts);
      prompts.forEach((prompt, i) => {
        expect(index.find(key(prompt))).toMatchObject({ sample: `r${i}` });
      });
    });
  });
});
