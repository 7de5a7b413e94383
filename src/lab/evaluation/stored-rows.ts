import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { isAnswered, type EvaluationRow } from '../../core/metrics/evaluation-row.ts';
import { ifMissing } from '../files/disk-error.ts';
import { readLines } from '../runs/append.ts';
import type { EvaluationSample } from './samples.ts';

/** The rows of an evaluation. */
export const ROWS = 'rows.jsonl';
/** Those that a judge has judged since; they stand here until all are judged, and replace the others then. */
export const JUDGED = 'judged.jsonl';

/** Where the line of a row lies, and where it belongs. */
interface Place {
  file: FileHandle;
  at: number;
  bytes: number;
  rank: number;
  isAnswered: boolean;
}

const keyOf = ({ set, view, id }: Pick<EvaluationRow, 'set' | 'view' | 'id'>, i = 0): string =>
  JSON.stringify([set, view, id, i]);

/**
 * The rows in an evaluation's folder, sorted so that completions answered later come next to the others of their row,
 * because readers take them together. Memory holds their places alone, however much the model wrote.
 */
export class StoredRows implements AsyncIterable<EvaluationRow> {
  private readonly files: FileHandle[] = [];
  private readonly places = new Map<string, Place>();
  /** Whether `rows.jsonl` has them all, in this order. */
  isInOrder = true;

  private constructor(private readonly dir: string) {}

  /** @param n completions of each sample. */
  static async open(dir: string, samples: readonly EvaluationSample[], n: number): Promise<StoredRows> {
    const rows = new StoredRows(dir);
    try {
      const ranks = new Map(samples.map((one, i) => [keyOf(one), i * n]));
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

  /** Whether completion `i` of a sample stands here, with an answer. */
  has(sample: EvaluationSample, i: number): boolean {
    return this.places.get(keyOf(sample, i))?.isAnswered ?? false;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<EvaluationRow> {
    const sorted = [...this.places.values()].sort((a, b) => a.rank - b.rank);
    for (const { file, at, bytes } of sorted) {
      const line = Buffer.allocUnsafe(bytes);
      await file.read(line, 0, bytes, at);
      yield JSON.parse(new TextDecoder().decode(line)) as EvaluationRow;
    }
  }

  /** The same rows, `n` at a time. */
  async *batches(n: number): AsyncGenerator<EvaluationRow[]> {
    let batch: EvaluationRow[] = [];
    for await (const row of this) {
      batch.push(row);
      if (batch.length < n) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  async close(): Promise<void> {
    for (const file of this.files) await file.close();
  }
}
