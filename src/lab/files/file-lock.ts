import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Lock } from './lock.ts';

/** How long one waits for the same holder. What a lock guards, a look at a file and a renaming, takes milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * Works while no other program of ours replaces a file: `.NAME.lock` beside it says who does. A folder in which no lock
 * can be made takes no new file in the old one's place, either: that is the error.
 * @param token of one who finds a lock of its own again after a crash, `newToken()`.
 * @throws where a living process holds it for longer than `PATIENCE_MS`.
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
