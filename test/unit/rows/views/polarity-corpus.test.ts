import { describe, expect, it } from 'vitest';
import { flipPolarity } from '../../../../src/rows/views/polarity/flip.ts';
import type { PolarityStatus, PolarityVariant, Sample } from '../../../../src/rows/sample/sample.ts';
import { readRows } from '../../../support/rows.ts';

interface Row {
  class: string;
  sample: Sample;
  expect: Partial<PolarityVariant> & { status: PolarityStatus };
  also?: PolarityStatus[];
}
type Outcome = 'right' | 'deferred' | 'wrong';

const fixture = (name: string) => new URL(`../../../fixtures/corpus/${name}`, import.meta.url);
const rowsOf = (name: string) => readRows<Row>(fixture(name));

/** Deferred: a flip was possible and the rules hand the row on. Wrong: everything else that is not expected. */
function outcome({ sample, expect: wanted, also = [] }: Row): Outcome {
  const got = flipPolarity(sample);
  const fields = ['question', 'answer', 'choices', 'assumes'] as const;
  const agrees = fields.every(
    (key) => wanted[key] === undefined || JSON.stringify(wanted[key]) === JSON.stringify(got[key]),
  );
  if (got.status === 'flipped') return wanted.status === 'flipped' && agrees ? 'right' : 'wrong';
  if (got.status === wanted.status || also.includes(got.status)) return 'right';
  return got.status === 'not_applicable' ? 'wrong' : 'deferred';
}

function score(name: string) {
  const table = new Map<string, Record<Outcome, number>>();
  for (const row of rowsOf(name)) {
    const counts = table.get(row.class) ?? { right: 0, deferred: 0, wrong: 0 };
    counts[outcome(row)] += 1;
    table.set(row.class, counts);
  }
  return table;
}

describe('polarity corpora', () => {
  it.each(rowsOf('polarity.jsonl').map((row) => [row.sample.id, row] as const))('flip row %s', (_, row) => {
    expect(outcome(row), JSON.stringify(flipPolarity(row.sample))).toBe('right');
  });

  // The held-out rows are never looked at: only these counts are.
  it('the polarity rules flip no held-out row wrongly', () => {
    const table = score('polarity-heldout.jsonl');
    if (process.env.CHIRALITY_SCORES) console.table(Object.fromEntries(table));
    expect([...table.values()].reduce((sum, { wrong }) => sum + wrong, 0)).toBe(0);
  });
});
