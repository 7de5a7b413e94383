import { rename as renameOnce, rm, stat } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Error codes on Windows if another handle has the file open. */
const IN_USE = ['EPERM', 'EACCES', 'EBUSY'];
/** Maximum time to wait for other handles, in ms. Readers finish in milliseconds, virus scanners later. */
const PATIENCE_MS = 2000;
/** Time (ms) after which a file that is still open counts as kept open, not as being read. */
const READING_MS = 200;
const PAUSE_MS = 10;

/**
 * Runs `work`. If `work` fails on Windows because another program has the file open or is replacing it, retries until
 * success or timeout. On other systems, does not retry.
 */
export async function untilReleased<T>(
  work: (waited: number) => Promise<T>,
  patience = PATIENCE_MS,
  platform: NodeJS.Platform = process.platform,
): Promise<T> {
  const start = performance.now();
  for (;;) {
    const waited = performance.now() - start;
    try {
      return await work(waited);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (platform !== 'win32' || !IN_USE.includes(code) || waited > patience) throw error;
    }
    await sleep(PAUSE_MS);
  }
}

/**
 * Renames a file or folder, also over a file. Windows cannot replace an open file, or move a folder with an open file.
 * On Windows, the rename is therefore retried, and a file that stays open is moved away.
 * @param reading time to wait for readers before moving the file away, in ms. 0 if the file is known to stay open
 */
export const rename = (from: string, to: string, reading = READING_MS): Promise<void> =>
  untilReleased((waited) =>
    process.platform === 'win32' && waited >= reading ? replaceOpen(from, to) : renameOnce(from, to),
  );

/**
 * Renames a file over an open file, after renaming the open file, which Windows allows. If the process ends between the
 * two renames, the old bytes stay as `.NAME.….before`.
 */
export async function replaceOpen(from: string, to: string): Promise<void> {
  const before = await stat(to).catch(() => null);
  if (!before?.isFile()) return renameOnce(from, to);
  const aside = join(dirname(to), `.${basename(to)}.${randomBytes(6).toString('hex')}.before`);
  await renameOnce(to, aside);
  try {
    await renameOnce(from, to);
  } catch (error) {
    await renameOnce(aside, to);
    throw error;
  }
  // Deletes the old file. Programs that have it open can still read it.
  await rm(aside, { force: true }).catch(() => undefined);
}
