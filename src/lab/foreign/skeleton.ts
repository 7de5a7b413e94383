import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { isRecord } from '../../base/json.ts';
import { groupBy } from '../../core/evaluation/scored-row.ts';
import { openParquet } from '../datasets/parquet/file.ts';
import { noEntries } from '../files/disk-error.ts';
import { byNumber } from '../files/folders.ts';
import { lines } from '../files/lines.ts';
import { readText, streamFile } from '../files/regular.ts';
import { parsePythonJson } from './containers/python-json.ts';

/** Files whose paths are equal except for numbers. */
export interface FileKind {
  /** Path relative to the folder, with `#` in place of numbers. */
  path: string;
  files: number;
  /** Total size of these files, in bytes. */
  bytes: number;
  /** Keys and types of the first file. Null for a file that is not JSON or parquet. */
  form: string | null;
}

/** Maximum depth of folders, number of files, number of lines per file, and size of a JSON file. */
const MAX_DEPTH = 8;
const MAX_FILES = 20_000;
const LINES = 20;
const MAX_JSON = 16 * 2 ** 20;
/** Maximum number of keys of an object. More keys, or unusual characters in keys, indicate user data. */
const MAX_KEYS = 60;
const NAME = /^[A-Za-z_][\w/.@-]{0,79}$/;

/**
 * Describes a folder without contents: file names, sizes, keys and types. Numbers in names become `#`. Links are not
 * followed.
 */
export async function skeletonOf(folder: string): Promise<FileKind[]> {
  const kinds = new Map<string, FileKind & { first: string }>();
  let count = 0;
  const walk = async (below: string, depth: number): Promise<void> => {
    const entries = await readdir(join(folder, below), { withFileTypes: true }).catch(noEntries);
    for (const entry of entries.toSorted((a, b) => byNumber(a.name, b.name))) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory() && depth < MAX_DEPTH) await walk(path, depth + 1);
      if (!entry.isFile() || ++count > MAX_FILES) continue;
      const { size } = await stat(join(folder, path));
      const name = path.replace(/\d+/g, '#');
      const kind = kinds.get(name) ?? { path: name, files: 0, bytes: 0, form: null, first: path };
      kinds.set(name, { ...kind, files: kind.files + 1, bytes: kind.bytes + size });
    }
  };
  await walk('', 0);
  // Reads one file at a time, because the number of open files is limited and each file can be large.
  const forms: FileKind[] = [];
  for (const { first, ...kind } of kinds.values())
    forms.push({ ...kind, form: await formOf(join(folder, first)).catch(() => null) });
  return forms;
}

/** Returns keys and types of a file's values. @throws if the contents do not match the extension */
async function formOf(file: string): Promise<string | null> {
  const ending = extname(file).toLowerCase();
  if (ending === '.parquet') return parquetForm(file);
  if (ending === '.jsonl') return typeOf(await firstLines(file));
  if (ending !== '.json' || (await stat(file)).size > MAX_JSON) return null;
  return typeOf([parsePythonJson(await readText(file))]);
}

async function parquetForm(file: string): Promise<string> {
  const table = await openParquet(file);
  try {
    return `{${table.schema.children.map(({ element: { name } }) => keyOf(name)).join(', ')}}`;
  } finally {
    await table.close();
  }
}

async function firstLines(file: string): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const { text } of lines(await streamFile(file))) {
    if (text !== null && text.trim() !== '') values.push(parsePythonJson(text));
    if (values.length === LINES) break;
  }
  return values;
}

const keyOf = (key: string): string => (NAME.test(key) ? key.replace(/\d+/g, '#') : '…');

/** Returns the common type of values, such as `text` or `{step: number, tags: [text]}`. */
export function typeOf(values: readonly unknown[], depth = 0): string {
  const records = values.filter(isRecord);
  const lists = values.filter((value): value is unknown[] => Array.isArray(value));
  const plain = values
    .filter((value) => !isRecord(value) && !Array.isArray(value))
    .map((value) => (value === null ? 'null' : typeof value === 'string' ? 'text' : typeof value));
  const inside = lists.flat().slice(0, 100);
  const parts = [
    ...new Set(plain),
    ...(lists.length > 0 ? [`[${depth < MAX_DEPTH ? typeOf(inside, depth + 1) : '…'}]`] : []),
    ...(records.length > 0 ? [recordType(records, depth)] : []),
  ];
  return parts.sort().join(' or ');
}

function recordType(records: readonly Record<string, unknown>[], depth: number): string {
  const keys = [...new Set(records.flatMap((record) => Object.keys(record)))];
  if (depth >= MAX_DEPTH) return '{…}';
  const valuesOf = (names: readonly string[]) =>
    records.flatMap((record) =>
      names.filter((name) => Object.hasOwn(record, name)).map((name) => record[name]),
    );
  const named = groupBy(keys, keyOf);
  if (named.size > MAX_KEYS) return `{${keys.length} keys: ${typeOf(valuesOf(keys), depth + 1)}}`;
  return `{${[...named].map(([name, field]) => `${name}: ${typeOf(valuesOf(field), depth + 1)}`).join(', ')}}`;
}
