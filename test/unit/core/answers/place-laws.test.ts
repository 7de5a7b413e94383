import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { letterOf } from '../../../../src/base/item-names.ts';
import { CASES } from '../../../support/slow.ts';
import { fill, holds, THINGS, things, verdictOf } from './verdict-laws.ts';
import { property } from '../../../support/property.ts';

const RUNS = { numRuns: CASES, seed: 13 };

/** Marks around what a text names. */
const NAMED = [
  '<|object_ref_start|>{x}<|object_ref_end|>',
  '<|ref|>{x}<|/ref|>',
  '<ref>{x}</ref>',
  '<obj>{x}</obj>',
  '<p>{x}</p>',
  '<phrase>{x}</phrase>',
  '<|grounding_start|>{x}<|grounding_end|>',
  '<thing>{x}</thing>',
  '<point x="12.5" y="70.1" alt="{x}">{x}</point>',
  '[OBJ]{x}[/OBJ]',
];
const SENTENCES: readonly {
  question: string;
  right: string;
  wrong: string;
  said: string;
  choices?: string[];
}[] = [
  {
    question: 'Where is the {a}?',
    choices: ['left', 'right', 'above', 'below'],
    said: '{A} is to the right of {B}.',
    right: 'B',
    wrong: 'A',
  },
  {
    question: 'How far is the {a} from the {b}?',
    said: '{A} is {n} m from {B}.',
    right: '{n} m',
    wrong: '{m} m',
  },
  {
    question: 'How many lamps stand near the {a}?',
    said: 'Next to {A} there are {k} lamps.',
    right: '{k}',
    wrong: '{l}',
  },
  {
    question: 'On which side of the {b} is the {a}?',
    said: '{A} is on the left.',
    right: 'left',
    wrong: 'right',
  },
  { question: 'Is the {a} behind the {b}?', said: 'Yes, {A} is behind {B}.', right: 'yes', wrong: 'no' },
  { question: 'Which is nearer, the {a} or the {b}?', said: '{A}', right: 'the {a}', wrong: 'the {b}' },
];

describe('property: markup around a named object', () => {
  it('property: markup around a named object does not change verdicts', () => {
    holds(
      fc
        .record({
          sentence: fc.constantFrom(...SENTENCES),
          names: things(2),
          mark: fc.constantFrom(...NAMED),
          n: fc.integer({ min: 11, max: 99 }),
          k: fc.integer({ min: 2, max: 30 }),
        })
        .map(({ sentence: { question, right, wrong, said, choices }, names: [a, b], mark, n, k }) => {
          const named = (name: string) => fill(mark, { x: `the ${name}` });
          const values = { a: a!, b: b!, A: named(a!), B: named(b!), n: n / 10, m: n, k, l: k + 3 };
          return {
            row: { question: fill(question, values), ...(choices && { choices }) },
            completion: fill(said, values),
            right: fill(right, values),
            wrong: fill(wrong, values),
          };
        }),
    );
  });
});

/** A box in an image of 1000×800, as whole pixels that are also whole thousandths. */
const box = fc
  .tuple(
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: 9, max: 50 }),
    fc.integer({ min: 9, max: 50 }),
  )
  .map(([x, y, w, h]) => [x * 10, y * 8, (x + w) * 10, (y + h) * 8] as [number, number, number, number]);
const BOXES = [
  '[{x1}, {y1}, {x2}, {y2}]',
  '({x1},{y1}),({x2},{y2})',
  '<|object_ref_start|>{a}<|object_ref_end|><|box_start|>({x1},{y1}),({x2},{y2})<|box_end|>',
  '<|box_start|>({x1},{y1}),({x2},{y2})<|box_end|>',
  '<ref>{a}</ref><box>({x1},{y1}),({x2},{y2})</box>',
  '<ref>{a}</ref><box>[[{x1}, {y1}, {x2}, {y2}]]</box>',
  '<|ref|>{a}<|/ref|><|det|>[[{x1}, {y1}, {x2}, {y2}]]<|/det|>',
  'The box of the {a}: <box>{x1}, {y1}, {x2}, {y2}</box>',
  "click(start_box='<|box_start|>({x1},{y1},{x2},{y2})<|box_end|>')",
  '```json\n[{"bbox_2d": [{x1}, {y1}, {x2}, {y2}], "label": "{a}"}]\n```',
];
const LOCATED = [
  '<loc{Y1}><loc{X1}><loc{Y2}><loc{X2}> {a}',
  'The {a} <loc{Y1}><loc{X1}><loc{Y2}><loc{X2}>',
  '{a}<loc_{u1}><loc_{v1}><loc_{u2}><loc_{v2}>',
];

describe('property: box', () => {
  it('property: reads a box with any markup, in the declared format or in its own scale', () => {
    holds(
      fc
        .record({
          box,
          name: fc.constantFrom(...THINGS),
          form: fc.constantFrom(...BOXES, ...LOCATED),
          format: fc.constantFrom('px', '1000'),
        })
        .map(({ box: [x1, y1, x2, y2], name, form, format }) => {
          const by = format === '1000' ? [1, 1.25] : [1, 1];
          const loc = (value: number, full: number) =>
            String(Math.round((value / full) * 1024)).padStart(4, '0');
          const mille = (value: number, full: number) => Math.round((value / full) * 1000);
          const completion = fill(form, {
            a: name,
            x1: x1 * by[0]!,
            y1: y1 * by[1]!,
            x2: x2 * by[0]!,
            y2: y2 * by[1]!,
            X1: loc(x1, 1000),
            Y1: loc(y1, 800),
            X2: loc(x2, 1000),
            Y2: loc(y2, 800),
            u1: mille(x1, 1000),
            v1: mille(y1, 800),
            u2: mille(x2, 1000),
            v2: mille(y2, 800),
          });
          return {
            row: {
              question: `Where is the ${name}? Give its bounding box.`,
              task: 'bbox',
              box_format: 'xyxy_px',
              ...(format === '1000' && { completion_box_format: 'xyxy_1000' }),
              image: { path: 'a.png', w: 1000, h: 800 },
            },
            completion,
            right: `[${x1}, ${y1}, ${x2}, ${y2}]`,
            wrong: `[${x1}, ${y1}, ${x1 + 5 * (x2 - x1)}, ${y1 + 5 * (y2 - y1)}]`,
          };
        }),
    );
  });
});

const POINTS = [
  '<point x="{p}" y="{q}" alt="{a}">{a}</point>',
  'The {a} is here: <point x="{p}" y="{q}" alt="{a}">{a}</point>',
  '<points x1="{p}" y1="{q}" alt="{a}">{a}</points>',
  '<loc{Y}><loc{X}>',
];

property(
  'scores a point with its own scale, independent of the declared unit',
  [
    box,
    fc.constantFrom(...POINTS),
    fc.constantFrom(...THINGS),
    fc.constantFrom('px', 'norm', '1000'),
    fc.boolean(),
  ],
  RUNS,
  ([x1, y1, x2, y2], form, name, unit, isInside) => {
    const [x, y] = isInside ? [(x1 + x2) / 2, (y1 + y2) / 2] : [x2 < 500 ? 990 : 5, (y1 + y2) / 2];
    if (!isInside && x1 <= x && x <= x2) return;
    const by = unit === 'px' ? [1, 1] : unit === 'norm' ? [0.001, 0.00125] : [1, 1.25];
    const loc = (value: number, full: number) => String(Math.round((value / full) * 1024)).padStart(4, '0');
    const completion = fill(form, { a: name, p: x / 10, q: y / 8, X: loc(x, 1000), Y: loc(y, 800) });
    const row = {
      question: `Point at the ${name}.`,
      task: 'point',
      answer: '-',
      boxes: [[x1 * by[0]!, y1 * by[1]!, x2 * by[0]!, y2 * by[1]!]],
      box_format: `xyxy_${unit}` as const,
      image: { path: 'a.png', w: 1000, h: 800 },
    };
    expect([completion, verdictOf(row, completion)]).toEqual([completion, isInside ? 'right' : 'wrong']);
  },
);

/** An option that is marked is the option, as is its letter. */
it('property: markup around an option does not change verdicts', () => {
  holds(
    fc
      .tuple(
        things(5),
        fc.nat(3),
        fc.constantFrom(...NAMED),
        fc.constantFrom('{x}', 'It is {x}.', 'The answer is {x}.'),
      )
      .map(([[a, ...choices], i, mark, told]) => ({
        row: { question: `What stands beside the ${a}?`, choices },
        completion: fill(told, { x: fill(mark, { x: `the ${choices[i]!}` }) }),
        right: letterOf(i),
        wrong: letterOf((i + 1) % 4),
      })),
  );
});
