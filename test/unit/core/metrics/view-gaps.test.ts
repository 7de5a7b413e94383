import { expect, test } from 'vitest';
import type { EvaluationResult } from '../../../../src/core/evaluation/results.ts';
import { bothRight, likeForLike, comparedTexts } from '../../../../src/core/metrics/view-gaps.ts';

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

test('compares the kind of question whose mirrors somebody answers most unequally', () => {
  const given = [...shares(0.9, 0.6), ...shares(0.99, 0.1, 'side'), ...shares(0.9, 0.7, 'near')];
  const spatial = [...shares(0.9, 0.9), ...shares(0.95, 0.9, 'side'), ...shares(0.9, 0.9, 'near')];
  const told = likeForLike([spatial, given], 'val');
  expect(told).toEqual({
    kind: 'side',
    view: 'mirror',
    shares: [
      { original: [0.95, 0.95], other: [0.9, 0.9] },
      { original: [0.99, 0.99], other: [0.1, 0.1] },
    ],
  });
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

test('clips without mirrors are compared with themselves in reverse', () => {
  const given = clips(0.96, 0.08, 'moves');
  expect(bothRight(given)).toMatchObject({ view: 'reverse', value: 0.3 });
  const compared = likeForLike([given, clips(0.95, 0.9, 'moves')], 'val')!;
  expect(comparedTexts(compared)).toEqual([
    'gets 96.0% of moves questions right and 8.0% of their reversed sequences',
    '95.0% and 90.0%',
  ]);
  expect(likeForLike([given, shares(0.9, 0.9)], 'val')).toBe(null);
});

test('compares all questions where no kind differs beyond chance', () => {
  const both = [...shares(0.9, 0.88), ...shares(0.95, 0.9, 'side')];
  expect(likeForLike([both, both], 'val')?.kind).toBe(null);
});

test('compares nothing that is not alike: another set, one view, other numbers of rows', () => {
  const whole = shares(0.9, 0.9);
  expect(likeForLike([whole, whole], 'train')).toBe(null);
  expect(likeForLike([whole, whole.slice(0, 1)], 'val')).toBe(null);
  expect(likeForLike([whole, [whole[0]!, { ...whole[1]!, n: 99 }]], 'val')).toBe(null);
});

test('says of the first what the figures are, and of the others the figures alone', () => {
  const [given, spatial] = [shares(0.99, 0.1, 'side'), shares(0.95, 0.9, 'side')];
  const all = [...shares(0.9, 0.6), ...given];
  const compared = likeForLike([all, [...shares(0.9, 0.9), ...spatial]], 'val')!;
  expect(comparedTexts(compared)).toEqual([
    'gets 99.0% of side questions right and 10.0% of their mirrors',
    '95.0% and 90.0%',
  ]);
  expect(comparedTexts({ ...compared, kind: null })[0]).toBe(
    'gets 99.0% of originals right and 10.0% of their mirrors',
  );
});
