import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { lineOf, RECORD, rowsOnRecord, textsOf } from './outcomes.ts';

/*
 * `CHIRALITY_SLOW=1 npx vitest run --project unit test/unit/rows/views/outcomes.slow.test.ts -u` writes the record;
 * with `CHIRALITY_OUTCOMES=FILE` it also writes every text and reason, to compare two builds by.
 */
it('outcomes of all views: match the record for all rows', async () => {
  const rows = [...(await rowsOnRecord(5000))];
  const full = process.env.CHIRALITY_OUTCOMES;
  if (full) writeFileSync(full, rows.map(([name, sample]) => textsOf(name, sample)).join('\n'));
  const lines = rows.map(([name, sample]) => lineOf(name, sample));
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(RECORD.pathname);
}, 1_200_000);
