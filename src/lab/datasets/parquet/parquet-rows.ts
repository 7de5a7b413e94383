import { parquetScan, type DecodedArray, type SchemaTree } from 'hyparquet';
import { DataError } from '../data-error.ts';
import { parseJson } from '../parse-json.ts';
import type { RawRow } from '../rows.ts';
import { leaves, type ParquetFile } from './file.ts';
import { imageColumns, readEntries, type Entries } from './image-columns.ts';
import { pagesOf } from './column-pages.ts';

export interface CellReference {
  parquet: string;
  column: string;
  row: number;
  index: number;
}

/**
 * Yields the rows of a parquet file, one row group after the other. Images are not loaded: rows contain references in
 * which the file is called `name`. Dates become strings, as in JSON, and so do integers and decimals with more digits
 * than a number has. An undecodable row group is one row with an error.
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
      node: column,
      keys: images.find(({ name }) => name === column.element.name)?.keys,
      leaves: leaves(column, [file.schema]),
    }))
    .filter(({ name, keys }) => keys || !images.some((image) => image.name === name));
  const { compressors } = file;
  // hyparquet rounds decimals, so it returns their whole numbers instead.
  const schema = file.metadata.schema.map((element) => (isDecimal(element) ? withoutKind(element) : element));
  const metadata = { ...file.metadata, schema };
  const scan = await parquetScan({ file, metadata, compressors, parsers });
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
      columns.forEach(({ name: column, node, keys }, c) => {
        const held = keys && { keys, cells: cells.get(column)!.values() };
        value[column] = plain(values[c]![i], node, held);
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

/** Returns a time as in JSON, with digits below a millisecond. @param perMs units per millisecond */
function timeText(units: bigint, perMs: bigint): string {
  const below = ((units % perMs) + perMs) % perMs;
  const text = new Date(Number((units - below) / perMs)).toISOString();
  const digits = String(below + perMs).slice(1);
  return below === 0n ? text : text.replace('Z', `${digits}Z`);
}

const parsers = {
  /** Decodes JSON. Text that is not valid JSON stays text. */
  jsonFromBytes(bytes: Uint8Array): unknown {
    const text = new TextDecoder().decode(bytes);
    return parseJson(text).value ?? (text.trim() === 'null' ? null : text);
  },
  timestampFromMicroseconds: (units: bigint) => timeText(units, 1000n),
  timestampFromNanoseconds: (units: bigint) => timeText(units, 1_000_000n),
};

type Kind = SchemaTree['element'];

const isDecimal = ({ converted_type: kind, type }: Kind): boolean =>
  kind === 'DECIMAL' && type !== 'BYTE_ARRAY';

function withoutKind({ ...element }: Kind): Kind {
  delete element.converted_type;
  delete element.logical_type;
  return element;
}

/** Returns the whole number that a decimal is stored as, in two's complement. */
const unscaled = (value: unknown): bigint =>
  value instanceof Uint8Array
    ? BigInt.asIntN(value.length * 8, BigInt(`0x${Buffer.from(value).toString('hex')}`))
    : BigInt(value as bigint);

/** Number of decimal digits that every number in JavaScript represents exactly. */
const EXACT_DIGITS = 15;

/** Returns a decimal as a number, or as a string if the decimal has more digits than a number. */
function decimal(whole: bigint, scale: number): number | string {
  const digits = String(whole < 0n ? -whole : whole).padStart(scale + 1, '0');
  const text = `${whole < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}${scale > 0 ? '.' : ''}${digits.slice(digits.length - scale)}`;
  return digits.length > EXACT_DIGITS ? text : Number(text);
}

/** Returns the schema of a value inside another: an element of a list, a value of a map, or a field. */
function inside({ element, children }: SchemaTree, key?: string): SchemaTree | undefined {
  const [only] = children;
  // In files of old writers, the repeated field is the element itself.
  const isElement = only?.children.length !== 1 || /^array$|_tuple$/.test(only.element.name);
  if (element.converted_type === 'LIST') return isElement ? only : only.children[0];
  if (element.converted_type?.startsWith('MAP')) return only?.children[1];
  return children.find((child) => child.element.name === key);
}

/** References to the images in a row's cell, and the keys that lead to each. */
interface Held {
  keys: readonly string[];
  cells: Iterator<CellReference>;
}

/** Converts a decoded value to a JSON value, with references to its images. Other bytes are left out. */
function plain(value: unknown, node?: SchemaTree, held?: Held): unknown {
  if (held?.keys.length === 0 && value != null && !Array.isArray(value)) return held.cells.next().value;
  const isOne = value instanceof Uint8Array || (typeof value !== 'object' && value !== undefined);
  if (isOne && node && isDecimal(node.element)) return decimal(unscaled(value), node.element.scale ?? 0);
  if (value === Infinity || value === -Infinity) return String(value);
  if (typeof value === 'number') return node?.element.type === 'FLOAT' ? shortest(value) : value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return undefined;
  if (ArrayBuffer.isView(value) || Array.isArray(value)) {
    const items = node?.element.converted_type === 'LIST' ? inside(node) : node;
    return Array.from(value as unknown[], (item) => plain(item, items, held));
  }
  if (typeof value !== 'object' || value === null) return value;
  const [next, ...keys] = held?.keys ?? [];
  if (next === 'bytes' && (value as { bytes?: unknown }).bytes != null) return held!.cells.next().value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      plain(inner, node && inside(node, key), key === next ? { ...held!, keys } : undefined),
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
