import { firstIn } from '../../base/numbers.ts';
import type { Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { ParsedSample } from '../../rows/sample/parse-sample.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { openFile } from '../files/regular.ts';
import { GONE, versionIn } from '../files/version.ts';
import { parseJson } from './parse-json.ts';
import { requireText } from './require-text.ts';
import { toSample } from './rows.ts';

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const CHUNK = 1 << 20;
/** Number of bytes to read ahead when rows are read in order. */
const AHEAD = 1 << 16;

/** Error for a row that cannot be used. The message contains file, line and field. */
export class BrokenRow extends Error {}

/** Random access to the rows of a `*.qa.jsonl` file. Memory contains only the offsets of the rows. */
export class RowFile {
  /** Rows that were read ahead, including white space around them. */
  private ahead: { from: number; texts: string[] } = { from: 0, texts: [] };
  private parsed: Map<number, ParsedSample> | null = null;

  private constructor(
    readonly path: string,
    private readonly file: FileHandle | null,
    private readonly places: Places,
    private readonly size: number,
  ) {}

  /** @param hash hash object that receives all bytes of the file */
  static async open(path: string, hash?: Hash): Promise<RowFile> {
    const file = await openFile(path);
    try {
      return await RowFile.scan(path, file, hash);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  private static async scan(path: string, file: FileHandle, hash?: Hash): Promise<RowFile> {
    const places: Places = { starts: [], lines: [] };
    const buffer = Buffer.allocUnsafe(CHUNK);
    let size = 0;
    let line = 1;
    let start = 0;
    let blank = true;
    const add = () => {
      places.starts.push(start);
      places.lines.push(line);
    };
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK, size);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      if (size === 0) requireText(path, chunk);
      hash?.update(chunk);
      let from = size === 0 && chunk.indexOf(BYTE_ORDER_MARK) === 0 ? BYTE_ORDER_MARK.length : 0;
      start += from;
      for (let end = chunk.indexOf(10, from); end >= 0; end = chunk.indexOf(10, from)) {
        if (!blank || !isBlank(chunk, from, end)) add();
        line += 1;
        start = size + end + 1;
        blank = true;
        from = end + 1;
      }
      blank &&= isBlank(chunk, from, bytesRead);
      size += bytesRead;
    }
    if (!blank) add();
    return new RowFile(path, file, places, size);
  }

  /** Scans the open file again, to find rows that were appended. */
  async again(): Promise<RowFile> {
    return this.file ? RowFile.scan(this.path, this.file) : this;
  }

  /** Keeps parsed rows in memory, where they remain after the file is closed. */
  keepParsed(): this {
    this.parsed = new Map();
    return this;
  }

  /** Returns a file object for a file that does not yet exist on disk. */
  static empty(path: string): RowFile {
    return new RowFile(path, null, { starts: [], lines: [] }, 0);
  }

  /** Returns the version of the open file. A deleted file keeps its version while it is open. */
  async version(): Promise<string> {
    return this.file ? versionIn(await this.file.stat()) : GONE;
  }

  get count(): number {
    return this.places.starts.length;
  }

  /** Returns the line number of a row, from 1. */
  line(index: number): number {
    return this.places.lines[index]!;
  }

  /** Returns the index of the first row at or below a line, or `count` if no row follows the line. */
  indexAt(line: number): number {
    return firstIn(0, this.count, (row) => this.line(row) >= line);
  }

  async text(index: number): Promise<string> {
    const { from, texts } = this.ahead;
    const text = texts[index - from];
    if (text !== undefined) return text.trim();
    // Reads rows ahead if rows are requested in order, because a disk access takes longer than reading a row.
    const isNext = index === from + texts.length;
    const count = isNext ? this.stretch(index, this.count, AHEAD) : 1;
    const rows = await this.rows(index, count);
    this.ahead = { from: index, texts: rows };
    return rows[0]!.trim();
  }

  /** Returns the bytes of rows, with white space up to the next row. The header and all rows make up the whole file. */
  async bytes(from: number, count: number): Promise<Buffer> {
    const [start, end] = [this.start(from), this.start(from + count)];
    const bytes = Buffer.alloc(end - start);
    const read = await this.file?.read(bytes, 0, bytes.length, start);
    if ((read?.bytesRead ?? 0) < bytes.length)
      throw new Error(`${this.path} became shorter while Chirality was reading.`);
    return bytes;
  }

  /** Returns the bytes of rows as strings, one per row, with a single read. */
  async rows(from: number, count: number): Promise<string[]> {
    if (count === 0) return [];
    const bytes = await this.bytes(from, count);
    const start = this.start(from);
    return Array.from({ length: count }, (_, i) =>
      bytes.toString('utf8', this.start(from + i) - start, this.start(from + i + 1) - start),
    );
  }

  /** Returns the bytes before the first row: a byte-order mark and blank lines. */
  async header(): Promise<Buffer> {
    const bytes = Buffer.alloc(this.start(0));
    await this.file?.read(bytes, 0, bytes.length, 0);
    return bytes;
  }

  /** Returns the number of rows, starting at `from`, that fit into `limit` bytes; at least 1. */
  stretch(from: number, end: number, limit: number): number {
    let to = from + 1;
    while (to < end && this.start(to + 1) - this.start(from) <= limit) to++;
    return to - from;
  }

  async parse(index: number): Promise<ParsedSample> {
    const parsed = this.parsed?.get(index) ?? toSample(parseJson(await this.text(index)));
    this.parsed?.set(index, parsed);
    return parsed;
  }

  /** Returns the parsed row at an index. @throws BrokenRow */
  async read(index: number): Promise<Sample> {
    const { sample, problems } = await this.parse(index);
    if (sample) return sample;
    const all = problems.map(({ message, path }) => (path ? `${message} (${path})` : message));
    throw new BrokenRow(`${this.path}:${this.line(index)}: ${all.join(' ')}`);
  }

  /** @param successor file object that replaces this one. The file handle stays open if `successor` also uses it */
  async close(successor?: RowFile): Promise<void> {
    if (this.file !== successor?.file) await this.file?.close();
  }

  /** Returns the offset of a row. After the last row, returns the size of the file. */
  private start(index: number): number {
    return this.places.starts[index] ?? this.size;
  }
}

/** Whether all bytes are white space. For most lines, the first byte is enough to decide. */
function isBlank(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at]! > 32) return false;
  return true;
}

/** Offsets of the rows of a file, and their line numbers from 1. Plain lists take 16 bytes per row. */
interface Places {
  starts: number[];
  lines: number[];
}
