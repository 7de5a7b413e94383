import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, statSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import {
  commitCheckpoint,
  listCheckpoints,
  pruneCheckpoints,
  newestIntactCheckpoint,
} from '../../../../src/lab/runs/checkpoints.ts';
import { FolderLost, lockFolder } from '../../../../src/lab/runs/folder-lock.ts';
import { ActiveRun, createRun } from '../../../../src/lab/runs/make-run.ts';
import { bundle } from './contest.ts';
import { idleConfig } from '../../../support/run-config.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { slowly } from '../../../support/slow.ts';

const config = idleConfig(9);

const folder = folderOfTests('chirality-fence-');
let program: string;
beforeAll(async () => {
  program = await bundle('sleeper', folder);
});

/** A process that works on a run of its own, in another container as it says. */
async function startSleeper(name: string, { onTestFinished }: TestContext) {
  const dir = await createRun(folder, name, config);
  const child = spawn(process.execPath, [program, dir], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value as string;
  const tell = async (line: string) => {
    child.stdin.write(`${line}\n`);
    return next();
  };
  onTestFinished(() => void child.kill('SIGKILL'));
  expect(await next()).toBe('open');
  return { dir, child, tell };
}

/** Suspends it, and takes its folder when it has been silent for a minute. */
async function takeOver(dir: string, child: ChildProcess) {
  child.kill('SIGSTOP');
  const [token] = await readdir(join(dir, 'lock'));
  const then = new Date(Date.now() - 70_000);
  await utimes(join(dir, 'lock', token!, 'holder.json'), then, then);
  const lock = await lockFolder(dir);
  const state = await newestIntactCheckpoint(lock, () => undefined);
  return ActiveRun.open(lock, { step: state?.step ?? 0, steps: 9 });
}

/** Contents by path; not of logs, and without what depends on the clock. */
async function contents(dir: string): Promise<Record<string, string>> {
  const out: Record<string, string> = {};
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || /holder\.json$|\/lock\./.test(path)) continue;
    const text = await readFile(path, 'utf8').catch(() => '');
    out[path.slice(dir.length + 1)] = text.replaceAll(/"heartbeat": "[^"]*"/g, '');
  }
  return out;
}

const lost = (name: string) =>
  `FolderLost: Another process has taken over ${name}, because this process sent no heartbeat.`;

/** Another disk than that of temporary files; null where there is none. */
const disk = ['/dev/shm', '/run'].find((path) => {
  try {
    accessSync(path, constants.W_OK);
    return statSync(path).dev !== statSync(tmpdir()).dev;
  } catch {
    return false;
  }
});

it.runIf(disk)('checkpoints behind a link to another disk: are protected by the lock', async () => {
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

// Next to each other: whoever takes over waits for six seconds.
describe.concurrent('a process that was suspended during a takeover', () => {
  slowly('a process suspended during a takeover cannot change the run when it continues', async (test) => {
    const { dir, child, tell } = await startSleeper('taken', test);
    expect(await tell('first')).toBe('done');
    const run = await takeOver(dir, child);
    await run.metrics({ step: 2, loss: 20 });
    await commitCheckpoint(run.lock, { step: 2, cursor: 0, tokens: 0, best: null }, (to) =>
      writeFile(join(to, 'weights'), 'of the new holder'),
    );
    const before = await contents(dir);
    expect(before['metrics.jsonl']).toBe('{"step":1,"loss":1}\n{"step":2,"loss":20}\n');
    expect(before['checkpoints/step-000001/weights']).toBe('of the sleeper');
    child.kill('SIGCONT');
    // It cannot know yet: what it appends lies in no folder any more.
    for (const name of ['metrics', 'events']) expect(await tell(name)).toBe('done');
    for (const name of ['state', 'manifest', 'traces', 'checkpoint', 'prune', 'close'])
      expect(await tell(name)).toBe(lost('taken'));
    expect(await contents(dir)).toEqual(before);
    await expect(lockFolder(dir)).rejects.toThrow('already in use');
    await run.close('stopped', '');
    expect((await readdir(dir)).filter((name) => name.startsWith('lock'))).toEqual([]);
  });

  slowly('a suspended process does not commit a checkpoint that it had begun', async (test) => {
    const { dir, child, tell } = await startSleeper('in-hand', test);
    expect(await tell('first')).toBe('done');
    expect(await tell('slow')).toBe('saving');
    const run = await takeOver(dir, child);
    const before = await contents(dir);
    child.kill('SIGCONT');
    expect(await tell('go on')).toBe(lost('in-hand'));
    expect(await contents(dir)).toEqual(before);
    expect(Object.keys(before).filter((path) => path.startsWith('checkpoints/step-000002'))).toEqual([]);
    await run.close('stopped', '');
  });

  it('a slow process keeps its run and lock', async (test) => {
    const { dir, child, tell } = await startSleeper('kept', test);
    expect(await tell('first')).toBe('done');
    child.kill('SIGSTOP');
    const before = await contents(dir);
    await expect(lockFolder(dir)).rejects.toThrow('already in use');
    expect(await contents(dir)).toEqual(before);
    child.kill('SIGCONT');
    for (const name of ['metrics', 'checkpoint', 'state']) expect(await tell(name)).toBe('done');
    const ended = once(child, 'exit');
    expect(await tell('close')).toBe('done');
    child.stdin.end();
    await ended;
    expect((await contents(dir))['metrics.jsonl']).toBe('{"step":1,"loss":1}\n{"step":2,"loss":2}\n');
  });
});
