import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { referenceOf, scoreRow } from '../../../../src/core/answers/score-row.ts';
import type { ScoreRow } from '../../../../src/core/answers/score.ts';
import { answerVerdict } from '../../../../src/core/answers/verdict.ts';

/** An answer of a kind that was once read wrongly; `right` holds every verdict that a person accepts, null is unread. */
interface Judged {
  kind: string;
  right: (boolean | null)[];
  row: ScoreRow & { id: string };
}

const rows = readFileSync(new URL('../../../fixtures/corpus/verdicts.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Judged);

/** As `chirality score` prints it under "right". */
function rightOf(row: ScoreRow): boolean | null {
  const score = scoreRow(row);
  if (score.problem !== undefined) return null;
  const verdict = answerVerdict(score, referenceOf(row));
  return verdict === 'right' ? true : verdict === 'wrong' ? false : null;
}

/** Rows that rules do not read as a person does yet. */
const OPEN: readonly string[] = [
  's001',
  's002',
  's003',
  's004',
  's005',
  's006',
  's007',
  's008',
  's009',
  's010',
  's011',
  's012',
  's013',
  's014',
  's015',
  's016',
  's019',
  's020',
  's021',
  's022',
  's023',
  's024',
  's025',
  's026',
  's027',
  's034',
  's035',
  's038',
  's039',
  'a026',
  'a028',
  'a030',
  'a031',
  'a032',
  'a033',
  'a035',
  'a036',
  'a059',
  'a078',
  'a080',
  'a081',
  'a083',
  'a084',
  'a085',
];

it.each([...new Set(rows.map(({ kind }) => kind))])('%s', (kind) => {
  const ofKind = rows.filter((row) => row.kind === kind);
  const missed = ofKind.filter(({ right, row }) => !right.includes(rightOf(row)));
  expect(missed.map(({ row }) => row.id)).toEqual(
    ofKind.flatMap(({ row: { id } }) => (OPEN.includes(id) ? [id] : [])),
  );
});
