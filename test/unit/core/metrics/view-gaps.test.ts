import { expect, test } from 'vitest';
import type { EvaluationResult } from '../../../../src/core/evaluation/results.ts';
import { bothRight, kindsWithinBound, likeForLikeTexts } from '../../../../src/core/metrics/view-gaps.ts';

/** Shares of both views, of all questions or a kind of them, each ± 5 points. */
const shares = (original: number, mirror: number, kind?: string, n = 100): EvaluationResult[] =>
  Object.entries({ original, mirror }).map(([metric, value]) => ({
    set: 'val',
    view: null,
    task: 'all',
    metric,
    n,
    value,
    interval: [value - 0.05, value + 0.05],
    ...(kind && { slice: { field: 'question_type', value: kind } }),
  })) as EvaluationResult[];

test('likeForLikeTexts: compares the kind of question with the largest view gap', () => {
  const given = [...shares(0.9, 0.6), ...shares(0.99, 0.1, 'side'), ...shares(0.9, 0.7, 'near')];
  const spatial = [...shares(0.9, 0.9), ...shares(0.95, 0.9, 'side'), ...shares(0.9, 0.9, 'near')];
  expect(likeForLikeTexts([spatial, given], 'val')).toEqual([
    'answers 95.0% of side questions and 90.0% of their mirrors correctly',
    '99.0% and 10.0%',
  ]);
});

/** Accuracies of clips as they are and reversed, of all questions and of a kind of them, and what the matrix of views has. */
function clips(original: number, reversed: number, kind: string): EvaluationResult[] {
  const figure = (value: number, about: object) => ({
    set: 'val',
    task: 'all',
    n: 100,
    value,
    interval: [value - 0.05, value + 0.05],
    ...about,
  });
  const ofOriginal = { view: 'reverse', task: 'views', slice: { field: 'view', value: 'original' } };
  return [
    figure(original, { metric: 'first_right', ...ofOriginal }),
    figure(reversed, { metric: 'second_right', ...ofOriginal }),
    figure(0.3, { metric: 'consistent', ...ofOriginal }),
    ...Object.entries({ original, reverse: reversed }).flatMap(([view, value]) => [
      figure(value, { metric: 'accuracy', view }),
      figure(value, { metric: 'accuracy', view, slice: { field: 'question_type', value: kind } }),
    ]),
  ] as EvaluationResult[];
}

test('likeForLikeTexts: compares clips without mirrors with their reversed sequences', () => {
  const given = clips(0.96, 0.08, 'moves');
  expect(bothRight(given)).toMatchObject({ view: 'reverse', value: 0.3 });
  expect(likeForLikeTexts([given, clips(0.95, 0.9, 'moves')], 'val')).toEqual([
    'answers 96.0% of moves questions and 8.0% of their reversed sequences correctly',
    '95.0% and 90.0%',
  ]);
  expect(likeForLikeTexts([given, shares(0.9, 0.9)], 'val')).toBe(null);
});

test('likeForLikeTexts: compares all questions if no kind differs significantly', () => {
  const both = [...shares(0.9, 0.88), ...shares(0.95, 0.9, 'side')];
  expect(likeForLikeTexts([both, both], 'val')).toEqual([
    'answers 90.0% of originals and 88.0% of their mirrors correctly',
    '90.0% and 88.0%',
  ]);
});

test('likeForLikeTexts: requires equal sets, both views and equal numbers of rows', () => {
  const whole = shares(0.9, 0.9);
  expect(likeForLikeTexts([whole, whole], 'train')).toBe(null);
  expect(likeForLikeTexts([whole, whole.slice(0, 1)], 'val')).toBe(null);
  expect(likeForLikeTexts([whole, [whole[0]!, { ...whole[1]!, n: 99 }]], 'val')).toBe(null);
});

test('kindsWithinBound: separates kinds that no accuracy can exceed', () => {
  const kind = (value: string, share: number, words: number) => ({
    set: 'val',
    view: null,
    task: 'all',
    metric: 'consistent',
    n: 100,
    value: share,
    interval: [share - 0.05, share + 0.05],
    floor: { constant: 0, words, bounded: false },
    slice: { field: 'question_type', value },
  });
  const figures = [kind('side', 0.9, 0.2), kind('size', 0.3, 0.5), kind('near', 0.8, 1)];
  const { within, blind } = kindsWithinBound(figures as unknown as EvaluationResult[], 'val');
  expect(within).toMatch(/^size \(/);
  expect(within).not.toContain('side');
  expect(blind).toBe('near');
});
