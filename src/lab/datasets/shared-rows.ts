import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FirstSeen, keyOf } from './first-seen.ts';
import { openDataset } from './open-dataset.ts';
import { imageKey } from './splits.ts';

/**
 * Share, from 0 to 1, of another file's rows that a data file also contains. `too-large`: one file exceeds the maximum
 * size. Null: the other file contains no rows, or one of the files is unreadable.
 */
type SharedRows = number | 'too-large' | null;

/**
 * Compares a data file with other files. Rows with equal question and images count as the same row. Uses about 14 bytes
 * per row.
 * @param mostBytes maximum size of a file that is read
 */
export async function sharedRows(
  path: string,
  others: readonly string[],
  mostBytes = Infinity,
): Promise<SharedRows[]> {
  const isSmall = async (file: string) => (await stat(file)).size <= mostBytes;
  const rows = new FirstSeen();
  const shares: SharedRows[] = [];
  try {
    const compares = await isSmall(path);
    if (compares) for await (const key of rowKeys(path, path)) rows.note(key, { file: 0, at: 0 });
    for (const other of others) shares.push(compares ? await shareOf(other).catch(() => null) : 'too-large');
  } catch {
    return others.map(() => null);
  }
  return shares;

  async function shareOf(other: string): Promise<SharedRows> {
    if (!(await isSmall(other))) return 'too-large';
    let [all, shared] = [0, 0];
    for await (const key of rowKeys(other, path)) {
      all += 1;
      shared += Number(rows.find(key) !== null);
    }
    return all === 0 ? null : shared / all;
  }
}

/** Yields the key of each row: question, and image paths relative to the folder of `relative`. */
async function* rowKeys(path: string, relative: string): AsyncGenerator<number> {
  const set = await openDataset(path, { relativeTo: dirname(relative), blank: 'all' });
  for await (const { sample } of set.rows)
    if (sample) yield keyOf(JSON.stringify([sample.question.trim(), sample.images.map(imageKey)]));
}
