/**
 * Pages of one column. Published image tables store whole training sets in one row group (SAT: 5 GB) without a page
 * index, so an image column must be read page by page, with some megabytes each.
 *
 * Only this file uses internals of hyparquet, because hyparquet's public `parquetScan` reads a column of a row group as
 * a whole. This file becomes unnecessary once hyparquet yields the levels and values of single pages.
 */
import type { ColumnMetaData, DecodedArray, PageHeader } from 'hyparquet';
import { parquetHeader, readPage } from 'hyparquet/src/column.js';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { decompressPage, readDataPage, readDataPageV2 } from 'hyparquet/src/datapage.js';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { leaves, type Leaf, type ParquetFile } from './file.ts';

export interface Page {
  header: PageHeader;
  /** Offset of the page's data in the file, after the header. */
  at: number;
  /** Number of the page's first entry in the row group. An entry is a value or a null. */
  firstEntry: number;
  entries: number;
}

/** A column chunk, which is a column's part of a row group, and the offsets of its pages. */
export interface PagedColumn {
  file: ParquetFile;
  leaf: Leaf;
  chunk: ColumnMetaData;
  pages: Page[];
  dictionary: Page | null;
  /** Values of the column's dictionary, read when a page first requires them. */
  words?: Promise<DecodedArray>;
}

interface Levels {
  /** Definition level of each entry; empty if every entry is a value. */
  definition: ArrayLike<number>;
  /** Repetition level of each entry, 0 where a new row begins; empty if every entry is a row. */
  repetition: ArrayLike<number>;
}

export interface DecodedPage extends Levels {
  /** Values of the page's entries without nulls, in order. */
  values: DecodedArray;
}

export function chunkOf(file: ParquetFile, group: number, leaf: Leaf): ColumnMetaData {
  const name = leaf.path.join('.');
  const chunk = file.metadata.row_groups[group]!.columns.find(
    (c) => c.meta_data?.path_in_schema.join('.') === name,
  );
  if (!chunk?.meta_data) throw new Error(`Column ${name} is missing in row group ${group}.`);
  return chunk.meta_data;
}

/** Maximum number of values and of bytes in a page. Writers usually put a million values and a few MB in a page. */
const MOST_VALUES = 2 ** 24;
const MOST_BYTES = 2 ** 30;
/** Maximum compression ratio of a page above one megabyte. High, because pages of equal values compress well. */
const MOST_EXPANSION = 5000;

/** Checks a page header. @throws if the page of a damaged file could not be read in finite time and memory */
function checkHeader({ header, at }: Page, end: number): void {
  const { compressed_page_size: size, uncompressed_page_size: full } = header;
  const details = header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header;
  const values = details?.num_values ?? 0;
  if (!(size >= 0 && at + size <= end)) throw new Error('a page ends outside its column');
  if (!(full >= 0 && full <= Math.min(MOST_BYTES, 2 ** 20 + MOST_EXPANSION * size)))
    throw new Error(`a page of ${size} bytes expands to ${full} bytes`);
  if (!(values >= 0 && values <= MOST_VALUES)) throw new Error(`a page has too many values (${values})`);
}

/** Reads the page headers of a column in one row group, a few kilobytes per page. @throws if a header is invalid. */
export async function pagesOf(file: ParquetFile, group: number, leaf: Leaf): Promise<PagedColumn> {
  const chunk = chunkOf(file, group, leaf);
  const column: PagedColumn = { file, leaf, chunk, pages: [], dictionary: null };
  const start = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset);
  const end = start + Number(chunk.total_compressed_size);
  let firstEntry = 0;
  for (let at = start; at < end;) {
    const { header, length } = await readHeader(file, at, end);
    const page = { header, at: at + length, firstEntry, entries: 0 };
    checkHeader(page, end);
    if (header.type === 'DICTIONARY_PAGE') column.dictionary = page;
    else {
      page.entries = (header.data_page_header ?? header.data_page_header_v2)?.num_values ?? 0;
      column.pages.push(page);
    }
    firstEntry += page.entries;
    at = page.at + header.compressed_page_size;
  }
  return column;
}

/** Checks page headers before hyparquet, which trusts their sizes, reads a whole file. @throws like `pagesOf` */
export async function checkPages(file: ParquetFile): Promise<void> {
  for (let group = 0; group < file.metadata.row_groups.length; group++)
    for (const leaf of leaves(file.schema)) await pagesOf(file, group, leaf);
}

async function readHeader(
  file: ParquetFile,
  at: number,
  end: number,
): Promise<{ header: PageHeader; length: number }> {
  // A header has tens of bytes, unless the writer stored long minimum and maximum values.
  for (let window = 1 << 12; ; window <<= 4) {
    const size = Math.min(window, end - at);
    const reader = { view: new DataView(await file.slice(at, at + size)), offset: 0 };
    try {
      return { header: parquetHeader(reader), length: reader.offset };
    } catch (error) {
      if (!(error instanceof RangeError) || size < window) throw error;
    }
  }
}

/** Decodes levels and raw values of one page. Bytes are not decoded as text. */
export async function decodePage(column: PagedColumn, page: Page): Promise<DecodedPage> {
  const { header } = page;
  const bytes = await pageBytes(column, page);
  const columnDecoder = decoder(column);
  const v1 = header.data_page_header;
  const { definitionLevels, repetitionLevels, dataPage } = v1
    ? readDataPage(
        decompressPage(bytes, header.uncompressed_page_size, column.chunk.codec, column.file.compressors),
        v1,
        columnDecoder,
      )
    : readDataPageV2(bytes, header, columnDecoder);
  let values = dataPage;
  if (column.dictionary && (v1 ?? header.data_page_header_v2)!.encoding.endsWith('_DICTIONARY')) {
    const words = await (column.words ??= readDictionary(column, column.dictionary));
    values = Array.from(dataPage as ArrayLike<number>, (i) => words[i] as unknown);
  }
  return { definition: definitionLevels ?? [], repetition: repetitionLevels, values };
}

async function readDictionary(column: PagedColumn, page: Page): Promise<DecodedArray> {
  const { buffer } = await pageBytes(column, page);
  const reader = { view: new DataView(buffer), offset: 0 };
  return readPage(reader, page.header, decoder(column), undefined, undefined, 0).data ?? [];
}

const pageBytes = async ({ file }: PagedColumn, { at, header }: Page): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await file.slice(at, at + header.compressed_page_size));

const decoder = ({ file: { compressors }, leaf, chunk }: PagedColumn) => ({
  pathInSchema: leaf.path,
  type: chunk.type,
  element: leaf.nodes.at(-1)!.element,
  schemaPath: leaf.nodes,
  codec: chunk.codec,
  parsers: DEFAULT_PARSERS,
  compressors,
  utf8: false,
});

/**
 * Reads the levels of a page without its values, to count the images of each row. Levels come first, so the first
 * kilobytes suffice if the page is uncompressed or compressed with Snappy: for SAT, some megabytes instead of 5 GB.
 * Pages with other compression are read as a whole.
 */
export async function readLevels(column: PagedColumn, page: Page): Promise<Levels> {
  const { leaf, chunk } = column;
  const widths = [bitWidth(leaf.maxRepetition), bitWidth(leaf.maxDefinition)] as const;
  // Size of bit-packed levels with run headers. Run-length encoded levels are smaller than this size.
  const expected = 64 + Math.ceil((page.entries * (widths[0] + widths[1])) / 8) * 1.25;
  const v2 = page.header.data_page_header_v2;
  const wanted = v2
    ? v2.repetition_levels_byte_length + v2.definition_levels_byte_length
    : Math.ceil(expected);
  const size = Math.min(wanted + 1024, page.header.compressed_page_size);
  const prefix = new Uint8Array(await column.file.slice(page.at, page.at + size));
  const compressed = !v2 && chunk.codec !== 'UNCOMPRESSED';
  if (compressed && chunk.codec !== 'SNAPPY') return decodePage(column, page);
  const bytes = compressed ? snappyPrefix(prefix, wanted) : prefix;
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  const read = (width: number, length?: number): number[] => {
    const levels = new Array<number>(width > 0 ? page.entries : 0);
    if (width > 0) readRleBitPackedHybrid(reader, width, levels, length);
    return levels;
  };
  try {
    const repetition = read(widths[0], v2?.repetition_levels_byte_length);
    return { repetition, definition: read(widths[1], v2?.definition_levels_byte_length) };
  } catch (error) {
    if (error instanceof RangeError) return decodePage(column, page); // The levels are longer than the bytes that were read.
    throw error;
  }
}

const bitWidth = (max: number): number => 32 - Math.clz32(max);

/**
 * Decompresses the first bytes of a Snappy block (Snappy's format description): literals and back references, until the
 * output has `length` bytes or the input ends. The library's `snappyUncompress` requires a whole block.
 */
function snappyPrefix(input: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let [at, done] = [0, 0];
  while (input[at++]! >= 128); // Skips the uncompressed length of the block, a varint.
  while (done < length && at < input.length) {
    const tag = input[at++]!;
    if ((tag & 3) === 0) {
      let size = tag >>> 2;
      if (size >= 60) {
        const bytes = size - 59;
        size = 0;
        for (let i = bytes - 1; i >= 0; i--) size = size * 256 + input[at + i]!;
        at += bytes;
      }
      const piece = input.subarray(at, at + Math.min(size + 1, length - done));
      out.set(piece, done);
      done += piece.length;
      at += size + 1;
      continue;
    }
    const wide = tag & 3;
    const size = wide === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    let offset = wide === 1 ? ((tag >>> 5) << 8) | input[at]! : input[at]! | (input[at + 1]! << 8);
    if (wide === 3) offset += input[at + 2]! * 2 ** 16 + input[at + 3]! * 2 ** 24;
    at += wide === 3 ? 4 : wide;
    // A back reference can overlap its own output, so bytes are copied one by one.
    for (let i = 0; i < size && done < length; i++, done++) out[done] = out[done - offset]!;
  }
  return out.subarray(0, done);
}
