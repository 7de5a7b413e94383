import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { readMetricsRow, type MetricsRow } from '../../core/rewards/metrics-row.ts';
import { parseLines } from '../../base/record.ts';
import { ifMissing } from '../../lab/files/disk-error.ts';
import { openFile } from '../../lab/files/regular.ts';
import { MetricsTable } from './run-series.reads.ts';

/** Minimum total size of a run's files for showing a sample first, in bytes. Reading this much takes about a second. */
const LARGE = 2 ** 25;

/** Number of sampled offsets, and number of last rows. The last rows come from the last `END` bytes. */
const PLACES = 500;
const LAST = 20;
const END = 2 ** 17;

/** Number of bytes to read at an offset. A piece of this size usually contains several lines. */
const PIECE = 2 ** 13;

/**
 * Returns rows at regular offsets of a large run's files, and the last rows; null if the files are small. The duration
 * does not depend on the file size. A sampled row's step time also estimates the steps since the previous sampled row.
 */
export async function sampleRun(dir: string): Promise<MetricsTable | null> {
  const [metrics, timings] = [join(dir, 'metrics.jsonl'), join(dir, 'timings.jsonl')];
  const opened: FileHandle[] = [];
  try {
    for (const path of [metrics, timings]) {
      const file = await openFile(path).catch(ifMissing(null));
      if (file) opened.push(file);
    }
    const files = await Promise.all(
      opened.map(async (file) => new SteppedFile(file, (await file.stat()).size)),
    );
    const [first, second] = files;
    if (!first || files.reduce((sum, { size }) => sum + size, 0) <= LARGE) return null;

    const rows: MetricsRow[] = [];
    const add = (row: MetricsRow | undefined) =>
      row && row.step > (rows.at(-1)?.step ?? -1) && rows.push(row);
    for (let i = 0; i < PLACES; i++) add((await first.piece(Math.floor((i * first.size) / PLACES))).rows[0]);
    for (const row of (await first.piece(first.size - END, END)).rows.slice(-LAST)) add(row);

    const table = new MetricsTable();
    for (const row of rows) table.add(row);
    let before = rows[0]?.step ?? 0;
    for (const { step } of rows) {
      const timing = await second?.find(step);
      if (timing) table.add(timing, (timing.step_time ?? NaN) * Math.max(step - before, 1));
      if (timing) before = step;
    }
    return table;
  } finally {
    for (const file of opened) await file.close();
  }
}

/** Finds rows in a file of ascending steps without reading the whole file. */
class SteppedFile {
  /** Lower bound for the next search: an offset in the file, and the first step after this offset. */
  private from = { offset: 0, step: 0 };
  private end: number | null = null;

  constructor(
    private readonly file: FileHandle,
    readonly size: number,
  ) {}

  /** Returns the rows in the complete lines between two offsets, and the end of the last line. Skips invalid lines. */
  async piece(offset: number, bytes = PIECE): Promise<{ rows: MetricsRow[]; end: number }> {
    const from = Math.max(offset - 1, 0); // A line begins at `offset` if the previous byte is a newline.
    const buffer = Buffer.alloc(Math.min(bytes + 1, this.size - from));
    const { bytesRead } = await this.file.read(buffer, 0, buffer.length, from);
    const start = offset <= 0 ? 0 : buffer.indexOf(10) + 1;
    const end = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1;
    const rows = parseLines(buffer.toString('utf8', start, end), '', readMetricsRow, () => undefined);
    if (rows.length > 0 || bytesRead < buffer.length || from + bytes >= this.size || bytes > END * 8)
      return { rows, end: from + end };
    return this.piece(offset, bytes * 8); // The piece contains no complete line, so read more bytes.
  }

  /** Returns the row of a step; null if the file has no row of the step. Successive calls must use ascending steps. */
  async find(step: number): Promise<MetricsRow | null> {
    this.end ??= (await this.piece(this.size - END, END)).rows.at(-1)?.step ?? 0;
    let low = this.from;
    let high = { offset: this.size, step: this.end + 1 };
    for (let i = 0; low.offset < high.offset; i++) {
      // Lines have similar lengths, so interpolate. Bisect in every fourth iteration, in case the lengths differ.
      const share = i % 4 === 3 ? 0.5 : (step - low.step) / Math.max(high.step - low.step, 1);
      const about = low.offset + Math.floor(share * (high.offset - low.offset)) - PIECE / 2;
      const offset = Math.min(Math.max(about, low.offset), high.offset - 1);
      const { rows, end } = await this.piece(offset);
      const nearest = rows.find((row) => row.step >= step);
      if (nearest?.step === step) {
        this.from = { offset, step: rows[0]!.step };
        return nearest;
      }
      if (nearest && nearest !== rows[0]) return null;
      if (nearest || rows.length === 0) high = { offset, step: nearest?.step ?? high.step };
      else low = { offset: end, step: rows.at(-1)!.step };
    }
    return null;
  }
}
