import { readFileSync } from 'node:fs';
import type { Sample } from '../../src/rows/sample/sample.ts';

/** The rows of a file of JSON lines. */
export const readRows = <T = Sample>(path: string | URL): T[] => parseRows<T>(readFileSync(path, 'utf8'));

/** The rows in JSON lines. */
export const parseRows = <T = Sample>(text: string): T[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);

/** Rows as JSON lines. */
export const rowLines = (rows: readonly unknown[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join('');
