import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockFolder, FolderLocked, type FolderLock } from '../../../../src/lab/runs/folder-lock.ts';
import { thisProcess } from '../../../../src/lab/files/process.ts';

/**
 * One of several processes that contest a folder: takes it so many times, and each time either gives it back or dies in
 * it, which others find out. Nobody but the holder may be inside. Prints what it saw, as JSON.
 */
const [dir, wanted] = [process.argv[2]!, Number(process.argv[3])];
const seen = { takeovers: 0, doubles: 0 };
const self = await thisProcess();

while (seen.takeovers < wanted) {
  let lock: FolderLock;
  try {
    lock = await lockFolder(dir);
  } catch (error) {
    if (!(error instanceof FolderLocked)) throw error;
    await sleep(1);
    continue;
  }
  seen.takeovers += 1;
  const inside = join(dir, 'inside');
  await writeFile(inside, '', { flag: 'wx' }).catch(() => (seen.doubles += 1));
  await lock.write(join(dir, 'last'), (file) => file.writeFile(String(process.pid)), { durable: false });
  await rm(inside, { force: true });
  if (seen.takeovers % 8 === 0) await lock.release();
  else await dieIn(lock);
}
console.log(JSON.stringify(seen));
process.exit();

/** Leaves the lock as a killed process does: its holder is one that started at another time. */
async function dieIn(lock: FolderLock): Promise<void> {
  const { heart, entry } = (lock as unknown as { lock: { heart: NodeJS.Timeout; entry: string } }).lock;
  clearInterval(heart);
  await writeFile(join(entry, 'dead'), JSON.stringify({ ...self, pid_start: 'gone' }));
  await rename(join(entry, 'dead'), join(entry, 'holder.json'));
}
