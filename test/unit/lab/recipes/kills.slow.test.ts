import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../../../../src/core/random.ts';
import { isActive, readState } from '../../../../src/lab/runs/state.ts';
import { chirality, CLI, fingerprint, tinyProject } from './cli.ts';
import { workThroughKills } from './kills.ts';

let folder: string;
let reference: string;
let expected: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chirality-kills-'));
  await tinyProject(folder);
  for (const name of ['sft', 'grpo']) {
    const done = await chirality(folder, 'train', `${name}.run.yaml`);
    if (done.code !== 0) throw new Error(done.stderr);
  }
  reference = join(folder, 'runs/grpo');
  expected = await fingerprint(reference);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('survives SIGKILL of the whole process group at twenty random moments: byte-equal', async () => {
  const random = Random.from('twenty kills');
  // From the first sign of life to beyond the end of an undisturbed run: opening, sampling, saving, evaluating.
  const waits = Array.from({ length: 20 }, () => random.between(0, 2500));
  const killed = await workThroughKills(reference, join(folder, 'runs'), 'killed', waits);
  expect(await fingerprint(killed)).toEqual(expected);
}, 600_000);

it('goes on when the program that watches it is killed: byte-equal', async () => {
  const watcher = spawn(process.execPath, [CLI, 'train', 'grpo.run.yaml', '--name', 'watched'], {
    cwd: folder,
    stdio: 'ignore',
  });
  const gone = once(watcher, 'exit');
  const dir = join(folder, 'runs/watched');
  const state = () => readState(dir).catch(() => null);
  while (((await state())?.step ?? 0) < 1) await sleep(20);
  watcher.kill('SIGKILL');
  expect(await gone).toEqual([null, 'SIGKILL']);
  expect((await state())?.status).toBe('running');

  for (let now = await state(); now && isActive(now); now = await state()) await sleep(50);
  expect(await state()).toMatchObject({ status: 'finished', step: 8 });
  expect(await fingerprint(dir)).toEqual(expected);
}, 600_000);
