import { createHash } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { completionText, isNumeric, numberOf, type LoggedRow } from './values/logged-row.ts';
import type { Batch } from './foreign-reader.ts';

/** Columns that no program uses for rewards. */
const OWN_COLUMNS = `step gen_step prompt completion advantage reward input output gts score uid request_id
  group num_turns`.split(/\s+/);

/** Values of a batch, without the texts. */
export interface Digest {
  version: string;
  /** Hash of each row, equal for equal rows. */
  rows: string[];
  keys: string[];
  groups: (string | null)[];
  advantages: (number | null)[];
  /** Numeric columns between the columns for completion and advantage, in order. */
  columns: string[];
  values: Record<string, (number | null)[]>;
  rewards: (number | null)[];
  /** Number of completions whose text is not empty. */
  texts: number;
}

/** Returns the values of a batch that determine its groups and rewards. */
function digestOf(batch: Batch, rows: readonly LoggedRow[]): Digest {
  const first = rows[0]?.columns ?? {};
  const names = Object.keys(first).filter((name) => !OWN_COLUMNS.includes(name));
  const columns = names.filter((name) => isNumeric(rows, name));
  // Rows without text can be equal by chance, so their hash includes the name of the batch.
  const batchName = rows.every(({ completion }) => completion === '') ? batch.name : null;
  return {
    version: batch.version,
    rows: rows.map(({ prompt, completion, advantage }) =>
      hashOf(JSON.stringify([batchName, prompt, completion, advantage])),
    ),
    keys: rows.map(({ prompt }) => hashOf(JSON.stringify(prompt) ?? '')),
    groups: rows.map(({ group }) => group && hashOf(group)),
    advantages: rows.map(({ advantage }) => advantage),
    columns,
    values: Object.fromEntries(columns.map((name) => [name, rows.map((row) => numberOf(row.columns[name]))])),
    rewards: rows.map(({ reward }) => reward),
    texts: rows.filter(({ completion }) => completionText(completion).trim() !== '').length,
  };
}

/**
 * Returns the number of rows at the beginning of a batch that repeat the end of the previous batch. TRL logs a queue of
 * its newest completions. If few completions are new, a batch begins with completions of the previous batch.
 */
export function repeatedRows(before: Digest, { rows, groups }: Digest): number {
  // Programs that log group names do not log a queue of completions.
  if (!groups.includes(null)) return 0;
  // Knuth–Morris–Pratt: length of the longest beginning of the rows that ends at each row of the previous batch.
  const shorter = [0];
  const longer = (n: number, row: string): number => {
    while (n > 0 && row !== rows[n]) n = shorter[n - 1]!;
    return row === rows[n] ? n + 1 : 0;
  };
  for (let i = 1, n = 0; i < rows.length; i++) shorter.push((n = longer(n, rows[i]!)));
  return before.rows.slice(-rows.length).reduce(longer, 0);
}

function withoutFirst(n: number, { batch, digest }: ReadBatch): ReadBatch {
  const { keys, groups, advantages, values, rewards } = digest;
  return {
    batch: { ...batch, rows: async (problems) => (await batch.rows(problems)).slice(n) },
    digest: {
      ...digest,
      version: `${digest.version} ${n}`,
      keys: keys.slice(n),
      groups: groups.slice(n),
      advantages: advantages.slice(n),
      values: Object.fromEntries(Object.entries(values).map(([name, column]) => [name, column.slice(n)])),
      rewards: rewards.slice(n),
    },
  };
}

/** Hashes a text, because the texts of a run do not fit into memory. Only equality matters. */
const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);

export interface ReadBatch {
  batch: Batch;
  digest: Digest;
}

/** Digest of a batch, or null for an unreadable batch, and the reasons why rows are unreadable. */
interface Digested {
  digest: Digest | null;
  problems: readonly string[];
}

/** Digests of a growing run's batches. Each version of a batch is digested once. */
export class Digests {
  private readonly known = new Map<
    string,
    { version: string; digested: Promise<Digested>; isDone: boolean }
  >();
  private isReadingOn = false;

  /** @param patience time (ms) after which `of` returns partial results and continues reading in the background */
  constructor(private readonly patience: number) {}

  /** Digests batches for up to `patience` ms. Digests the other batches in the background, for the next call. */
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
      const { digest, problems: more } = await this.digest(batch);
      problems.push(...more);
      if (!digest) continue;
      const repeated = before ? repeatedRows(before.digest, digest) : 0;
      const { length } = digest.rows;
      if (repeated > 0 && before!.batch.step === batch.step) {
        if (repeated < length) read.push(withoutFirst(repeated, { batch, digest }));
      } else if (repeated > 0 && repeated === length && length === before!.digest.rows.length)
        notes.push(`${before!.batch.name} was logged again at step ${batch.step}.`);
      else read.push({ batch, digest });
      before = { batch, digest };
    }
    if (waiting.length > 0) {
      const all = batches.length;
      notes.push(`Reading completions: ${all - waiting.length} of ${all} files or tables.`);
      void this.readOn(waiting);
    }
    return { read, notes, problems };
  }

  /** Time (`performance.now`) until which a result is valid if no file changes. */
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

  /** Pause (ms) before reading continues in the background. The caller can use the result in the pause. */
  private get pause(): number {
    return 4 * this.patience;
  }

  /** Reads, in the background, the batches that are not in the last result. */
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
