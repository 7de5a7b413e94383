import { execFileSync } from 'node:child_process';
import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newToken, temporaryName } from '../../../../src/lab/files/leftovers.ts';
import { lockFolder, FolderLocked } from '../../../../src/lab/runs/folder-lock.ts';
import { thisProcess } from '../../../../src/lab/files/process.ts';
import { few, slowly } from '../../../support/slow.ts';
import { folderOfEachTest } from '../../../support/folder.ts';

let folder: string;
folderOfEachTest('chirality-lock-', (made) => (folder = made));

const self = await thisProcess();
const dead = { ...self, pid_start: 'gone' };
const elsewhere = { ...self, host: 'elsewhere' };

/** A lock whose heart beat so many seconds ago. */
async function lockOf(holder: object | string, seconds = 0): Promise<string> {
  const file = join(folder, 'lock', '0123456789abcdef', 'holder.json');
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, typeof holder === 'string' ? holder : JSON.stringify(holder));
  await beat(file, seconds);
  return file;
}

async function beat(file: string, secondsAgo = 0): Promise<void> {
  const then = new Date(Date.now() - 1000 * secondsAgo);
  await utimes(file, then, then);
}

describe('lockFolder', () => {
  it('lockFolder grants the lock to one caller until release', async () => {
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(FolderLocked);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
    await (await lockFolder(folder)).release();
  });

  it('lockFolder grants the lock of a dead process to exactly one of several callers', async () => {
    await lockOf(dead);
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['lock']);
  });

  it.each(few(['{', '', '{}', '7', 'null']))(
    'replaces a lock damaged for half a minute: %j',
    async (text) => {
      await lockOf(text, 29.5);
      const before = performance.now();
      const lock = await lockFolder(folder);
      expect(performance.now() - before).toBeGreaterThan(300);
      await expect(lockFolder(folder)).rejects.toThrow(FolderLocked);
      expect(await readdir(folder)).toEqual(['lock']);
      await lock.release();
    },
  );

  it.each(['mkfifo', 'touch'])('lockFolder rejects a lock that is not a folder: %s', async (make) => {
    execFileSync(make, [join(folder, 'lock')]);
    await expect(lockFolder(folder)).rejects.toThrow(
      /lock must be a folder, .*\. Delete the file if no other process uses it\.$/,
    );
    expect(await readdir(folder)).toEqual(['lock']);
  });

  slowly('respects the lock of another host while its heartbeat changes', async () => {
    await lockOf(elsewhere, 50);
    await expect(lockFolder(folder)).rejects.toThrow(`process ${process.pid} on elsewhere`);
    const file = await lockOf(elsewhere, 70);
    // Alive, with a clock that is wrong by more than a minute.
    const beating = setInterval(() => void beat(file, 70), 500);
    await expect(lockFolder(folder)).rejects.toThrow(FolderLocked);
    clearInterval(beating);
    await (await lockFolder(folder)).release();
  });

  it('uses the heartbeat for a lock from another container or an earlier boot', async () => {
    const [start, place] = self.pid_start.split(' @ ');
    for (const other of [place!.replace(/\d+\]$/, '1]'), place!.replace(/boot \w+/, 'boot 0')]) {
      expect(other).not.toBe(place);
      // Of that id there is none here, and of this one there is another.
      for (const pid of [2 ** 22 + 1, process.pid]) {
        await lockOf({ ...self, pid, pid_start: `${start} @ ${other}` });
        await expect(lockFolder(folder)).rejects.toThrow(FolderLocked);
        await rm(join(folder, 'lock'), { recursive: true });
      }
    }
  });

  it('lockFolder removes only temporary files of dead processes', async () => {
    // A try to take the folder, of a dead process and of this one.
    const [gone, mine] = [newToken().replace(/^\d+/, '4194305'), newToken()];
    for (const token of [gone, mine]) await mkdir(join(folder, temporaryName('lock', token)));
    await writeFile(join(folder, 'lock.json'), 'of somebody');
    await utimes(join(folder, 'lock.json'), 0, 0);
    await writeFile(join(folder, '.notes.tmp'), 'of somebody');
    const lock = await lockFolder(folder);
    expect(await readdir(folder)).toEqual([temporaryName('lock', mine), '.notes.tmp', 'lock', 'lock.json']);
    await lock.release();
  });
});
