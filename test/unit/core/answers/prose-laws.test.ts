import { describe, expect, it } from 'vitest';
import type { ScoreInput } from '../../../../src/core/answers/score.ts';
import { verdictOf } from './verdict-laws.ts';

/** Things with an adjective, and nouns that are no part of each other. */
const THINGS = [
  ['red', 'kayak'],
  ['wooden', 'pallet'],
  ['tall', 'lamp'],
  ['striped', 'tent'],
  ['blue', 'canoe'],
] as const;
const PAIRS = THINGS.flatMap((one) =>
  THINGS.filter((other) => other !== one).map((other) => [one, other] as const),
);

/** Verdicts on several answers to a row, each with its answer. */
const verdicts = (row: ScoreInput, texts: readonly string[]) =>
  texts.map((text) => [text, verdictOf(row, text)]);
const are = (row: ScoreInput, texts: readonly string[], verdict: string) =>
  expect(verdicts(row, texts), JSON.stringify(row)).toEqual(texts.map((text) => [text, verdict]));

describe('property: names', () => {
  it.each(PAIRS)('property: the noun alone names %s, not %s', ([adjective, noun], [, other]) => {
    const row = {
      question: `Which is closer to the camera, the ${adjective} ${noun} or the ${other}?`,
      answer: `the ${adjective} ${noun}`,
    };
    const told = (x: string, y: string) => [
      `The ${x}.`,
      `The ${x} is nearer.`,
      `The ${x} is closer than the ${y}.`,
      `The ${y} is farther away than the ${x}.`,
      `Compared with the ${y}, the ${x} is closer.`,
      `The ${x}, which stands next to the wall, is closer.`,
    ];
    are(row, told(noun, other), 'right');
    are(row, told(other, noun), 'wrong');
  });

  it.each(['Point A', 'Point B', 'Box A', 'Region C'])('property: a letter names %s', (name) => {
    const [kind, letter] = name.split(' ') as [string, string];
    const other = letter === 'A' ? 'B' : 'A';
    const row = { question: `Which is farther away, ${kind} ${letter} or ${kind} ${other}?`, answer: name };
    const told = (x: string, y: string) => [
      x,
      `${kind} ${x}`,
      `${x} is farther.`,
      `${kind} ${x} is farther away than ${y}.`,
      `${kind} ${y} is closer.`,
    ];
    are(row, told(letter, other), 'right');
    are(row, told(other, letter), 'wrong');
  });

  it('property: ordinals in digits and in words are equal, and exclude each other', () => {
    const words = ['first', 'second', 'third', 'fourth', 'fifth'];
    const digits = ['1st', '2nd', '3rd', '4th', '5th'];
    words.forEach((word, i) => {
      const row = { question: 'On which floor is the balcony?', answer: `the ${word} floor` };
      const told = (k: number) => [
        words[k]!,
        digits[k]!,
        `The ${digits[k]!} floor`,
        `It is on the ${words[k]!} floor.`,
      ];
      words.forEach((_, k) => are(row, told(k), i === k ? 'right' : 'wrong'));
    });
  });
});

describe('property: places', () => {
  const GROUPS = [
    ['on', 'on top of'],
    ['in', 'inside'],
    ['under', 'beneath', 'underneath'],
    ['behind'],
    ['in front of'],
    ['next to', 'beside'],
  ] as const;
  /** Places that do not exclude each other for a person who looks: in the sofa, on the sofa. */
  const isNear = (a: string, b: string) => ['on in', 'in on'].includes(`${a} ${b}`) || /next to/.test(a + b);

  it.each(GROUPS.map((group) => [group[0], group]))(
    'property: synonyms of "%s" say the same place, others do not',
    (name, group) => {
      const row = { question: 'Where is the remote?', answer: `${name} the crate` };
      const told = (word: string) => [
        `${word} the crate`,
        `It is ${word} the crate.`,
        `The remote lies ${word} the crate near the wall.`,
      ];
      for (const word of group) are(row, told(word), 'right');
      const others = GROUPS.filter(([other]) => other !== name && !isNear(name, other)).flatMap(([other]) =>
        told(other),
      );
      // A side has no verdict on "on": "on the crate", for "under the crate".
      const isWrong = ['wrong', ...(/^(?:on|in|next to)$/.test(name) ? [] : ['unparsed'])];
      for (const [text, verdict] of verdicts(row, others)) expect(isWrong, text).toContain(verdict);
      for (const [, verdict] of verdicts(row, [`${name} the shelf`, `It is not ${name} the crate.`]))
        expect(verdict).not.toBe('right');
    },
  );
});

describe('property: lists', () => {
  const ORDERS = [
    ['cup', 'book', 'lamp'],
    ['cup', 'lamp', 'book'],
    ['book', 'cup', 'lamp'],
    ['lamp', 'book', 'cup'],
  ];
  const told = ([a, b, c]: readonly string[]) => [
    `${a}, ${b}, ${c}`,
    `a ${a}, a ${b} and a ${c}`,
    `1. ${a}\n2. ${b}\n3. ${c}`,
    `The things on the table are a ${a}, a ${b} and a ${c}.`,
  ];

  it('property: a list is right in any order, unless the question asks for one', () => {
    const answer = ORDERS[0]!.join(', ');
    for (const order of ORDERS) {
      are({ question: 'What things are on the table?', answer }, told(order), 'right');
      const listed = { question: 'List the things on the table from left to right.', answer };
      are(listed, told(order), order === ORDERS[0] ? 'right' : 'wrong');
    }
  });

  it('property: a list with another thing, or about the things, is not right', () => {
    const row = { question: 'Between which two things is the vase?', answer: 'the lamp and the clock' };
    are(row, ['the clock and the lamp', 'It is between the lamp and the clock.'], 'right');
    for (const text of [
      'the lamp, the clock and the cup',
      'The lamp is between the vase and the clock.',
      'neither the lamp nor the clock',
    ])
      expect([text, verdictOf(row, text)]).not.toEqual([text, 'right']);
  });
});

describe('property: first impressions', () => {
  const ROWS = [
    [{ question: 'How far is the sofa from the door?', answer: '2 m' }, '2 m', '9 m'],
    [{ question: 'How many cups are there?', answer: '4' }, '4', '6'],
    [{ question: 'Is the cup left or right of the jug?', answer: 'left' }, 'on the left', 'on the right'],
    [{ question: 'Which is taller, the lamp or the tent?', answer: 'the tent' }, 'the tent', 'the lamp'],
  ] as const;
  it.each(ROWS)('property: what is taken back does not count: %o', (row, right, wrong) => {
    const told = (now: string, before: string) => [
      `My first guess was ${before}, but it is ${now}.`,
      `My initial estimate was ${before}. However, it is ${now}.`,
      `At first glance it is ${before}, but it is ${now}.`,
      `I first thought ${before}, but now I see that it is ${now}.`,
    ];
    are(row, told(right, wrong), 'right');
    are(row, told(wrong, right), 'wrong');
  });
});

describe('property: yes and no', () => {
  it.each(PAIRS)('property: yes and no hold only without their opposite: %s, %s', ([, one], [, other]) => {
    for (const [question, same, opposite] of [
      [
        `Is the ${one} to the left of the ${other}?`,
        `The ${one} is left of the ${other}.`,
        `The ${other} is to the left of the ${one}.`,
      ],
      [`Is the ${one} taller than the ${other}?`, `The ${one} is taller.`, `The ${other} is taller.`],
      [
        `Is there a ${one} behind the ${other}?`,
        `There is a ${one} behind the ${other}.`,
        `It is not behind the ${other}.`,
      ],
    ] as const) {
      const row = { question, answer: 'yes' };
      are(row, [`Yes. ${same}`, `Yes, it is, if you look closely. ${same}`], 'right');
      for (const text of [
        `Yes, ${opposite}`,
        `Yes, there is a ${one}, but ${opposite.replace('The', 'the')}`,
        'Yes, if mirrored.',
        'If it were night, yes.',
      ])
        expect([text, verdictOf(row, text)]).not.toEqual([text, 'right']);
      are(
        row,
        ['Yes, if mirrored; as it stands, no.', 'I would say yes if it were mirrored, but no.'],
        'wrong',
      );
    }
  });

  it.each([
    ['ja', 'nein', 'links', 'rechts'],
    ['oui', 'non', 'à gauche', 'à droite'],
    ['sí', 'no', 'izquierda', 'derecha'],
    ['是', '不是', '左边', '右边'],
  ])('property: %s, %s, %s and %s answer English questions', (yes, no, left, right) => {
    const polar = { question: 'Is the cup on the table?', answer: 'Yes' };
    are(polar, [yes, `${yes}.`], 'right');
    are(polar, [no, `${no}.`], 'wrong');
    const side = { question: 'Is the cup left or right of the jug?', answer: 'left' };
    are(side, [left], 'right');
    are(side, [right], 'wrong');
  });
});

describe('property: counts', () => {
  it.each([
    [2, 3],
    [1, 4],
    [5, 2],
  ])('property: %i on the counter and %i in the sink', (here, there) => {
    const told = [
      `There are ${here} cups on the counter and ${there} in the sink.`,
      `There are ${here + there} cups in total: ${there} in the sink and ${here} on the counter.`,
      `${here} cups are on the counter and ${there} cups are in the sink.`,
    ];
    const row = (question: string, answer: number) => ({ question, answer: String(answer) });
    are(row('How many cups are on the counter?', here), told, 'right');
    are(row('How many cups are in the sink?', there), told.slice(1, 2), 'right');
    are(row('How many cups are there?', here + there), told.slice(0, 2), 'right');
    are(row('How many cups are on the counter?', there), told, 'wrong');
  });
});
