import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { Random } from '../../../../src/base/random.ts';
import { isActive, readState } from '../../../../src/lab/runs/state.ts';
import { CLI, fingerprint, tinyProject, trained } from './cli.ts';
import { workThroughKills } from './kills.ts';
import { folderOfTests } from '../../../support/folder.ts';

const STEPS = 60;

const folder = folderOfTests('chirality-kills-');
let reference: string;
let expected: Record<string, string>;
beforeAll(async () => {
  await tinyProject(folder);
  // Long enough that every kill finds it at work.
  const config = join(folder, 'grpo.run.yaml');
  await writeFile(config, (await readFile(config, 'utf8')).replace(/^steps: 8$/m, `steps: ${STEPS}`));
  await trained(folder, 'sft', 'grpo');
  reference = join(folder, 'runs/grpo');
  expected = await fingerprint(reference);
}, 900_000);

it('a run killed at twenty random file changes produces byte-equal files', async () => {
  const random = Random.from('twenty kills');
  const calls = Array.from({ length: 20 }, () => 1 + random.below(200));
  const { dir, reached } = await workThroughKills(reference, join(folder, 'runs'), 'killed', calls);
  expect(await fingerprint(dir)).toEqual(expected);
  // They came all along the way.
  expect(new Set(reached).size).toBeGreaterThan(10);
  expect(Math.max(...reached)).toBeLessThan(STEPS);
}, 1_800_000);

it('a run produces byte-equal files after its watching program is killed', async () => {
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
  expect(await state()).toMatchObject({ status: 'finished', step: STEPS });
  expect(await fingerprint(dir)).toEqual(expected);
}, 1_800_000);
