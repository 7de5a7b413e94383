import { parseLine, RecordError, type RowReader } from '../../base/record.ts';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isActive, readState } from './state.ts';
import { readMetricsRow, type MetricsRow } from '../../core/rewards/metrics-row.ts';
import { readEvent, type RunEventRow, type RunState } from './run-folder.ts';
import { ifMissing } from '../files/disk-error.ts';
import { openFile } from '../files/regular.ts';

/** Number of bytes per read, which bounds memory for any file size. */
const PIECE_BYTES = 2 ** 22;

/** Maximum length of a line, in bytes. Longer lines are omitted to limit memory. */
const LINE_BYTES = 2 ** 26;

/** Number of bytes before the offset to compare. The bytes differ if the file was truncated and has grown again. */
const REMEMBERED = 256;

export interface TailRead<T> {
  rows: T[];
  /**
   * Whether the file was truncated since the last call, for example by a resume. If so, these are the file's first
   * rows, and earlier rows are invalid.
   */
  restarted: boolean;
  /** Whether the read reached the current end of the file. */
  complete: boolean;
  /** Number of unreadable lines, or parts of lines, and the reason for the first such line. */
  leftOut: number;
  firstLeftOut: string | null;
}

/** Reads a growing JSON Lines file piece by piece. Ignores a partial last line until the line is complete. */
export class Tail<T> {
  private offset = 0;
  /** Number of lines in the file before the bytes in `rest`. */
  private lines = 0;
  private rest = Buffer.alloc(0);
  /** Whether the rest of an overlong line is being skipped. */
  private passing = false;
  private remembered = Buffer.alloc(0);

  constructor(
    private readonly path: string,
    private readonly row: RowReader<T>,
  ) {}

  /** Yields the current rows of the file, piece by piece. */
  async *rows(): AsyncGenerator<T> {
    for (let complete = false; !complete;) {
      const part = await this.read();
      yield* part.rows;
      ({ complete } = part);
    }
  }

  /** Returns the rows added since the last call, from at most `limit` more bytes. `complete`: no more bytes remain. */
  async read(limit = PIECE_BYTES): Promise<TailRead<T>> {
    const file = await openFile(this.path).catch(ifMissing(null));
    const result: TailRead<T> = {
      rows: [],
      restarted: false,
      complete: true,
      leftOut: 0,
      firstLeftOut: null,
    };
    if (!file) return result;
    const bytes = async (from: number, to: number) => {
      const buffer = Buffer.alloc(Math.max(to - from, 0));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
      return buffer.subarray(0, bytesRead);
    };
    try {
      const { size } = await file.stat();
      const bytesThere = await bytes(this.offset - this.remembered.length, this.offset);
      result.restarted = !bytesThere.equals(this.remembered);
      if (result.restarted) {
        this.offset = 0;
        this.lines = 0;
        this.rest = Buffer.alloc(0);
        this.passing = false;
      }
      const fresh = await bytes(this.offset, Math.min(size, this.offset + limit));
      this.offset += fresh.length;
      result.complete = this.offset >= size;
      const all = this.pass(Buffer.concat([this.rest, fresh]));
      this.remembered = Buffer.concat([result.restarted ? Buffer.alloc(0) : this.remembered, fresh]).subarray(
        -REMEMBERED,
      );
      const end = all.lastIndexOf(10) + 1;
      this.rest = Buffer.from(all.subarray(end));
      const leaveOut = ({ message }: Error) => {
        result.leftOut += 1;
        result.firstLeftOut ??= message;
      };
      for (const text of all.subarray(0, end).toString('utf8').split('\n').slice(0, -1)) {
        this.lines += 1;
        const source = { file: this.path, line: this.lines };
        for (const row of parseLine(text, source, this.row, leaveOut)) result.rows.push(row);
      }
      if (this.rest.length > LINE_BYTES) {
        leaveOut(new RecordError({ file: this.path, line: this.lines + 1 }, 'the line is too long.'));
        this.rest = Buffer.alloc(0);
        this.passing = true;
      }
      return result;
    } finally {
      await file.close();
    }
  }

  /** Returns the bytes after a line that is being skipped. */
  private pass(bytes: Buffer): Buffer {
    if (!this.passing) return bytes;
    const end = bytes.indexOf(10) + 1;
    if (end === 0) return Buffer.alloc(0);
    this.passing = false;
    this.lines += 1;
    return bytes.subarray(end);
  }
}

/** Number of bytes to read first from a file's end. Multiplied by four until the bytes contain enough lines. */
const FIRST_BYTES = 16 * 1024;

/**
 * Returns the rows of the last complete lines of a JSON Lines file, at most `count`, in order. Does not read earlier
 * lines. Unreadable lines are omitted, and reported by readers of the whole file. Empty for a missing file.
 */
export async function lastLines<T>(path: string, count: number, row: RowReader<T>): Promise<T[]> {
  const file = await openFile(path).catch(ifMissing(null));
  if (!file) return [];
  try {
    const { size } = await file.stat();
    for (let length = FIRST_BYTES; ; length *= 4) {
      const from = Math.max(0, size - length);
      const bytes = Buffer.alloc(size - from);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
      const whole = bytes.subarray(0, bytesRead);
      // Unless the bytes begin at the file's start, the first line can be the end of a longer line.
      const start = from === 0 ? 0 : whole.indexOf(10) + 1;
      const lines = whole
        .subarray(start, whole.lastIndexOf(10) + 1)
        .toString('utf8')
        .split('\n');
      const full = lines.filter((line) => line.trim() !== '');
      if (full.length >= count || from === 0)
        return full.slice(-count).flatMap((text) => parseLine(text, { file: path }, row, () => undefined));
    }
  } finally {
    await file.close();
  }
}

/** Output of a run since the last poll of its folder. */
interface RunNews {
  state: RunState | null;
  metrics: MetricsRow[];
  timings: MetricsRow[];
  events: RunEventRow[];
  /** Number of unreadable lines, and the reason for the first unreadable line in each file. */
  leftOut: { count: number; first: string[] };
}

/** Time between two polls of a run, in ms. */
const POLL_MS = 250;

/**
 * Polls a run's folder, until the run is no longer active and all output is reported, or until the signal aborts.
 * Earlier output comes first, in several pieces if it is large.
 */
export async function* followRun(dir: string, signal: AbortSignal): AsyncGenerator<RunNews> {
  const metrics = new Tail(join(dir, 'metrics.jsonl'), readMetricsRow);
  const timings = new Tail(join(dir, 'timings.jsonl'), readMetricsRow);
  const events = new Tail(join(dir, 'events.jsonl'), readEvent);
  while (!signal.aborted) {
    // Reads the state first, so that later reads include everything written before the end.
    const state = await readState(dir);
    for (let complete = false; !complete && !signal.aborted;) {
      const read = await Promise.all([metrics.read(), timings.read(), events.read()]);
      const leftOut = {
        count: read.reduce((sum, { leftOut }) => sum + leftOut, 0),
        first: read.flatMap(({ firstLeftOut }) => firstLeftOut ?? []),
      };
      yield { state, metrics: read[0].rows, timings: read[1].rows, events: read[2].rows, leftOut };
      complete = read.every((part) => part.complete);
    }
    if (state && !isActive(state)) return;
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
