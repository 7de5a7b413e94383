import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { digestOf, repeatedRows, withoutFirst, type Digest, type ReadBatch } from './grouping.ts';
import type { Batch } from './reader.ts';

/** What was learnt of a batch, null if it cannot be read, and why some of its rows or all cannot be read. */
interface Digested {
  digest: Digest | null;
  problems: readonly string[];
}

/** A batch that is being read, or has been. */
interface Reading {
  version: string;
  digested: Promise<Digested>;
  isDone: boolean;
}

/** What was learnt of the batches of a growing run, each read once in each of its versions. */
export class Digests {
  private readonly known = new Map<string, Reading>();
  private isReadingOn = false;

  /** @param patience time (ms) after which `of` answers with what it has, while it reads on */
  constructor(private readonly patience: number) {}

  /** Digests what `patience` leaves time for, and the rest after that, for the next call. */
  async of(batches: readonly Batch[]) {
    const read: ReadBatch[] = [];
    let before: ReadBatch | null = null;
    const notes: string[] = [];
    const problems: string[] = [];
    const waiting: Batch[] = [];
    const until = performance.now() + this.patience;
    for (const batch of batches) {
      if (performance.now() > until && !this.isDone(batch)) {
        waiting.push(batch);
        continue;
      }
      const { digest, problems: own } = await this.digest(batch);
      problems.push(...own);
      if (!digest) continue;
      const repeated = before ? repeatedRows(before.digest, digest) : 0;
      const { length } = digest.rows;
      if (repeated > 0 && before!.batch.step === batch.step) {
        if (repeated < length) read.push(withoutFirst(repeated, { batch, digest }));
      } else if (repeated > 0 && repeated === length && length === before!.digest.rows.length)
        notes.push(`${before!.batch.name} was also logged at step ${batch.step}.`);
      else read.push({ batch, digest });
      before = { batch, digest };
    }
    if (waiting.length > 0) {
      const all = batches.length;
      notes.push(`Read so far: ${all - waiting.length} of ${all} files or tables of completions.`);
      void this.readOn(waiting);
    }
    return { read, notes, problems };
  }

  /** Until when (`performance.now`) an answer holds if no file changes. */
  get validUntil(): number {
    return this.isReadingOn ? performance.now() + this.pause : Infinity;
  }

  private isDone({ name, version }: Batch): boolean {
    const reading = this.known.get(name);
    return reading?.version === version && reading.isDone;
  }

  private digest(batch: Batch): Promise<Digested> {
    const { name, version } = batch;
    const kept = this.known.get(name);
    if (kept?.version === version) return kept.digested;
    const problems: string[] = [];
    const digested = batch.rows(problems).then(
      (rows) => ({ digest: digestOf(batch, rows), problems }),
      (error: Error) => ({ digest: null, problems: [error.message] }),
    );
    const reading = { version, digested, isDone: false };
    void digested.then(() => (reading.isDone = true));
    this.known.set(name, reading);
    return digested;
  }

  /** Time (ms) in which a list is built of what has been read, before more is. */
  private get pause(): number {
    return 4 * this.patience;
  }

  /** Reads what the last answer lacks, for the next one. */
  private async readOn(batches: readonly Batch[]): Promise<void> {
    if (this.isReadingOn) return;
    this.isReadingOn = true;
    await sleep(this.pause);
    for (const batch of batches) {
      await this.digest(batch);
      await nextTurn();
    }
    this.isReadingOn = false;
  }
}
