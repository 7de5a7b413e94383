import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { predictionOf } from '../../../../src/core/answers/prediction.ts';
import { isSpatialQuestion, typeQuestion } from '../../../../src/core/answers/task.ts';
import {
  acceptedText,
  parseScoreRow,
  referenceOf,
  scoreRow,
  taskOf,
} from '../../../../src/core/answers/score-row.ts';
import { isRight } from '../../../../src/core/answers/verdict.ts';
import { scoreSchema } from '../../../../src/core/answers/score-schema.ts';
import { TASKS, type ScoreRow, type Task } from '../../../../src/core/answers/score.ts';
import { forAll, property } from '../../../support/property.ts';

const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<think>',
        '</think>',
        '<answer>',
        '</answer>',
        '(',
        ')',
        '[',
        '{',
        '"',
        '`',
        '\\scalar{',
        '±',
        '-',
      ),
      fc.constantFrom(
        'one ',
        'hundred ',
        'and a half ',
        'not ',
        'A',
        '(B) ',
        'total ',
        '1,',
        '.5',
        '1/0',
        '1e999',
        ' m',
        "'",
        '½',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

describe('scoreRow', () => {
  property(
    'scoreRow: accepts any text as completion and reference, for every task',
    [nasty, nasty, fc.constantFrom(...TASKS)],
    { numRuns: 300 },
    (completion, answer, task) => {
      const score = scoreRow({ completion, answer, task, choices: [answer, 'left'] });
      expect(JSON.parse(JSON.stringify(score))).toEqual(score);
    },
  );

  // linear.slow.test.ts has many more.
  it.each(['hundred '])('scores a megabyte of %j', (unit) => {
    const completion = `${unit.repeat(Math.ceil(1e6 / unit.length))}x`;
    expect(scoreRow({ completion, answer: '2 m', task: 'distance' }).answer_text).toHaveLength(
      completion.length,
    );
  });

  it('rejects names of JavaScript object properties as answers', () => {
    const row = { question: 'What is on the table?', answer: 'a vase' };
    for (const completion of ['constructor', 'the toString', 'valueOf, hasOwnProperty'])
      expect(isRight(scoreRow({ ...row, completion }))).not.toBe(true);
  });

  it.each([
    ['1.01 m', true, '50-100', true],
    ['2 m', true, '100-150', true],
    ['2.9 m', true, '100-150', true],
    ['3 m', true, '150-200', true],
    ['4 m', false, '150-200', true],
    ['1 m', false, '50-100', true],
    ['4.01 m', false, null, false],
    ['0.99 m', false, null, false],
    ['0 m', false, null, false],
    ['far', false, null, false],
  ])('scores the distance %s against 2 m', (completion, success, in_range, within_50_200) => {
    expect(scoreRow({ completion, answer: '2 m', task: 'distance' })).toMatchObject({
      success,
      in_range,
      within_50_200,
    });
  });

  it('keeps exact thresholds after a conversion of units', () => {
    for (let n = 1; n < 200; n++) {
      const twice = scoreRow({ completion: `${2 * n} ft`, answer: `${n} ft`, task: 'distance' });
      expect(twice).toMatchObject({ success: false, in_range: '150-200' });
      const half = scoreRow({ completion: `${n / 10} in`, answer: `${n / 5} in`, task: 'distance' });
      expect(half).toMatchObject({ success: false, in_range: '50-100' });
    }
  });

  it('reads a bare number in the unit of the reference answer', () => {
    const row = { completion: '<answer>3</answer>', task: 'distance' };
    expect(scoreRow({ ...row, answer: '2 ft' })).toMatchObject({ success: true, assumed_unit: true });
    expect(scoreRow({ ...row, answer: '2', unit_default: 'cm' })).toMatchObject({
      parsed_m: 0.03,
      gt_m: 0.02,
    });
  });

  it('reports the reason for a row without a score', () => {
    expect(scoreRow({ completion: '2 m', answer: 'near', task: 'distance' }).problem).toMatch(
      'positive length',
    );
    expect(scoreRow({ completion: 'A', answer: 'C', task: 'mcq', choices: ['x', 'y'] }).problem).toMatch(
      'choices',
    );
    const mixed = {
      completion: '[1, 2, 3, 4]',
      answer: '[0.1, 0.2, 0.3, 0.4]',
      task: 'bbox',
      box_format: 'xyxy_norm',
    } as const;
    expect(scoreRow({ ...mixed, completion_box_format: 'xyxy_px' }).problem).toMatch('"w" and "h"');
    expect(scoreRow({ ...mixed, completion_box_format: 'xyxy_1000' }).problem).toBeUndefined();
  });

  it.each<[Task, string, string, string]>([
    ['distance', '2 m', 'near', 'The reference is not a positive length.'],
    ['distance', '2 m', '0 m', 'The reference is not a positive length.'],
    ['yesno', 'yes', 'maybe', 'The reference is not yes or no.'],
    ['count', '2', 'few', 'The reference is not a count.'],
    ['mcq', 'A', 'D', 'The reference is not one of the choices.'],
    ['bbox', '[1, 2, 3, 4]', 'there', 'The reference is not a box.'],
    ['point', '(1, 2)', 'there', 'The reference is not a point, box or readable mask.'],
  ])('reports for %s %s against "%s": %s', (task, completion, answer, problem) => {
    const choices = task === 'mcq' ? ['left', 'right'] : undefined;
    expect(scoreRow({ completion, answer, task, choices })).toMatchObject({ task, problem });
  });

  it('reports assumed units, bounds and sorted corners, only where these apply', () => {
    const of = (completion: string) => scoreRow({ completion, answer: '2 m', task: 'distance' });
    expect(of('less than 3')).toMatchObject({ assumed_unit: true, bound: true });
    for (const name of ['assumed_unit', 'bound', 'problem']) expect(of('3 m')).not.toHaveProperty(name);
    const box = (completion: string) =>
      scoreRow({ completion, answer: '[0, 0, 10, 10]', task: 'bbox', box_format: 'xyxy_px' });
    expect(box('[10, 10, 0, 0]')).toMatchObject({ resorted: true, iou: 1, acc75: true });
    expect(box('[0, 0, 10, 10]')).not.toHaveProperty('resorted');
    expect(box('nowhere')).toMatchObject({ completed: false, parsed_px: null, iou: 0, acc75: false });
  });

  it('reads a box of the completion in its own box format', () => {
    const row = { task: 'bbox', answer: '[0.1, 0.2, 0.3, 0.4]', box_format: 'xyxy_norm' } as const;
    const score = scoreRow({
      ...row,
      completion: '[100, 200, 300, 400]',
      completion_box_format: 'xyxy_1000',
    });
    expect(score).toMatchObject({ acc75: true, parsed_px: null, gt_px: null });
  });

  // By `patch_index_to_coordinate` of transformers, of 32 patches along each side.
  it.each([
    ['0044', '0863', [0.390625, 0.046875, 0.984375, 0.828125]],
    ['0000', '0000', [0, 0, 0.03125, 0.03125]],
    ['0000', '0031', [0, 0, 1, 0.03125]],
    ['0033', '0993', [0.03125, 0.03125, 0.0625, 1]],
    ['0000', '1023', [0.015625, 0.015625, 0.984375, 0.984375]],
    ['0100', '0612', [0.125, 0.09375, 0.15625, 0.625]],
  ])('reads patches %s to %s of Kosmos-2', (first, last, box) => {
    const places = `<object><patch_index_${first}><patch_index_${last}></object>`;
    const row = { task: 'bbox', answer: JSON.stringify(box), box_format: 'xyxy_norm' } as const;
    const score = scoreRow({ ...row, completion: `<phrase>a cup</phrase>${places}` });
    expect(score).toMatchObject({ iou: expect.closeTo(1, 9) });
  });

  it('property: reads boxes and points in pixels of the image that the model receives', () => {
    // Measured: Qwen2.5-VL makes 644 × 476 pixels of 640 × 480; LLaVA 1.5 336 × 336 of the columns from 80 to 560.
    const seen = {
      'qwen2.5-vl': ([x, y]: number[]) => [(x! * 644) / 640, (y! * 476) / 480],
      'llava-1.5': ([x, y]: number[]) => [((x! - 80) * 336) / 480, (y! * 336) / 480],
    };
    const place = fc.tuple(fc.integer({ min: 90, max: 540 }), fc.integer({ min: 0, max: 470 }));
    forAll([fc.constantFrom('qwen2.5-vl', 'llava-1.5'), place], (sees, [x, y]) => {
      const corners = [...seen[sees]([x, y]), ...seen[sees]([x + 10, y + 10])];
      const row = { image: { w: 640, h: 480 }, sees, completion_box_format: 'xyxy_seen_px' } as const;
      const answer = JSON.stringify([x, y, x + 10, y + 10]);
      const box = { ...row, task: 'bbox', box_format: 'xyxy_px', answer } as const;
      const score = scoreRow({ ...box, completion: JSON.stringify(corners) });
      expect(score).toMatchObject({ iou: expect.closeTo(1, 2) });
      const inside = seen[sees]([x + 5, y + 5]);
      const point = scoreRow({ ...box, task: 'point', completion: `(${inside.join(', ')})` });
      expect(point).toMatchObject({ inside: true });
    });
    const bare = { task: 'bbox', answer: '[0, 0, 10, 10]', completion: '[0, 0, 9, 9]' } as const;
    const format = { completion_box_format: 'xyxy_seen_px' } as const;
    for (const lacking of [{}, { sees: 'qwen2.5-vl' }, { sees: 'gone', image: { w: 10, h: 10 } }])
      expect(scoreRow({ ...bare, ...format, ...lacking }).problem).toContain('"sees" (--sees)');
  });

  it('property: accepts an IoU of exactly ¾ for Acc@0.75, and no smaller IoU', () => {
    const hundredths = fc.integer({ min: 1, max: 20 });
    forAll([hundredths, hundredths, fc.integer({ min: 0, max: 19 })], (w, h, at) => {
      // A box of 3h of 4h hundredths: its IoU is ¾, and one of a millionth less is below.
      const box = (height: number) => `[${at / 100}, ${at / 100}, ${(at + w) / 100}, ${at / 100 + height}]`;
      const acc75 = (completion: string) =>
        scoreRow({ completion, answer: box((4 * h) / 100), task: 'bbox', box_format: 'xyxy_norm' });
      expect(acc75(box((3 * h) / 100))).toMatchObject({ acc75: true });
      expect(acc75(box((3 * h) / 100 - 1e-6))).toMatchObject({ acc75: false });
    });
  });

  it('scores points against a box or mask', () => {
    const row = {
      task: 'point',
      completion: '(5, 5), (50, 5)',
      answer: '[0, 0, 10, 10]',
      image: { w: 100, h: 100 },
    };
    expect(scoreRow(row)).toMatchObject({ inside: true, inside_share: 0.5, parsed_px: [5, 5] });
    const masks = [[[0, 0, 10, 0, 10, 10, 0, 10]]];
    expect(scoreRow({ ...row, answer: 'the cup', masks })).toMatchObject({ inside: true, inside_share: 0.5 });
    expect(scoreRow({ ...row, answer: '(5, 5)' })).toMatchObject({ gt_px: [5, 5] });
    expect(scoreRow({ ...row, completion: '(0, 5), (10, 5), (5, 0), (5, 10)' })).toMatchObject({
      inside_share: 1,
    });
    const around = { ...row, answer: '[4, 4, 6, 6]', completion: '(3, 5), (7, 5), (5, 3), (5, 7)' };
    expect(scoreRow(around)).toMatchObject({ inside: false, inside_share: 0 });
    expect(scoreRow({ ...row, answer: 'the cup', masks: [{ size: [99, 99], counts: '~' }] }).problem).toMatch(
      'mask',
    );
  });

  it('applies the accuracy measure of each task', () => {
    const right = (row: ScoreRow) => isRight(scoreRow(row));
    expect(right({ completion: '<answer>3 m</answer>', answer: '2 m', task: 'distance' })).toBe(true);
    expect(right({ completion: 'right', answer: 'B', choices: ['left', 'right'] })).toBe(true);
    expect(right({ completion: '3', answer: '4', task: 'count' })).toBe(false);
    expect(right({ completion: 'no', answer: 'no', task: 'yesno' })).toBe(true);
    expect(right({ completion: '[0, 0, 10, 9]', answer: '[0, 0, 10, 10]', task: 'bbox' })).toBe(true);
    expect(right({ completion: '(5, 5)', answer: '[0, 0, 10, 10]', task: 'point' })).toBe(true);
    expect(right({ completion: '(5, 5)', answer: '(5, 5)', task: 'point' })).toBeNull();
    expect(right({ completion: 'a cup', answer: 'a cup', task: 'open' })).toBeNull();
  });
});

describe('scoreSchema', () => {
  const rows: Partial<Record<Task, ScoreRow>> = {
    distance: { completion: 'less than 3', answer: '2' },
    bbox: {
      completion: '[3, 4, 1, 2]',
      answer: '[1, 2, 3, 4]',
      box_format: 'xyxy_px',
      image: { w: 9, h: 9 },
    },
    point: { completion: '(1, 1), (5, 5)', answer: '[0, 0, 2, 2]', image: { w: 9, h: 9 } },
    mcq: { completion: 'A', answer: 'A', choices: ['x', 'y'] },
  };

  it.each(TASKS)('scoreSchema accepts scores of %s, and rejects each field with a wrong type', (task) => {
    const row = rows[task] ?? { completion: '1', answer: '1' };
    const score = { ...scoreRow({ ...row, task }, 'strict'), sbert: 0.5, judge: 1, problem: 'none' };
    expect(scoreSchema.parse(score)).toEqual(score);
    const refused = Object.keys(score).filter(
      (key) => !scoreSchema.safeParse({ ...score, [key]: {} }).success,
    );
    expect(refused).toEqual(Object.keys(score));
  });
});

describe('parseScoreRow', () => {
  it('requires no question, and accepts a reference answer of any JSON type', () => {
    const { row } = parseScoreRow({ id: 'a', completion: 'x', answer: { objects: [] } });
    expect(row).not.toHaveProperty('question');
    expect(referenceOf(row!)).toBe('{"objects":[]}');
    expect(parseScoreRow({ id: 'a', completion: 'x', question: 'Is it?' }).row!.question).toBe('Is it?');
  });

  it('reads the answer from the last segment, and reports a missing completion', () => {
    expect(parseScoreRow({ id: 'a', segments: [{ text: 'x' }, { text: 'y' }] }).row!.completion).toBe('y');
    expect(parseScoreRow({ id: 'a' }).problems.map(({ code }) => code)).toContain('completion');
  });
});

describe('task detection', () => {
  it('prefers the declared task, then choices, then keywords', () => {
    expect(taskOf({ task: 'count', question: 'How far?', answer: '2 m' })).toBe('count');
    expect(taskOf({ task: 'Relation', choices: ['left', 'right'], answer: 'A' })).toBe('mcq');
    expect(taskOf({ question: 'How far is it?', answer: '2 m' })).toBe('distance');
  });

  it('requires a reference answer of the matching type', () => {
    expect(typeQuestion('Which is closer, the cup or 2 plates?', 'The 2 plates.')).toBe('untyped');
    expect(typeQuestion('What colour is it?', 'It is red.')).toBe('untyped');
    expect(typeQuestion('Is the cup red?', 'It is red.')).toBe('yesno');
  });

  it.each([
    ['Is the cup to the left of the plate?', true],
    ['How tall is the man?', true],
    ['What colour is the bright shirt?', false],
    ['What is the man doing right now?', false],
    ['How many people are in the picture?', false],
    ['Provide the bounding box of the dog.', true],
    ['What is left in front of it?', true],
  ])('isSpatialQuestion(%j) is %s', (question, spatial) => expect(isSpatialQuestion(question)).toBe(spatial));
});

it('predictionOf: returns the model’s last text as the answer, never the reference answer', () => {
  const row = { id: 7, answer: 'left', segments: [{ text: 'a graph' }, { text: 'right' }] };
  expect(predictionOf(row)).toEqual({ id: '7', text: 'right' });
  expect(predictionOf({ Question_ID: ' 7 ', prediction: 3 })).toEqual({ id: '7', text: '3' });
  expect(predictionOf({})).toEqual({ id: null, text: null });
});

describe('acceptedText', () => {
  const far = { question: 'How far is the jug from the tray?', answer: '0.4 m' };
  const rated = (row: object, ...completions: string[]) =>
    completions.map((completion) => isRight(scoreRow({ ...far, ...row, completion })));

  it('describes the window in which answers count as correct', () => {
    expect(acceptedText(far)).toBe('more than half and less than twice the reference answer');
    expect(rated({}, '0.2 m', '0.21 m', '0.79 m', '0.8 m')).toEqual([false, true, true, false]);
    const rug = { question: 'What is the area of the rug?', answer: '4 square meters' };
    expect(acceptedText(rug)).toBe(acceptedText(far));
    expect(acceptedText({ ...far, tolerance: 0.1 })).toBe('within 10.0% of the reference answer');
    expect(rated({ tolerance: 0.1 }, '0.35 m', '0.36 m', '0.44 m')).toEqual([false, true, true]);
  });

  it('is null for exact answers', () => {
    expect(acceptedText({ question: 'Is the jug left of the tray?', answer: 'yes' })).toBeNull();
    expect(acceptedText({ question: 'How many jugs are there?', answer: '3' })).toBeNull();
    expect(acceptedText({ ...far, task: 'distance', answer: 'unknown' })).toBeNull();
  });
});
