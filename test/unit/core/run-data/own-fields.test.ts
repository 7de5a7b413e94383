import { expect, it } from 'vitest';
import { parseFilter } from '../../../../src/core/query/parse.ts';
import { ownFields, TRACE_FIELDS } from '../../../../src/core/run-data/trace-fields.ts';
import { selectRows } from '../../../../src/core/run-data/trace-query.ts';
import { newDictionaries, PairTable } from '../../../../src/core/run-data/trace-table.ts';
import type { TrainedSummary } from '../../../../src/core/run-data/trace-summary.ts';

const summary = (pair: number, rewards: Record<string, number>): TrainedSummary => ({
  kind: 'trained',
  step: 1,
  pair,
  sample: `row-${pair}`,
  question: 'Which side?',
  answer: 'left',
  relation: null,
  views: 'pair',
  verdict: null,
  accuracy: 1,
  accuracy_most: 1,
  graph: null,
  length: 12,
  truncated: 0,
  kept: true,
  why: null,
  delta: null,
  penalised: null,
  effect: null,
  logged_by: null,
  reward: 0.5,
  reward_mirror: 0.5,
  reward_std: 0,
  rewards,
});

it('PairTable: filters and sorts by custom rewards, also across files with different rewards', () => {
  const words = newDictionaries();
  const first = PairTable.from(
    [summary(0, { semantic: 1, brevity: 0.9 }), summary(1, { brevity: 0.1 })],
    words,
  );
  const second = PairTable.from([summary(2, { length: 7 }), summary(3, { brevity: 0.5 })], words);
  const table = PairTable.join([first.rows, second.rows], words);
  expect(table.fields.map(({ name }) => name)).toEqual(['brevity', 'own.length']);
  const select = (filter: string, field: string | null = null) => {
    const parsed = parseFilter(filter, [...TRACE_FIELDS, ...table.fields]);
    const sort = field === null ? null : { field, descending: true };
    return [...selectRows(table, parsed, () => () => false, sort)];
  };
  expect(select('brevity < 0.6')).toEqual([1, 3]);
  expect(select('own.length = 7 and length = 12')).toEqual([2]);
  expect(select('brevity != null', 'brevity')).toEqual([0, 3, 1]);
  expect([0, 2].map((row) => table.row(row))).toMatchObject([
    { semantic: 1, brevity: 0.9, 'own.length': null },
    { semantic: null, brevity: null, 'own.length': 7 },
  ]);
});

it('ownFields: limits fields of custom rewards to fifty', () => {
  expect(ownFields(Array.from({ length: 1000 }, (_, i) => `r${i}`))).toHaveLength(50);
});

it('ownFields: generates for each custom reward a unique name that filters accept', () => {
  const keys = ['my metric', 'my_metric', 'and', 'NOT', 'length', 'own.length', 'a<b, (c)', '"', 'brevity'];
  const names = ['my_metric', 'my_metric_', 'own.and', 'own.NOT', 'own.length', 'own.length_', 'a_b_c_', '_'];
  expect(ownFields(keys).map(({ name }) => name)).toEqual([...names, 'brevity']);
  const words = newDictionaries();
  const of = (pair: number, own: Record<string, number>) => PairTable.from([summary(pair, own)], words).rows;
  const rewards = Object.fromEntries(keys.map((key, i) => [key, i]));
  // Alone, "my_metric" has the name that "my metric" has next to it.
  const table = PairTable.join([of(0, rewards), of(1, { my_metric: 100 }), of(2, {})], words);
  for (const [i, { name, key }] of table.fields.entries()) {
    expect(key).toBe(keys[i]);
    const parsed = parseFilter(`${name} = ${i} and not step = 2`, [...TRACE_FIELDS, ...table.fields]);
    expect([...selectRows(table, parsed, () => () => false, null)]).toEqual([0]);
  }
  const parsed = parseFilter('my_metric_ = 100', [...TRACE_FIELDS, ...table.fields]);
  expect([...selectRows(table, parsed, () => () => false, null)]).toEqual([1]);
  expect(table.row(1)).toMatchObject({ my_metric: null, my_metric_: 100 });
});
