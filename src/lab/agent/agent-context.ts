import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseLines, type RecordError, type RowReader } from '../../base/record.ts';
import { readMetricsRow, type MetricsRow } from '../../core/rewards/metrics-row.ts';
import { ifMissing } from '../files/disk-error.ts';
import { readText } from '../files/regular.ts';
import { UntilChanged, versionAt } from '../files/version.ts';
import { AgentError, type Picture } from './agent-answer.ts';
import type { Level } from './levels.ts';

/** What a tool works with. */
export interface AgentContext {
  /** Real paths of the folders that may be read. */
  roots: readonly string[];
  allow: Level;
  /** The client's own name: a text of unknown origin. */
  by: string;
  signal: AbortSignal;
  kept: Kept;
  /** How far a long reading has come, for who waits for it in vain. */
  reading: { share: number | null };
  /** Makes an image small, and mirrors it; absent where nothing can decode. */
  shrink?: (bytes: Uint8Array, options: { longest: number; mirror: boolean }) => Promise<Picture>;
}

/** A larger file of curves or events was made by no run. */
const MOST_BYTES = 256 * 2 ** 20;
/** The same as who calls gives it. */
export type Caller = Omit<AgentContext, 'reading'>;

/** How many runs stay open. */
const KEPT = 3;

/** What stays in memory between calls, read again when its files have changed. */
export class Kept {
  private readonly files = new UntilChanged<{ rows: unknown[]; leftOut: string[] }>(2 * KEPT);

  metrics = (dir: string): Promise<{ rows: MetricsRow[]; leftOut: string[] }> =>
    this.lines(dir, 'metrics.jsonl', readMetricsRow);

  /** The rows of a file of a run; none if there is no such file. */
  async lines<T>(dir: string, name: string, read: RowReader<T>): Promise<{ rows: T[]; leftOut: string[] }> {
    const path = join(dir, name);
    const size = (await stat(path).catch(ifMissing(null)))?.size ?? 0;
    if (size > MOST_BYTES) throw new AgentError(`${name} is larger than 256 MiB, the limit for agents.`);
    const parse = async () => {
      const leftOut: string[] = [];
      const add = ({ message }: RecordError) => leftOut.push(message);
      const rows = parseLines(await readText(path).catch(ifMissing('')), path, read, add);
      return { rows, leftOut };
    };
    // Rows of one file are always read by one reader.
    return (await this.files.of(path, await versionAt(path), parse)) as { rows: T[]; leftOut: string[] };
  }
}
