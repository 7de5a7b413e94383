import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FirstSeen, keyOf } from './first-seen.ts';
import { openDataset } from './open-dataset.ts';
import { imageKey } from './splits.ts';

/**
 * The share, from 0 to 1, of the rows of another file that a data file also has. `too-large`: one of both has more bytes
 * than are read; null: the other has no rows, or one cannot be read.
 */
export type SharedRows = number | 'too-large' | null;

/**
 * Compares a data file with others: the same question about the same images is the same row. Holds 14 bytes a row.
 * @param mostBytes larger files are not read
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

/** Keys of the rows of a file, with its images named as the file at `relative` names them. */
async function* rowKeys(path: string, relative: string): AsyncGenerator<number> {
  const set = await openDataset(path, { relativeTo: dirname(relative), blank: 'all' });
  for await (const { sample } of set.rows)
    if (sample) yield keyOf(JSON.stringify([sample.question.trim(), sample.images.map(imageKey)]));
}
