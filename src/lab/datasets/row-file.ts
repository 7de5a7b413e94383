import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { parseSample } from '../../core/spatial/parse-sample.ts';
import type { Sample } from '../../core/spatial/sample.ts';

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Random access to the rows of a `*.qa.jsonl` file: only their places are held in memory. */
export class RowFile {
  private constructor(
    readonly path: string,
    readonly sha256: string,
    private readonly file: FileHandle,
    /** Start of every row, then the end of the last one. */
    private readonly starts: number[],
    private readonly lines: number[],
  ) {}

  static async open(path: string): Promise<RowFile> {
    const hash = createHash('sha256');
    const starts: number[] = [];
    const lines: number[] = [];
    let offset = 0;
    let line = 1;
    let start = 0;
    let blank = true;
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      for (const byte of chunk) {
        if (byte === 10) {
          if (!blank) {
            starts.push(start);
            lines.push(line);
          }
          line += 1;
          start = offset + 1;
          blank = true;
        } else if (byte > 32) {
          blank = false;
        }
        offset += 1;
        if (offset === 3 && chunk.indexOf(BYTE_ORDER_MARK) === 0) {
          start = 3;
          blank = true;
        }
      }
    }
    if (!blank) {
      starts.push(start);
      lines.push(line);
    }
    starts.push(offset);
    return new RowFile(path, hash.digest('hex'), await open(path, 'r'), starts, lines);
  }

  get count(): number {
    return this.lines.length;
  }

  /** The line on which a row stands, from 1. */
  line(index: number): number {
    return this.lines[index]!;
  }

  /** The first row that stands on a line or below it; `count` when there is none. */
  indexAt(line: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.lines[middle]! < line) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A row as it is written. */
  async text(index: number): Promise<string> {
    return (await this.bytes(index, 1)).toString('utf8').trim();
  }

  /** Rows with the blank space around them, up to the next row: all rows after `header` are the file. */
  async bytes(from: number, count: number): Promise<Buffer> {
    const [start, end] = [this.starts[from]!, this.starts[from + count]!];
    const bytes = Buffer.alloc(end - start);
    const { bytesRead } = await this.file.read(bytes, 0, bytes.length, start);
    if (bytesRead < bytes.length) throw new Error(`${this.path} was cut short while it was open.`);
    return bytes;
  }

  /** The same as text, row by row; read in one piece. */
  async rows(from: number, count: number): Promise<string[]> {
    if (count === 0) return [];
    const bytes = await this.bytes(from, count);
    const start = this.starts[from]!;
    return Array.from({ length: count }, (_, i) =>
      bytes.toString('utf8', this.starts[from + i]! - start, this.starts[from + i + 1]! - start),
    );
  }

  /** What stands before the first row: a byte order mark, blank lines. */
  async header(): Promise<Buffer> {
    const bytes = Buffer.alloc(this.starts[0]!);
    await this.file.read(bytes, 0, bytes.length, 0);
    return bytes;
  }

  /** The longest stretch of rows from `from` on that fits into so many bytes; at least one row. */
  stretch(from: number, end: number, limit: number): number {
    let to = from + 1;
    while (to < end && this.starts[to + 1]! - this.starts[from]! <= limit) to++;
    return to - from;
  }

  /** @throws with file and line when the row is broken. */
  async read(index: number): Promise<Sample> {
    const place = `${this.path}:${this.lines[index]!}`;
    let value: unknown;
    try {
      value = JSON.parse(await this.text(index));
    } catch (error) {
      throw new Error(`${place}: Not valid JSON: ${(error as Error).message}`, { cause: error });
    }
    const { sample, problems } = parseSample(value);
    if (!sample) throw new Error(`${place}: ${problems.map(({ message }) => message).join(' ')}`);
    return sample;
  }

  close(): Promise<void> {
    return this.file.close();
  }
}
