import { rename as renameOnce, rm, stat } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The error codes of Windows when another handle keeps the file open. */
const IN_USE = ['EPERM', 'EACCES', 'EBUSY'];
/** How long others may keep what is to be moved. Readers take milliseconds, virus scanners longer. */
const PATIENCE_MS = 2000;
/** Whoever keeps a file open for longer than this does not just read it. */
const READING_MS = 200;
const PAUSE_MS = 10;

/**
 * Does `work`; where Windows refuses, because another program has the file open or is about to replace it, again until it
 * succeeds or the time is up. Other systems refuse for good.
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
 * Renames a file or folder, also over a file. Windows refuses to replace a file that is open, here or in another
 * process, and to move a folder with an open file: so there it is tried again, and a file that stays open is moved out
 * of the way.
 * @param reading how long to wait for readers before that, in ms; 0 if the file is known to stay open.
 */
export const rename = (from: string, to: string, reading = READING_MS): Promise<void> =>
  untilReleased((waited) =>
    process.platform === 'win32' && waited >= reading ? replaceOpen(from, to) : renameOnce(from, to),
  );

/**
 * Renames a file over one that is open: first that one gets another name, which Windows allows. Should the process end
 * in between, the old bytes lie next to it as `.NAME.….before`.
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
  // Whoever has it open reads on; then it is gone.
  await rm(aside, { force: true }).catch(() => undefined);
}
