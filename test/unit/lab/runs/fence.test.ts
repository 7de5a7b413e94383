import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, statSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  commitCheckpoint,
  listCheckpoints,
  pruneCheckpoints,
  newestIntactCheckpoint,
} from '../../../../src/lab/runs/checkpoints.ts';
import { FolderLost, lockFolder } from '../../../../src/lab/runs/lock.ts';
import { ActiveRun, createRun } from '../../../../src/lab/runs/run.ts';
import { bundle } from './contest.ts';
import { idleConfig } from '../../../support/run-config.ts';

const config = idleConfig(9);

let folder: string;
let dir: string;
let sleeper: Awaited<ReturnType<typeof startSleeper>>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chirality-fence-'));
  dir = await createRun(folder, 'run', config);
  sleeper = await startSleeper();
});
afterEach(async () => {
  sleeper.child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** A process that works on the run, in another container as it says. */
async function startSleeper() {
  const program = await bundle('sleeper', folder);
  const child = spawn(process.execPath, [program, dir], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value as string;
  const tell = async (line: string) => {
    child.stdin.write(`${line}\n`);
    return next();
  };
  expect(await next()).toBe('open');
  return { child, tell };
}

/** Suspends it, and takes its folder when it has been silent for a minute. */
async function takeOver() {
  sleeper.child.kill('SIGSTOP');
  const [token] = await readdir(join(dir, 'lock'));
  const then = new Date(Date.now() - 70_000);
  await utimes(join(dir, 'lock', token!, 'holder.json'), then, then);
  const lock = await lockFolder(dir);
  const state = await newestIntactCheckpoint(lock, () => undefined);
  return ActiveRun.open(lock, { step: state?.step ?? 0, steps: 9 });
}

/** Contents by path; not of logs, and without what depends on the clock. */
async function contents(): Promise<Record<string, string>> {
  const out: Record<string, string> = {};
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || /holder\.json$|\/lock\./.test(path)) continue;
    const text = await readFile(path, 'utf8').catch(() => '');
    out[path.slice(dir.length + 1)] = text.replaceAll(/"heartbeat": "[^"]*"/g, '');
  }
  return out;
}

const LOST = 'FolderLost: Another process has taken over run, since this one showed no sign of life.';

/** Another disk than that of temporary files; null where there is none. */
const disk = ['/dev/shm', '/run'].find((path) => {
  try {
    accessSync(path, constants.W_OK);
    return statSync(path).dev !== statSync(tmpdir()).dev;
  } catch {
    return false;
  }
});

it.runIf(disk)('checkpoints on another disk, by a link, are written and fenced like all others', async () => {
  const away = await mkdtemp(join(disk!, 'chirality-fence-'));
  const linked = await createRun(folder, 'linked', config);
  const [checkpoints, loop] = [join(linked, 'checkpoints'), { cursor: 0, tokens: 0, best: null }];
  await rm(checkpoints, { recursive: true });
  await symlink(away, checkpoints);
  const save = (to: string) => writeFile(join(to, 'weights'), 'w');
  const lock = await lockFolder(linked);
  await commitCheckpoint(lock, { step: 1, ...loop }, save);
  await commitCheckpoint(lock, { step: 2, ...loop }, save);
  await pruneCheckpoints(lock, 1, null);
  expect(await listCheckpoints(linked)).toEqual([2]);
  // As by another process, while this one sleeps.
  await rename(join(away, '.lock'), join(away, 'lost'));
  await rename(join(linked, 'lock'), join(linked, 'lost'));
  await expect(commitCheckpoint(lock, { step: 3, ...loop }, save)).rejects.toThrow(FolderLost);
  await expect(lock.remove(join(checkpoints, 'step-000002'))).rejects.toThrow(FolderLost);
  expect(await listCheckpoints(linked)).toEqual([2]);
  const next = await lockFolder(linked);
  await commitCheckpoint(next, { step: 3, ...loop }, save);
  await next.release();
  expect((await readdir(away)).sort()).toEqual(['lost', 'step-000002', 'step-000003']);
  await rm(away, { recursive: true });
});

describe('a process that slept through a takeover', () => {
  it('writes nothing that counts', async () => {
    expect(await sleeper.tell('first')).toBe('done');
    const run = await takeOver();
    await run.metrics({ step: 2, loss: 20 });
    await commitCheckpoint(run.lock, { step: 2, cursor: 0, tokens: 0, best: null }, (to) =>
      writeFile(join(to, 'weights'), 'of the new holder'),
    );
    const before = await contents();
    expect(before['metrics.jsonl']).toBe('{"step":1,"loss":1}\n{"step":2,"loss":20}\n');
    expect(before['checkpoints/step-000001/weights']).toBe('of the sleeper');
    sleeper.child.kill('SIGCONT');
    // It cannot know yet: what it appends lies in no folder any more.
    for (const name of ['metrics', 'events']) expect(await sleeper.tell(name)).toBe('done');
    for (const name of ['state', 'manifest', 'traces', 'checkpoint', 'prune', 'close'])
      expect(await sleeper.tell(name)).toBe(LOST);
    expect(await contents()).toEqual(before);
    await expect(lockFolder(dir)).rejects.toThrow('already worked on');
    await run.close('stopped', '');
    expect((await readdir(dir)).filter((name) => name.startsWith('lock'))).toEqual([]);
  });

  it('does not put into place what it had in hand', async () => {
    expect(await sleeper.tell('first')).toBe('done');
    expect(await sleeper.tell('slow')).toBe('saving');
    const run = await takeOver();
    const before = await contents();
    sleeper.child.kill('SIGCONT');
    expect(await sleeper.tell('go on')).toBe(LOST);
    expect(await contents()).toEqual(before);
    expect(Object.keys(before).filter((path) => path.startsWith('checkpoints/step-000002'))).toEqual([]);
    await run.close('stopped', '');
  });

  it('keeps its run, byte by byte, while it is only slow', async () => {
    expect(await sleeper.tell('first')).toBe('done');
    sleeper.child.kill('SIGSTOP');
    const before = await contents();
    await expect(lockFolder(dir)).rejects.toThrow('already worked on');
    expect(await contents()).toEqual(before);
    sleeper.child.kill('SIGCONT');
    for (const name of ['metrics', 'checkpoint', 'state']) expect(await sleeper.tell(name)).toBe('done');
    const ended = once(sleeper.child, 'exit');
    expect(await sleeper.tell('close')).toBe('done');
    sleeper.child.stdin.end();
    await ended;
    expect((await contents())['metrics.jsonl']).toBe('{"step":1,"loss":1}\n{"step":2,"loss":2}\n');
  });
});
