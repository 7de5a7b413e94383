import { DataError } from '../data-error.ts';
import { openParquet, type ParquetFile } from './file.ts';
import { imageColumns, readEntries, type Entries, type ImageColumn } from './image-columns.ts';
import { decodePage, pagesOf, type DecodedPage, type PagedColumn } from './column-pages.ts';

/** An image in a parquet file: row of the cell, from 0, and position `index` in the cell's list. */
interface ImageCell {
  column: string;
  row: number;
  index?: number;
}

interface OpenTable {
  file: ParquetFile;
  columns: ImageColumn[];
  /** Pages of each row group and column, and the range of entries of each row. */
  tables: Map<string, Promise<{ paged: PagedColumn; entries: Entries | null }>>;
}

/** Maximum total size of decoded pages in memory, in bytes. Most neighbouring rows share a page. */
const CACHE_BYTES = 128 * 2 ** 20;

/** Reads single images from parquet files by reference. Until `close`, files and the most recent pages stay in use. */
export class ParquetImages {
  private readonly files = new Map<string, Promise<OpenTable>>();
  private readonly pages = new Map<string, { page: Promise<DecodedPage>; size: number }>();

  /** Returns the bytes of one image. @throws DataError if file, column, row or image is missing or damaged */
  async bytes(path: string, cell: ImageCell): Promise<Uint8Array> {
    try {
      return await this.find(path, cell);
    } catch (error) {
      if (error instanceof DataError) throw error;
      throw new DataError('image-cell', `Cannot read row ${cell.row}: ${(error as Error).message}`, {
        file: path,
      });
    }
  }

  async close(): Promise<void> {
    const open = [...this.files.values()];
    this.files.clear();
    this.pages.clear();
    for (const table of open) await table.then(({ file }) => file.close()).catch(() => undefined);
  }

  private async find(path: string, { column: name, row, index = 0 }: ImageCell): Promise<Uint8Array> {
    const fail = (message: string) => new DataError('image-cell', message, { file: path });
    const open = await this.open(path);
    const column = open.columns.find((c) => c.name === name);
    if (!column) throw fail(`Column "${name}" does not exist or contains no images.`);
    let group = 0;
    let inGroup = row;
    const groups = open.file.metadata.row_groups;
    while (group < groups.length && inGroup >= Number(groups[group]!.num_rows)) {
      inGroup -= Number(groups[group]!.num_rows);
      group += 1;
    }
    if (group === groups.length)
      throw fail(`Row ${row} does not exist. The file has ${open.file.rows} rows, numbered from 0.`);

    const { paged, entries } = await this.table(open, group, column);
    const entry = (entries?.first[inGroup] ?? inGroup) + index;
    if (entry >= (entries?.first[inGroup + 1] ?? inGroup + 1)) {
      throw fail(`Row ${row} has no image ${index} in "${name}".`);
    }
    const at = paged.pages.findLastIndex((page) => page.firstEntry <= entry);
    const page = paged.pages[at]!;
    const key = `${path}\0${name}\0${group}\0${at}`;
    const decoded = await this.page(key, page.header.uncompressed_page_size, () => decodePage(paged, page));
    const value = valueAt(decoded, entry - page.firstEntry, column.bytes.maxDefinition);
    if (!value) throw fail(`The image of row ${row} in "${name}" has no bytes.`);
    return value;
  }

  private open(path: string): Promise<OpenTable> {
    return remember(this.files, path, async () => {
      const file = await openParquet(path);
      return { file, columns: await imageColumns(file), tables: new Map() };
    });
  }

  private table(open: OpenTable, group: number, column: ImageColumn) {
    return remember(open.tables, `${group}\0${column.name}`, async () => {
      const paged = await pagesOf(open.file, group, column.bytes);
      const entries = column.bytes.maxRepetition > 0 ? await readEntries(open.file, group, column) : null;
      return { paged, entries };
    });
  }

  private page(key: string, size: number, read: () => Promise<DecodedPage>): Promise<DecodedPage> {
    const cached = this.pages.get(key);
    const kept = cached ?? { page: read(), size };
    kept.page.catch(() => this.pages.delete(key));
    this.pages.delete(key);
    this.pages.set(key, kept); // The last entry of the cache is the most recently used entry.
    let total = 0;
    for (const { size } of this.pages.values()) total += size;
    for (const [old, { size }] of this.pages) {
      if (total <= CACHE_BYTES || old === key) break;
      this.pages.delete(old);
      total -= size;
    }
    return kept.page;
  }
}

/** Caches a promise by name. A failure is not cached, so the next call retries. */
function remember<T>(map: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const kept = map.get(key);
  if (kept) return kept;
  const made = make();
  map.set(key, made);
  made.catch(() => map.delete(key));
  return made;
}

function valueAt(
  { definition, values }: DecodedPage,
  entry: number,
  maxDefinition: number,
): Uint8Array | null {
  if (definition.length === 0) return values[entry] as Uint8Array;
  if (definition[entry] !== maxDefinition) return null;
  let before = 0;
  for (let i = 0; i < entry; i++) if (definition[i] === maxDefinition) before += 1;
  return values[before] as Uint8Array;
}
