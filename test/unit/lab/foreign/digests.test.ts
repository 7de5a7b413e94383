import fc from 'fast-check';
import { expect } from 'vitest';
import { repeatedRows, type Digest } from '../../../../src/lab/foreign/digests.ts';
import { property } from '../../../support/property.ts';

const batch = (rows: string[], group: string | null = null): Digest => ({
  version: '',
  rows,
  keys: rows,
  groups: rows.map(() => group),
  advantages: [],
  columns: [],
  values: {},
  rewards: [],
  texts: rows.length,
});

const rows = fc.array(fc.constantFrom('a', 'b'), { maxLength: 12 });

property('repeatedRows: finds the longest overlap with the previous batch', [rows, rows], (before, after) => {
  const ends = after.map((_, i) => i + 1).filter((n) => before.slice(-n).join() === after.slice(0, n).join());
  expect(repeatedRows(batch(before), batch(after))).toBe(ends.at(-1) ?? 0);
  expect(repeatedRows(batch(before), batch(after, 'named'))).toBe(0);
});
