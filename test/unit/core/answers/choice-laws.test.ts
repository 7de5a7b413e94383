import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { letterOf } from '../../../../src/base/item-names.ts';
import { CASES } from '../../../support/slow.ts';
import { fill, holds, things, verdictOf } from './verdict-laws.ts';
import { forAll } from '../../../support/property.ts';

const RUNS = { numRuns: CASES, seed: 17 };

/** How a sentence chooses `{x}`, and what may follow it about the other one, `{y}`. */
const CHOOSING = [
  'The {x} is nearer to the {c}.',
  'It is the {x}.',
  'I would say the {x}.',
  'The {x} appears to be nearer.',
  'Of the two, the {x} is nearer.',
  'Looking at the shadows, the {x} is nearer to the {c}.',
];
const REASONS = [
  '',
  ' It hides a part of the wall.',
  ', because the {y} is smaller',
  ', since the {y} stands far behind it',
  ', as the {y} is partly hidden',
  ' The {y}, by contrast, is far away.',
  ' In contrast, the {y} is far away.',
  ', while the {y} is far behind',
  ', not the {y}',
  ' On the other hand, the {y} is large.',
];
const joined = (sentence: string, reason: string) =>
  reason.startsWith(',') ? `${sentence.replace(/\.$/, '')}${reason}.` : sentence + reason;

const options = fc.record({
  names: things(5),
  right: fc.nat(3),
  other: fc.integer({ min: 1, max: 3 }),
  choosing: fc.constantFrom(...CHOOSING),
  reason: fc.constantFrom(...REASONS),
  lettered: fc.boolean(),
});

describe('property: choice', () => {
  it('property: reads a choice from its sentence, with any reason or comparison after it', () => {
    holds(
      options.map(({ names: [c, ...choices], right, other, choosing, reason }) => {
        const values = { c: c!, x: choices[right]!, y: choices[(right + other) % 4]! };
        return {
          row: { question: `Which is nearer to the ${c!}?`, choices },
          completion: fill(joined(choosing, reason), values),
          right: letterOf(right),
          wrong: letterOf((right + other) % 4),
        };
      }),
    );
  });

  it('property: a choice is unparsed if the answer names all options, refuses or hedges', () => {
    const NONE = [
      '{list}',
      'Either {list} could be right.',
      'A or B or C or D',
      'The answer is A or B.',
      'Therefore, the final answer is: A or B or C or D',
      'The options are {list}.',
      'It is not clear whether the {x} is nearer.',
      'It is unclear whether the {x} or the {y} is nearer.',
      'I cannot tell whether the {x} is nearer than the {y}.',
      'It cannot be told which one is nearer. Possibly A, possibly B.',
      'It is impossible to say whether it is the {x}.',
      "I'm sorry, but I cannot determine which one is nearer.",
      'Nothing shows where the {x} is.',
      'Both are possible. The final answer is: A\n\nOR\n\nif seen from behind, the final answer is: B',
    ];
    forAll([options, fc.constantFrom(...NONE)], RUNS, ({ names: [c, ...choices], right, other }, told) => {
      const list = `${choices
        .slice(0, 3)
        .map((name) => `the ${name}`)
        .join(', ')} or the ${choices[3]!}`;
      const completion = fill(told, { list, x: choices[right]!, y: choices[(right + other) % 4]! });
      const row = { question: `Which is nearer to the ${c!}?`, choices, answer: letterOf(right) };
      expect([completion, verdictOf(row, completion)]).toEqual([completion, 'unparsed']);
    });
  });

  it('property: reads a choice from the clause of its letter if the row lists no options', () => {
    const TOLD = [
      'Point {l} is closer to the camera than point {m}.',
      '{l} is nearer.',
      'Therefore, the one that corresponds to the {a} is point {l} in the second image.',
      'The {a} labelled {l} is closer, compared to the one labelled {m}.',
      'Looking at the edges of the {a}, box {l} fits more closely.',
      'Option choices: ({m}) is too far away. Therefore, the correct answer that fits is ({l}) the {a}.',
      '（{l}）Point {l}',
    ];
    const drawn = fc.record({
      letters: fc.shuffledSubarray(['A', 'B', 'C', 'D', 'E'], { minLength: 2, maxLength: 2 }),
      names: things(1),
      told: fc.constantFrom(...TOLD),
      none: fc.constantFrom(
        '{l} and {m} are equally close.',
        'Point {l} or point {m}',
        'A {a} is nearer.',
        'Point {l} is farther away than point {m}.',
      ),
    });
    const row = { question: 'Which is closer to the camera?', task: 'mcq' };
    holds(
      drawn.map(({ letters: [l, m], names: [a], told }) => ({
        row,
        completion: fill(told, { l: l!, m: m!, a: a! }),
        right: l!,
        wrong: m!,
      })),
    );
    forAll([drawn], RUNS, ({ letters: [l, m], names: [a], none }) => {
      const completion = fill(none, { l: l!, m: m!, a: a! });
      expect([completion, verdictOf({ ...row, answer: l! }, completion)]).toEqual([completion, 'unparsed']);
    });
  });

  it('property: does not read the article "a" as a choice if options contain single letters', () => {
    const LABELS = [
      'Point {l}',
      'picture {l}',
      'Region {l}',
      'box {l}',
      '{l} is nearer',
      'The path {l}',
      'Marker {l}',
    ];
    const TOLD = [
      'The {n} that matches is {n} {l} in the second picture.',
      'Looking at the shadows, {n} {l} seems to be nearer to the camera.',
      'It is {n} {l}.',
      'The answer, therefore, is: {l}.',
      'The answer is {n} {l}.',
      'Of the given choices (A, B, C, D), the one that matches is:\n\n({l}) {n} {l}',
      '{N} {l} is the tighter one. {N} {m}, by contrast, leaves a wide margin.',
      '{N} {l} is nearer, because {n} {m} is hidden.',
    ];
    holds(
      fc
        .record({
          label: fc.constantFrom(...LABELS),
          told: fc.constantFrom(...TOLD),
          right: fc.nat(3),
          other: fc.integer({ min: 1, max: 3 }),
        })
        .map(({ label, told, right, other }) => {
          const noun = /(?:The )?(\w+) \{l\}/.exec(label)?.[1] ?? 'point';
          const wrong = (right + other) % 4;
          return {
            row: {
              question: 'Which one is it?',
              choices: [0, 1, 2, 3].map((i) => fill(label, { l: letterOf(i) })),
            },
            completion: fill(told, {
              l: letterOf(right),
              m: letterOf(wrong),
              n: noun.toLowerCase(),
              N: noun[0]!.toUpperCase() + noun.slice(1).toLowerCase(),
            }),
            right: letterOf(right),
            wrong: letterOf(wrong),
          };
        }),
    );
  });
});

const SIDES = ['upper left', 'upper right', 'lower left', 'lower right', 'above', 'below', 'left', 'right'];
const POINTS = ['north', 'north-east', 'east', 'south-east', 'south', 'south-west', 'west', 'north-west'];
describe('property: side', () => {
  it('property: a side with two axes differs from each of its parts', () => {
    const WAYS = [
      '{x}',
      'It is {x}.',
      '{a} is to the {x} of {b}.',
      'The answer is {x}',
      '**{x}**',
      'I think it is {x}.',
    ];
    forAll(
      [
        things(2),
        fc.constantFrom(SIDES, POINTS),
        fc.nat(7),
        fc.nat(7),
        fc.constantFrom(...WAYS),
        fc.constantFrom('-', ' ', ''),
      ],
      RUNS,
      ([a, b], set, said, right, way, join) => {
        const word = set[said]!.replace(/[- ]/, set === SIDES && join === '' ? ' ' : join);
        const completion = fill(way, { x: word, a: `The ${a!}`, b: `the ${b!}` });
        const row = {
          question:
            set === POINTS
              ? `In which direction does the ${a!} lie from the ${b!}?`
              : `Where is the ${a!} relative to the ${b!}?`,
          answer: set[right]!,
        };
        const is = verdictOf(row, completion) === 'right';
        expect([row.answer, completion, is]).toEqual([row.answer, completion, said === right]);
      },
    );
  });

  it('property: reads a side from the text before a phrase that adds another position', () => {
    const WAYS = [
      'The {a} is in the {x} part of the sheet, below the {b}.',
      'It is on the {x}, next to the {b}.',
      'In the {x} corner, above the {b}.',
      'The {a} is on the {x} side, to the left of the {b}.',
    ];
    holds(
      fc
        .tuple(things(2), fc.nat(3), fc.integer({ min: 1, max: 3 }), fc.constantFrom(...WAYS))
        .map(([[a, b], i, other, way]) => ({
          row: { question: `Where is the ${a!} on the sheet?` },
          completion: fill(way, { a: a!, b: b!, x: SIDES[i]! }),
          right: `In the ${SIDES[i]!} part of the sheet.`,
          wrong: `In the ${SIDES[(i + other) % 4]!} part of the sheet.`,
        })),
    );
  });
});

describe('property: count', () => {
  const parts = fc.record({
    names: things(4),
    counts: fc.uniqueArray(fc.integer({ min: 2, max: 30 }), { minLength: 3, maxLength: 3 }),
    form: fc.nat(),
  });
  const BULLETS = [
    '- {n} {x}s',
    '* {n} {x}s',
    '{X}s: {n}',
    '{i}. {X}s: {n}',
    '{i}. **{X}s ({n}):** in a row.',
    '- On the {x}: {n}',
  ];
  const TOTALS = [
    'Total: {t}',
    'In total, there are {t} {c}s.',
    'Overall: {t}',
    'So there are {t} {c}s in total.',
    '**Total: {t}**',
    'Altogether, I count {t} {c}s.',
  ];
  const HEADS = [
    'There are {t} {c}s:',
    'There are {t} {c}s in the picture:',
    'I can see {t} {c}s. This is how I count them:',
  ];
  const listOf = ({ names, counts, form }: { names: string[]; counts: number[]; form: number }) => {
    const bullet = BULLETS[form % BULLETS.length]!;
    return counts
      .map((n, i) =>
        fill(bullet, { n, i: i + 1, x: names[i]!, X: names[i]![0]!.toUpperCase() + names[i]!.slice(1) }),
      )
      .join('\n');
  };

  it('property: the count of a list equals the total stated before or after the list', () => {
    holds(
      fc
        .tuple(parts, fc.constantFrom(...TOTALS), fc.constantFrom(...HEADS), fc.boolean())
        .map(([each, total, head, isAfter]) => {
          const t = each.counts.reduce((sum, n) => sum + n, 0);
          const values = { t, c: each.names[3]! };
          const list = listOf(each);
          return {
            row: { question: `How many ${each.names[3]!}s are there?` },
            completion: isAfter ? `${list}\n\n${fill(total, values)}` : `${fill(head, values)}\n${list}`,
            right: String(t),
            wrong: String(each.counts[0]!),
          };
        }),
    );
  });

  it('property: a count of times accepts "once" and "twice", and ignores numbers in names', () => {
    const TIMES = ['once', 'twice'];
    holds(
      fc
        .record({
          names: things(2),
          n: fc.integer({ min: 0, max: 1 }),
          isTimes: fc.boolean(),
          room: fc.integer({ min: 1, max: 40 }),
          count: fc.integer({ min: 2, max: 60 }),
          form: fc.nat(2),
        })
        .map(({ names: [a, b], n, isTimes, room, count, form }) => {
          if (isTimes)
            return {
              row: { question: `How ${form === 0 ? 'often' : 'many times'} does the ${a!} touch the ${b!}?` },
              completion: [
                `It touches it ${TIMES[n]!}.`,
                `${TIMES[n]!}`,
                `The ${a!} touches the ${b!} only ${TIMES[n]!}.`,
              ][form]!,
              right: String(n + 1),
              wrong: String(n + 2),
            };
          return {
            row: { question: `How many ${a!}s does Hall ${room} have?` },
            completion: [
              `Hall ${room} has ${count} ${a!}s.`,
              `There are ${count} ${a!}s in Hall ${room}.`,
              `In Hall ${room}, I count ${count} ${a!}s.`,
            ][form]!,
            right: String(count),
            wrong: String(count === room ? count + 1 : room),
          };
        }),
    );
  });
});

describe('property: equal numbers', () => {
  it('property: equal numbers match with any thousands separator', () => {
    const grouped = (n: number, by: string) => String(n).replace(/\B(?=(\d{3})+$)/g, by);
    holds(
      fc
        .record({
          n: fc.integer({ min: 1000, max: 9_999_999 }),
          by: fc.constantFrom(' ', ',', '', '’', '\u202f'),
          isReference: fc.boolean(),
          thing: things(1),
          isTagged: fc.boolean(),
        })
        .map(({ n, by, isReference, thing: [name], isTagged }) => {
          const tagged = (text: string) => (isTagged ? `<answer>${text}</answer>` : text);
          return {
            row: { question: `Which number is on the ${name!}?` },
            completion: grouped(n, isReference ? '' : by),
            right: tagged(grouped(n, isReference ? by : '')),
            wrong: tagged(grouped(n + 1000, isReference ? by : '')),
          };
        }),
    );
  });

  it('property: equal numbers match as a fraction and as a percentage', () => {
    holds(
      fc
        .tuple(
          fc.integer({ min: 1, max: 99 }),
          things(2),
          fc.boolean(),
          fc.constantFrom('{p}%', '{p} %', 'about {p} percent', 'The {a} covers {p}% of it.'),
        )
        .map(([p, [a, b], isFraction, told]) => ({
          row: {
            question: `Which ${isFraction ? 'fraction' : 'percentage'} of the ${b!} does the ${a!} cover?`,
          },
          completion: fill(told, { p, a: a! }),
          right: isFraction ? String(p / 100) : String(p),
          wrong: isFraction ? String(Number((p / 100 + 0.31).toFixed(2))) : String(p + 7),
        })),
    );
  });
});
