import { openAtomic, type AtomicFile } from '../files/atomic.ts';
import { withFileLock } from '../files/file-lock.ts';
import { isPassedOn } from '../files/regular.ts';
import { versionAt } from '../files/version.ts';

/**
 * Opens a data file to write all of it anew. Others may save it meanwhile: its `commit` waits its turn, and where the
 * file is another one than when it was opened, it stays as it is. Whoever reads the same file opens this first.
 * @throws from `commit`, where the file was changed
 */
export async function openDataFile(path: string): Promise<AtomicFile> {
  if (isPassedOn(path)) return openAtomic(path);
  const before = await versionAt(path);
  const out = await openAtomic(path);
  const commit = async () => {
    try {
      await out.file.sync(); // takes its time, for which nobody should wait
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
