import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Lock } from './lock.ts';

/** How long to wait for the same holder. The work under a lock, checking a file and renaming it, takes milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * Runs `work` while no other Chirality process replaces the file: `.NAME.lock` beside it names the holder. Where the
 * folder does not allow a lock, the file could not be replaced either, so that is the error.
 * @param token `newToken()`, for a caller that must recognise its own lock after a crash.
 * @throws if a living process holds the lock for longer than `PATIENCE_MS`.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>, token?: string): Promise<T> {
  const real = await realpath(path).catch(() => path);
  const at = join(dirname(real), `.${basename(real)}.lock`);
  const lock = await Lock.take(at, {
    ...(token !== undefined && { token }),
    patience: PATIENCE_MS,
    refusal: ({ pid, host }) =>
      new Error(
        `Process ${pid} on ${host} has been writing beside ${at} for ${PATIENCE_MS / 1000} seconds. Try again when it is done, or end it.`,
      ),
  });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}
