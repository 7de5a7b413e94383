import { stat } from 'node:fs/promises';
import { versionIn } from '../lab/files/version.ts';
import { RowFile } from '../lab/datasets/row-file.ts';
import { openParquet } from '../lab/datasets/parquet/file.ts';
import { streamFile } from '../lab/files/regular.ts';

/** A row found by its line; `lines` is the line of the last row. */
export interface FoundRow {
  line: number;
  lines: number;
  text: string;
}

/** The rows of the file that was read last, indexed again if the file has changed. */
export class Rows {
  private current: { path: string; version: string; file: Promise<RowFile> } | null = null;

  /**
   * The row at `line` or the next one below it (the last, if there is none), then moved by `by` rows; null in an empty
   * file.
   */
  async find({ path, line, by }: { path: string; line: number; by: number }): Promise<FoundRow | null> {
    const file = await this.open(path);
    if (file.count === 0) return null;
    const last = file.count - 1;
    const index = Math.max(0, Math.min(Math.min(file.indexAt(line), last) + by, last));
    return { line: file.line(index), lines: file.line(last), text: await file.text(index) };
  }

  private async open(path: string): Promise<RowFile> {
    const version = versionIn(await stat(path));
    if (this.current?.path !== path || this.current.version !== version) {
      await this.current?.file.then((file) => file.close()).catch(() => undefined);
      this.current = { path, version, file: RowFile.open(path) };
    }
    return this.current.file;
  }
}

/** Rows of larger text files are not counted, which would keep the disk busy for a number that few look at. */
const MAX_BYTES = 256 * 2 ** 20;

export interface RowCount {
  /** Null for a text file that is too large to count. */
  rows: number | null;
  bytes: number;
  /** Top-level columns of a table. */
  columns: string[];
}

/** How many rows a data file has. @throws when it cannot be read. */
export async function countRows({ path }: { path: string }): Promise<RowCount> {
  const { size: bytes } = await stat(path);
  if (path.endsWith('.parquet')) {
    const { rows, schema, close } = await openParquet(path);
    await close();
    return { rows, bytes, columns: schema.children.map(({ element }) => element.name) };
  }
  return { rows: bytes > MAX_BYTES ? null : await countLines(path), bytes, columns: [] };
}

/** Lines that are not blank. */
async function countLines(path: string): Promise<number> {
  let count = 0;
  let blank = true;
  for await (const chunk of await streamFile(path)) {
    for (const byte of chunk) {
      if (byte === 10) {
        if (!blank) count += 1;
        blank = true;
      } else if (byte > 32) blank = false;
    }
  }
  return blank ? count : count + 1;
}
