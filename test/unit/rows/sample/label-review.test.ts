import { expect, it } from 'vitest';
import { checkSample } from '../../../../src/rows/sample/check-sample.ts';
import { confirmed, doubted } from '../../../../src/core/annotation/review.ts';
import { doubtText, readLabel } from '../../../../src/rows/sample/label-review.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';

const ROW: Sample = { id: 'a', question: 'Where is the cup?', answer: 'left', images: ['a.png'] };
const DOUBT = { likely: 'right', rank: 3, answered: 6, contradicting: 5 };
const labelState = (sample: Sample) => readLabel(sample).state;
const who = (by: string, at = '2026-01-02T03:04:05Z') => ({ by, at });

it('readLabel: stays suspect until a reviewer confirms the answer, unchanged or corrected', () => {
  const sent: Sample = { ...ROW, label_review: doubted(ROW, DOUBT) };
  expect([ROW, sent].map(labelState)).toEqual(['none', 'suspect']);
  const kept: Sample = { ...sent, label_review: confirmed(sent, who('mira')) };
  expect(labelState(kept)).toBe('kept');
  const changed: Sample = { ...sent, answer: 'right' };
  expect(labelState(changed)).toBe('suspect');
  const corrected: Sample = { ...changed, label_review: confirmed(changed, who('jon')) };
  expect(labelState(corrected)).toBe('corrected');
  expect(readLabel(corrected).review).toEqual({
    given: 'left',
    doubt: DOUBT,
    verdicts: [{ ...who('jon'), question: ROW.question, answer: 'right' }],
  });
});

it('readLabel: applies a verdict only to the reviewed text, and keeps the history', () => {
  const kept: Sample = { ...ROW, label_review: confirmed(ROW, who('mira')) };
  const other: Sample = { ...kept, question: 'Where is the plate?' };
  expect(labelState(other)).toBe('suspect');
  expect(labelState({ ...other, question: ROW.question })).toBe('kept');
  const again: Sample = { ...other, answer: 'right', label_review: doubted(other) };
  const last: Sample = { ...again, label_review: confirmed(again, who('jon')) };
  expect(labelState(last)).toBe('corrected');
  expect(readLabel(last).review!.given).toBe('left');
  expect(readLabel(last).review!.verdicts.map(({ by, answer }) => [by, answer])).toEqual([
    ['mira', 'left'],
    ['jon', 'right'],
  ]);
});

it.each<[unknown, ReturnType<typeof labelState>]>([
  [null, 'none'],
  ['x', 'none'],
  [{ given: 3 }, 'none'],
  [{ given: 'left' }, 'none'],
  [{ given: 'left', verdicts: [{ at: 1 }, null] }, 'none'],
  [{ given: 'left', doubt: { likely: 4 } }, 'suspect'],
])('readLabel: accepts any value in a file: %j is %s', (review, state) => {
  expect(labelState({ ...ROW, label_review: review })).toBe(state);
});

it.each([
  [DOUBT, '5 of 6 model answers contradict the label (most frequent answer: right)'],
  [{ answered: 1, contradicting: 1 }, '1 of 1 model answer contradicts the label'],
  [{ likely: 'right' }, 'model answers contradict the label'],
  [{}, null],
])('doubtText: describes %j', (doubt, text) => {
  expect(doubtText(doubt)).toBe(text);
});

it('checkSample: reports a suspect label until its confirmation', () => {
  const sent: Sample = { ...ROW, label_review: doubted(ROW) };
  const codes = (sample: Sample) => checkSample(sample).map(({ code }) => code);
  expect(codes(sent)).toEqual(['label-suspect']);
  expect(codes({ ...sent, label_review: confirmed(sent, who('mira')) })).toEqual([]);
});
