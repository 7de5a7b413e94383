import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { parseSample } from '../../core/spatial/parse-sample.ts';
import type { Sample } from '../../core/spatial/sample.ts';

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
    const [start, end] = [this.starts[index]!, this.starts[index + 1]!];
    const bytes = Buffer.alloc(end - start);
    await this.file.read(bytes, 0, bytes.length, start);
    return bytes
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .trim();
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
