import { rename as renameOnce, rm, stat } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Error codes of Windows if another handle has the file open. */
const IN_USE = ['EPERM', 'EACCES', 'EBUSY'];
/** Maximum time to wait for other handles, in ms. Readers take milliseconds, virus scanners longer. */
const PATIENCE_MS = 2000;
/** Time (ms) after which an open file is not just being read. */
const READING_MS = 200;
const PAUSE_MS = 10;

/**
 * Runs `work`. If Windows fails because another program has the file open or is replacing it, retries until success or
 * timeout. Other systems do not retry.
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
 * There the rename is retried, and a file that stays open is moved away.
 * @param reading time to wait for readers before that, in ms. 0 if the file is known to stay open
 */
export const rename = (from: string, to: string, reading = READING_MS): Promise<void> =>
  untilReleased((waited) =>
    process.platform === 'win32' && waited >= reading ? replaceOpen(from, to) : renameOnce(from, to),
  );

/**
 * Renames a file over an open file, which first gets another name, as Windows allows. If the process ends in between,
 * the old bytes stay as `.NAME.….before`.
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
  // Programs that have it open can continue to read it.
  await rm(aside, { force: true }).catch(() => undefined);
}
