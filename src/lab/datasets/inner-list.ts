import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isRecord } from '../../base/json.ts';
import { passNumbers } from './exact-numbers.ts';
import type { Problem } from '../../base/problem.ts';
import { readRange, readText } from '../files/regular.ts';
import { cannotRead, DataError } from './data-error.ts';
import { beginsOverLines, parseJson } from './parse-json.ts';
import { plainTable } from './mappings/column-mapping.ts';
import { recognise } from './mappings/index.ts';
import type { RawRow } from './rows.ts';

/** Largest file that is looked at as one object, in bytes. */
const MAX_BYTES = 64 * 2 ** 20;
/** How deep in the object to look for the list, in objects around it. */
const MAX_DEPTH = 4;
/** How many keys a message lists. */
const LISTED = 10;

/**
 * The rows of a file that is one JSON object: those of the single list of objects in it, as programs write results next to
 * their mean, and the list's place, such as `data.results`; or the object itself, if it is a row over several lines. Null
 * for a file that may have its rows on lines. The first row says what is left out.
 * @param known how files begin of which it is known where their rows lie
 * @throws DataError if it has several such lists; or if it stands on several lines, and has none or is not valid
 */
export async function innerList(
  path: string,
  known: readonly RegExp[],
): Promise<{ list?: string; rows: RawRow[] } | null> {
  const head = await readRange(path, 0, 2000).catch(cannotRead(path));
  const start = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  const isKnown = known.some((beginning) => beginning.test(start));
  if (!start.startsWith('{') || isKnown || (await stat(path)).size > MAX_BYTES) return null;
  const text = (await readText(path)).replace(/^\uFEFF/, '').trim();
  const { value, problem } = parseJson(text);
  const isOverLines = beginsOverLines(text.slice(0, text.indexOf('\n') + 1));
  if (!isRecord(value)) {
    if (isOverLines && problem)
      throw new DataError(problem.code, problem.message, { ...problem, file: path });
    return null;
  }
  const names = Object.keys(value);
  if (recognise(names, resolve(path)) || plainTable(names, []))
    return isOverLines ? { rows: [{ row: 0, value }] } : null;
  const lists = tablesIn(value);
  const [first] = lists;
  if (first === undefined) {
    if (!isOverLines) return null;
    const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : '';
    throw new DataError(
      'format',
      `The file is one JSON object without a list of rows; its keys are ${names.slice(0, LISTED).join(', ')}${more}.`,
      { file: path, fix: 'Write the rows as a list, or one row per line.' },
    );
  }
  if (lists.length > 1)
    throw new DataError(
      'format',
      `The file is one JSON object with several lists: ${lists.map(({ name }) => name).join(', ')}.`,
      { file: path, fix: 'Write the list of rows to a separate file.' },
    );
  const others = names
    .filter((name) => name !== first.name)
    .map((name) => (first.name.startsWith(`${name}.`) ? `the rest of ${name}` : name));
  const message = `Read the list "${first.name}" of one JSON object. Ignored: ${others.join(', ') || 'none'}.`;
  const left: Problem = { severity: 'warning', code: 'inner-list', message };
  first.rows.forEach((row, i) => passNumbers(value, row, [...first.name.split('.'), i]));
  const rows = first.rows.map((row, i) => ({ row: i, value: row, ...(i === 0 && { problem: left }) }));
  return { list: first.name, rows };
}

interface List {
  /** The keys on the way to it, joined by dots. */
  name: string;
  rows: Record<string, unknown>[];
}

/** The lists of objects in an object, those that are nearest to it. */
function tablesIn(value: Record<string, unknown>): List[] {
  let level = Object.entries(value);
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const lists = level.flatMap(([name, inner]) => (isTable(inner) ? [{ name, rows: inner }] : []));
    if (lists.length > 0) return lists;
    level = level.flatMap(([name, parent]) =>
      isRecord(parent)
        ? Object.entries(parent).map(([key, inner]): [string, unknown] => [`${name}.${key}`, inner])
        : [],
    );
  }
  return [];
}

const isTable = (value: unknown): value is Record<string, unknown>[] =>
  Array.isArray(value) && value.length > 0 && value.every(isRecord);
