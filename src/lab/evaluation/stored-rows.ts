import { linesText } from '../../base/json.ts';
import { open, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  isAnswered,
  type EvaluationRow,
  measuredRow,
  type MeasuredRow,
} from '../../core/evaluation/evaluation-row.ts';
import { ifMissing } from '../files/disk-error.ts';
import { readLines } from '../runs/line-writer.ts';
import type { EvaluationSample } from './evaluation-samples.ts';
import type { FolderLock } from '../runs/folder-lock.ts';
import { ownQuestion } from '../../core/rewards/own.ts';
import type { OwnPrograms } from '../own/own-program.ts';

export const ROWS = 'rows.jsonl';
/** File of rows that a judge has scored. When all rows are scored, this file replaces the original. */
export const JUDGED = 'judged.jsonl';

/** Offset of a row's line in the file of rows, and rank of the row in the sorted order. */
interface Place {
  file: FileHandle;
  at: number;
  bytes: number;
  rank: number;
  isAnswered: boolean;
}

export const keyOf = ({ set, view, id }: Pick<EvaluationRow, 'set' | 'view' | 'id'>, i = 0): string =>
  JSON.stringify([set, view, id, i]);

/**
 * Rows in an evaluation's folder, sorted so that all completions of a row are together, because functions that read the
 * rows process them together. Memory contains only the rows' offsets.
 */
export class StoredRows implements AsyncIterable<EvaluationRow> {
  private readonly files: FileHandle[] = [];
  private readonly places = new Map<string, Place>();
  /** Whether `rows.jsonl` already contains all rows in sorted order. */
  isInOrder = true;

  private constructor(private readonly dir: string) {}

  /** @param n number of completions per row and view. */
  static async open(dir: string, samples: readonly EvaluationSample[], n: number): Promise<StoredRows> {
    const rows = new StoredRows(dir);
    try {
      const ranks = new Map(samples.map((sample, i) => [keyOf(sample), i * n]));
      for (const name of [ROWS, JUDGED]) await rows.scan(name, ranks);
    } catch (error) {
      await rows.close();
      throw error;
    }
    return rows;
  }

  private async scan(name: string, ranks: ReadonlyMap<string, number>): Promise<void> {
    const path = join(this.dir, name);
    const file = await open(path).catch(ifMissing(null));
    if (!file) return;
    this.files.push(file);
    let last = -1;
    for await (const { row: value, at, bytes } of readLines(path)) {
      const row = value as unknown as EvaluationRow;
      const i = row.completion_index ?? 0;
      const rank = (ranks.get(keyOf(row)) ?? 0) + i;
      this.isInOrder &&= name === ROWS && rank > last;
      last = rank;
      this.places.set(keyOf(row, i), { file, at, bytes, rank, isAnswered: isAnswered(row) });
    }
  }

  /** Whether completion `i` of a row and view is stored and has an answer. */
  has(sample: EvaluationSample, i: number): boolean {
    return this.places.get(keyOf(sample, i))?.isAnswered ?? false;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<EvaluationRow> {
    for await (const batch of this.batches(READ)) yield* batch;
  }

  /** Yields the rows in order, in batches of `n`. */
  async *batches(n: number): AsyncGenerator<EvaluationRow[]> {
    const sorted = [...this.places.values()].sort((a, b) => a.rank - b.rank);
    for (let from = 0; from < sorted.length; from += n) {
      const places = sorted.slice(from, from + n);
      const texts = await textsAt(places);
      yield places.map((place) => JSON.parse(texts.get(place)!) as EvaluationRow);
    }
  }

  async close(): Promise<void> {
    for (const file of this.files) await file.close();
  }
}

/** Reads rows with few reads, because rows that follow each other in order are almost always close in the file. */
async function textsAt(places: readonly Place[]): Promise<Map<Place, string>> {
  const texts = new Map<Place, string>();
  const byOffset = [...places].sort((a, b) => a.file.fd - b.file.fd || a.at - b.at);
  for (let i = 0, end; i < byOffset.length; i = end) {
    const { file, at: start } = byOffset[i]!;
    const isFar = (place: Place) => place.file !== file || place.at + place.bytes > start + STRETCH;
    end = byOffset.findIndex((place, j) => j > i && isFar(place));
    if (end < 0) end = byOffset.length;
    const last = byOffset[end - 1]!;
    const bytes = Buffer.allocUnsafe(last.at + last.bytes - start);
    await file.read(bytes, 0, bytes.length, start);
    for (const place of byOffset.slice(i, end))
      texts.set(place, bytes.toString('utf8', place.at - start, place.at - start + place.bytes));
  }
  return texts;
}

/** Number of rows that are read together, and that are measured together. */
const [READ, MEASURED] = [64, 1024];
/** Maximum number of bytes that are read together, unless a row is longer. */
const STRETCH = 1 << 16;

/** Function that adds results of an encoder or a custom metric to rows. */
type Measure = (rows: EvaluationRow[]) => Promise<EvaluationRow[]>;

interface Settled {
  rows: MeasuredRow[];
  /** Number of rows without an answer, and the reason for the first such row. */
  failed: number;
  reason: string | undefined;
}

/**
 * Sorts the rows of an evaluation, and adds scores and measures to the rows.
 * @param stored stored rows, which this function closes.
 */
export async function settle(
  lock: FolderLock,
  stored: StoredRows,
  measures: readonly Measure[],
): Promise<Settled> {
  const settled: Settled = { rows: [], failed: 0, reason: undefined };
  const read = async (write: (rows: readonly EvaluationRow[]) => Promise<void>): Promise<void> => {
    try {
      for await (let some of stored.batches(MEASURED)) {
        for (const measure of measures) some = await measure(some);
        await write(some);
        for (const row of some) {
          settled.rows.push(measuredRow(row));
          if (isAnswered(row)) continue;
          settled.failed += 1;
          settled.reason ??= row.segments.find(({ error }) => error !== undefined)?.error;
        }
      }
    } finally {
      // Closes the files first, because Windows cannot replace an open file.
      await stored.close();
    }
  };
  if (stored.isInOrder && measures.length === 0) await read(() => Promise.resolve());
  else
    await lock.write(join(lock.dir, ROWS), (file) =>
      // Writes in batches, because all rows together can exceed the maximum length of a string.
      read((rows) => file.appendFile(linesText(rows))),
    );
  await lock.remove(join(lock.dir, JUDGED));
  return settled;
}

/** Adds custom metrics to every row that has an answer. */
export async function withOwnMetrics(
  rows: readonly EvaluationRow[],
  programs: OwnPrograms,
  root: string,
): Promise<EvaluationRow[]> {
  const answered = rows.filter(isAnswered);
  const questions = answered.map((row) => {
    const { view, completion_index: index = 0, segments, score } = row;
    const about = { view, index, completion: segments.at(-1)!.text, read: score.answer_text };
    return ownQuestion(row, about, (path) => resolve(root, path));
  });
  const values = await programs.values(questions);
  const valueOf = new Map(answered.map((row, i) => [row, values[i]!]));
  return rows.map((row) => (valueOf.has(row) ? { ...row, metrics: valueOf.get(row)! } : row));
}
