import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { several } from '../../base/format.ts';
import { isRecord } from '../../base/json.ts';
import type { Problem } from '../../base/problem.ts';
import { readRange, readText } from '../files/regular.ts';
import { cannotRead, DataError } from './data-error.ts';
import { beginsOverLines, parseJson } from './parse-json.ts';
import { plainTable } from './mappings/column-mapping.ts';
import { psgRow } from './mappings/graphs.ts';
import { recognise } from './mappings/index.ts';
import type { RawRow } from './rows.ts';

/** Maximum size of a file that is parsed as one JSON object, in bytes. */
const MAX_BYTES = 64 * 2 ** 20;
/** Maximum depth of JSON objects in which the list is searched. */
const MAX_DEPTH = 4;
/** Maximum number of keys in an error message. */
const LISTED = 10;

/**
 * Finds the rows in a file that is one JSON object, and their location, such as `data.results`: the only list of
 * objects, several lists of one table, or objects by key. In several lists and keyed objects, rows get the list's name
 * or the object's key as `key`. The whole object can be one row over several lines. Returns null for a file that might
 * have one row per line. A warning on the first row describes the choice.
 * @param known beginnings of files with known locations of rows
 * @throws DataError if several lists have different columns, or if a file over several lines has no list or is invalid
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
  if (!start.startsWith('{') || (await stat(path)).size > MAX_BYTES) return null;
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
  if (isKnown && !(first && first.path.length > 1)) return null;
  if (first === undefined) {
    if (!isOverLines) return null;
    const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : '';
    throw new DataError(
      'format',
      `The file is one JSON object without a list of rows; its keys are ${names.slice(0, LISTED).join(', ')}${more}.`,
      { file: path, fix: 'Write the rows as a list, or one row per line.' },
    );
  }
  const told = lists.slice(0, LISTED).map(nameOf).join(', ') + (lists.length > LISTED ? ', …' : '');
  const isKeyed = lists.length > 1;
  if (isKeyed && !areAlike(lists))
    throw new DataError('format', `The file is one JSON object with several lists: ${told}.`, {
      file: path,
      fix: ['images', 'annotations'].every((name) => names.includes(name))
        ? 'If the file is in COCO format, add --from coco.'
        : 'Write the list of rows to a separate file.',
    });
  const isPsg = psgRow(first.rows[0]!, value) !== null;
  const others = names
    .filter((name) => name !== nameOf(first) && !(isPsg && name.endsWith('_classes')))
    .map((name) => (first.path[0] === name ? `the rest of ${name}` : name));
  const message = isKeyed
    ? `Read ${several(lists.length, 'part')} of one JSON object: ${told}. The column "key" contains the names of the parts.`
    : `Read the list "${nameOf(first)}" of one JSON object. Ignored: ${others.join(', ') || 'none'}.`;
  const left: Problem = { severity: 'warning', code: 'inner-list', message };
  /** Whether the keys at a depth differ between the lists. */
  const isOwn = first.path.map((step, i) => lists.some(({ path }) => path[i] !== step));
  const rows = lists.flatMap((list) => {
    const key = list.path.filter((_, i) => isOwn[i]).join('.');
    return list.rows.map((row) => (isKeyed ? { key, ...row } : (psgRow(row, value) ?? row)));
  });
  return {
    ...(!isKeyed && { list: nameOf(first) }),
    rows: rows.map((row, i) => ({ row: i, value: row, ...(i === 0 && { problem: left }) })),
  };
}

/** Rows in an object, and the keys that lead to the rows. */
interface List {
  path: string[];
  rows: Record<string, unknown>[];
}

const nameOf = ({ path }: List): string => path.join('.');

/** Returns the lists of objects at the lowest depth in an object. Without lists, returns its objects if alike. */
function tablesIn(value: Record<string, unknown>): List[] {
  let level = Object.entries(value).map(([key, inner]) => ({ path: [key], inner }));
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const lists = level.flatMap(listAt);
    if (lists.length > 0) return lists;
    const objects = level.flatMap(({ path, inner }): List[] =>
      isRecord(inner) ? [{ path, rows: [inner] }] : [],
    );
    const below = level.flatMap(({ path, inner: parent }) =>
      isRecord(parent) ? Object.entries(parent).map(([key, inner]) => ({ path: [...path, key], inner })) : [],
    );
    // Objects that contain only lists of one table are groups of rows, such as the questions of each clip.
    const groups = below.flatMap(listAt);
    const isGrouped = groups.length === below.length && areAlike(groups);
    if (objects.length > 1 && objects.length === level.length && areAlike(objects) && !isGrouped)
      return objects;
    level = below;
  }
  return [];
}

const listAt = ({ path, inner }: { path: string[]; inner: unknown }): List[] =>
  isTable(inner) ? [{ path, rows: inner }] : [];

/** Whether lists are parts of one table: the columns of one first row are all in the other, or the reverse. */
function areAlike(lists: readonly List[]): boolean {
  const [first, ...others] = lists.map(({ rows }) => rows[0]!);
  return others.every((row) => {
    const [fewer, more] = [row, first!].toSorted((a, b) => Object.keys(a).length - Object.keys(b).length);
    const names = Object.keys(fewer!);
    // A single common column counts only if it is the only column of both rows and contains no object.
    const isOne = Object.keys(more!).length === 1 && typeof Object.values(more!)[0] !== 'object';
    return names.every((name) => Object.hasOwn(more!, name)) && (names.length > 1 || isOne);
  });
}

const isTable = (value: unknown): value is Record<string, unknown>[] =>
  Array.isArray(value) && value.length > 0 && value.every(isRecord);
