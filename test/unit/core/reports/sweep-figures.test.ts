import { describe, expect, it } from 'vitest';
import { MEASURE_NAMES } from '../../../../src/core/metrics/measure-names.ts';
import { measuredRow, type EvaluationRow } from '../../../../src/core/evaluation/evaluation-row.ts';
import { mean } from '../../../../src/base/numbers.ts';
import { figureName, figureValues, isBinary } from '../../../../src/core/reports/sweep/figure.ts';
import { rowOf } from '../../../support/evaluation.ts';

const figure = (metric: string, more: object = {}) =>
  ({ set: 'own', view: 'original', metric, ...more }) as Parameters<typeof figureValues>[1];
const valueOf = (rows: readonly EvaluationRow[], metric: string, more: object = {}) =>
  mean(figureValues(rows.map(measuredRow), figure(metric, more)).map(({ value }) => value));

/** Binomial coefficients, for the paper's Pass@k: 1 − C(n−c, k) / C(n, k). */
const choose = (n: number, k: number): number => (k === 0 ? 1 : n < k ? 0 : (choose(n - 1, k - 1) * n) / k);
const pass = (n: number, c: number, k: number) => 1 - choose(n - c, k) / choose(n, k);

/** A question with as many answers as verdicts, of which those are right. */
const asked = (id: string, task: string, ...right: number[]) =>
  right.map((r) =>
    rowOf({
      id,
      task: 'mcq',
      answer: 'left',
      choices: ['left', 'right'],
      completion: r ? 'left' : 'right',
      meta: { task },
    }),
  );

describe('metrics of several answers per question', () => {
  const rows = [
    ...asked('a', 'Depth', 1, 0, 0, 0),
    ...asked('b', 'Depth', 1, 1, 1, 1),
    ...asked('c', 'Distance', 0, 0, 0, 0),
    ...asked('d', 'Distance', 0, 1, 1, 0, 1, 0, 0, 0),
    ...asked('e', 'Count', 1, 1),
  ];
  const counts = { a: [4, 1], b: [4, 4], c: [4, 0], d: [8, 3], e: [2, 2] } as const;

  it('metrics compute Pass@k by the paper’s formula, on questions with enough answers', () => {
    const all = Object.values(counts);
    for (const k of [1, 2, 4, 8]) {
      const expected = all.flatMap(([n, c]) => (n >= k ? [pass(n, c, k)] : []));
      expect(valueOf(rows, `pass@${k}`)).toBeCloseTo(mean(expected)!, 12);
      expect(valueOf(rows, `mcq/pass@${k}`)).toBeCloseTo(mean(expected)!, 12);
      expect(figureValues(rows.map(measuredRow), figure(`pass@${k}`))).toHaveLength(expected.length);
    }
    expect(valueOf(rows, 'pass@4', { kind: 'task=Distance' })).toBeCloseTo(
      (pass(4, 0, 4) + pass(8, 3, 4)) / 2,
      12,
    );
    expect(valueOf(rows, 'pass@16')).toBe(null);
  });

  it('metrics average over answers, with equal weight per question', () => {
    const expected = mean(Object.values(counts).map(([n, c]) => c / n))!;
    expect(valueOf(rows, 'accuracy')).toBeCloseTo(expected, 12);
    expect(valueOf(rows, 'mcq/accuracy')).toBeCloseTo(expected, 12);
    expect(valueOf(rows, 'accuracy', { kind: 'task=Depth' })).toBeCloseTo(0.625, 12);
    const flipped = rows.map((row) => ({ ...row, view: 'polarity' as const, right: false }));
    expect(valueOf([...rows, ...flipped], 'drop', { view: 'polarity' })).toBeCloseTo(expected, 12);
  });

  it('metrics combine every pair of answers for pair accuracy', () => {
    const both = (...right: number[]) =>
      asked('x', 'Depth', ...right).map((row) => ({ ...row, view: 'mirror' as const }));
    const original = asked('x', 'Depth', 1, 1, 0);
    expect(valueOf([...original, ...both(1, 0, 1)], 'consistent')).toBeCloseTo(4 / 9, 12);
    expect(valueOf([...original, ...both(1, 0, 0)], 'consistent')).toBeCloseTo(2 / 9, 12);
  });
});

describe('metrics of texts and of all answers', () => {
  const answers: [string, string, string][] = [
    ['distance', '2 metres', '2 metres'],
    ['open', 'the cat sat', 'the cat sat on'],
    ['open', 'a dog', 'the cat'],
  ];
  const rows = answers.map(([task, completion, answer], i): EvaluationRow => {
    const row = rowOf({ id: `${i}`, task, answer, completion });
    return {
      ...row,
      score: { ...row.score, judge: i === 2 ? 0 : 1, sbert: [1, 0.8, 0.3][i]! } as EvaluationRow['score'],
    };
  });

  it('metrics of texts match the metrics of evaluations', () => {
    // BLEU-1 of "the cat sat" for "the cat sat on": all words right, shorter by 4/3.
    expect(valueOf(rows.slice(1, 2), 'text/bleu1')).toBeCloseTo(Math.exp(1 - 4 / 3), 12);
    expect(valueOf(rows.slice(0, 1), 'text/bleu1')).toBe(1);
    expect(valueOf(rows, 'text/sbert')).toBeCloseTo((1 + 0.8 + 0.3) / 3, 12);
    expect(valueOf(rows, 'all/judge')).toBeCloseTo(2 / 3, 12);
    expect(valueOf(rows, 'distance/success')).toBe(1);
    expect(valueOf(rows, 'all/judge', { view: 'mirror' })).toBe(null);
    expect(isBinary(figure('all/judge'))).toBe(true);
    expect(isBinary(figure('text/bleu1'))).toBe(false);
  });

  it('metrics of texts have display names', () => {
    expect(
      ['text/bleu1', 'text/sbert', 'all/judge', 'pass@4', 'mcq/pass@4'].map((metric) =>
        figureName(figure(metric)),
      ),
    ).toMatchInlineSnapshot(`
      [
        "BLEU-1 on own, originals",
        "SBERT on own, originals",
        "accuracy by LLM judge on own, originals",
        "pass@4 on own, originals",
        "pass@4 (choice) on own, originals",
      ]
    `);
    expect(figureName(figure('pass@4', { kind: 'task=Depth' }))).toBe(
      'pass@4 on own with task=Depth, originals',
    );
    expect(Object.keys(MEASURE_NAMES).length).toBeGreaterThan(10);
  });
});
