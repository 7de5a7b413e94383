import { isRecord } from '../../../base/json.ts';
import type { ImageRef } from '../../../rows/sample/sample.ts';
import { readOptions } from '../../../rows/read/inline-options.ts';
import { listedOptions, withoutMarks } from '../../../rows/sample/option-list.ts';

export type Row = Record<string, unknown>;

/**
 * How the rows of one published dataset become samples, to be read next to the documentation of the dataset. Datasets
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
   * as references. `id` is the file's name with the row number, for datasets without ids.
   * @throws DataError if the row cannot be read.
   */
  sample(row: Row, id: string): Row;
}

/** The columns that a mapping did not use, kept under `meta` by their own names. Nulls and images are left out. */
export function otherColumns(row: Row, used: readonly string[]): Row {
  const kept = Object.entries(row).filter(([key, v]) => v != null && !used.includes(key) && !holdsPicture(v));
  return Object.fromEntries(kept);
}

/** Whether a cell has an image itself, not only the name of a file. */
export const holdsPicture = (cell: unknown): boolean =>
  (isRecord(cell) || Array.isArray(cell) || (typeof cell === 'string' && cell.length >= MIN_ENCODED)) &&
  imageList(cell).some((image) =>
    typeof image === 'string' ? image.startsWith('data:image/') : image?.parquet !== undefined,
  );

/**
 * Image references from whatever a row contains: nothing, one, or a list of paths, `{path}` objects, parquet cells, or
 * images as base64 text, also under `bytes`, which become `data:` addresses.
 */
export function imageList(...values: unknown[]): ImageRef[] {
  return values.flat().flatMap((value) => {
    if (value == null || value === '') return [];
    if (typeof value === 'string') return picturesIn(value);
    const { bytes, ...named } = value as Row;
    return typeof bytes === 'string'
      ? picturesIn(bytes)
      : [(bytes === undefined ? value : named) as ImageRef];
  });
}

/** The beginning of an image's base64 text, by format, up to where no path goes on like it. */
const ENCODED: readonly [start: RegExp, type: string][] = [
  [/^\/9j\/[\w+/=-]{196}/, 'jpeg'],
  [/^iVBORw0KGgo[\w+/=-]{40}/, 'png'],
  [/^R0lGOD[lh][\w+/=-]{30}/, 'gif'],
  [/^UklGR[\w+/-]{6}XRUJQ/, 'webp'],
  [/^Qk[\w+/=-]{198}/, 'bmp'],
];
/** No image is shorter. */
const MIN_ENCODED = 40;

/** The image references in a text: a path, an image in base64, or a list of these as programs print one. */
function picturesIn(text: string): string[] {
  if (text.startsWith('data:')) return [text];
  if (/^\s*\[.*\]\s*$/s.test(text))
    return (listedOptions(text) ?? text.split(/[[\],\s'"]+/)).flatMap((part) =>
      part ? picturesIn(part) : [],
    );
  const type = ENCODED.find(([start]) => start.test(text))?.[1];
  return [!type ? text : `data:image/${type};base64,${text}`];
}

/** A reference as reasoning models write it, in tags: what stands in them; null for any other text. */
export function untagged(reference: unknown): { answer: string; reasoning?: string } | null {
  const tagged = typeof reference === 'string' ? TAGGED.exec(reference) : null;
  if (!tagged) return null;
  const [, reasoning, answer] = tagged;
  return { answer: answer!.trim(), ...(reasoning !== undefined && { reasoning: reasoning.trim() }) };
}

const TAGGED = /^\s*(?:<think>(.*?)<\/think>\s*)?<answer>(.*?)<\/answer>\s*$/s;

/** Our own rows (docs/reference.md). A parquet table keeps keys that the page does not name under `chirality`. */
export const native: Mapping = {
  name: 'qa',
  about: 'qa.jsonl, or a parquet table written by convert',
  columns: ['id', 'question', 'answer'],
  sample({ chirality, ...row }) {
    return { ...row, ...(chirality as Row | null | undefined) };
  },
};

/** A text before its options, and the options in the order of their letters, without them. */
interface OptionsInText {
  before: string;
  options: string[];
}

/** The options at the end of a text, with letters A, B, …, and the text before them. Null if there are none. */
export function optionsIn(text: string): OptionsInText | null {
  const read = readOptions(text);
  if (read?.kind !== 'letters') return null;
  return { before: text.slice(0, read.start).trim(), options: read.options.map((option) => option.text) };
}

/**
 * The options in a cell: a list, one as Python or JSON write it, or a text with letters. Letters before them are taken
 * off. Undefined if it has none.
 */
export function optionsOfCell(cell: unknown): string[] | undefined {
  const options = listedOptions(cell);
  if (options) return withoutMarks(options);
  return typeof cell === 'string' ? optionsIn(cell)?.options : undefined;
}
