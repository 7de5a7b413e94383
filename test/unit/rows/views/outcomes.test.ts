import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { lineOf, RECORD, rowsOnRecord } from './outcomes.ts';

// All rows of corpora and published sets, and each fiftieth of worlds; the slow test compares them all.
it('outcomes of all views: match the record for a sample of rows', async () => {
  const rows = await rowsOnRecord(5000, 50);
  const record = readFileSync(RECORD, 'utf8').split('\n');
  const recorded = record.filter((line) => rows.has(line.split(' ')[0]!));
  expect([...rows].map(([name, sample]) => lineOf(name, sample))).toEqual(recorded);
}, 600_000); // it reads thousands of rows, on a machine that may be busy
