import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { npm } from '../../../scripts/tools.mjs';
import { folderOfTests } from '../../support/folder.ts';

// As somebody has it who never saw the repository: `npm install` of the tarball in an empty folder, then `npx`.
const folder = folderOfTests('chirality-tarball-');
const connects = () => join(folder, 'connects.txt');

beforeAll(() => {
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { stdio: 'ignore' });
  const [tarball] = readdirSync(folder);
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'empty/package.json'), '{}');
  npm(join(folder, 'empty'), ['install', '--ignore-scripts', join(folder, tarball!)]);
}, 600_000);

const chirality = (...args: string[]): string =>
  execFileSync('npx', ['chirality', ...args], {
    cwd: join(folder, 'empty'),
    encoding: 'utf8',
    env: {
      ...process.env,
      NODE_OPTIONS: `--import ${pathToFileURL(resolve('test/support/no-network.mjs')).href}`,
      CHIRALITY_CONNECTS: connects(),
    },
  });

test('the packed program draws, mirrors, trains and reports without network access', () => {
  const at = (file: string) => join(folder, 'empty', file);
  chirality('worlds', '--count', '4', '--seed', '7', '-o', 'rows');
  chirality('view', 'mirror', 'rows/data.qa.jsonl', '-o', 'rows/mirrored.qa.jsonl');
  expect(readFileSync(at('rows/mirrored.qa.jsonl'), 'utf8').trim().split('\n').length).toBeGreaterThan(3);
  expect(chirality('demo', '--fast')).toContain('pair accuracy');
  chirality('report', '--runs', 'chirality-demo/runs', '-o', 'report.html');
  expect(readFileSync(at('report.html'), 'utf8')).toContain('spatial');
  expect(chirality('self-test')).toContain('onnxruntime-node');
  expect(existsSync(connects()) ? readFileSync(connects(), 'utf8') : '').toBe('');
}, 900_000);
