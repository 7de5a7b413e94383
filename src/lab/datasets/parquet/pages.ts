import type { ColumnMetaData, DecodedArray, PageHeader } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { parquetHeader, readPage } from 'hyparquet/src/column.js';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { decompressPage, readDataPage, readDataPageV2 } from 'hyparquet/src/datapage.js';
import type { Leaf, ParquetFile } from './file.ts';

/**
 * Page by page reading of one column. Published image tables put whole training sets into a single row group (SAT:
 * 5 GB), so a column of images must never be read as one piece; a page is some megabytes.
 */
export interface Page {
  header: PageHeader;
  /** Where its data begins in the file, behind the header. */
  at: number;
  /** The entries it holds, counted from the start of the row group. An entry is a value or a null. */
  firstEntry: number;
  entries: number;
}

export interface PageTable {
  dictionary: Page | null;
  pages: Page[];
}

export interface DecodedPage {
  /** Per entry; empty when every entry is a value. */
  definition: ArrayLike<number>;
  /** Per entry, 0 where a new row begins; empty when every entry is a row. */
  repetition: ArrayLike<number>;
  /** The values that are not null, in order. */
  values: DecodedArray;
}

/** The column's part in a row group. */
export function chunkOf(file: ParquetFile, group: number, leaf: Leaf): ColumnMetaData {
  const name = leaf.path.join('.');
  const chunk = file.metadata.row_groups[group]!.columns.find(
    (c) => c.meta_data?.path_in_schema.join('.') === name,
  );
  if (!chunk?.meta_data) throw new Error(`Column ${name} is missing in row group ${group}.`);
  return chunk.meta_data;
}

/** Walks the page headers of a column in one row group; reads a few kilobytes per page. */
export async function readPageTable(file: ParquetFile, chunk: ColumnMetaData): Promise<PageTable> {
  const start = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset);
  const end = start + Number(chunk.total_compressed_size);
  const table: PageTable = { dictionary: null, pages: [] };
  let firstEntry = 0;
  for (let at = start; at < end;) {
    const { header, length } = await readHeader(file, at, end);
    const page = { header, at: at + length, firstEntry, entries: 0 };
    if (header.type === 'DICTIONARY_PAGE') table.dictionary = page;
    else {
      page.entries = (header.data_page_header ?? header.data_page_header_v2)?.num_values ?? 0;
      table.pages.push(page);
    }
    firstEntry += page.entries;
    at = page.at + header.compressed_page_size;
  }
  return table;
}

async function readHeader(
  file: ParquetFile,
  at: number,
  end: number,
): Promise<{ header: PageHeader; length: number }> {
  // Headers are tens of bytes, unless the writer put long minima and maxima into them.
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

export async function readDictionary(
  file: ParquetFile,
  leaf: Leaf,
  chunk: ColumnMetaData,
  page: Page,
): Promise<DecodedArray> {
  const reader = { view: new DataView(await pageBytes(file, page)), offset: 0 };
  return readPage(reader, page.header, decoder(leaf, chunk), undefined, undefined, 0).data ?? [];
}

/** Levels and raw values of one page. Bytes stay bytes: nothing is decoded as text. */
export async function decodePage(
  file: ParquetFile,
  leaf: Leaf,
  chunk: ColumnMetaData,
  page: Page,
  dictionary?: DecodedArray,
): Promise<DecodedPage> {
  const { header } = page;
  const bytes = new Uint8Array(await pageBytes(file, page));
  const columnDecoder = decoder(leaf, chunk);
  const v1 = header.data_page_header;
  const { definitionLevels, repetitionLevels, dataPage } = v1
    ? readDataPage(
        decompressPage(bytes, header.uncompressed_page_size, chunk.codec, compressors),
        v1,
        columnDecoder,
      )
    : readDataPageV2(bytes, header, columnDecoder);
  const encoding = (v1 ?? header.data_page_header_v2)!.encoding;
  const values =
    dictionary && encoding.endsWith('_DICTIONARY')
      ? Array.from(dataPage as ArrayLike<number>, (i) => dictionary[i] as unknown)
      : dataPage;
  return { definition: definitionLevels ?? [], repetition: repetitionLevels, values };
}

const pageBytes = (file: ParquetFile, page: Page): Promise<ArrayBuffer> =>
  file.slice(page.at, page.at + page.header.compressed_page_size);

function decoder(leaf: Leaf, chunk: ColumnMetaData) {
  return {
    pathInSchema: leaf.path,
    type: chunk.type,
    element: leaf.nodes.at(-1)!.element,
    schemaPath: leaf.nodes,
    codec: chunk.codec,
    parsers: DEFAULT_PARSERS,
    compressors,
    utf8: false,
  };
}
