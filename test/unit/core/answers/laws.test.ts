import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { referenceOf, scoreRow } from '../../../../src/core/answers/score-row.ts';
import { answerVerdict } from '../../../../src/core/answers/verdict.ts';
import type { ScoreInput } from '../../../../src/core/answers/score.ts';
import { WRAPPERS } from './wrappers.ts';
import { CASES } from '../../../support/slow.ts';
import { forAll } from '../../../support/property.ts';

/** Questions with the reference answer, right answers in some forms, and a wrong one in each of them. */
const FOUR = ['the lamp', 'the sofa', 'the table', 'the door'];
const PAIRS = (
  [
    [
      'Which is nearest to the camera?',
      'C',
      ['C', '(C)', 'C.', 'the table', 'C. the table', '(C) the table', 'option C'],
      ['A', '(A)', 'A.', 'the lamp', 'A. the lamp', '(A) the lamp', 'option A'],
    ],
    ['Is the lamp left of the sofa?\nA. yes\nB. no', 'B. no', ['B', 'no', 'B. no'], ['A', 'yes', 'A. yes']],
    [
      'In which order? Options: A. lamp, rug, desk, B. rug, lamp, desk, C. desk, rug, lamp',
      'B',
      ['B', 'B. rug, lamp, desk', 'rug, lamp, desk'],
      ['C', 'C. desk, rug, lamp', 'desk, rug, lamp'],
    ],
    ['Is the cup left of the plate?', 'Yes', ['Yes', 'yes'], ['No', 'no']],
    ['Is the cup left of the plate?', '0', ['0', 'no'], ['1', 'yes']],
    ['The cup is on the plate. True or false?', 'False', ['False'], ['True']],
    ['How many chairs are there?', '4', ['4', 'four', '4 chairs'], ['5', 'five', '5 chairs']],
    [
      'On which side is the cup?',
      'left',
      ['left', 'on the left', 'the left side', 'to the left'],
      ['right', 'on the right', 'the right side', 'to the right'],
    ],
    [
      'In which sense does the valve turn?',
      'clockwise',
      ['clockwise'],
      ['counter-clockwise', 'anticlockwise'],
    ],
    [
      'Is the cat in front of or behind the box?',
      'behind',
      ['behind', 'behind the box'],
      ['in front', 'in front of the box'],
    ],
    ['By how much does the shelf stand above the table, in steps?', '-2', ['-2', 'minus 2'], ['2', '+2']],
    ['What is the ratio of width to height?', '1.2', ['1.2', '1.20'], ['12', '12.0']],
    ['Then the side of the square is ()', '6cm', ['6cm', '6 cm', '6'], ['9 cm', '9']],
    ['Then the diagonal is ()', '√13', ['√13'], ['13', '√12']],
    ['What is the angle between them?', '90°', ['90°', '90 degrees', '90'], ['-90', '45°']],
    ['How far is the door from the bed?', '2 m', ['2 m', '2.1 meters', '200 cm'], ['9 m', '20 cm']],
    [
      'Which is closer, the red mug or the plate?',
      'the red mug',
      ['the red mug', 'red mug'],
      ['the plate', 'plate'],
    ],
    ['What color is the boat?', 'white', ['white'], ['red', 'non-white']],
    [
      'Which sign stands beside the gate? Do not add anything else.',
      'No Bicycles',
      ['No Bicycles'],
      ['No Dogs', 'No'],
    ],
  ] satisfies [question: string, answer: string, right: string[], wrong: string[]][]
).map(([question, answer, right, wrong], i) => {
  const row: ScoreInput = { question, answer, ...(i === 0 && { choices: FOUR }) };
  return { row, right, wrong };
});

/** Each comparative with its opposite, in other words than the question's where English has some. */
const COMPARATIVES = [
  ['closer to the camera', 'nearer to the camera', 'farther from the camera'],
  ['farther from the camera', 'further from the camera', 'nearer to the camera'],
  ['larger', 'bigger', 'smaller'],
  ['smaller', 'smaller', 'bigger'],
  ['taller', 'taller', 'shorter'],
  ['longer', 'longer', 'shorter in length'],
  ['wider', 'broader', 'narrower'],
  ['higher', 'higher', 'lower'],
  ['lower', 'lower', 'higher'],
] as const;

const verdict = (row: ScoreInput, completion: string) =>
  answerVerdict(scoreRow({ ...row, completion }), referenceOf(row));

describe('property: scores', () => {
  it.each(PAIRS)(
    'property: $row.question $row.answer: scores right and wrong answers in all forms',
    ({ row, right, wrong }) => {
      expect(right.map((y) => [y, verdict(row, y)])).toEqual(right.map((y) => [y, 'right']));
      expect(wrong.map((y) => [y, verdict(row, y)])).toEqual(wrong.map((y) => [y, 'wrong']));
    },
  );

  it.each(Object.entries(WRAPPERS))('property: %s around an answer changes no verdict', (_, wrap) => {
    const changed = PAIRS.flatMap(({ row, right, wrong }) =>
      [...right, ...wrong].flatMap((y) => {
        const [bare, wrapped] = [verdict(row, y), verdict(row, wrap(y))];
        return bare === wrapped ? [] : [{ question: row.question, wrapped: wrap(y), bare, got: wrapped }];
      }),
    );
    expect(changed).toEqual([]);
  });

  it.each(['. Wait, ', '... no, wait: ', '. Sorry, ', ' – no, ', ', I mean ', '. Scratch that. '])(
    'property: "%s" between two answers leaves the second one, and of two options none',
    (corrects) => {
      const changed = PAIRS.flatMap(({ row, right, wrong }) => {
        const hasOptions = scoreRow({ ...row, completion: '' }).task === 'mcq';
        const both = [[right, wrong] as const, [wrong, right] as const].flatMap(([now, before]) =>
          now.slice(0, before.length).map((y, i) => [y, `${before[i]}${corrects}${y}`] as const),
        );
        return both.flatMap(([y, text]) => {
          const [want, got] = [hasOptions ? 'unparsed' : verdict(row, y), verdict(row, text)];
          return want === got ? [] : [{ question: row.question, text, want, got }];
        });
      });
      expect(changed).toEqual([]);
    },
  );

  it('property: two nested wrappers change no verdict', () => {
    const outer = [
      'tags',
      'thought and tags',
      'im_end',
      'end of sentence',
      'box tokens',
      'hope this helps',
      'spaces',
      'at the end of thinking aloud',
    ];
    forAll(
      [
        fc.constantFrom(...PAIRS),
        fc.nat(), // A turn of a chat does not begin in the middle of a text.
        fc.constantFrom(
          ...Object.entries(WRAPPERS).flatMap(([name, wrap]) => (/turn|channels/.test(name) ? [] : [wrap])),
        ),
        fc.constantFrom(...outer.map((name) => WRAPPERS[name]!)),
      ],
      { numRuns: CASES },
      ({ row, right, wrong }, i, inner, around) => {
        const answers = [...right, ...wrong];
        const y = answers[i % answers.length]!;
        expect({ y: around(inner(y)), is: verdict(row, around(inner(y))) }).toEqual({
          y: around(inner(y)),
          is: verdict(row, y),
        });
      },
    );
  });

  it('property: a swap of the right and the wrong answer of a row swaps the verdicts', () => {
    for (const { row, right, wrong } of PAIRS.filter(({ right, wrong }) => right.length === wrong.length))
      right.forEach((y, i) => {
        const other = { ...row, answer: wrong[0]! };
        if (scoreRow({ ...other, completion: '' }).task !== scoreRow({ ...row, completion: '' }).task) return;
        expect([wrong[i], verdict(other, wrong[i]!)]).toEqual([wrong[i], 'right']);
        expect([y, verdict(other, y)]).toEqual([y, 'wrong']);
      });
  });

  it('wrappers change no verdict of a closed row in the answer corpus', () => {
    interface CorpusRow {
      row: ScoreInput & { completion: string };
    }
    const closed = ['yesno', 'mcq', 'count'];
    const rows = readFileSync(new URL('../../../fixtures/corpus/answers.jsonl', import.meta.url), 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as CorpusRow).row)
      .filter(({ task }) => closed.includes(String(task)));
    expect(rows.length).toBeGreaterThan(150);
    const changed = rows.flatMap((row) => {
      const bare = verdict(row, row.completion);
      const [, answer] = /<answer>([^]*)<\/answer>/.exec(row.completion) ?? [];
      if (answer === undefined) return [];
      return Object.entries(WRAPPERS).flatMap(([name, wrap]) => {
        // A lead-in before a sentence makes another sentence; what marks an answer may hold one.
        const marks =
          /box|tags|JSON|fence|heading|token|turn|end|channels|spaces|bold|code|smiley|hope|answer$/.test(
            name,
          );
        const got = marks ? verdict(row, wrap(answer)) : bare;
        return got === bare || row.completion.includes('\n(')
          ? []
          : [{ name, wrapped: wrap(answer), bare, got }];
      });
    });
    expect(changed).toEqual([]);
  });

  it.each(COMPARATIVES)(
    'property: "%s" is asked, and "%s" or its opposite "%s" answers',
    (asked, more, less) => {
      const told = (x: string, y: string) => [
        `The ${x} is ${more} than the ${y}.`,
        `The ${y} is ${less} than the ${x}.`,
        `The ${x}, not the ${y}.`,
        `I think the ${x} is clearly ${more} than the ${y}, because of its shadow.`,
      ];
      const of = (row: ScoreInput, x: string, y: string) =>
        told(x, y).map((text) => [text, verdict(row, text)]);
      const all = (row: ScoreInput, x: string, y: string, is: string) =>
        expect(of(row, x, y)).toEqual(told(x, y).map((text) => [text, is]));
      for (const row of [
        { question: `Which is ${asked}, the cup or the plate?`, answer: 'the cup' },
        { question: `Which is ${asked}?`, answer: 'the cup', choices: ['the plate', 'the cup'] },
      ]) {
        all(row, 'cup', 'plate', 'right');
        all(row, 'plate', 'cup', 'wrong');
      }
      const polar = { question: `Is the cup ${asked} than the plate?`, answer: 'yes' };
      expect(
        told('cup', 'plate')
          .slice(0, 2)
          .map((text) => verdict(polar, text)),
      ).toEqual(['right', 'right']);
      expect(
        told('plate', 'cup')
          .slice(0, 2)
          .map((text) => verdict(polar, text)),
      ).toEqual(['wrong', 'wrong']);
    },
  );

  it.each([
    ['to the left of', 'to the right of'],
    ['to the right of', 'to the left of'],
    ['above', 'below'],
    ['below', 'above'],
    ['in front of', 'behind'],
    ['behind', 'in front of'],
  ])(
    'property: "the plate is %s the cup" means that the cup is %s the plate, in every task',
    (converse, side) => {
      const rows: ScoreInput[] = [
        { question: `Is the cup ${side} the plate?`, answer: 'yes' },
        { question: 'Where is the cup relative to the plate?', answer: `${side} the plate` },
        {
          question: 'Where is the cup?',
          answer: 'B',
          choices: [`${converse} the plate`, `${side} the plate`],
        },
        { question: `The cup is ${side} the plate. True or false?`, answer: 'True' },
      ];
      for (const verb of ['is', 'stands', 'is clearly', 'appears to be']) {
        expect(rows.map((row) => verdict(row, `The plate ${verb} ${converse} the cup.`))).toEqual(
          rows.map(() => 'right'),
        );
        expect(rows.map((row) => verdict(row, `The plate ${verb} ${side} the cup.`))).toEqual(
          rows.map(() => 'wrong'),
        );
      }
    },
  );

  it.each([
    ['Is the door open or closed?', 'open', 'closed', 'door'],
    ['Is the ball red or blue?', 'blue', 'red', 'ball'],
    ['Would you say the carpet is round or square?', 'square', 'round', 'carpet'],
    ['Are the lines parallel or perpendicular?', 'parallel', 'perpendicular', 'lines'],
  ])(
    'property: of two alternatives, a statement or a rejection decides: %s',
    (question, right, wrong, thing) => {
      const verb = thing.endsWith('s') ? 'are' : 'is';
      for (const [told, is] of [
        [right, 'right'],
        [wrong, 'wrong'],
      ] as const) {
        const other = is === 'right' ? wrong : right;
        const texts = [
          `The ${thing} ${verb} ${told}.`,
          `The ${thing} ${verb} not ${other}.`,
          `The ${thing} ${verb}n't ${other}.`,
          `I can see that the ${thing} ${verb} ${told}.`,
          `${told}, not ${other}`,
        ];
        expect(texts.map((text) => [text, verdict({ question, answer: right }, text)])).toEqual(
          texts.map((text) => [text, is]),
        );
      }
      const neither = `The ${thing} ${verb} neither ${right} nor ${wrong}.`;
      expect(verdict({ question, answer: right }, neither)).toBe('wrong');
    },
  );

  it.each(['bigger', 'taller', 'closer to the camera', 'farther from the camera'])(
    'property: "the red box" is "the red one", of which one is %s',
    (asked) => {
      const question = `Which box is ${asked}, the red one or the blue one?`;
      for (const answer of ['the red one', 'red', 'the red box']) {
        const is = (texts: readonly string[], expected: string) =>
          expect(texts.map((text) => [text, verdict({ question, answer }, text)])).toEqual(
            texts.map((text) => [text, expected]),
          );
        const told = (x: string, y: string) =>
          [
            'X',
            'The X one.',
            'The X box',
            `The X box is ${asked}.`,
            `The X box is ${asked} than the Y one.`,
          ].map((text) => text.replaceAll('X', x).replaceAll('Y', y));
        is(told('red', 'blue'), 'right');
        is(told('blue', 'red'), 'wrong');
        is(['Neither.', 'They are the same.', 'Both are equal.'], 'wrong');
      }
    },
  );

  it('property: a count compared with another answers yes or no, a count alone only its own question', () => {
    for (const [question, answer, right, wrong] of [
      [
        'Are there more cups than plates?',
        'yes',
        'There are more cups than plates.',
        'There are fewer cups than plates.',
      ],
      [
        'Are there more cups than plates?',
        'no',
        'There are more plates than cups.',
        'There are fewer plates than cups.',
      ],
      [
        'Are there fewer cups than plates on the table?',
        'yes',
        'There are more plates than cups.',
        'There are more cups than plates on the table.',
      ],
      ['Are there two cups?', 'no', 'There are three cups.', 'There are two cups.'],
      ['Are there two cups?', 'yes', 'There are 2 cups.', 'There are 4 cups.'],
    ] as const) {
      expect(
        [right, wrong].map((text) => verdict({ question, answer }, text)),
        question + answer,
      ).toEqual(['right', 'wrong']);
    }
  });

  // Of two objects, in the order: right, wrong. Rows of VQASynth have such sentences as references.
  it.each([
    ['Which is more to the left, X or Y?', ['X is more to the left.', 'Positioned to the left is X.', 'X']],
    [
      "Between X and Y, which one appears on the right side from the viewer's perspective?",
      ["From the viewer's perspective, X appears more on the right side.", 'X is further right.', 'X'],
    ],
    [
      'Who is taller, X or Y?',
      [
        'With more height is X.',
        'Standing taller between the two is X.',
        'X is taller.',
        'X is taller than Y.',
      ],
    ],
    [
      'Which of these two, X or Y, is wider?',
      ['X is wider.', 'With more width is X.', 'Appearing wider between the two is X.', 'Y is narrower.'],
    ],
    ['Which is below, X or Y?', ['Below is X.', 'X is below.', 'Positioned lower is X.', 'Y is above.']],
    [
      'Which is behind, X or Y?',
      ['X is behind.', 'X is further behind.', 'Positioned behind is X.', 'Y is in front.'],
    ],
    [
      'Who is bigger, X or Y?',
      ['X is bigger.', 'The bigger object is X.', 'X is larger than Y.', 'Y is smaller.'],
    ],
  ] as const)('property: a sentence names its object as reference and as answer: %s', (asked, sentences) => {
    const of = (text: string, x: string, y: string) => text.replaceAll('X', x).replaceAll('Y', y);
    const [red, wooden] = ['the red cup', 'the wooden chair'];
    const question = of(asked, red, wooden);
    for (const reference of sentences) {
      const row = { question, answer: of(reference, red, wooden) };
      expect(sentences.map((text) => [reference, text, verdict(row, of(text, red, wooden))])).toEqual(
        sentences.map((text) => [reference, text, 'right']),
      );
      expect(sentences.map((text) => [reference, text, verdict(row, of(text, wooden, red))])).toEqual(
        sentences.map((text) => [reference, text, 'wrong']),
      );
    }
  });

  it.each([
    [
      "Is X to the left of Y from the viewer's perspective?",
      [
        'Yes, X is to the left of Y.',
        'Indeed, X is on the left side of Y.',
        'X is to the left of Y.',
        'Y is to the right of X.',
      ],
      [
        'No, X is not to the left of Y.',
        'Incorrect, X is not on the left side of Y.',
        'X is to the right of Y.',
      ],
    ],
    [
      'Is X behind Y?',
      ['Yes, it is behind.', "That's true.", 'X is behind Y.', 'Y is in front of X.'],
      ['In fact, X is in front of Y.', 'That is false.', 'Y is behind X.'],
    ],
    [
      'Is X wider than Y?',
      ['Correct, X is wider than Y.', 'X is wider.', 'Y is narrower than X.'],
      [
        'Incorrect, X is not wider than Y.',
        'In fact, X might be narrower than Y.',
        'Y is wider.',
        'They are equally wide.',
      ],
    ],
  ] as const)('property: a sentence says yes or no as reference and as answer: %s', (asked, yes, no) => {
    const of = (text: string) => text.replace(/\bX\b/g, 'the red cup').replace(/\bY\b/g, 'the wooden chair');
    for (const [agreeing, opposite] of [
      [yes, no],
      [no, yes],
    ] as const)
      for (const reference of agreeing) {
        const row = { question: of(asked), answer: of(reference) };
        const told = (texts: readonly string[]) =>
          texts.map((text) => [reference, text, verdict(row, of(text))]);
        expect(told(agreeing)).toEqual(agreeing.map((text) => [reference, text, 'right']));
        expect(told(opposite)).toEqual(opposite.map((text) => [reference, text, 'wrong']));
      }
  });

  it.each([
    ['bigger or smaller than', 'bigger than', 'smaller than', 'larger than'],
    ['taller or shorter than', 'taller than', 'shorter than', 'not as short as'],
    ['wider or narrower than', 'wider than', 'narrower than', 'broader than'],
    ['in front of or behind', 'in front of', 'behind', 'closer to the camera than'],
    ['above or below', 'above', 'below', 'on top of'],
    ['inside or outside', 'inside', 'outside', 'contained in'],
    ['to the left or to the right of', 'to the left of', 'to the right of', 'left of'],
  ])(
    'property: a question offers both poles, and the answer states one, or its converse: is it %s?',
    (offered, pole, opposite, other) => {
      const mayTurn = !/inside|not/.test(pole + other);
      // "The plate is on the left" can mean a side of the image.
      const mayElide = mayTurn && !/left/.test(pole);
      const bare = (text: string) => text.replace(/ (?:than|of)$/, '');
      for (const asked of [
        `Is the red mug ${offered} the plate?`,
        `In this picture, would you say the red mug is ${offered} the plate?`,
      ])
        for (const reference of [
          pole.replace(/ (?:than|of)$/, ''),
          `The red mug is ${pole} the plate.`,
          `Clearly, the red mug is ${pole} the plate.`,
        ]) {
          const row = { question: asked, answer: reference };
          const right = [
            `The red mug is ${pole} the plate.`,
            `It appears that the red mug is ${pole} the plate.`,
            ...(other.startsWith('not') ? [] : [`The red mug is ${other} the plate.`]),
            ...(mayTurn ? [`The plate is ${opposite} the red mug.`] : []),
            ...(mayElide ? [`The plate is ${bare(opposite)}.`] : []),
          ];
          const wrong = [
            `The red mug is ${opposite} the plate.`,
            ...(mayTurn ? [`The plate is ${pole} the red mug.`] : []),
            ...(mayElide ? [`The plate is ${bare(pole)}.`] : []),
          ];
          const told = (texts: readonly string[]) => texts.map((text) => [text, verdict(row, text)]);
          expect([reference, told(right)]).toEqual([reference, right.map((text) => [text, 'right'])]);
          expect([reference, told(wrong)]).toEqual([reference, wrong.map((text) => [text, 'wrong'])]);
        }
    },
  );

  it.each(['camera', 'viewer'])('property: in front means nearer to the %s, in every task', (from) => {
    const near = [`The mug is closer to the ${from} than the plate.`, 'The mug is in front of the plate.'];
    const far = [
      `The mug is farther from the ${from} than the plate.`,
      `The mug is further away from the ${from} than the plate.`,
      'The mug is behind the plate.',
    ];
    for (const [asked, [told, not]] of [
      ['in front', [near, far]],
      [`closer to the ${from}`, [near, far]],
      ['behind', [far, near]],
      [`farther from the ${from}`, [far, near]],
    ] as const) {
      const polar = /^(?:in front|behind)$/.test(asked)
        ? `Is the mug ${asked}${asked === 'behind' ? '' : ' of'} the plate?`
        : `Is the mug ${asked} than the plate?`;
      const rows: ScoreInput[] = [
        { question: `Which is ${asked}, the mug or the plate?`, answer: 'the mug' },
        { question: `Which is ${asked}?`, answer: 'A', choices: ['the mug', 'the plate'] },
        { question: polar, answer: 'yes' },
      ];
      for (const [texts, is] of [
        [told, 'right'],
        [not, 'wrong'],
      ] as const)
        expect([asked, rows.map((row) => texts.map((text) => verdict(row, text)))]).toEqual([
          asked,
          rows.map(() => texts.map(() => is)),
        ]);
    }
  });

  it.each([
    'If you are the woman closest to the camera, where is the sun relative to you?',
    'If you were the taller zebra in front of the tree, where would the sun be?',
    'For the clock above the window, where does the minute hand point?',
    'From the man behind the left car, where is the sun?',
    'Of the larger dog that is nearer than the cat, on which side is the ball?',
  ])('property: a place in the question does not change what its options mean: %s', (question) => {
    const choices = ['on/above', 'below', 'in front of', 'behind', 'left of', 'right of'];
    for (const [i, answer] of choices.entries())
      expect(choices.map((text) => verdict({ question, answer, choices }, text))).toEqual(
        choices.map((_, k) => (k === i ? 'right' : 'wrong')),
      );
  });

  it.each([
    ['beside', 'beside', 'next to', ''],
    ['in contact with', 'in contact with', 'touching', ''],
    ['close to', 'close to', 'near', 'far from'],
    ['far from', 'far away from', 'far from', 'close to'],
  ])('property: a relation holds in both directions: %s', (asked, same, synonym, opposite) => {
    const row = { question: `Is the mug ${asked} the plate?`, answer: 'yes' };
    const of = (texts: readonly string[]) => texts.map((text) => [text, verdict(row, text)]);
    const bare = same.replace(/ (?:with|to|from)$/, '');
    const particle = / (?:with|to|from)$/.exec(same)?.[0] ?? '';
    const yes = [
      `The mug is ${same} the plate.`,
      `The plate is ${synonym} the mug.`,
      `They are ${bare}${particle} each other.`,
      `The mug and the plate are ${bare}${particle} each other.`,
    ];
    const no = [
      `The mug is not ${same} the plate.`,
      `They are not placed ${bare}${particle} each other.`,
      `The mug and the plate are not ${bare}${particle} each other, and they never were.`,
      ...(opposite ? [`The mug is ${opposite} the plate.`, `They are ${opposite} each other.`] : []),
    ];
    expect(of(yes)).toEqual(yes.map((text) => [text, 'right']));
    expect(of(no)).toEqual(no.map((text) => [text, 'wrong']));
  });

  it.each([
    ['up', 'down'],
    ['forward', 'backward'],
  ])('property: a direction on two axes needs both: %s or %s', (...poles) => {
    for (const pole of poles)
      for (const side of ['left', 'right']) {
        const row = { question: 'Which way should the gripper move?', answer: `${pole} and to the ${side}` };
        for (const other of poles)
          for (const turn of ['left', 'right'])
            for (const text of [
              `${other} and ${turn}`,
              `It should move to the ${turn} and ${other}.`,
              `Diagonally ${other}${other.endsWith('ward') ? '' : 'ward'}s to the ${turn}.`,
              `${other}, then to the ${turn}`,
            ])
              expect([row.answer, text, verdict(row, text)]).toEqual([
                row.answer,
                text,
                other === pole && turn === side ? 'right' : 'wrong',
              ]);
      }
  });
  it('property: a side of the asker is no side of another object', () => {
    const places = { left: 'to your left', right: 'on your right', behind: 'behind you' };
    const question = 'If I stand at the sofa and face the lamp, is the rug on my left, right or behind me?';
    for (const answer of Object.keys(places))
      for (const [told, place] of Object.entries(places))
        for (const rest of ['', ', behind the sofa', ', to the right of the lamp', ', in front of the door'])
          expect([answer, place + rest, verdict({ question, answer }, place + rest)]).toEqual([
            answer,
            place + rest,
            told === answer ? 'right' : 'wrong',
          ]);
  });
  it.each([
    ['in front of', 'behind'],
    ['to the left of', 'to the right of'],
    ['above', 'below'],
  ])('property: two statements with exchanged objects are one question: %s', (side, other) => {
    const question = `Is the mug ${side} the plate, or is the plate ${side} the mug?`;
    for (const [first, second] of [
      ['mug', 'plate'],
      ['plate', 'mug'],
    ] as const) {
      const row = { question, answer: `The ${first} is ${side} the ${second}.` };
      for (const [a, place, b] of [
        [first, side, second],
        [second, other, first],
        [first, other, second],
        [second, side, first],
      ] as const)
        expect([row.answer, a, place, verdict(row, `The ${a} is ${place} the ${b}.`)]).toEqual([
          row.answer,
          a,
          place,
          (a === first) === (place === side) ? 'right' : 'wrong',
        ]);
    }
  });

  it.each([
    ['From the man\u2019s perspective, is the dog on his left or right?', 'man'],
    ["From the man's perspective, is the dog on his left or right?", 'man'],
  ])(
    'property: the side in the frame that a question asks for counts, not that of the image: %s',
    (question) => {
      for (const answer of ['left', 'right'])
        for (const [his, other] of [
          ['left', 'right'],
          ['right', 'left'],
        ] as const)
          for (const text of [
            `The dog appears on the ${other} of the image, but from the man's perspective it is on the ${his}.`,
            `In the image it is on the ${other}, however it is on his ${his}.`,
            `Camera view: ${other}. His side: ${his}.`,
          ])
            expect([answer, text, verdict({ question, answer }, text)]).toEqual([
              answer,
              text,
              his === answer ? 'right' : 'wrong',
            ]);
    },
  );
  it.each([
    ['left', 'right', 'to its left', 'to its right'],
    ['above', 'below', 'above it', 'below it'],
    ['in front of', 'behind', 'in front of it', 'behind it'],
  ])(
    'property: a neighbour on a side of the asked thing, and two labels, tell its side: %s',
    (a, b, atA, atB) => {
      const side = a === 'left';
      const question = side
        ? 'Is the mug to the left or right of the lamp?'
        : `Is the mug ${a} or ${b} the lamp?`;
      for (const [answer, right, wrong] of [
        [a, atB, atA],
        [b, atA, atB],
      ] as const)
        expect([
          ...[right, wrong].map((place) => verdict({ question, answer }, `The mug has the lamp ${place}.`)),
          ...(side ? [`Mug: ${answer} side. Lamp: ${answer === a ? b : a} side.`] : []).map((text) =>
            verdict({ question, answer }, text),
          ),
        ]).toEqual(['right', 'wrong', ...(side ? ['right'] : [])]);
    },
  );
  it.each([
    ['open', 'closed'],
    ['empty', 'occupied'],
    ['empty', 'full'],
    ['lit', 'unlit'],
    ['wet', 'dry'],
  ] as const)('property: of two things, the one that is %s is not the one that is %s', (one, opposite) => {
    for (const [state, other] of [
      [one, opposite],
      [opposite, one],
    ] as const)
      for (const [first, second, question, choices] of [
        ['the box', 'the jar', `Which is ${state}, the box or the jar?`],
        ['the red box', 'the blue box', `Is the red box or the blue box ${state}?`],
        ['the left box', 'the right box', `Which box is ${state}, the left one or the right one?`],
        ['the left box', 'the right box', `Is the left box ${state} or the right box ${state}?`],
        ['the box', 'the jar', `Which of them is ${state}?`, ['the box', 'the jar']],
      ] as const)
        for (const [answer, wrong] of [
          [first, second],
          [second, first],
        ] as const)
          expect(
            [
              `${answer} is ${state}.`,
              `${wrong} is ${other}.`,
              `${wrong} is ${other} while ${answer} is ${state}.`,
              `${wrong} is ${state}.`,
              `${answer} is ${other}.`,
              `${answer} is ${other}, and ${wrong} is ${state}.`,
            ].map((text) => verdict({ question, answer, ...(choices && { choices: [...choices] }) }, text)),
            `${question} ${answer}`,
          ).toEqual(['right', 'right', 'right', 'wrong', 'wrong', 'wrong']);
  });
  it('property: something on the opposite side is not on the side that a question asks for', () => {
    for (const [side, other] of [
      ['on the left of', 'on the right of'],
      ['behind', 'in front of'],
      ['above', 'below'],
    ] as const)
      for (const answer of ['yes', 'no']) {
        const row = { question: `Is there a lamp ${side} the bed?`, answer };
        expect(
          [`There is a lamp ${side} the bed.`, `There is a lamp ${other} the bed.`].map((text) =>
            verdict(row, text),
          ),
        ).toEqual(answer === 'yes' ? ['right', 'wrong'] : ['wrong', 'right']);
      }
  });
  it.each(['north', 'south', 'east', 'west', 'northeast', 'southwest', 'northwest', 'southeast'])(
    'property: the converse of a compass direction is its opposite: %s',
    (answer) => {
      const turned: Record<string, string> = { north: 'south', south: 'north', east: 'west', west: 'east' };
      const opposite = answer.replace(/north|south|east|west/g, (word) => turned[word]!);
      const row = { question: 'In which direction is the library from the park?', answer };
      expect(
        [`The park is ${opposite} of the library.`, `The park is to the ${answer} of the library.`].map(
          (text) => verdict(row, text),
        ),
      ).toEqual(['right', 'wrong']);
    },
  );
  it('property: an order of two events holds in both directions', () => {
    const [asked, first] = [
      'Did the man enter before or after the woman?',
      'Which appears first, the lamp or the bed?',
    ];
    for (const answer of ['before', 'after']) {
      const other = answer === 'before' ? 'after' : 'before';
      expect(
        [
          `The man entered ${answer} the woman.`,
          `The woman entered ${other} the man.`,
          `The man entered ${other} the woman.`,
        ].map((text) => verdict({ question: asked, answer }, text)),
      ).toEqual(['right', 'right', 'wrong']);
    }
    for (const [answer, other] of [
      ['lamp', 'bed'],
      ['bed', 'lamp'],
    ] as const)
      expect(
        [
          `The ${answer} appears before the ${other}.`,
          `The ${other} appears after the ${answer}.`,
          `The ${answer} appears after the ${other}.`,
        ].map((text) => verdict({ question: first, answer }, text)),
      ).toEqual(['right', 'right', 'wrong']);
  });
  it('property: a picture that a question asks about is an object, and keeps its name', () => {
    const question =
      'Considering the relative positions of the picture and the sofa in the image provided, where is the picture located with respect to the sofa?';
    const row = { question, answer: 'A', choices: ['above', 'below'] };
    expect(
      [
        'The sofa is below the picture.',
        'The picture is below the sofa.',
        'The picture is above the sofa.',
      ].map((text) => verdict(row, text)),
    ).toEqual(['right', 'wrong', 'right']);
    const named = { question: 'Which is lower, the picture or the shelf?', answer: 'the picture' };
    expect(scoreRow({ ...named, completion: 'The shelf is higher than the picture.' })).toMatchObject({
      correct: true,
      parsed: 'the picture',
    });
  });

  const LIMITS = {
    'more than': (n: number, k: number) => n > k,
    'fewer than': (n: number, k: number) => n < k,
    'at least': (n: number, k: number) => n >= k,
    'at most': (n: number, k: number) => n <= k,
    'no more than': (n: number, k: number) => n <= k,
    exactly: (n: number, k: number) => n === k,
  };
  it.each(Object.entries(LIMITS))(
    'property: a count decides whether there are %s so many',
    (limit, meets) => {
      for (const [k, asked] of ['two', '3', 'five'].map((word, i) => [[2, 3, 5][i]!, word] as const))
        for (const [n, told] of ['no', 'one', '2', 'three', '4', 'five', '12'].map(
          (word, i) => [[0, 1, 2, 3, 4, 5, 12][i]!, word] as const,
        )) {
          const question = `Are there ${limit} ${asked} cups on the shelf?`;
          const [text, of] = [
            `There ${n === 1 ? 'is' : 'are'} ${told} cup${n === 1 ? '' : 's'}.`,
            { question },
          ];
          expect([
            question,
            text,
            ...['yes', 'no'].map((answer) => verdict({ ...of, answer }, text)),
          ]).toEqual([question, text, ...(meets(n, k) ? ['right', 'wrong'] : ['wrong', 'right'])]);
          expect(verdict({ ...of, answer: 'yes' }, `On the table I count ${told} plates.`)).toBe('unparsed');
        }
    },
  );
  it.each([
    ['more than', 1],
    ['less than', -1],
  ])('property: a length decides whether a distance is %s a limit, in every unit', (limit, sign) => {
    for (const [metres, text] of [
      [0.4, 'They are 40 cm apart.'],
      [0.4, 'It is about 0.4 meters.'],
      [3.048, 'The distance is 10 feet.'],
    ] as const)
      for (const [most, asked] of [
        [1, '1 m'],
        [0.2, '20 centimeters'],
        [6.096, '20 ft'],
      ] as const) {
        const question = `Is the distance between the cup and the plate ${limit} ${asked}?`;
        const answer = Math.sign(metres - most) === sign ? 'yes' : 'no';
        expect([question, text, verdict({ question, answer }, text)]).toEqual([question, text, 'right']);
      }
  });

  it.each([
    ['Order the cup, the red fork and the plate from nearest to farthest.', undefined],
    ['In what order do the objects appear: cup, red fork, plate?', undefined],
    ['What is the order of appearance of these objects: plate, cup, red fork?', 'options'],
  ])('property: an order is right in every form, and every other order is wrong: %s', (question, listed) => {
    const orders = [
      ['cup', 'red fork', 'plate'],
      ['cup', 'plate', 'red fork'],
      ['red fork', 'cup', 'plate'],
      ['red fork', 'plate', 'cup'],
      ['plate', 'cup', 'red fork'],
      ['plate', 'red fork', 'cup'],
    ] as const;
    const choices = orders.map((names) => names.join(', '));
    for (const [right, answer] of choices.entries()) {
      const row = listed
        ? { question, answer: String.fromCharCode(65 + right), choices }
        : { question, answer };
      for (const [i, [a, b, c]] of orders.entries())
        for (const text of [
          `${a}, ${b}, ${c}`,
          `1. ${a}\n2. ${b}\n3. ${c}`,
          `First the ${a}, then the ${b}, and finally the ${c}.`,
          `The ${a} comes first, followed by the ${b} and the ${c}.`,
          `The ${a} is first, the ${b} second, and the ${c} last.`,
          `${a} -> ${b} -> ${c}`,
        ])
          expect([answer, text, verdict(row, text)]).toEqual([answer, text, i === right ? 'right' : 'wrong']);
    }
    const [row, cup] = [
      { question, answer: choices[0]! },
      'The last is the cup, then the red fork, then the plate.',
    ];
    if (!listed) expect(verdict(row, cup)).not.toBe('wrong');
  });

  it.each([
    ['Is the book on the table?', 'on top of the table', 'under the table', 'on the chair'],
    ['Is the dog inside the car?', 'in the car', 'behind the car', 'in the house'],
    [
      'Is the man facing the camera?',
      'looking at the camera',
      'facing away from the camera',
      'facing the door',
    ],
    ['Is the lamp touching the wall?', 'resting against the wall', 'far from the wall', 'near the wall'],
    [
      'Is the cat between the sofa and the bed?',
      'between the bed and the sofa',
      '',
      'between the bed and the door',
    ],
  ])('property: a place excludes some others by the same object: %s', (question, same, other, unclear) => {
    const name = /the (\p{L}+)/u.exec(question)![0];
    for (const subject of [name.replace('t', 'T'), 'It'])
      for (const [place, is] of [
        [same, 'right'],
        [other, 'wrong'],
        [unclear, 'unparsed'],
      ] as const)
        if (place)
          expect([place, verdict({ question, answer: 'yes' }, `${subject} is ${place}.`)]).toEqual([
            place,
            is,
          ]);
    expect(verdict({ question, answer: 'yes' }, `The spoon is ${same}.`)).toBe('unparsed');
  });

  it.each([
    ['Is the mug not near the plate?', 'The mug is near the plate.', 'The mug is not near the plate.'],
    [
      'Is the mug not left of the plate?',
      'The mug is left of the plate.',
      'The mug is not left of the plate.',
    ],
    ['The cat is not on the sofa. True or false?', 'The cat is on the sofa.', 'The cat is not on the sofa.'],
  ])('property: a negated question asks for the negation: %s', (question, no, yes) => {
    for (const answer of ['yes', 'no'] as const)
      expect([no, yes].map((text) => verdict({ question, answer }, text))).toEqual(
        answer === 'yes' ? ['wrong', 'right'] : ['right', 'wrong'],
      );
  });
});
