import { describe, expect, it } from 'vitest';
import { scoreRow } from '../../../../src/core/answers/score-row.ts';
import type { ScoreRow } from '../../../../src/core/answers/score.ts';
import { answerVerdict } from '../../../../src/core/answers/verdict.ts';
import { readRows } from '../../../support/rows.ts';

interface CorpusRow {
  class: string;
  row: ScoreRow & { id: string };
  expect: Record<string, unknown>;
}

const read = (name: string): CorpusRow[] =>
  readRows<CorpusRow>(new URL(`../../../fixtures/corpus/${name}`, import.meta.url));

const isClose = (a: unknown, b: unknown): boolean =>
  typeof a === 'number' && typeof b === 'number'
    ? Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b))
    : Array.isArray(a) && Array.isArray(b)
      ? a.length === b.length && a.every((v, i) => isClose(v, b[i]))
      : a === b;

/** The expected fields that the score does not have. */
function misses({ row, expect }: CorpusRow): [string, unknown][] {
  const score = scoreRow(row) as unknown as Record<string, unknown>;
  return Object.entries(expect).filter(([key, value]) => !isClose(score[key], value));
}

describe('corpus of answers', () => {
  const rows = read('answers.jsonl');
  it.each([...new Set(rows.map((row) => row.class))])('scores class "%s" as annotated', (name) => {
    const wrong = rows
      .filter((row) => row.class === name)
      .map((row) => ({ row, misses: misses(row) }))
      .filter((result) => result.misses.length > 0);
    expect(wrong).toEqual([]);
  });

  // Nobody who writes rules looks at these rows: only the number is shown.
  it('scores at least 95% of the held-out rows as annotated', () => {
    const heldOut = read('answers-heldout.jsonl');
    const right = heldOut.filter((row) => misses(row).length === 0).length;
    expect(right / heldOut.length).toBeGreaterThanOrEqual(0.95);
  });
});

// Boxes as JSON, letters, words and counts behind a thought that often has the right answer where another one is given.
describe('tagged answers after a thought', () => {
  interface Judged extends ScoreRow {
    id: string;
    answer: string;
    right: boolean;
  }
  const rows = readRows<Judged>(new URL('../../../fixtures/corpus/tagged-boxes.jsonl', import.meta.url));
  const isRight = (row: Judged) => answerVerdict(scoreRow(row), row.answer) === 'right';

  it('tagged answers match the human verdict of each row: 34 of 76 correct', () => {
    expect(rows.filter((row) => isRight(row) !== row.right)).toEqual([]);
    expect([rows.filter(isRight).length, rows.length]).toEqual([34, 76]);
  });

  it('tagged answers include at least 30 wrong answers that contain the reference text', () => {
    const found = rows.filter(({ right, completion, answer }) => !right && completion.includes(answer));
    expect(found.length).toBeGreaterThanOrEqual(30);
  });

  it('tagged answers keep their verdict without the thought', () => {
    const bare = (row: Judged) => ({
      ...row,
      completion: row.completion.replace(/^<think>[^]*<\/think>/, ''),
    });
    expect(rows.filter((row) => isRight(bare(row)) !== row.right)).toEqual([]);
  });
});
