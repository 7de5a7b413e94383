import { execFile } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, test } from 'vitest';
import { CLI, type CliResult } from '../lab/recipes/cli.ts';
import { folderOfEachTest } from '../../support/folder.ts';
import { few } from '../../support/slow.ts';

const PROJECT = 'test/fixtures/recorded/project';

let folder: string;
folderOfEachTest('chirality-first-', (made) => (folder = made));
beforeEach(() => {
  cpSync(join(PROJECT, 'runs/grpo'), join(folder, 'runs/grpo'), { recursive: true });
  cpSync(join(PROJECT, 'sweeps/eta'), join(folder, 'sweeps/eta'), { recursive: true });
  // Notes every signal that this process sends, and sends none.
  const log = JSON.stringify(join(folder, 'signals'));
  const script = `import { appendFileSync } from 'node:fs';
    const real = process.kill;
    process.kill = (pid, signal) => signal === 0 ? real.call(process, pid, 0) : appendFileSync(${log}, pid + ' ' + signal + '\\n');`;
  writeFileSync(join(folder, 'watch.mjs'), script);
});

const chirality = (...args: string[]): Promise<CliResult> =>
  new Promise((resolve) => {
    const all = ['--import', join(folder, 'watch.mjs'), CLI, ...args];
    execFile(process.execPath, all, { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
    );
  });

/** When a process started, as a state tells it; what only Linux knows. */
const startOf = (pid: number): string => {
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
};

/** Lets a run or a sweep say that it is at work in the first process, or in none that there can be. */
function claim(dir: string, pid: number): void {
  const path = join(folder, dir, 'state.json');
  const before = JSON.parse(readFileSync(path, 'utf8')) as object;
  const self = { status: 'running', host: hostname(), pid, pid_start: startOf(1) };
  writeFileSync(path, JSON.stringify({ ...before, ...self, heartbeat: new Date().toISOString() }));
}

const COMMANDS: [command: string, claims: string][] = [
  ['stop grpo --grace 1', 'runs/grpo'],
  ['sweep stop eta --grace 1', 'sweeps/eta'],
  ['resume grpo --detach', 'runs/grpo'],
];

test.each(few(COMMANDS))(
  '%s: sends no signal to process 1, even if the state of a run or a sweep names it',
  async (command, dir) => {
    claim(dir, 1);
    const { stdout, stderr } = await chirality(...command.split(' '));
    expect([stdout, stderr]).toEqual([expect.any(String), expect.stringMatching(/Stopping after|process 1/)]);
    expect(existsSync(join(folder, 'signals'))).toBe(false);
  },
);

test.each(few(COMMANDS))('%s: rejects an invalid process id', async (command, dir) => {
  for (const pid of [0, -1]) {
    claim(dir, pid);
    const { code, stderr } = await chirality(...command.split(' '));
    expect([code, stderr]).toEqual([1, expect.stringContaining('"pid" must be at least 1')]);
  }
  expect(existsSync(join(folder, 'signals'))).toBe(false);
});

test.skipIf(process.platform === 'win32')('chirality: runs through a symbolic link', async () => {
  symlinkSync(join(process.cwd(), 'bin/chirality'), join(folder, 'absolute'));
  symlinkSync('absolute', join(folder, 'relative'));
  const run = promisify(execFile);
  const plain = await run(process.execPath, [CLI, '--version']);
  for (const name of ['absolute', 'relative'])
    expect((await run(join(folder, name), ['--version'])).stdout).toBe(plain.stdout);
  cpSync('bin/chirality', join(folder, 'clone/bin/chirality'));
  const unbuilt = run(join(folder, 'clone/bin/chirality')).catch(({ stderr }: { stderr: string }) => stderr);
  expect(await unbuilt).toMatch(/^chirality: .*clone.dist.cli\.js does not exist\. Build it: npm run build/);
});
