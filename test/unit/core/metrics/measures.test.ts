import { describe, expect, it } from 'vitest';
import type { ScoreRow, Task } from '../../../../src/core/answers/score.ts';
import type { Score } from '../../../../src/core/answers/score-schema.ts';
import { COMMON, MEASURES, NOT_KNOWN, type Measure } from '../../../../src/core/metrics/measures.ts';
import { scored } from './rows.ts';

const valuesOf = (measures: Record<string, Measure>, row: ScoreRow) => {
  const one = scored(row);
  return Object.fromEntries(Object.entries(measures).map(([name, { of }]) => [name, of(one.score, one)]));
};

const pixels = { box_format: 'xyxy_px', image: { w: 100, h: 100 } } as const;
const flip = { original_question: 'Is the cup left of it?', original_answer: 'Yes' };

describe('contribution of a row to the metrics of its task', () => {
  it.each<[Task, ScoreRow, Record<string, number | typeof NOT_KNOWN | null>]>([
    [
      'distance',
      { completion: '3 m', answer: '2 m' },
      {
        success: 1,
        completed: 1,
        smape: 40,
        in_range_50_100: 0,
        in_range_100_150: 0,
        in_range_150_200: 1,
        within_50_200: 1,
        within_10: 0,
        mra: 0.1,
      },
    ],
    [
      'distance',
      { completion: 'far', answer: '2 m' },
      {
        success: 0,
        completed: 0,
        smape: null,
        in_range_50_100: null,
        in_range_100_150: null,
        in_range_150_200: null,
        within_50_200: 0,
        within_10: 0,
        mra: 0,
      },
    ],
    ['area', { completion: '12 m²', answer: '20 square meters' }, { success: 1, within_10: 0, mra: 0.3 }],
    ['area', { completion: 'large', answer: '20 square meters' }, { success: 0, within_10: 0, mra: 0 }],
    ['yesno', { completion: 'no', answer: 'yes' }, { accuracy: 0, judge: null, judge_failed: null }],
    ['mcq', { completion: 'A', answer: 'B', choices: ['3', '4', 'x'] }, { accuracy: 0, close_call: null }],
    ['mcq', { completion: 'A', answer: 'B', choices: ['3', '4', '6'] }, { accuracy: 0, close_call: 1 }],
    ['mcq', { completion: 'A', answer: 'C', choices: ['3', '4', '6'] }, { accuracy: 0, close_call: 0 }],
    ['mcq', { completion: 'B', answer: 'B', choices: ['3', '4', '6'] }, { accuracy: 1, close_call: null }],
    ['mcq', { completion: '?', answer: 'B', choices: ['3', '4', '6'] }, { accuracy: 0, close_call: 0 }],
    ['count', { completion: '3', answer: '4' }, { accuracy: 0, close_call: 1, mra: 0.6 }],
    ['count', { completion: '4', answer: '4' }, { accuracy: 1, close_call: null, mra: 1 }],
    ['count', { completion: 'none', answer: '0' }, { accuracy: 1, close_call: null, mra: 1 }],
    ['count', { completion: '2', answer: '0' }, { accuracy: 0, close_call: 0, mra: 0 }],
    ['count', { completion: 'few', answer: '4' }, { accuracy: 0, close_call: 0, mra: 0 }],
    ['bbox', { completion: '[0, 0, 10, 10]', answer: '[0, 0, 10, 8]', ...pixels }, { miou: 0.8, acc75: 1 }],
    [
      'point',
      { completion: '(5, 5), (50, 5)', answer: '[0, 0, 10, 10]', ...pixels },
      { accuracy: 1, inside_share: 0.5 },
    ],
    [
      'point',
      { completion: '(5, 5)', answer: '[0, 0, 10, 10]', ...pixels },
      { accuracy: 1, inside_share: 1 },
    ],
    ['point', { completion: '(5, 5)', answer: '(5, 5)', ...pixels }, { accuracy: null, inside_share: null }],
    ['judge', { completion: '1', answer: '' }, { accuracy: 1 }],
    ['judge', { completion: '?', answer: '' }, { accuracy: NOT_KNOWN }],
    [
      'scenegraph',
      { completion: '{"objects": [{"id": "a", "label": "cup"}], "relationships": []}', answer: '' },
      { found: 1, valid_json: 1, objects: 1, relations: 0 },
    ],
    [
      'scenegraph',
      { completion: 'no graph', answer: '' },
      { found: 0, valid_json: 0, objects: 0, relations: 0 },
    ],
    [
      'flipjson',
      { completion: '{"question": "Is the cup right of it?", "answer": "Yes"}', answer: flip },
      { ok: 1, verified: 1 },
    ],
    [
      'flipjson',
      { completion: '{"question": "Is the cup left of it?", "answer": "Yes"}', answer: flip },
      { ok: 1, verified: 0 },
    ],
    ['flipjson', { completion: 'Is it right?', answer: flip }, { ok: 0, verified: 0 }],
  ])('a row contributes to the metrics of its task: %s: %j', (task, row, values) =>
    expect(valuesOf(MEASURES[task] as Record<string, Measure>, { ...row, task })).toEqual(values),
  );
});

it('MEASURES.untyped: accuracy of free text is unknown without scores of a judge', () => {
  const row = scored({ task: 'untyped', completion: 'It depends.', answer: 'a cup' });
  const accuracy = (judge?: 0 | 1) => {
    const { of } = (MEASURES.untyped as unknown as Record<string, Measure>).accuracy!;
    return of({ ...row.score, correct: null, ...(judge !== undefined && { judge }) } as Score, row);
  };
  expect([accuracy(), accuracy(0), accuracy(1)]).toEqual([NOT_KNOWN, 0, 1]);
});

it('COMMON: computes metrics of any task from the raw completion', () => {
  const row = { answer: 'a red cup', task: 'open' };
  const completion = '<think>First, it is clearly red.</think><answer>the cup</answer>';
  expect(valuesOf(COMMON, { ...row, completion })).toEqual({
    format_ok: 1,
    extracted: 1,
    answer_words: 2,
    reference_words: 3,
    reasoning_words: 2,
    judge: null,
    judge_failed: null,
    credit: null,
  });
  expect(valuesOf(COMMON, { ...row, completion: 'cup' })).toMatchObject({
    format_ok: 0,
    extracted: 0,
    answer_words: 1,
    reasoning_words: 0,
  });
});
