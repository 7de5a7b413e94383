import { parseLine, type RowReader } from '../../core/record.ts';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isActive, readState } from './state.ts';
import { readMetricsRow, type MetricsRow } from '../../core/grpo/metrics.ts';
import { readEvent, type RunEventRow, type RunState } from '../../core/run-data/run-folder.ts';
import { openFile } from '../files/regular.ts';

/** So many bytes before the offset are remembered: a file that was cut and has grown again differs there. */
const REMEMBERED = 256;

export interface TailRead<T> {
  rows: T[];
  /** The file was cut since the last call, as by a resume: these rows are its first, those of before no longer count. */
  restarted: boolean;
  /** Whether the end of the file was reached. */
  complete: boolean;
  /** How many times a line, or a part of one, could not be read and was left out; what the first was. */
  leftOut: number;
  firstLeftOut: string | null;
}

/** Reads a growing file of JSON lines piece by piece. A partial last line is held back until it is complete. */
export class Tail<T> {
  private offset = 0;
  /** Lines before the rest. */
  private lines = 0;
  private rest = Buffer.alloc(0);
  private remembered = Buffer.alloc(0);

  constructor(
    private readonly path: string,
    private readonly row: RowReader<T>,
  ) {}

  /** The rows that were added since the last call, from at most `limit` more bytes. */
  async read(limit = Infinity): Promise<TailRead<T>> {
    const file = await openFile(this.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
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
      const known = await bytes(this.offset - this.remembered.length, this.offset);
      result.restarted = !known.equals(this.remembered);
      if (result.restarted) {
        this.offset = 0;
        this.lines = 0;
        this.rest = Buffer.alloc(0);
      }
      const fresh = await bytes(this.offset, Math.min(size, this.offset + limit));
      this.offset += fresh.length;
      result.complete = this.offset >= size;
      const all = Buffer.concat([this.rest, fresh]);
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
      return result;
    } finally {
      await file.close();
    }
  }
}

/** What is new in a run since the last look. */
interface RunNews {
  state: RunState | null;
  metrics: MetricsRow[];
  timings: MetricsRow[];
  events: RunEventRow[];
}

/** Between two looks at a run. */
const LOOK_MS = 250;

/**
 * Follows a run from its folder alone, until it is no longer active and everything it wrote was told, or until the
 * signal. The first news holds all that was written before.
 */
export async function* followRun(dir: string, signal: AbortSignal): AsyncGenerator<RunNews> {
  const metrics = new Tail(join(dir, 'metrics.jsonl'), readMetricsRow);
  const timings = new Tail(join(dir, 'timings.jsonl'), readMetricsRow);
  const events = new Tail(join(dir, 'events.jsonl'), readEvent);
  while (!signal.aborted) {
    // The state first: whatever was written before a run ended is then certainly read after it.
    const state = await readState(dir);
    const read = await Promise.all([metrics.read(), timings.read(), events.read()]);
    yield { state, metrics: read[0].rows, timings: read[1].rows, events: read[2].rows };
    if (state && !isActive(state)) return;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}
