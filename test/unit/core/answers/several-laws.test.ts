import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCompletion } from '../../../../src/core/answers/extract.ts';
import { parseScoreRow, scoreRow } from '../../../../src/core/answers/score-row.ts';
import { scorerOf } from '../../../../src/core/rewards/reward-parts.ts';
import { letterOf } from '../../../../src/base/item-names.ts';
import { parseSample } from '../../../../src/rows/sample/parse-sample.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { applyVariant } from '../../../../src/rows/sample/variant.ts';
import { mirrorSample } from '../../../../src/rows/views/mirror/mirror-sample.ts';
import { rewriteFor } from '../../../../src/rows/views/view.ts';
import { CASES } from '../../../support/slow.ts';
import { fill, holds, things, verdictOf } from './verdict-laws.ts';
import { WRAPPERS } from './wrappers.ts';
import { property } from '../../../support/property.ts';

const RUNS = { numRuns: CASES, seed: 23 };

/** The same accepted answers as datasets write them. */
const FORMS: readonly ((answers: readonly string[]) => Record<string, unknown>)[] = [
  (answers) => ({ answers }),
  (answers) => ({ answer: answers }),
  (answers) => ({ answer: answers[0], answers }),
  (answers) => ({ answer: answers[0], extra_answers: answers.slice(1) }),
  (answers) => ({
    answers: answers.map((answer, i) => ({ answer, answer_confidence: 'yes', answer_id: i })),
  }),
  (answers) => ({ answers: `['${answers.join("', '")}']` }),
];
const scored = (value: Record<string, unknown>) => {
  const { row } = parseScoreRow({ id: '1', ...value });
  return verdictOf(row!, row!.completion);
};

describe('property: several accepted answers', () => {
  property(
    'several accepted answers are right in every list format',
    [
      things(5),
      fc.integer({ min: 2, max: 4 }),
      fc.nat(3),
      fc.constantFrom(...FORMS),
      fc.constantFrom(
        '{x}',
        'The {x}.',
        'It is the {x}.',
        '<think>Hm.</think><answer>{x}</answer>',
        '**{x}**',
      ),
    ],
    RUNS,
    (names, n, said, form, told) => {
      const question = 'Which one is next to the wall?';
      const accepted = names.slice(0, n);
      const of = (x: string) => scored({ question, completion: fill(told, { x }), ...form(accepted) });
      expect(of(accepted[said % n]!)).toBe('right');
      expect(of(names[4]!)).not.toBe('right');
    },
  );

  property(
    'several accepted answers accept a listed count, and reject every other count',
    [
      fc.uniqueArray(fc.integer({ min: 2, max: 40 }), { minLength: 4, maxLength: 4 }),
      fc.nat(2),
      fc.constantFrom(...FORMS),
      fc.constantFrom('{x}', 'There are {x} cups.', 'I count {x}.', 'The answer is {x}.'),
    ],
    RUNS,
    (counts, said, form, told) => {
      const question = 'How many cups are there?';
      const accepted = counts.slice(0, 3).map(String);
      const of = (x: number) => scored({ question, completion: fill(told, { x }), ...form(accepted) });
      expect([of(counts[said]!), of(counts[3]!)]).toEqual(['right', 'wrong']);
    },
  );

  property(
    'several accepted answers earn VQAv2 credit on request: a third per match',
    [
      fc.array(fc.constantFrom('2', '3', '4'), { minLength: 10, maxLength: 10 }),
      fc.constantFrom('2', '3', '4', '5'),
    ],
    RUNS,
    (answers, said) => {
      const question = 'How many cups are there?';
      const { row } = parseScoreRow({ id: '1', question, answers, credit: 'vqa', completion: said });
      const n = answers.filter((answer) => answer === said).length;
      expect(scoreRow(row!).credit).toBeCloseTo(
        answers.every((each) => each === said) ? 1 : Math.min(1, n / 3),
      );
      expect(verdictOf(row!, said)).toBe(n > 0 ? 'right' : 'wrong');
    },
  );

  property(
    'several accepted answers each earn the full reward',
    [things(4), fc.nat(2)],
    RUNS,
    (names, said) => {
      const question = 'Which one is next to the wall?';
      const { sample } = parseSample({ id: '1', question, answers: names.slice(0, 3) });
      const similarity = (a: string, b: string) => Number(a === b);
      const paid = (text: string) => {
        const score = scorerOf(sample!, ['accuracy', 'exact_match', 'semantic'], 'strict', similarity);
        const { rewards, right } = score(readCompletion(`<think>x</think><answer>${text}</answer>`));
        return [right, ...Object.values(rewards).map(({ value }) => value)];
      };
      expect(paid(names[said]!)).toEqual([true, 1, 1, 1]);
      expect(paid(names[3]!)).toEqual([false, 0, 0, 0]);
    },
  );
});

describe('property: several right options', () => {
  const drawn = fc.record({
    choices: things(5),
    right: fc.subarray([0, 1, 2, 3, 4], { minLength: 2, maxLength: 4 }),
    said: fc.subarray([0, 1, 2, 3, 4], { minLength: 2, maxLength: 5 }),
    order: fc.boolean(),
    reference: fc.nat(5),
    told: fc.nat(11),
    wrap: fc.constantFrom('bare', 'tags', 'thought and tags', 'im_end', 'spaces'),
  });
  const referenceOf = (form: number, places: readonly number[], choices: readonly string[]): unknown => {
    const letters = places.map(letterOf);
    return [
      letters.join(', '),
      letters.join(',').toLowerCase(),
      letters.join(''),
      letters,
      places.map((place) => choices[place]),
      JSON.stringify(letters),
    ][form];
  };
  const told = (form: number, places: readonly number[], choices: readonly string[]): string => {
    const letters = places.map(letterOf);
    const texts = places.map((place) => `the ${choices[place]!}`);
    const list = (parts: readonly string[]) => `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}`;
    return [
      letters.join(', '),
      letters.join(',').toLowerCase(),
      letters.join(''),
      list(letters),
      `The answers are ${list(letters)}.`,
      `The answer is ${letters.join(', ')}.`,
      `The correct options: ${letters.map((letter) => `(${letter})`).join(', ')}`,
      places.map((place) => `${letterOf(place)}. ${choices[place]!}`).join('\n'),
      places.map((place) => `- ${choices[place]!}`).join('\n'),
      `${list(texts)} are here.`,
      `Options ${list(letters)} are correct.`,
      `I see ${list(texts)} there.`,
    ][form]!;
  };
  const WRAPS: Record<string, (text: string) => string> = { ...WRAPPERS, bare: (text) => text };

  property(
    'several right options are right only as the exact set, in any order',
    [drawn],
    RUNS,
    ({ choices, right, said, order, reference, told: form, wrap }) => {
      const question = 'Which of them are here?';
      const answer = referenceOf(reference, right, choices);
      const isSame = (places: readonly number[]) => places.join() === right.join();
      for (const places of [said, right]) {
        const ordered = order && form !== 2 ? [...places].reverse() : places;
        const completion = WRAPS[wrap]!(told(form, ordered, choices));
        const verdict = scored({ question, choices, answer, completion });
        expect([answer, completion, verdict]).toEqual([
          answer,
          completion,
          isSame(places) ? 'right' : 'wrong',
        ]);
      }
    },
  );

  property(
    'several right options earn partial credit if the row requests partial credit',
    [drawn],
    RUNS,
    ({ choices, right, said }) => {
      const value = { id: '1', question: 'Which are here?', choices, answer: right.map(letterOf) };
      const completion = said.map(letterOf).join(', ');
      const { row } = parseScoreRow({ ...value, credit: 'partial', completion });
      const share = said.every((place) => right.includes(place)) ? said.length / right.length : 0;
      expect(scoreRow(row!).credit).toBeCloseTo(share);
      expect(scoreRow(parseScoreRow({ ...value, completion }).row!)).not.toHaveProperty('credit');
    },
  );

  property(
    'several right options follow their letters in permutations and mirrors',
    [drawn, fc.integer({ min: 1, max: 50 })],
    { numRuns: 200, seed: 3 },
    ({ choices, right }, seed) => {
      const answer = right.map(letterOf).join(', ');
      const { sample } = parseSample({ id: '1', question: 'Which are on the left?', choices, answer });
      const named = ({ answer: text, choices: options = [] }: Pick<Sample, 'answer' | 'choices'>) =>
        text
          .split(', ')
          .map((letter) => options[letter.charCodeAt(0) - 65])
          .sort();
      const permuted = rewriteFor(sample!, `permute-options:${seed}`);
      expect(named(applyVariant(sample!, permuted))).toEqual(named(sample!));
      const ofOne = mirrorSample({ ...sample!, answer: letterOf(right[0]!) });
      expect(mirrorSample(sample!)).toEqual({ ...ofOne, answer });
    },
  );
});

describe('property: views of several accepted answers', () => {
  const SIDES = [
    'left',
    'right',
    'on the left',
    'to the left of it',
    'behind it',
    'the left side',
    'near the wall',
  ];
  property(
    'views rewrite each answer as in a row with only this answer, or defer',
    [
      things(2),
      fc.shuffledSubarray(SIDES, { minLength: 2, maxLength: 4 }),
      fc.constantFrom('mirror', 'polarity', 'rotate:180', 'mirror/keep'),
    ],
    { numRuns: CASES, seed: 29 },
    ([a, b], answers, view) => {
      const question = `Where is the ${a!} relative to the ${b!}?`;
      const { sample } = parseSample({ id: '1', question, answers });
      const alone = answers.map((answer) => {
        const row = parseSample({ id: '1', question, answer }).sample!;
        return rewriteFor(row, view);
      });
      const together = rewriteFor(sample!, view);
      const isTrusted = ['flipped', 'invariant'].includes(together.status);
      const areTrusted = alone.every(({ status }) => ['flipped', 'invariant'].includes(status));
      const isOne = new Set(alone.map((each) => each.question)).size === 1;
      expect(isTrusted).toBe(areTrusted && isOne);
      const turned = alone.map(({ answer }) => answer);
      if (isTrusted) expect(applyVariant(sample!, together).answers).toEqual(turned);
      // Nobody has said that an untrusted view accepts the row's answers.
      else if (together.answer !== sample!.answer)
        expect(applyVariant(sample!, together)).not.toHaveProperty('answers');
    },
  );

  it('property: views accept only one answer if the rewrite contains only one answer', () => {
    const { sample } = parseSample({ id: '1', question: 'Where is it?', answers: ['left', 'on the left'] });
    const written = mirrorSample(sample!);
    delete written.answers;
    expect(applyVariant(sample!, written)).toEqual({ ...sample!, answer: 'right', answers: undefined });
  });
});

describe('property: option index', () => {
  it('property: an option index is the answer if the question requests an index with its base', () => {
    const ASKED = [
      'Which is nearer? Answer with the index of the correct option, starting from {f}.',
      'Which is nearer? Give the option number ({f}-3).',
      'Which is nearer? Reply with the {f}-based index of your choice.',
      `Which is nearer?\n{listed}\n${'Look at each of them again. '.repeat(80)}\nGive your reason in <rsn></rsn> and the number of the option in <ans></ans>, from {f} on.`,
    ];
    holds(
      fc
        .record({
          choices: things(4),
          right: fc.nat(3),
          other: fc.integer({ min: 1, max: 3 }),
          from: fc.constantFrom(0, 1),
          asked: fc.constantFrom(...ASKED),
          told: fc.constantFrom(
            '{i}',
            'The answer is {i}.',
            'The index is {i}.',
            'Option {i}',
            '<answer>{i}</answer>',
            '{i}. The {x}',
            '<answer>{i}) {x}</answer>',
            '<rsn>The {y} is far away, so not {j}.</rsn>\n<ans>{i}. {x}</ans>',
            '<rsn>The {x} is nearest.</rsn> <ans>{i}</ans>',
          ),
        })
        .map(({ choices, right, other, from, asked, told }) => {
          const listed = choices.map((choice, i) => `${i + from}. ${choice}`).join('\n');
          const [x, y] = [choices[right]!, choices[(right + other) % 4]!];
          return {
            row: { question: fill(asked, { f: from, listed }), choices },
            completion: fill(told, { i: right + from, j: ((right + other) % 4) + from, x, y }),
            right: letterOf(right),
            wrong: letterOf((right + other) % 4),
          };
        }),
    );
  });

  property(
    'an option index with the text of another option is unparsed',
    [things(4), fc.nat(3), fc.integer({ min: 1, max: 3 })],
    RUNS,
    (choices, right, other) => {
      const question = 'Which is nearer? Answer with the index of the option, starting from 0.';
      const completion = `${right}. ${choices[(right + other) % 4]!}`;
      const row = { question, choices, answer: letterOf(right) };
      expect([completion, verdictOf(row, completion)]).toEqual([completion, 'unparsed']);
    },
  );
});
