import { expect, it } from 'vitest';
import { scoreRow } from '../../../../src/core/answers/score-row.ts';
import { isRightAnswer } from '../../../../src/core/answers/verdict.ts';
import type { JudgedRow } from '../../../../src/core/metrics/outcomes.ts';
import { reviewedLabels } from '../../../../src/core/metrics/reviewed-labels.ts';

const question = 'Is the cup left or right of the plate?';

function row(id: string, answer: string, completion: string, view = 'original'): JudgedRow {
  const score = scoreRow({ question, answer, completion });
  const right = isRightAnswer(score, answer);
  return { id, set: 'val', view, question, answer, images: [`${id}.png`], score, right, reasoning_words: 0 };
}

const label = (given: string, now: string) => ({ question, given, now });
const accuracies = (rows: JudgedRow[], labels: Record<string, ReturnType<typeof label>>) => {
  const [found] = reviewedLabels(rows, new Map([['val', new Map(Object.entries(labels))]]));
  return [found!.given.value, found!.reviewed.value, found!.looked, found!.corrected];
};

it('reviewedLabels: scores an answer by both labels, for any label in the evaluation', () => {
  const answers = ['left', 'right', 'right', 'left'];
  const labels = { 0: label('left', 'left'), 1: label('left', 'right') };
  for (const known of ['left', 'right']) {
    const rows = answers.map((said, i) => row(String(i), i === 1 ? known : 'left', said));
    expect(accuracies(rows, labels)).toEqual([0.5, 0.75, 2, 1]);
  }
});

it('reviewedLabels: counts only originals, and changed rows by their own label', () => {
  const rows = [
    row('0', 'left', 'left'),
    row('1', 'left', 'right', 'mirror'),
    { ...row('2', 'left', 'right'), set: 'test' },
  ];
  expect(accuracies(rows, { 0: { ...label('right', 'left'), question: 'Another?' } })).toEqual([1, 1, 1, 1]);
});

it('reviewedLabels: excludes answers that the rules cannot score by both labels', () => {
  const [found] = reviewedLabels(
    [row('0', 'left', 'left'), { ...row('1', 'left', 'left'), right: null }],
    new Map([['val', new Map([['0', label('left', 'right')]])]]),
  );
  expect([found!.given.n, found!.given.value, found!.reviewed.value]).toEqual([1, 1, 0]);
});
