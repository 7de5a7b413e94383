import { parquetScan, type DecodedArray, type SchemaTree } from 'hyparquet';
import { DataError } from '../data-error.ts';
import type { RawRow } from '../rows.ts';
import { leaves, type ParquetFile } from './file.ts';
import { imageColumns, readEntries, type Entries } from './image-columns.ts';
import { pagesOf } from './column-pages.ts';

/** Reference to a cell of an image column, before mapping. */
export interface CellReference {
  parquet: string;
  column: string;
  row: number;
  index: number;
}

/**
 * Yields the rows of a parquet file, one row group after the other. Images are not loaded: rows contain references,
 * with `name` as the file. Integers beyond 2⁵³ and dates become strings, as in JSON. An undecodable row group is one
 * row with an error.
 */
export async function* parquetRows(
  file: ParquetFile,
  name: string,
): AsyncGenerator<RawRow & { row: number }> {
  const images = await imageColumns(file).catch((error: unknown) => {
    throw new DataError('parquet', `Cannot read the images: ${(error as Error).message}`, {
      file: file.path,
    });
  });
  const columns = file.schema.children
    .map((column) => ({
      name: column.element.name,
      single: isSinglePrecision(column),
      keys: images.find(({ name }) => name === column.element.name)?.keys,
      leaves: leaves(column, [file.schema]),
    }))
    .filter(({ name, keys }) => keys || !images.some((image) => image.name === name));
  const { metadata, compressors } = file;
  const scan = await parquetScan({ file, metadata, compressors, parsers: { jsonFromBytes } });
  let start = 0;
  for (let group = 0; group < file.metadata.row_groups.length; group++) {
    const rowEnd = start + Number(file.metadata.row_groups[group]!.num_rows);
    const values: DecodedArray[] = [];
    const entries: Entries[] = [];
    try {
      for (const column of columns) {
        // Checks the sizes in page headers first, because hyparquet trusts these sizes.
        for (const leaf of column.leaves) await pagesOf(file, group, leaf);
        values.push(await scan.readColumn({ column: column.name, rowStart: start, rowEnd }));
      }
      if (values.some(({ length }) => length !== rowEnd - start)) throw new Error('values are missing');
      for (const column of images) entries.push(await readEntries(file, group, column));
    } catch (error) {
      const message = `Cannot read rows ${start} to ${rowEnd - 1}: ${(error as Error).message}`;
      yield { row: start, problem: { severity: 'error', code: 'parquet', message } };
      start = rowEnd;
      continue;
    }
    for (let i = 0; i < rowEnd - start; i++) {
      const row = start + i;
      const value: Record<string, unknown> = {};
      const cells = new Map(
        images.map(({ name: column }, c) => [
          column,
          imageIndexes(entries[c]!, i).map((index): CellReference => ({ parquet: name, column, row, index })),
        ]),
      );
      columns.forEach(({ name: column, single, keys }, c) => {
        const held = keys && { keys, cells: cells.get(column)!.values() };
        value[column] = plain(values[c]![i], single, held);
        cells.delete(column);
      });
      for (const [column, whole] of cells) value[column] = whole;
      yield { row, value };
    }
    start = rowEnd;
  }
}

function imageIndexes({ first, present }: Entries, row: number): number[] {
  const [from, to] = [first[row]!, first[row + 1]!];
  return Array.from({ length: to - from }, (_, index) => index).filter((index) => present[from + index]);
}

/** Decodes JSON. Text that is not valid JSON stays text. */
function jsonFromBytes(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const isSinglePrecision = (column: SchemaTree): boolean =>
  leaves(column).every(({ nodes }) => nodes.at(-1)!.element.type === 'FLOAT');

/** References to the images in a row's cell, and the keys that lead to each. */
interface Held {
  keys: readonly string[];
  cells: Iterator<CellReference>;
}

/** Converts a decoded value to a JSON value, with references to its images. Other bytes are left out. */
function plain(value: unknown, single: boolean, held?: Held): unknown {
  if (held?.keys.length === 0 && value != null && !Array.isArray(value)) return held.cells.next().value;
  if (typeof value === 'number') return single ? shortest(value) : value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return undefined;
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, (v) => plain(v, single));
  if (Array.isArray(value)) return value.map((v) => plain(v, single, held));
  if (typeof value !== 'object' || value === null) return value;
  const [next, ...keys] = held?.keys ?? [];
  if (next === 'bytes' && (value as { bytes?: unknown }).bytes != null) return held!.cells.next().value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      plain(inner, single, key === next ? { ...held!, keys } : undefined),
    ]),
  );
}

/** Returns the shortest decimal that rounds to the same single-precision number: 0.1, not 0.10000000149011612. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return value;
}
