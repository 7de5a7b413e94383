import type { ImageRef } from '../../../core/spatial/sample.ts';

export type Row = Record<string, unknown>;

/**
 * How the rows of one published data set become samples. Each has a file of its own, to be read beside the
 * documentation of the data set.
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

/** The columns that a mapping did not use, kept under `meta` by their own names. Nulls and images are left out. */
export function otherColumns(row: Row, used: readonly string[]): Row {
  const kept = Object.entries(row).filter(([key, v]) => v != null && !used.includes(key) && !isImageCells(v));
  return Object.fromEntries(kept);
}

const isImageCells = (value: unknown): boolean =>
  Array.isArray(value) && (value[0] as Row | null | undefined)?.parquet !== undefined;

/**
 * Image references from whatever a row contains: nothing, one, or a list of paths, `{path}` objects or parquet cells.
 */
export function imageList(...values: unknown[]): ImageRef[] {
  return values.flat().filter((value) => value != null && value !== '') as ImageRef[];
}
