import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isRecord } from '../../core/json.ts';
import type { Problem } from '../../core/problem.ts';
import { readRange, readText } from '../files/regular.ts';
import { cannotRead, DataError } from './data-error.ts';
import { parseJson } from './json.ts';
import { plainTable } from './mappings/columns.ts';
import { recognise } from './mappings/index.ts';
import type { RawRow } from './rows.ts';

/** Largest file that is looked at as one object, in bytes. */
const MAX_BYTES = 64 * 2 ** 20;

/**
 * The rows of a file that is one JSON object around a single list of objects, as programs write results beside their
 * mean, and the list's name; null for every other file, such as one that is a row itself. The first row says what is
 * left out.
 * @param known how a file begins of which it is known where its rows lie
 * @throws DataError if it has several such lists
 */
export async function innerList(
  path: string,
  known: RegExp,
): Promise<{ list: string; rows: RawRow[] } | null> {
  const head = await readRange(path, 0, 2000).catch(cannotRead(path));
  const start = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (!start.startsWith('{') || known.test(start) || (await stat(path)).size > MAX_BYTES) return null;
  const { value } = parseJson((await readText(path)).replace(/^\uFEFF/, ''));
  if (!isRecord(value)) return null;
  const names = Object.keys(value);
  if (recognise(names, resolve(path)) || plainTable(names, [])) return null;
  const lists = names.filter((name) => isTable(value[name]));
  const [first] = lists;
  if (first === undefined) return null;
  if (lists.length > 1)
    throw new DataError('format', `The file is one JSON object with several lists: ${lists.join(', ')}.`, {
      file: path,
      fix: 'Write the list that holds the rows into a file of its own.',
    });
  const others = names.filter((name) => name !== first);
  const problem: Problem = {
    severity: 'warning',
    code: 'inner-list',
    message: `The rows are those of the list "${first}" in one JSON object; left out: ${others.join(', ') || 'nothing'}.`,
  };
  const rows = value[first] as unknown[];
  return { list: first, rows: rows.map((row, i) => ({ row: i, value: row, ...(i === 0 && { problem }) })) };
}

const isTable = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(isRecord);
