import { join } from 'node:path';
import {
  isAnswered,
  measuredRow,
  type EvaluationRow,
  type MeasuredRow,
} from '../../core/metrics/evaluation-row.ts';
import type { FolderLock } from '../runs/lock.ts';
import { JUDGED, ROWS, type StoredRows } from './stored-rows.ts';

/** How many rows to measure at once. */
const MEASURED = 1024;

/** Adds to rows what an encoder or a program of one's own says of them. */
type Measure = (rows: EvaluationRow[]) => Promise<EvaluationRow[]>;

interface Settled {
  rows: MeasuredRow[];
  /** The number of rows without an answer, and why the first has none. */
  failed: number;
  reason: string | undefined;
}

/**
 * Brings the rows of an evaluation in order, with their verdicts and what is measured of them.
 * @param stored is closed.
 */
export async function settle(
  lock: FolderLock,
  stored: StoredRows,
  measures: readonly Measure[],
): Promise<Settled> {
  const settled: Settled = { rows: [], failed: 0, reason: undefined };
  const read = async (write: (row: EvaluationRow) => Promise<void>): Promise<void> => {
    try {
      for await (let some of stored.batches(MEASURED)) {
        for (const measure of measures) some = await measure(some);
        for (const row of some) {
          await write(row);
          settled.rows.push(measuredRow(row));
          if (isAnswered(row)) continue;
          settled.failed += 1;
          settled.reason ??= row.segments.find(({ error }) => error !== undefined)?.error;
        }
      }
    } finally {
      // Windows replaces no file that is open.
      await stored.close();
    }
  };
  if (stored.isInOrder && measures.length === 0) await read(() => Promise.resolve());
  else
    await lock.write(join(lock.dir, ROWS), (file) =>
      // Row by row: together they may be longer than a string can be.
      read((row) => file.appendFile(`${JSON.stringify(row)}\n`)),
    );
  await lock.remove(join(lock.dir, JUDGED));
  return settled;
}
