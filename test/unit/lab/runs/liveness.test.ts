import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Service } from '../../../../src/panels/service.host.ts';
import { folderOfEachTest } from '../../../support/folder.ts';

const BEGIN = Date.parse('2026-01-01T00:00:00Z');
const PS = execFileSync('which', ['ps'], { encoding: 'utf8' }).trim();

const { platform } = process;

let folder: string;
let dir: string;
let child: ChildProcess;
let start: string;

folderOfEachTest('chirality-liveness-', (made) => (folder = made));
beforeEach(async () => {
  dir = join(folder, 'runs', 'a');
  mkdirSync(dir, { recursive: true });
  child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  start = startInWords(child.pid!);
  // Notes that it was asked; answers with the text of the file `answer`, else as the real one does.
  program('ps', `if [ -f '${folder}/answer' ]; then cat '${folder}/answer'; else exec '${PS}' "$@"; fi`);
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
});

afterEach(() => {
  vi.unstubAllEnvs();
  Object.defineProperty(process, 'platform', { value: platform });
  child.kill('SIGKILL');
});

/** The start of a process as `ps` tells it, the source on macOS. */
const startInWords = (pid: number): string =>
  execFileSync(PS, ['-o', 'lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { LC_ALL: 'C', TZ: 'UTC' },
  }).trim();

function program(name: string, script: string): void {
  const text = `#!/bin/sh\necho "$* pid=$ASKED_PID" >> '${folder}/asked'\n${script}\n`;
  writeFileSync(join(folder, name), text, { mode: 0o755 });
}

/** How the programs were called so far. */
const asked = (): string[] =>
  existsSync(join(folder, 'asked')) ? readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n') : [];

/** The code as a new process of a platform has it: nothing is remembered. */
async function on(value: NodeJS.Platform) {
  Object.defineProperty(process, 'platform', { value });
  vi.resetModules();
  const { readState } = await import('../../../../src/lab/runs/state.ts');
  const { lockFolder } = await import('../../../../src/lab/runs/folder-lock.ts');
  /** What a look at the run so long after the beginning says. */
  const look = async (seconds: number) => (await readState(dir, BEGIN + 1000 * seconds))!.status;
  return { look, lockFolder };
}

/** Writes the state of a run that began as stated, and beat so long after the beginning. */
function claim(pid_start: string, heartbeat = BEGIN): void {
  const id = { host: hostname(), pid: child.pid, pid_start };
  const state = { status: 'running', phase: 'update', step: 1, steps: 2, ...id, message: '' };
  writeFileSync(
    join(dir, 'state.json'),
    JSON.stringify({ ...state, heartbeat: new Date(heartbeat).toISOString() }),
  );
}
const beat = (seconds: number) => claim(start, BEGIN + 1000 * seconds);

async function killed(): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('readState on Linux: starts no process, and detects a reused process id', async () => {
  const { look } = await on('linux');
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const jiffies = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!;
  claim(jiffies);
  for (let second = 0; second < 100; second += 5) expect(await look(second)).toBe('running');
  claim(`${Number(jiffies) - 1}`);
  expect(await look(0)).toBe('lost');
  claim(jiffies);
  await killed();
  expect(await look(0)).toBe('lost');
  expect(asked()).toEqual([]);
});

describe('readState where reading a start time requires a process', () => {
  test('reads the start time of a process only once while it receives heartbeats', async () => {
    const { look } = await on('darwin');
    for (let second = 0; second < 100; second += 5) {
      beat(second);
      const looks = Array.from({ length: 5 }, () => look(second));
      expect(new Set(await Promise.all(looks))).toEqual(new Set(['running']));
    }
    expect(asked()).toEqual([`-o lstart= -p ${child.pid} pid=${child.pid}`]);
    claim('Thu Jan  1 00:00:00 2026');
    expect(await look(0)).toBe('lost');
    expect(await look(1)).toBe('lost');
    expect(asked()).toHaveLength(2);
  });

  test('reads the start time again after an old heartbeat, and detects a reused id', async () => {
    const { look } = await on('darwin');
    beat(0);
    expect(await look(0)).toBe('running');
    expect(await look(9)).toBe('running');
    expect(asked()).toHaveLength(1);
    // Alive and silent: asked now and then, not at every look.
    for (const second of [11, 12, 20, 22, 30]) expect(await look(second)).toBe('running');
    expect(asked()).toHaveLength(3);
    writeFileSync(join(folder, 'answer'), 'Thu Jan  1 00:00:10 2026\n');
    expect(await look(40)).toBe('lost');
    expect(asked()).toHaveLength(4);
  });

  test('starts no process to check a process that has ended', async () => {
    const { look } = await on('darwin');
    beat(0);
    await killed();
    expect(await look(0)).toBe('lost');
    expect(asked()).toEqual([]);
  });

  test('readState returns the same result for any language and time zone', async () => {
    vi.stubEnv('TZ', 'Asia/Tokyo');
    vi.stubEnv('LC_ALL', 'de_DE.UTF-8');
    const { look } = await on('darwin');
    beat(0);
    expect(await look(0)).toBe('running');
  });

  test('uses the heartbeat if the system returns no start time', async () => {
    writeFileSync(join(folder, 'answer'), '');
    const { look } = await on('darwin');
    beat(0);
    expect(await look(0)).toBe('running');
    expect(await look(59)).toBe('running');
    expect(await look(61)).toBe('lost');
    await killed();
    expect(await look(0)).toBe('lost');
  });

  test('reads start times for locks without a cache', async () => {
    const { look, lockFolder } = await on('darwin');
    claim(start, Date.now());
    const holder = { host: hostname(), pid: child.pid, pid_start: start };
    mkdirSync(join(dir, 'lock', 'token'), { recursive: true });
    writeFileSync(join(dir, 'lock', 'token', 'holder.json'), JSON.stringify(holder));
    expect(await look((Date.now() - BEGIN) / 1000)).toBe('running');
    await expect(lockFolder(dir)).rejects.toThrow('already in use');
    writeFileSync(join(folder, 'answer'), 'Thu Jan  1 00:00:10 2026\n');
    await (await lockFolder(dir)).release();
  });

  test('passes the process id on Windows as an environment variable, never in a command', async () => {
    const at = 'System32/WindowsPowerShell/v1.0';
    mkdirSync(join(folder, at), { recursive: true });
    program(join(at, 'powershell.exe'), 'echo 133800000000000000');
    vi.stubEnv('SystemRoot', folder);
    const { look } = await on('win32');
    claim('133800000000000000');
    expect(await look(0)).toBe('running');
    expect(asked()).toEqual([
      `-NoProfile -Command (Get-Process -Id $env:ASKED_PID).StartTime.ToFileTimeUtc() pid=${child.pid}`,
    ]);
    claim('133700000000000000');
    expect(await look(0)).toBe('lost');
  });
});

test('Service: starts no process for run states, and uses signal and heartbeat', async () => {
  const script = join(folder, 'service.cjs');
  const onMac = "Object.defineProperty(process, 'platform', { value: 'darwin' });";
  writeFileSync(script, `${onMac} require(${JSON.stringify(resolve('dist/service.cjs'))});`);
  writeFileSync(join(dir, 'run.yaml'), 'recipe: grpo\n');
  const service = new Service(script);
  const status = async () => (await service.ask('runs', {}, [join(folder, 'runs')])).runs![0]!.state!.status;
  claim(start, Date.now());
  expect(await status()).toBe('running');
  claim(start, Date.now() - 61_000);
  expect(await status()).toBe('lost');
  claim(start, Date.now());
  await killed();
  expect(await status()).toBe('lost');
  await service.dispose();
  expect(asked()).toEqual([]);
});
