import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import type { RunState } from '../../../../src/lab/runs/run-folder.ts';
import { thisProcess } from '../../../../src/lab/files/process.ts';
import { ActiveRun } from '../../../../src/lab/runs/make-run.ts';
import { LineWriter } from '../../../../src/lab/runs/line-writer.ts';
import { launchDetached, stopRun } from '../../../../src/lab/runs/launch.ts';
import { lockFolder } from '../../../../src/lab/runs/folder-lock.ts';
import { writeState } from '../../../../src/lab/runs/state.ts';
import { folderOfEachTest } from '../../../support/folder.ts';

// Whoever unpacks or clones a stranger's run folder gets the links in it, too.

let folder: string;
let run: string;
folderOfEachTest('chirality-links-', (made) => (folder = made));
beforeEach(() => {
  run = join(folder, 'run');
  mkdirSync(join(run, 'logs'), { recursive: true });
  mkdirSync(join(run, 'control'));
});

/** Links a file of the run to one outside, which holds something. */
async function linkOut(name: string): Promise<string> {
  const outside = join(folder, name.replaceAll('/', '-'));
  await writeFile(outside, '{"step":1}\n');
  await symlink(outside, join(run, name));
  return outside;
}
const isUntouched = (outside: string) => readFileSync(outside, 'utf8') === '{"step":1}\n';
const isLink = (name: string) => lstatSync(join(run, name)).isSymbolicLink();

const self = await thisProcess();
const state: RunState = {
  status: 'running',
  phase: 'gen',
  step: 3,
  steps: 5,
  ...self,
  message: '',
  heartbeat: new Date().toISOString(),
};

it('a run: replaces links among its files when it writes', async () => {
  const [claim, lines] = [await linkOut('state.json'), await linkOut('metrics.jsonl')];
  const lock = await lockFolder(run);
  await writeState(run, state, lock.write);
  const writer = await LineWriter.open(lock, join(run, 'metrics.jsonl'));
  await writer.append({ step: 2 });
  await writer.close();
  await lock.release();
  expect([isUntouched(claim), isLink('state.json')]).toEqual([true, false]);
  expect([isUntouched(lines), isLink('metrics.jsonl')]).toEqual([true, false]);
  expect(readFileSync(join(run, 'metrics.jsonl'), 'utf8')).toBe('{"step":1}\n{"step":2}\n');
});

it('stopRun: replaces a link at the path of the stop request', async () => {
  const outside = await linkOut('control/stop');
  await writeState(run, { ...state, pid: 2 ** 31 - 1, host: 'elsewhere' });
  await stopRun(run, { grace: 1, patience: 1 });
  expect([isUntouched(outside), isLink('control/stop')]).toEqual([true, false]);
});

it('launchDetached: does not append to a log that is a link', async () => {
  const outside = await linkOut('logs/run.log');
  await expect(launchDetached(run, [process.execPath, '--version'])).rejects.toThrow(
    `${join(run, 'logs', 'run.log')} is a link, not a file.`,
  );
  expect(isUntouched(outside)).toBe(true);
});

it('launchDetached: creates a missing folder for logs', async () => {
  rmSync(join(run, 'logs'), { recursive: true });
  await expect(launchDetached(run, [process.execPath, '--version'])).rejects.toThrow(
    /Cannot start the run: its process ended with exit code 0\.[^]*v\d+/,
  );
  expect(existsSync(join(run, 'logs', 'run.log'))).toBe(true);
});

it('ActiveRun: deletes no files through a link', async () => {
  const outside = join(folder, 'precious');
  mkdirSync(join(outside, 'step-000009'), { recursive: true });
  await symlink(outside, join(run, 'eval'));
  const lock = await lockFolder(run);
  await expect(ActiveRun.open(lock, { step: 1, steps: 5 })).rejects.toThrow('Cannot delete step-000009');
  await lock.release();
  expect(existsSync(join(outside, 'step-000009'))).toBe(true);
});

it('lockFolder: rejects a run part that is a link into another run', async () => {
  const other = join(folder, 'other');
  mkdirSync(join(other, 'checkpoints'), { recursive: true });
  await writeFile(join(other, 'run.yaml'), '');
  await symlink(join(other, 'checkpoints'), join(run, 'checkpoints'));
  await expect(lockFolder(run)).rejects.toThrow(`${join(run, 'checkpoints')} is a link to`);
  rmSync(join(run, 'checkpoints'));
  await (await lockFolder(run)).release();
});
