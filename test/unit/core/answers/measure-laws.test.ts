import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CASES } from '../../../support/slow.ts';
import { fill, holds, things, verdictOf, type Case } from './verdict-laws.ts';
import { WRAPPERS } from './wrappers.ts';
import { forAll } from '../../../support/property.ts';

// What is measured, how it is asked for and how it is told, and what else the answer says of other things.

/** `{a}` is measured, from `{b}`; the answer is `{v}`, and `{w}` is that of something else. */
const DISTANCE = {
  questions: [
    'How far is the {a} from the {b}?',
    'How far away from the {b} is the {a}?',
    'How far apart are the {a} and the {b}?',
    'What is the distance between the {a} and the {b}?',
    'What is the approximate distance from the {a} to the {b}, in meters?',
    'Estimate the distance between the {a} and the {b}.',
    'How many meters apart are the {a} and the {b}?',
    'How much space is there between the {a} and the {b}?',
  ],
  told: [
    '{v}',
    'About {v}.',
    'It is {v}.',
    'The {a} is {v} from the {b}.',
    'The {a} stands {v} from the {b}.',
    'The {a} is approximately {v} away from the {b}.',
    'The {a} and the {b} are {v} apart.',
    'The distance between the {a} and the {b} is {v}.',
    'The distance from the {a} to the {b} is roughly {v}.',
    'I would estimate that the {a} is {v} from the {b}.',
    'There is a gap of {v} between the {a} and the {b}.',
    'Roughly {v} separate the {a} from the {b}.',
    'Distance: {v}',
    '{v} from the {b}.',
    'Looking at the scale of the room, the {a} is {v} from the {b}.',
  ],
  besides: [
    '{told}, which is {w} long.',
    '{told}, given the {w} {b}.',
    '{told}. The {b} is {w} wide.',
    '{told}. The {c} is {w} tall.',
    '{told}. Scale used: the {b}, {w}.',
    '{told}, while the {c} is {w} away.',
    'The {a} is {w} from the {c} and stands {v} from the {b}.',
    'The {a} is {w} from the {c}, and {v} from the {b}.',
    'The {b} is {w} tall, and the {a} is {v} from the {b}.',
    'Given that the {b} is {w} wide, the {a} is {v} from the {b}.',
    'The {c} is {w} from the {b}. The {a} is {v} from the {b}.',
  ],
};

const sized = (noun: string, adjective: string, other: string): typeof DISTANCE => ({
  questions: [
    `How ${adjective} is the {a}?`,
    `What is the ${noun} of the {a}?`,
    `Estimate the ${noun} of the {a}.`,
    `What is the ${noun} of the {a} in meters?`,
    `Can you tell me the ${noun} of the {a} beside the {b}?`,
  ],
  told: [
    '{v}',
    'Around {v}.',
    `The {a} is {v} ${adjective}.`,
    `The {a} is about {v} ${adjective}.`,
    `The ${noun} of the {a} is {v}.`,
    `The {a} has a ${noun} of {v}.`,
    `Its ${noun} is approximately {v}.`,
    `I think the {a} is {v} ${adjective}.`,
  ],
  besides: [
    `The {a} is {v} ${adjective} and {w} ${other}.`,
    `The {a} is {w} ${other} and {v} ${adjective}.`,
    `The {a} is {v} ${adjective}, and the {c} is {w} ${adjective}.`,
    `The {c} is {w} ${adjective}, but the {a} is {v} ${adjective}.`,
    `The {a}, which stands {w} from the {c}, is {v} ${adjective}.`,
  ],
});
const ASKED = [
  DISTANCE,
  sized('height', 'tall', 'wide'),
  sized('width', 'wide', 'deep'),
  sized('length', 'long', 'wide'),
  sized('depth', 'deep', 'tall'),
];

const UNITS = ['m', 'meters', 'metres', 'cm', 'centimeters', 'mm', 'feet', 'ft', 'inches', 'yards'];
const length = fc
  .tuple(fc.integer({ min: 11, max: 9999 }), fc.constantFrom(1, 10, 100), fc.constantFrom(...UNITS))
  .map(([n, by, unit]) => ({ value: n / by, unit }));

interface Drawn {
  asked: typeof DISTANCE;
  question: number;
  told: number;
  names: string[];
  length: { value: number; unit: string };
  factor: number;
  wrap: string;
}
const drawn: fc.Arbitrary<Drawn> = fc.record({
  asked: fc.constantFrom(...ASKED),
  question: fc.nat(),
  told: fc.nat(),
  names: things(3),
  length,
  factor: fc.constantFrom(0.1, 0.24, 4.1, 7, 23),
  wrap: fc.constantFrom(
    'tags',
    'thought and tags',
    'bold',
    'fence',
    'spaces',
    'boxed text',
    'im_end',
    'the answer is',
  ),
});

/** A case of what is told of the thing that is asked about, alone or with something told of another thing. */
function caseOf({ asked, question, told, names, length, factor, wrap }: Drawn, isBeside: boolean): Case {
  const [a, b, c] = names as [string, string, string];
  const at = <T>(list: readonly T[], i: number) => list[i % list.length]!;
  const text = ({ value, unit }: Drawn['length']) => `${value} ${unit}`;
  const other = { value: Number((length.value * factor).toPrecision(3)), unit: length.unit };
  const values = { a, b, c, v: text(length), w: text(other) };
  const alone = fill(at(asked.told, told), values);
  const completion = isBeside
    ? fill(at(asked.besides, told), { ...values, told: alone.replace(/\.$/, '') })
    : at([wrap, ''], told) === ''
      ? alone
      : WRAPPERS[wrap]!(alone);
  return {
    row: { question: fill(at(asked.questions, question), values) },
    completion,
    right: text(length),
    wrong: text(other),
  };
}

// What has a length or an area, and how its unit is stated.
const MEASURED = [
  'What is the {noun} of the {a} in {unit}?',
  'What is the {noun} of the {a}, in {unit}?',
  'Measure the {noun} of the {a} in {unit}.',
  'What is the {noun} of the {a} ({unit})?',
  'Determine the {noun} of the {a} [{unit}].',
  'Give the {noun} of the {a} next to the {b} in {unit}.',
  'By eye, what {noun} does the {a} have, in {unit}?',
  'How many {unit} does the {noun} of the {a} measure?',
];
const NOUNS = [
  'diameter',
  'radius',
  'span',
  'pitch',
  'clearance',
  'perimeter',
  'thickness',
  'stroke',
  'reach',
  'bore',
];
const LENGTH_UNITS: readonly [name: string, other: string, factor: number][] = [
  ['mm', 'cm', 0.1],
  ['cm', 'mm', 10],
  ['meters', 'centimeters', 100],
  ['metres', 'm', 1],
  ['centimetres', 'm', 0.01],
  ['inches', 'feet', 1 / 12],
  ['feet', 'ft', 1],
];
const AREA_UNITS: readonly [name: string, other: string, factor: number][] = [
  ['square meters', 'm²', 1],
  ['square metres', 'square centimetres', 1e4],
  ['m²', 'sqm', 1],
  ['m^2', 'square meters', 1],
  ['cm²', 'square metres', 1e-4],
  ['square feet', 'sq ft', 1],
];
const TOLD = [
  '{v}',
  '{v} {unit}',
  'about {v} {unit}',
  'The {noun} is {v} {unit}.',
  'It is roughly {w} {other}.',
  '{w} {other}',
];
const measured: fc.Arbitrary<Case> = fc
  .record({
    names: things(2),
    question: fc.constantFrom(...MEASURED),
    told: fc.constantFrom(...TOLD),
    of: fc.oneof(
      fc.record({ noun: fc.constantFrom(...NOUNS), unit: fc.constantFrom(...LENGTH_UNITS) }),
      fc.record({
        noun: fc.constantFrom('area', 'surface', 'footprint'),
        unit: fc.constantFrom(...AREA_UNITS),
      }),
    ),
    n: fc.integer({ min: 11, max: 9999 }),
    by: fc.constantFrom(1, 10, 100),
    near: fc.constantFrom(0.6, 0.93, 1, 1.04, 1.8),
    far: fc.constantFrom(0.1, 0.3, 3, 9),
  })
  .map(({ names: [a, b], question, told, of: { noun, unit }, n, by, near, far }) => {
    const value = n / by;
    const said = Number((value * near).toPrecision(5));
    const values = {
      a: a!,
      b: b!,
      noun,
      unit: unit[0],
      other: unit[1],
      v: said,
      w: Number((said * unit[2]).toPrecision(6)),
    };
    return {
      row: { question: fill(question, values) },
      completion: fill(told, values),
      right: String(value),
      wrong: String(Number((said * far).toPrecision(5))),
    };
  });

describe('property: stated unit', () => {
  it('property: a stated unit makes the task a measurement of any quantity', () => {
    holds(measured, { declares: true });
  });

  it('property: a stated unit of another quantity than requested is never right', () => {
    const KINDS = [
      ['How heavy is the {a}, in kg?', ['kg', 'kilograms', 'pounds', 'g']],
      ['What is the volume of the {a} in liters?', ['liters', 'l', 'ml']],
      ['What is the angle between the {a} and the {b} in degrees?', ['degrees', '°']],
      ['How many seconds pass before the {a} falls?', ['seconds', 's', 'minutes']],
      ['How far is the {a} from the {b}, in meters?', ['meters', 'cm', 'feet']],
      ['What is the area of the {a} in square meters?', ['m²', 'square meters', 'sq ft', 'square feet']],
    ] as const;
    forAll(
      [
        things(2),
        fc.nat(5),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(3),
        fc.integer({ min: 11, max: 999 }),
        fc.constantFrom('{v} {u}', 'It is about {v} {u}.', '**{v} {u}**', 'The answer is {v} {u}.'),
      ],
      { numRuns: CASES, seed: 9 },
      ([a, b], asked, other, n, value, told) => {
        const [question] = KINDS[asked]!;
        const [, units] = KINDS[(asked + other) % KINDS.length]!;
        const row = { question: fill(question, { a: a!, b: b! }), answer: String(value) };
        const completion = fill(told, { v: value, u: units[n % units.length]! });
        expect([completion, verdictOf(row, completion)]).not.toEqual([completion, 'right']);
      },
    );
  });
});

describe('property: length', () => {
  it('property: reads a length from its sentence, with a declared or a detected task', () => {
    holds(
      drawn.map((each) => caseOf(each, false)),
      { declares: true },
    );
  });

  it('property: assigns a length to the object in its clause', () => {
    holds(
      drawn.map((each) => caseOf(each, true)),
      { declares: true },
    );
  });

  it('property: a length in another dimension than requested is not an answer', () => {
    const SIZES = [
      ['How far is the {a} from the {b}?', ['away', 'away']],
      ['How tall is the {a}?', ['tall', 'high']],
      ['How wide is the {a}?', ['wide', 'across']],
      ['How long is the {a}?', ['long', 'long']],
      ['How deep is the {a}?', ['deep', 'deep']],
    ] as const;
    const TOLD = [
      'The {a} is {v} m {as}.',
      '{v} m {as}',
      'It is about {v} m {as}.',
      'It is {v} meters {as}.',
    ];
    forAll(
      [
        things(2),
        fc.nat(4),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(1),
        fc.constantFrom(...TOLD),
        fc.integer({ min: 2, max: 90 }),
      ],
      { numRuns: CASES, seed: 7 },
      ([a, b], asked, other, word, told, tenths) => {
        const [question, own] = SIZES[asked]!;
        const [, theirs] = SIZES[(asked + other) % SIZES.length]!;
        const row = { question: fill(question, { a: a!, b: b! }), answer: `${tenths / 10} m` };
        const of = (as: string) => verdictOf(row, fill(told, { a: a!, v: tenths / 10, as }));
        expect([told, of(own[word]!), of(theirs[word]!)]).toEqual([told, 'right', 'unparsed']);
      },
    );
  });
});

describe('property: object named by a number', () => {
  it('property: a numbered object is the answer if the sentence asserts its relation', () => {
    const POLES = [
      ['closer to the {c}', 'farther from the {c}'],
      ['larger', 'smaller'],
      ['higher', 'lower'],
      ['nearer to the {c}', 'farther from the {c}'],
      ['brighter', 'darker'],
    ] as const;
    const drawnPair = fc.record({
      names: things(1),
      noun: fc.constantFrom('Room', 'Player', 'Box', 'Door', 'Lane'),
      poles: fc.constantFrom(...POLES),
      side: fc.nat(1),
      numbers: fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 2 }),
      told: fc.constantFrom(
        '{n} {i} is {p} than {n} {j}.',
        '{n} {i}',
        'The answer is {n} {i}.',
        '{i}',
        '**{n} {i}** is {p}.',
      ),
    });
    const rowOf = ({
      names: [c],
      noun,
      poles,
      side,
      numbers: [i, j],
    }: typeof drawnPair extends fc.Arbitrary<infer T> ? T : never) => {
      const as = (pole: string) => fill(pole, { c: c! });
      return {
        question: `Which is ${as(poles[side]!)}, ${noun.toLowerCase()} ${i!} or ${noun.toLowerCase()} ${j!}?`,
        values: { n: noun, i: i!, j: j!, p: as(poles[side]!) },
        other: as(poles[1 - side]!),
      };
    };
    holds(
      drawnPair.map((each) => {
        const { question, values } = rowOf(each);
        return {
          row: { question },
          completion: fill(each.told, values),
          right: `${values.n} ${values.i}`,
          wrong: `${values.n} ${values.j}`,
        };
      }),
    );
    forAll([drawnPair], { numRuns: CASES, seed: 8 }, (each) => {
      const { question, values, other } = rowOf(each);
      const completion = fill('{n} {i} is {p} than {n} {j}.', { ...values, p: other });
      for (const said of [values.i, values.j])
        expect(verdictOf({ question, answer: `${values.n} ${said}` }, completion)).toBe('unparsed');
    });
  });
});
