import { describe, expect, it } from 'vitest';
import { rowsByField } from '../../../../src/core/metrics/by-field.ts';
import { scored } from './rows.ts';

const row = (i: number, meta: Record<string, unknown>, question = 'What colour is it?') =>
  scored({ id: `${i}`, question, completion: 'a', answer: 'a', task: 'open', meta });
const fieldsOf = (rows: ReturnType<typeof row>[]) =>
  rowsByField(rows).map(({ field, groups }) => [
    field,
    ...[...groups].map(([value, { length }]) => `${value}: ${length}`),
  ]);

describe('fieldsOf', () => {
  it('fieldsOf: returns each field of all rows that separates the rows into groups', () => {
    const rows = [
      row(0, { relation: 'near', question_type: 'goal_aim' }, 'Is it near?'),
      row(1, { relation: 'under', question_type: 'goal_aim' }),
      row(2, { relation: 'near', question_type: 'goal_aim' }),
    ];
    expect(fieldsOf(rows)).toEqual([
      ['relation', 'near: 2', 'under: 1'],
      ['kind', 'spatial: 1', 'general: 2'],
    ]);
    expect(fieldsOf([...rows, row(3, { relation: '', question_type: 'action' })])).toEqual([
      ['question_type', 'goal_aim: 3', 'action: 1'],
      ['kind', 'spatial: 1', 'general: 3'],
    ]);
  });

  it('fieldsOf: skips fields with more values than a table can show', () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => row(i, { relation: `r${i}` }));
    expect(fieldsOf(many(80)).map(([field]) => field)).toEqual(['relation']);
    expect(fieldsOf(many(81))).toEqual([]);
  });
});
