import type { ImageRef } from '../../../core/sample/sample.ts';
import { letterOf } from '../../../core/sample/choices.ts';

export type Row = Record<string, unknown>;

/**
 * How the rows of one published data set become samples, to be read beside the documentation of the data set. Data sets
 * of one kind share a file; index.ts lists all.
 */
export interface Mapping {
  /** The value of `--from`. */
  name: string;
  /** One line for help texts. */
  about: string;
  /** Columns that every row must have. A file that has them all, and whose path matches `hint`, is recognised. */
  columns: readonly string[];
  hint?: RegExp;
  /**
   * Turns a row into an object with the fields of a sample; `parseSample` checks it afterwards. Parquet images arrive
   * as references. `id` is the file's name with the row number, for data sets without ids.
   * @throws DataError if the row cannot be read.
   */
  sample(row: Row, id: string): Row;
}

/** The columns that a mapping did not use, kept under `meta` by their own names. Nulls and pictures are left out. */
export function otherColumns(row: Row, used: readonly string[]): Row {
  const kept = Object.entries(row).filter(([key, v]) => v != null && !used.includes(key) && !isPicture(v));
  return Object.fromEntries(kept);
}

const isPicture = (value: unknown): boolean =>
  Array.isArray(value)
    ? (value[0] as Row | null | undefined)?.parquet !== undefined
    : typeof value === 'string' && picturesIn(value)[0] !== value;

/**
 * Image references from whatever a row contains: nothing, one, or a list of paths, `{path}` objects, parquet cells, or
 * pictures as base64 text, which become `data:` addresses.
 */
export function imageList(...values: unknown[]): ImageRef[] {
  return values.flat().flatMap((value) => {
    if (value == null || value === '') return [];
    return typeof value === 'string' ? picturesIn(value) : [value as ImageRef];
  });
}

/** The beginning of a picture's base64 text, by format. */
const ENCODED: readonly [start: string, type: string][] = [
  ['/9j/', 'jpeg'],
  ['iVBORw0KGgo', 'png'],
  ['R0lGOD', 'gif'],
  ['UklGR', 'webp'],
  ['Qk', 'bmp'],
];
/** Longer than any path, and shorter than any picture. */
const MIN_ENCODED = 200;

/** The image references in a text: a path, or one or several pictures in base64, as a list printed by Python. */
function picturesIn(text: string): string[] {
  if (text.length < MIN_ENCODED || text.startsWith('data:')) return [text];
  if (text.startsWith('['))
    return text.split(/[[\],\s'"]+/).flatMap((part) => (part ? picturesIn(part) : []));
  const isBase64 = /^[\w+/=-]+$/.test(text.slice(0, MIN_ENCODED));
  const type = isBase64 && ENCODED.find(([start]) => text.startsWith(start))?.[1];
  return [!type ? text : `data:image/${type};base64,${text}`];
}

/** Our own rows (docs/records.md). A parquet table keeps keys that records.md does not name under `chirality`. */
export const native: Mapping = {
  name: 'qa',
  about: 'qa.jsonl, or a parquet table written by convert',
  columns: ['id', 'question', 'answer'],
  sample({ chirality, ...row }) {
    return { ...row, ...(chirality as Row | null | undefined) };
  },
};

/** Options with letters in one text: `(A) left`, `A. left`, `A: left` or `A) left`, on one line or on several. */
const MARK = /(?<![\w'’])\(?([A-Z])[.):](?=\s|$)/g;

/** A text before its options, and the options in the order of their letters, without them. */
interface OptionsInText {
  before: string;
  options: string[];
}

/**
 * Finds the options at the end of a text: marks with the letters A, B, … in this order, at least two of them. An option
 * may contain commas, stops and brackets. Null if there are none.
 */
export function optionsIn(text: string): OptionsInText | null {
  const marks = [...text.matchAll(MARK)];
  // The last A starts the list of options; an earlier one may be part of a word ("Vitamin A.").
  for (let first = marks.length - 1; first >= 0; first--) {
    if (marks[first]![1] !== 'A') continue;
    const menu = [marks[first]!];
    for (const mark of marks.slice(first + 1)) if (mark[1] === letterOf(menu.length)) menu.push(mark);
    if (menu.length < 2) continue;
    const options = menu.map((mark, i) =>
      text
        .slice(mark.index + mark[0].length, menu[i + 1]?.index)
        .trim()
        .replace(/[,;]$/, ''),
    );
    return options.every(Boolean) ? { before: before(text.slice(0, menu[0]!.index)), options } : null;
  }
  return null;
}

/** The question without the words that announce its options. */
const before = (text: string): string =>
  text.trim().replace(/\s*\b(?:options|choices|select from the following(?: choices)?)\s*:?\s*$/i, '');

/** The cells of columns named A, B, … as a list. Pandas writes `nan` into empty ones. */
export function optionColumns(row: Record<string, unknown>): string[] {
  const options: string[] = [];
  for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') {
    const cell = row[letter];
    if (cell == null || cell === '' || cell === 'nan' || Number.isNaN(cell)) break;
    options.push(String(cell));
  }
  return options;
}
