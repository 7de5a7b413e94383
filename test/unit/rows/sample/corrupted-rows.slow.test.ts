import { expect, test } from 'vitest';
import { ORIGINAL, VIEW_IDS } from '../../../../src/rows/view-list.ts';
import { JUNK } from '../../../support/corrupt-row.ts';
import { faultsOf, ROWS } from './corrupted-rows.ts';

test.each(Object.entries(ROWS))(
  'corrupted rows: parseSample names the wrong field, or all code accepts the row: row %s',
  (_, row) => {
    const views = VIEW_IDS.filter((id) => id !== ORIGINAL);
    expect(faultsOf(row, JUNK, views)).toEqual([]);
  },
  // Some 90 s of a processor that nothing else uses.
  900_000,
);
