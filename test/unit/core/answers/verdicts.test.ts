import { expect, it } from 'vitest';
import { referenceOf, scoreRow } from '../../../../src/core/answers/score-row.ts';
import type { ScoreRow } from '../../../../src/core/answers/score.ts';
import { answerVerdict } from '../../../../src/core/answers/verdict.ts';
import { readRows } from '../../../support/rows.ts';

/** An answer of a kind that was once read wrongly; `right` holds every verdict that a person accepts, null is unread. */
interface Judged {
  kind: string;
  right: (boolean | null)[];
  row: ScoreRow & { id: string };
}

const rows = readRows<Judged>(new URL('../../../fixtures/corpus/verdicts.jsonl', import.meta.url));

/** As `chirality score` prints it under "right". */
function rightOf(row: ScoreRow): boolean | null {
  const score = scoreRow(row);
  if (score.problem !== undefined) return null;
  const verdict = answerVerdict(score, referenceOf(row));
  return verdict === 'right' ? true : verdict === 'wrong' ? false : null;
}

/** Rows that rules do not read as a person does yet. */
const OPEN: readonly string[] = [];

it.each([...new Set(rows.map(({ kind }) => kind))])('rightOf: matches the human verdict for %s', (kind) => {
  const ofKind = rows.filter((row) => row.kind === kind);
  const missed = ofKind.filter(({ right, row }) => !right.includes(rightOf(row)));
  expect(missed.map(({ row }) => row.id)).toEqual(
    ofKind.flatMap(({ row: { id } }) => (OPEN.includes(id) ? [id] : [])),
  );
});
