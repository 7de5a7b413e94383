import { join } from 'node:path';
import {
  isAnswered,
  measuredRow,
  type EvaluationRow,
  type MeasuredRow,
} from '../../core/metrics/evaluation-row.ts';
import type { Encoder } from '../encoders/encoder.ts';
import type { FolderLock } from '../runs/lock.ts';
import { withSimilarities } from './judge.ts';
import { JUDGED, ROWS, type StoredRows } from './stored-rows.ts';

/** How many rows to compare with their references at once. */
const ENCODED = 1024;

interface Settled {
  rows: MeasuredRow[];
  /** The number of rows without an answer, and why the first has none. */
  failed: number;
  reason: string | undefined;
}

/**
 * Brings the rows of an evaluation in order, with their verdicts and how similar answers are to references.
 * @param stored is closed.
 */
export async function settle(
  lock: FolderLock,
  stored: StoredRows,
  encoder: Encoder | undefined,
): Promise<Settled> {
  const settled: Settled = { rows: [], failed: 0, reason: undefined };
  const read = async (write: (row: EvaluationRow) => Promise<void>): Promise<void> => {
    try {
      for await (const some of stored.batches(ENCODED))
        for (const row of encoder ? await withSimilarities(some, encoder) : some) {
          await write(row);
          settled.rows.push(measuredRow(row));
          if (isAnswered(row)) continue;
          settled.failed += 1;
          settled.reason ??= row.segments.find(({ error }) => error !== undefined)?.error;
        }
    } finally {
      // Windows replaces no file that is open.
      await stored.close();
    }
  };
  if (stored.isInOrder && !encoder) await read(() => Promise.resolve());
  else
    await lock.write(join(lock.dir, ROWS), (file) =>
      // Row by row: together they may be longer than a string can be.
      read((row) => file.appendFile(`${JSON.stringify(row)}\n`)),
    );
  await lock.remove(join(lock.dir, JUDGED));
  return settled;
}
