import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { folderOfEachTest } from '../../support/folder.ts';

const SCRIPT = resolve('scripts/repository.mjs');
const FILES = ['package.json', 'README.md', 'CITATION.cff', 'python/pyproject.toml'];
let folder: string;
const text = (file: string): string => readFileSync(join(folder, file), 'utf8');
const run = (...args: string[]) =>
  spawnSync(process.execPath, [SCRIPT, ...args], { cwd: folder, encoding: 'utf8' });

folderOfEachTest('chirality-repository-', (made) => (folder = made));
beforeEach(() => {
  mkdirSync(join(folder, 'python'));
  for (const file of FILES) cpSync(file, join(folder, file));
});

test('repository.mjs: writes the address into all files that contain it, repeatedly', () => {
  for (const url of ['https://example.org/one/chirality', 'https://example.org/two/chirality']) {
    execFileSync(process.execPath, [SCRIPT, url], { cwd: folder });
    expect(JSON.parse(text('package.json'))).toMatchObject({
      repository: { type: 'git', url: `git+${url}.git` },
      homepage: `${url}#readme`,
      bugs: { url: `${url}/issues` },
    });
    for (const file of FILES)
      expect(text(file).split(url).length, file).toBe(file === 'package.json' ? 4 : 2);
  }
  for (const file of FILES) expect(text(file)).not.toContain('/one/');
  expect(text('README.md')).not.toContain('<URL of');
  expect(run().status).toBe(0);
});

test('repository.mjs: rejects other texts; npm publish requires an address', () => {
  const before = FILES.map(text);
  for (const url of [
    'chirality',
    'http://example.org/one/chirality',
    'https://example.org/a/b.git',
    'https://a/b"c',
  ])
    expect(run(url).stderr).toContain('is not an address of a repository');
  expect(FILES.map(text)).toEqual(before);
  const { repository } = JSON.parse(text('package.json')) as { repository?: unknown };
  if (repository === undefined) expect(run()).toMatchObject({ status: 1 });
  const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
  expect(scripts.prepublishOnly).toBe('node scripts/repository.mjs');
});
