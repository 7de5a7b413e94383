import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBoxText, parsePoints, toPixelBox } from '../../../../src/core/answers/read-box.ts';
import { isInsideMask } from '../../../../src/rows/sample/rle.ts';
import { parseChoice } from '../../../../src/core/answers/choice.ts';
import { parseCount } from '../../../../src/core/answers/read-count.ts';
import { readFlip } from '../../../../src/core/answers/flip-json.ts';
import { parseSide } from '../../../../src/core/answers/answer-sides.ts';
import { parseJudge, parseYesNo, yesNoSaid } from '../../../../src/core/answers/yes-no.ts';
import { forAll } from '../../../support/property.ts';

describe('parseYesNo', () => {
  it.each([
    ['Yes, the chair is.', 'yes'],
    ['**No.**', 'no'],
    ['TRUE', 'yes'],
    ['incorrect', 'no'],
    ['Correct, it is not blocked', 'yes'],
    ['In fact, the chair is on the left', 'no'],
    ['Actually, yes', 'yes'],
    ['Indeed.', 'yes'],
    ['Not really', 'no'],
    ['The answer is: yes', 'yes'],
    ['It is on the left', 'yes'],
    ['It is not on the left', 'no'],
    ['It is definitely not', 'no'],
    ['Unlikely', 'no'],
    ['It’s likely', 'yes'],
    ['I don’t think so', 'no'],
    ["It isn't", 'no'],
    ['No doubt', 'yes'],
    ['That is false', 'no'],
    ['It is not, indeed', 'no'],
    ['Indeed, not', 'no'],
    ['It is,not really', 'no'],
  ])('parseYesNo: reads %j as %s', (text, side) => expect(parseYesNo(text)).toBe(side));

  it.each([
    'yes and no',
    'north',
    'another',
    'maybe',
    '',
    "I'm not sure",
    'It is impossible to say',
    'No idea',
    "I don't know",
    'It is on the left, not on the right',
    'unclear',
  ])('parseYesNo: returns null for %j', (text) => expect(parseYesNo(text)).toBeNull());
});

describe('yesNoSaid with indirect answers', () => {
  it.each<[question: string, said: string, answer: string | null]>([
    ['Is the cup left of the plate?', 'It is to the right of it.', 'no'],
    ['Is the cup left of the plate?', 'The cup is slightly to the right of the plate.', 'no'],
    ['Is the cup left of the plate?', 'It is on the left side of the plate.', 'yes'],
    ['Is the cup left of the plate?', 'The cup is left of the plate, not right of it.', 'yes'],
    ['Are the boats behind the pier?', 'They are in front of it.', 'no'],
    ['Is the kite above the pier?', 'The kite is under it.', 'no'],
    ['Is the lamp on the left?', 'It is on the right.', 'no'],
    // Of another axis, another thing or another place; and what is not on the other side need not be on this one.
    ['Is the cup left of the plate?', 'It is above it.', null],
    ['Is the cup left of the plate?', 'The plate is to the right of the jug.', null],
    ['Is the cup left of the plate?', 'It is to the right of the jug.', null],
    ['Is the cup left of the plate?', 'It is on the right.', null],
    ['Is the cup left of the plate?', 'It is not to the right of it.', null],
    ['Is the cup left of the plate?', 'The cup is right next to the plate.', null],
    ['Is the left cup behind the plate?', 'The right cup is behind the plate.', null],
    ['Is the lamp on the left?', 'It is right.', null],
  ])('%s %s: means %s', (question, said, answer) => expect(yesNoSaid(said, question, false)).toBe(answer));
});

describe('parseSide', () => {
  it('parseSide: reads the side of the object in the question, also after other sentences', () => {
    const question = 'This is a kitchen. On which side of the plate is the cup?';
    expect(parseSide('The cup is on the left side of the plate.', 'right', question)).toBe('left');
    expect(parseSide('The fork is on the left.', 'right', `${question} The fork lies there.`)).toBeNull();
  });
  it.each(['left', 'right', 'above', 'front', 'north', 'clockwise'])(
    'parseSide: %s joined to a number is a name',
    (side) => {
      for (const join of ['-', ''])
        for (const number of ['2', '17', '0.5']) {
          const name = `${side}${join}${number}`;
          expect(parseSide(`${name} ${name}`, side, 'Where is the cup?'), name).toBeNull();
        }
      expect(parseSide(`${side}, 2 m`, side, 'Where is the cup?')).toContain(side);
    },
  );
});

describe('parseChoice', () => {
  const sides = ['the left side', 'the right side', 'front-left'];
  it.each<[string, string[], string | null]>([
    ['(B)', sides, 'B'],
    ['b.', sides, 'B'],
    ['The answer is **B** because it is', sides, 'B'],
    ['\\boxed{C}', sides, 'C'],
    ['Option a is right', sides, 'A'],
    ['Left side.', sides, 'A'],
    ['Front left', sides, 'C'],
    ['B. the right side', sides, 'B'],
    ['It is on the left side of the sofa', sides, 'A'],
    ['D', sides, null],
    ['A or B', sides, null],
    ['(A) and (B)', sides, null],
    ['The left side, or the right side', sides, null],
    ['not the left side', sides, null],
    ['B\n\nThe right one is nearer.', ['x', 'y'], 'B'],
    ['B because it is nearer', ['x', 'y'], 'B'],
    ['A sofa', ['x', 'y'], null],
    ['B. the left side', sides, null],
    ['A lamp', ['a lamp', 'a sofa'], 'A'],
    ['The answer is a sofa', ['a lamp', 'a sofa'], 'B'],
    ['A dog', ['a cat', 'a cow'], null],
    ['left-2 left-2 left-2', ['left', 'right'], null],
    ['It is on the left, 2 m away', ['left', 'right'], 'A'],
    ['It is camera-2', ['camera-1', 'camera-2'], 'B'],
    ['2', ['3', '2', '1'], 'B'],
    ['two', ['3', '2', '1'], 'B'],
    ['4', ['3', '2', '1'], null],
    ['1', ['10', '1'], 'B'],
    ['left', ['(A) left', '(B) right'], 'A'],
    ['The answer is A, I think', ['left', 'right'], 'A'],
    ['chair(s)', ['x', 'y'], null],
    ['same', ['same', 'same'], null],
  ])('reads %j among %j as %s', (text, choices, letter) => expect(parseChoice(text, choices)).toBe(letter));

  it('property: parseChoice: reads every choice by its letter and by its text', () => {
    const word = fc.stringMatching(/^[b-h][j-z][a-z]{2,6}$/);
    forAll([fc.uniqueArray(word, { minLength: 2, maxLength: 6 }), fc.nat()], (choices, n) => {
      const i = n % choices.length;
      const letter = String.fromCharCode(65 + i);
      for (const text of [
        letter,
        `(${letter})`,
        choices[i]!,
        `The ${choices[i]!}.`,
        `${letter}. ${choices[i]!}`,
      ]) {
        expect(parseChoice(text, choices)).toBe(letter);
      }
    });
  });
});

describe('parseCount', () => {
  it.each<[string, number | null]>([
    ['3', 3],
    ['There are twenty-one chairs.', 21],
    ['1,200', 1200],
    ['None', 0],
    ['There are no chairs', 0],
    ["There aren't any chairs", 0],
    ['2 red and 3 blue chairs, 5 in total', 5],
    ['Total: 5 (2 red, 3 blue)', 5],
    ['2 + 3 = 5', 5],
    ['There are 5 in total: 2 red and 3 blue', 5],
    ['two on the left and one on the right, so there are three', 3],
    ['two chairs: one on the left and one at the door', 2],
    ['No, there are 3', 3],
    ['3.0', 3],
    ['- 4 chairs', 4],
    ['There are 3 chairs, 2 red and 1 blue', 3],
    ['final count: 4, not 3', 4],
    ['2 red and 3 blue ones, in total 5', 5],
    ['2 red and 3 blue ones. Answer 5', 5],
    ['2 and 3 are in total. 9 is the sum of 4', 4],
    ['5 or more', null],
    ['5+', null],
    ['I count 1, 2, 3: three chairs', null],
    ['2-3', null],
    ['2 to 3', null],
    ['between 2 and 3', null],
    ['2 or 3', null],
    ['several', null],
    ['a few', null],
    ['at least 3', null],
    ['more than 3', null],
    ['2.5', null],
    ['-3', null],
    ['2 red and 3 blue', null],
    ['No.', null],
    ['no idea', null],
    ['no way to tell', null],
    ['the one on the left', null],
    ['the 2nd', null],
    ['', null],
  ])('parseCount: reads %j as %s', (text, count) => expect(parseCount(text)).toBe(count));
});

describe('parseJudge', () => {
  it.each<[string, 0 | 1 | null]>([
    ['1', 1],
    ['0.', 0],
    ['**1**', 1],
    ['Score: 1 and again 1', 1],
    ['0 or 1', null],
    ['10', null],
    ['0.5', null],
    ['-1', null],
    ['yes', null],
    ['', null],
  ])('parseJudge: reads %j as %s', (text, verdict) => expect(parseJudge(text)).toBe(verdict));
});

describe('parsers of boxes, points and masks', () => {
  const corners = { numbers: [10, 20, 30, 40], shape: 'xyxy' };
  it.each([
    ['[10, 20, 30, 40]', { ...corners, shape: null }],
    ['```json\n[{"bbox_2d": [10, 20, 30, 40], "label": "cat 2"}]\n```', { ...corners, shape: null }],
    ['The box is (10,20,30,40).', { ...corners, shape: null }],
    ['<box>(10,20),(30,40)</box>', corners],
    ['[[10, 20], [30, 40]]', corners],
    ['top left (10, 20), bottom right (30, 40)', corners],
    ['x1=10, y1=20, x2=30, y2=40', corners],
    ['x_min: 10, y_min: 20, x_max: 30, y_max: 40', corners],
    ['left=10, top=20, right=30, bottom=40', corners],
    ['left=10, top=20, width=30, height=40', { ...corners, shape: 'xywh' }],
    ['x=10, y=20, w=30, h=40', { ...corners, shape: 'xywh' }],
    ['[1e1, 2e+1, 30, .4e2]', { ...corners, shape: null }],
    ['[1, 2] and (3 4', null],
    ['{"xmin": 10, "ymin": 20, "xmax": 30, "ymax": 40}', corners],
    ['{"x": 10, "y": 20, "width": 30, "height": 40}', { ...corners, shape: 'xywh' }],
    ['10 20 30 40', { ...corners, shape: null }],
    ['[1,2,3,4] and [10, 20, 30, 40]', { numbers: [1, 2, 3, 4], shape: null }],
    ['[10, 20, 30]', null],
    ['10, 20', null],
    ['640x480', null],
    ['[1e999, 0, 1, 1]', null],
    ['x from 0 to 0.4, y from 0 to 0.3', { numbers: [0, 0, 0.4, 0.3], shape: 'xyxy' }],
    ['It spans y: 20–60 and x: 10–50.', { numbers: [10, 20, 50, 60], shape: 'xyxy' }],
    ['x in [0.1, 0.4], y in [0.2, 0.3]', { numbers: [0.1, 0.2, 0.4, 0.3], shape: 'xyxy' }],
    ['{"x": [1, 4], "y": [2, 3]}', { numbers: [1, 2, 4, 3], shape: 'xyxy' }],
  ])('parseBoxText: reads a box from %j', (text, box) => expect(parseBoxText(text)).toEqual(box));

  it.each<[string, [number, number][]]>([
    ['(3, 4)', [[3, 4]]],
    [
      '[{"point_2d": [3, 4]}, {"point_2d": [5, 6]}]',
      [
        [3, 4],
        [5, 6],
      ],
    ],
    ['<point x="3" y="4.5">cup</point>', [[3, 4.5]]],
    ['3, 4', [[3, 4]]],
    ['[1, 2, 3, 4]', []],
    ['x=3', []],
    ['y=3', []],
    ['x=3, y=4, z=5', [[3, 4]]],
  ])('parsePoints: reads the points in %j', (text, points) => expect(parsePoints(text)).toEqual(points));

  it('toPixelBox: sorts corners with a report, clips to the image, and prefers a stated shape', () => {
    const px = { shape: 'xywh', unit: 'px' } as const;
    const size = { w: 100, h: 100 };
    expect(toPixelBox({ numbers: [30, 40, 10, 20], shape: 'xyxy' }, px, size)).toEqual({
      box: [10, 20, 30, 40],
      pixels: true,
      resorted: true,
    });
    expect(toPixelBox({ numbers: [90, -5, 20, 20], shape: null }, px, size)).toMatchObject({
      box: [90, 0, 100, 15],
      resorted: false,
    });
    expect(toPixelBox({ numbers: [30, 40, -10, 20], shape: null }, px, size).resorted).toBe(true);
    expect(toPixelBox({ numbers: [30, 40, 10, -20], shape: null }, px, size).resorted).toBe(true);
  });

  it('pointInMask: tests a point inside and outside a mask', () => {
    // 3 rows, 4 columns; column-major: column 1 wholly set, and the top of column 2.
    const rle = { size: [3, 4] as [number, number], counts: [3, 4, 5] };
    const compressed = { size: [3, 4] as [number, number], counts: '345' };
    for (const mask of [rle, compressed]) {
      const inside = [
        [1.5, 0],
        [1, 2.9],
        [2, 0.5],
        [2, 1],
        [0, 0],
        [4, 0],
        [-1, 1],
      ].map(([x, y]) => isInsideMask(mask, [x!, y!]));
      expect(inside).toEqual([true, true, true, false, false, false, false]);
    }
    expect(isInsideMask([[0, 0, 10, 0, 0, 10]], [2, 2])).toBe(true);
    expect(isInsideMask([[0, 0, 10, 0, 0, 10]], [8, 8])).toBe(false);
  });
});

describe('readFlip', () => {
  const pair = { question: 'Is the "red" mug right?', answer: 'No' };
  it.each([
    ['question and answer in the requested JSON', JSON.stringify(pair), pair],
    ['inner quotes not escaped', '{"question": "Is the "red" mug right?", "answer": "No"}', pair],
    ['an unclosed quote', '{"question": "Is the \\"red\\" mug right?, "answer": "No"}', pair],
    ['a truncated text', '{"question": "Is the \\"red\\" mug right?", "answer": "No', null],
    [
      'other keys, and a boolean answer',
      '{"original_question": "x", "flipped_question": "Is it right?", "flipped_answer": true}',
      { question: 'Is it right?', answer: 'true' },
    ],
    [
      'a plain key after a similar one',
      '{"my_question": "x", "question": "y", "answer": 3}',
      { question: 'y', answer: '3' },
    ],
  ])('readFlip: reads %s', (_, text, flip) => {
    expect(readFlip(text)).toEqual(flip);
  });
});
