import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
const unpacked = () => join(folder, 'package');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chirality-npm-'));
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { stdio: 'ignore' });
  execFileSync('tar', ['-xzf', readdirSync(folder)[0]!], { cwd: folder });
});
afterAll(() => rmSync(folder, { recursive: true }));

const filesIn = (at: string): string[] =>
  readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test('`npm pack` packs the program of the terminal, and nothing else', () => {
  const programs = ['ThirdPartyNotices.txt', 'cli.js', 'embedded-engine.js'].map((name) => `dist/${name}`);
  const folders = ['docs', 'library', 'dist/torch-worker']
    .flatMap(filesIn)
    .filter((file) => !file.includes('__pycache__'));
  expect(
    filesIn(unpacked())
      .map((file) => relative(unpacked(), file))
      .sort(),
  ).toEqual(['LICENSE', 'README.md', 'package.json', ...programs, ...folders].sort());
});

test.each([['demo', '--help'], ['presets'], ['strategies'], ['sweep', 'recipes']])(
  'the program in it finds what it needs: %s',
  (...args) => {
    const cli = join(unpacked(), 'dist/cli.js');
    expect(execFileSync(process.execPath, [cli, ...args], { cwd: folder, encoding: 'utf8' })).not.toBe('');
  },
);
