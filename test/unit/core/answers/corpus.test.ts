import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { scoreRow } from '../../../../src/core/answers/score-row.ts';
import type { ScoreRow } from '../../../../src/core/answers/score.ts';

interface CorpusRow {
  class: string;
  row: ScoreRow & { id: string };
  expect: Record<string, unknown>;
}

const read = (name: string): CorpusRow[] =>
  readFileSync(new URL(`../../../fixtures/corpus/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as CorpusRow);

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

describe('the corpus of answers', () => {
  const rows = read('answers.jsonl');
  it.each([...new Set(rows.map((row) => row.class))])('%s', (name) => {
    const wrong = rows
      .filter((row) => row.class === name)
      .map((row) => ({ row, misses: misses(row) }))
      .filter((result) => result.misses.length > 0);
    expect(wrong).toEqual([]);
  });

  // Nobody who writes rules looks at these rows: only the number is shown.
  it('holds for the held-out rows: at least 95 %', () => {
    const heldOut = read('answers-heldout.jsonl');
    const right = heldOut.filter((row) => misses(row).length === 0).length;
    expect(right / heldOut.length).toBeGreaterThanOrEqual(0.95);
  });
});
