import { basename } from 'node:path';
import type { Problem } from '../../base/problem.ts';
import { isRecord } from '../../base/json.ts';
import type { Table } from './choose-mapping.ts';
import { DataError } from './data-error.ts';
import type { Row } from './mappings/mapping.ts';
import { isEmpty } from './mappings/named-columns.ts';
import type { RawRow } from './rows.ts';

interface Tabled extends Table {
  rows: AsyncIterable<RawRow>;
}

/**
 * Adds to each row of a table the columns of the row with the same key in another table. Existing columns stay. The key
 * is the first shared column whose values all differ in the other table, which is held in memory.
 * @returns the joined table. Rows without a match stay unchanged and get a warning
 * @throws DataError if no shared column identifies the other table's rows, or if no row matches
 */
export async function joinTables<T extends Tabled>(table: T, other: Tabled, file: string): Promise<T> {
  const theirs: Row[] = [];
  for await (const { value } of other.rows) if (isRecord(value)) theirs.push(value);
  const shared = table.columns.filter((column) => other.columns.includes(column));
  const keysOf = (column: string) => theirs.map((row) => textOf(row[column]));
  const unique = shared.find((column) => {
    const keys = keysOf(column);
    return !keys.includes(null) && new Set(keys).size === keys.length;
  });
  const name = basename(file);
  if (unique === undefined)
    throw new DataError(
      'join',
      shared.length === 0
        ? `The tables share no column. The columns of ${name} are ${other.columns.join(', ')}.`
        : `No shared column identifies the rows of ${name}, because values are missing or repeat in ${shared.join(', ')}.`,
      {
        file,
        fix: 'Use the same name for the key column in both files, and join the file with one row per key.',
      },
    );
  const key = unique;
  const byKey = new Map(theirs.map((row) => [textOf(row[key]), row]));
  const added = other.columns.filter((column) => column !== key);
  const withTheirs = (row: Row): Row => {
    const partner = byKey.get(textOf(row[key])) ?? {};
    const missing = added.filter((column) => isEmpty(row[column]) && !isEmpty(partner[column]));
    return { ...row, ...Object.fromEntries(missing.map((column) => [column, partner[column]])) };
  };
  const head = await table.first();
  if (!head.some((row) => byKey.has(textOf(row[key]))))
    throw new DataError('join', `The first rows have no partner in ${name} with the same ${key}.`, {
      file,
      fix: 'Use the same spelling of values in both files.',
    });
  async function* rows(): AsyncGenerator<RawRow> {
    for await (const raw of table.rows) {
      if (!isRecord(raw.value)) yield raw;
      else if (byKey.has(textOf(raw.value[key]))) yield { ...raw, value: withTheirs(raw.value) };
      else {
        const message = `No row of ${name} has ${key} ${JSON.stringify(raw.value[key] ?? null)}.`;
        const problem: Problem = { severity: 'warning', code: 'join', message };
        yield { problem, ...raw };
      }
    }
  }
  const columns = [...new Set([...table.columns, ...other.columns])];
  const first = () => Promise.resolve(head.map(withTheirs));
  return { ...table, columns, first, rows: rows(), readChunk: undefined };
}

/** Returns a key as text, so that the number 7 equals the text "7". */
const textOf = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? String(value) : null;
