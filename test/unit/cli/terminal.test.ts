import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { formatTable } from '../../../src/base/printable.ts';
import { folderOfTests } from '../../support/folder.ts';
import { few, slowly } from '../../support/slow.ts';

const CLI = resolve('dist/cli.js');
/** Node believes that a person sits there. */
const ON_A_TERMINAL = `--import=data:text/javascript,${encodeURIComponent(
  'process.stdout.isTTY = process.stderr.isTTY = true;',
)}`;

const folder = folderOfTests('chirality-terminal-');
const row = { id: 'a', question: 'Is the cup left of the plate?', answer: 'Yes', images: ['a.png'] };
writeFileSync(join(folder, 'rows.qa.jsonl'), `${JSON.stringify(row)}\n{}\n`);

const chirality = (args: string[], env: NodeJS.ProcessEnv = {}) => {
  return spawnSync(process.execPath, [CLI, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '', TERM: 'xterm', ...env },
  });
};

const LISTINGS = [['runs'], ['presets'], ['strategies'], ['sweep', 'recipes']];

it.each(few(LISTINGS))('list commands: print column names on a terminal: %s %s', (...args) => {
  const words = args.filter(Boolean);
  if (words[0] === 'runs') words.push('--runs', resolve('test/fixtures/recorded/project/runs'));
  const [names, first] = chirality(words, { NODE_OPTIONS: ON_A_TERMINAL, NO_COLOR: '1' }).stdout.split('\n');
  expect(names).toMatch(/^(?:name +about|run +status +step)/);
  // Who reads lines gets those of the list alone. A table of runs has several columns, which need names everywhere.
  const start = words[0] === 'runs' ? names : first;
  expect(chirality(words).stdout.split('\n')[0]!.split(/ {2}/)[0]).toBe(start!.split(/ {2}/)[0]);
  const json = JSON.parse(chirality([...words, '--json']).stdout) as { runs: unknown } | unknown[];
  expect(Array.isArray(json) ? json : json.runs).toBeInstanceOf(Array);
});

it('progress: has separators, a share and the time left', async () => {
  const child = spawn(process.execPath, [CLI, 'worlds', '--count', '4500', '-o', join(folder, 'counted')], {
    env: { ...process.env, CHIRALITY_PROGRESS: 'lines' },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await vi.waitFor(() => expect(said).toMatch(/^scene [\d,]+ of 4,500 \(\d+%\), .+ left$/m));
  child.kill('SIGINT');
  await once(child, 'close');
});

slowly('worlds: lists remaining files and the command to continue on Ctrl+C', async () => {
  const child = spawn(process.execPath, [CLI, 'worlds', '--count', '100000', '-o', join(folder, 'many')]);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await vi.waitFor(() => expect(existsSync(join(folder, 'many'))).toBe(true));
  child.kill('SIGINT');
  await once(child, 'close');
  expect(child.signalCode).toBe('SIGINT');
  expect(said).toContain('the same command draws all images again');
});

it('formatTable: formats 200,000 rows', () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => [`${i}`]);
  expect(formatTable(['n'], rows).split('\n')).toHaveLength(200_001);
});

describe('terminal colours', () => {
  it('colours appear on terminals, unless NO_COLOR is set or the terminal supports none', () => {
    const shown = (env: NodeJS.ProcessEnv) => chirality(['presets'], env).stdout.startsWith('\x1b[1mname');
    expect(shown({ NODE_OPTIONS: ON_A_TERMINAL })).toBe(true);
    expect(shown({ NODE_OPTIONS: ON_A_TERMINAL, NO_COLOR: '1' })).toBe(false);
    expect(shown({ NODE_OPTIONS: ON_A_TERMINAL, TERM: 'dumb' })).toBe(false);
    expect(shown({})).toBe(false);
  });

  it('colours highlight the cause of a failure', () => {
    const failed = (env: NodeJS.ProcessEnv) => chirality(['attach', 'x'], env).stderr;
    expect(failed({ NODE_OPTIONS: ON_A_TERMINAL }).startsWith('\x1b[31mchirality:\x1b[39m Run "x"')).toBe(
      true,
    );
    expect(failed({ NODE_OPTIONS: ON_A_TERMINAL, NO_COLOR: '1' }).startsWith('chirality: Run "x"')).toBe(
      true,
    );
  });
});

it('--quiet: prints only errors', () => {
  const told = chirality(['view', 'mirror', 'rows.qa.jsonl']);
  const quiet = chirality(['view', 'mirror', 'rows.qa.jsonl', '--quiet']);
  expect(told.stderr).toContain('% with a mirror');
  expect(quiet.stdout).toBe(told.stdout);
  expect(quiet.stderr).not.toContain('with a mirror');
  expect(quiet.stderr).toContain('rows.qa.jsonl:2: error');
});

it.each([['presets'], ['sweep', '--recipe'], ['strategies', 'show']])(
  'rejects unknown names of built-in files: %s',
  (...args) => {
    const { status, stderr } = chirality([...args.filter(Boolean), 'no-such']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('no-such')]);
  },
);

describe('shell completions', () => {
  let bash: string;
  beforeAll(() => {
    bash = chirality(['completion', 'bash']).stdout;
  });

  // Windows has no bash of its own.
  it.skipIf(process.platform === 'win32').each([
    ['', 'view'],
    ['view m', 'mirror'],
    ['da', 'data'],
    ['data ch', 'check'],
    ['data check --im', '--images'],
    ['view mirror rows.qa.jsonl --exp', '--explain'],
    ['sweep sta', 'status'],
    ['sweep eta.sweep.yaml --see', '--seeds'],
  ])('bash completes "chirality %s" to %s', (typed, wanted) => {
    const words = ['chirality', ...typed.split(' ')];
    const script = `${bash}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_chirality; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const found = execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' }).split('\n');
    expect(found).toContain(wanted);
    expect(found).not.toContain('serve-model');
  });

  const hasZsh = spawnSync('zsh', ['--version']).status === 0;
  it.runIf(hasZsh)('zsh completes the same words as bash', () => {
    const script = `${chirality(['completion', 'zsh']).stdout}
typed() {
  emulate -L sh; setopt kshglob noshglob braceexpand # as bashcompinit calls it
  compgen() { print -rl -- \${=2}; }
  COMP_WORDS=(chirality data ch); COMP_CWORD=2; _chirality
  print -rl -- "\${COMPREPLY[@]}"
}
typed`;
    const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toContain('check');
  });

  it('fish has a separate completion script', () => {
    const { stdout } = chirality(['completion', 'fish']);
    expect(stdout).toContain("complete -c chirality -n '__fish_use_subcommand' -a view\n");
    expect(stdout).toMatch(/seen_subcommand_from data; and __fish_seen_subcommand_from check' -l images\n/);
    expect(chirality(['completion', 'csh']).status).toBe(2);
  });
});
