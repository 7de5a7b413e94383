import { isRecord } from '../../../base/json.ts';
import type { ImageRef } from '../../../rows/sample/sample.ts';
import { readOptions } from '../../../rows/read/inline-options.ts';
import { listedOptions } from '../../../rows/sample/option-list.ts';

export type Row = Record<string, unknown>;

/**
 * Conversion from rows of one published dataset to Chirality's rows. Datasets of one kind share a file. index.ts lists
 * them.
 */
export interface Mapping {
  /** Name of the format, as the value of `--from`. */
  name: string;
  /** Description of the format, as one line for help texts. */
  about: string;
  /** Columns that every row must contain. A file with these columns, and a path that matches `hint`, is recognised. */
  columns: readonly string[];
  hint?: RegExp;
  /**
   * Converts a row to an object with the fields of Chirality's rows, for `parseSample` to check. Parquet images are
   * references. `id` is the file's name with the row number, for datasets without ids.
   * @throws DataError if the row cannot be read
   */
  sample(row: Row, id: string): Row;
}

/** Returns the columns that a mapping did not use, for `meta`, without nulls and images. */
export function otherColumns(row: Row, used: readonly string[]): Row {
  const kept = Object.entries(row).filter(([key, v]) => v != null && !used.includes(key) && !holdsPicture(v));
  return Object.fromEntries(kept);
}

/** Mapping of a benchmark: question and answer are columns of their names, unless `sample` returns others. */
interface Benchmark extends Mapping {
  source: string;
  /** Columns that are not stored under `meta`, in addition to question and answer. */
  used: readonly string[];
}

export const benchmarks = (list: readonly Benchmark[]): readonly Mapping[] =>
  list.map(({ source, used, ...mapping }) => ({
    ...mapping,
    sample(row, id) {
      const { question, answer } = row;
      const { meta, ...fields } = mapping.sample(row, id);
      const others = otherColumns(row, ['question', 'answer', ...used]);
      return { id, question, answer, ...fields, source, meta: { ...others, ...(meta as Row | undefined) } };
    },
  }));

/** Whether a cell is an image or a list of images, not only the name of a file. */
export const holdsPicture = (cell: unknown): boolean =>
  (isRecord(cell) || Array.isArray(cell) || (typeof cell === 'string' && cell.length >= MIN_ENCODED)) &&
  imageList(cell).some((image) =>
    typeof image === 'string' ? image.startsWith('data:image/') : image?.parquet !== undefined,
  );

/** Maximum depth of images in a cell: messages, their content, a part, its image. */
const DEEPEST = 8;

/** Returns the images in a cell, also in its lists and objects, but no names of files. */
export function heldPictures(cell: unknown, depth = DEEPEST): ImageRef[] {
  if (typeof cell === 'string')
    return cell.length < MIN_ENCODED
      ? []
      : picturesIn(cell).filter((image) => image.startsWith('data:image/'));
  if (typeof cell !== 'object' || cell === null || depth === 0) return [];
  if ('parquet' in cell) return [cell as ImageRef];
  return Object.values(cell).flatMap((inner) => heldPictures(inner, depth - 1));
}

/**
 * Returns the image references in cells: paths, `{path}` objects, parquet cells, or base64 images (also under `bytes`),
 * which become `data:` URLs. A cell can contain any number of references.
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

/** Beginnings of base64 images, by image format, long enough to exclude paths. */
const ENCODED: readonly [start: RegExp, type: string][] = [
  [/^\/9j\/[\w+/=-]{196}/, 'jpeg'],
  [/^iVBORw0KGgo[\w+/=-]{40}/, 'png'],
  [/^R0lGOD[lh][\w+/=-]{30}/, 'gif'],
  [/^UklGR[\w+/-]{6}XRUJQ/, 'webp'],
  [/^Qk[\w+/=-]{198}/, 'bmp'],
];
/** Minimum length of a base64 image, in characters. */
const MIN_ENCODED = 40;

/** Returns the image references in a text: a path, a base64 image, or a printed list of paths or images. */
function picturesIn(text: string): string[] {
  if (text.startsWith('data:')) return [text];
  if (/^\s*\[.*\]\s*$/s.test(text))
    return (listedOptions(text) ?? text.split(/[[\],\s'"]+/)).flatMap((part) =>
      part ? picturesIn(part) : [],
    );
  const type = ENCODED.find(([start]) => start.test(text))?.[1];
  return [!type ? text : `data:image/${type};base64,${text}`];
}

/** Extracts answer and reasoning from a reference answer in the tags of reasoning models. Null for any other text. */
export function untagged(reference: unknown): { answer: string; reasoning?: string } | null {
  const tagged = typeof reference === 'string' ? TAGGED.exec(reference) : null;
  if (!tagged) return null;
  const [, reasoning, answer] = tagged;
  return { answer: answer!.trim(), ...(reasoning !== undefined && { reasoning: reasoning.trim() }) };
}

const TAGGED = /^\s*(?:<think>(.*?)<\/think>\s*)?<answer>(.*?)<\/answer>\s*$/s;

/** Rows in Chirality's format (docs/reference.md). Parquet tables have keys without a column under `chirality`. */
export const native: Mapping = {
  name: 'qa',
  about: 'qa.jsonl, or a parquet table written by convert',
  columns: ['id', 'question', 'answer'],
  sample({ chirality, ...row }) {
    return { ...row, ...(chirality as Row | null | undefined) };
  },
};

/** Splits off the options with letters A, B, … at the end of a text. Returns null for a text without options. */
export function optionsIn(text: string): { before: string; options: string[] } | null {
  const read = readOptions(text);
  if (read?.kind !== 'letters') return null;
  return { before: text.slice(0, read.start).trim(), options: read.options.map((option) => option.text) };
}

/**
 * Returns the options in a cell, without letters: a list, a list in the notation of Python or JSON, a text with
 * letters, or a text with separators (line breaks, |, ; or, if the answer is one of the parts, commas). Returns
 * undefined for other cells.
 */
export function optionsOfCell(cell: unknown, answer?: unknown): string[] | undefined {
  const options = listedOptions(cell, { marks: false });
  if (options) return options;
  if (typeof cell !== 'string') return undefined;
  const parts = (separator: string) =>
    cell
      .split(separator)
      .map((part) => part.trim())
      .filter(Boolean);
  const isList = (list: string[]) => list.length > 1;
  return (
    optionsIn(cell)?.options ??
    ['\n', '|', ';'].map(parts).find(isList) ??
    [parts(',')].find((list) => isList(list) && list.includes(String(answer)))
  );
}
