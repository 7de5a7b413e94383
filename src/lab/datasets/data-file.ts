import { openAtomic, type AtomicFile } from '../files/atomic.ts';
import { withFileLock } from '../files/file-lock.ts';
import { isShellStream } from '../files/regular.ts';
import { versionAt } from '../files/version.ts';

/**
 * Opens a data file to rewrite it completely. Others may save it in the meantime: `commit` takes the file's lock, and
 * leaves the file as it is if it has changed since this call. A caller that also reads the file must call this before
 * reading.
 * @throws from `commit`, if the file was changed
 */
export async function openDataFile(path: string): Promise<AtomicFile> {
  if (isShellStream(path)) return openAtomic(path);
  const before = await versionAt(path);
  const out = await openAtomic(path);
  const commit = async () => {
    try {
      await out.file.sync(); // slow, so do it before taking the lock
      await withFileLock(path, async () => {
        if ((await versionAt(path)) !== before)
          throw new Error(
            `${path} was changed by another program meanwhile, and stays as it is. Run the command again.`,
          );
        await out.commit();
      });
    } catch (error) {
      await out.discard();
      throw error;
    }
  };
  return { ...out, commit };
}
