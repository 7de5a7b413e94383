import { describe, expect, it } from 'vitest';
import { compareRuns, shiftMetrics } from '../../../../src/core/metrics/compare-rows.ts';
import { compareControls } from '../../../../src/core/metrics/control-metrics.ts';
import { compareRows } from '../../../../src/core/metrics/outcomes.ts';
import type { ScoredRow } from '../../../../src/core/evaluation/scored-row.ts';
import { find, metricsOf, scored } from './rows.ts';

const count = (id: string, completion: string) =>
  scored({ id, question: `How many ${id}?`, task: 'count', completion, answer: '3' });
const spoilt = (row: ScoredRow): ScoredRow => ({ ...row, score: { ...row.score, problem: 'no' } });

describe('rows that one of two runs does not score', () => {
  const [one, other] = [
    [count('a', '3'), count('b', '4')],
    [count('a', '2'), count('b', '3')],
  ] as const;

  it('comparisons of runs exclude rows that one run does not score', () => {
    const accuracy = (first: ScoredRow[], second: ScoredRow[]) =>
      compareRuns(first, second).find(({ metric }) => metric === 'accuracy');
    const both = { task: 'count', unit: 'share', first: 0.5, second: 0.5 };
    expect(accuracy([...one], [...other])).toMatchObject(both);
    expect(accuracy([one[0], spoilt(one[1])], [...other])).toMatchObject({ first: 1, second: 0 });
    expect(accuracy([...one], [other[0], spoilt(other[1])])).toMatchObject({ first: 1, second: 0 });
    const open = scored({ id: 'b', task: 'open', completion: '3', answer: '3' });
    expect(accuracy([...one], [other[0], open])).toMatchObject({ first: 1, second: 0 });
  });

  it('the change by wording excludes rows that one run does not score', () => {
    const pairs = [
      { rows: [one[0]], others: [other[0]] },
      { rows: [one[1]], others: [spoilt(other[1])] },
      { rows: [spoilt(one[1])], others: [other[1]] },
    ] satisfies Parameters<typeof shiftMetrics>[0];
    const { gap } = shiftMetrics(pairs);
    expect(gap).toMatchObject({ value: -1, n: 1 });
  });

  it('rows are matched by set, view and question, with defaults for missing fields', () => {
    const judged = (row: ScoredRow, right: boolean) => ({ ...row, right });
    const [first, second] = [judged(one[0], true), judged(other[0], false)];
    expect(compareRows([first], [second])).toMatchObject([
      { set: '', view: 'original', id: 'a', question: 'How many a?', answer: '3', first: '3', second: '2' },
    ]);
    expect(compareControls('blind', [first], [second])).toMatchObject([
      { set: '', view: 'original', accuracy: 1, control: 0 },
    ]);
  });
});

describe('metrics of several completions and of texts', () => {
  it('metrics compute pass@1, 2 and 4 on the same questions, with enough answers for all', () => {
    // Fifty questions with one right answer, ten with one of four right: 1 − C(3, k) / C(4, k) of these.
    const once = Array.from({ length: 50 }, (_, i) => count(`once ${i}`, '3'));
    const often = Array.from({ length: 10 }, (_, i) =>
      ['3', '4', '5', '6'].map((said) => count(`often ${i}`, said)),
    );
    const metrics = metricsOf([...once, ...often.flat()]);
    for (const [k, value] of [
      [1, 0.25],
      [2, 0.5],
      [4, 1],
    ] as const)
      expect(find(metrics, 'count', `pass@${k}`)).toMatchObject({ value, n: 10 });
  });

  it('metrics compute an interval for corpus BLEU', () => {
    const texts = ['a red cup', 'a cup', 'the blue jug on it', 'it'].map((completion, i) =>
      scored({ task: 'open', completion, answer: 'a red cup on it' }, i),
    );
    const { value, interval } = find(metricsOf(texts), 'text', 'corpus_bleu1');
    expect(interval![0]).toBeLessThan(value!);
    expect(interval![1]).toBeGreaterThan(value!);
  });
});
