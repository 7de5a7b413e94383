import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { nativePackages } from '../../../scripts/natives.mjs';
import { secretsIn } from '../../support/secrets.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('chirality-npm-');
const unpacked = () => join(folder, 'package');

beforeAll(() => {
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { stdio: 'ignore' });
  execFileSync('tar', ['-xzf', readdirSync(folder)[0]!], { cwd: folder });
});

const filesIn = (at: string): string[] =>
  readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test('npm pack: includes the command line program, and no other files', () => {
  const programs = readdirSync('dist')
    .filter((name) =>
      /^(?:ThirdPartyNotices\.txt|cli(?:-.*)?\.js|embedded-engine\.js|pair-card\.html)$/.test(name),
    )
    .map((name) => `dist/${name}`);
  const folders = ['docs', 'library', 'dist/onnxruntime-web', 'dist/torch-worker']
    .flatMap(filesIn)
    .filter((file) => !file.includes('__pycache__'));
  expect(
    filesIn(unpacked())
      .map((file) => relative(unpacked(), file))
      .sort(),
  ).toEqual(['LICENSE', 'README.md', 'package.json', ...programs, ...folders].sort());
});

test('npm pack: includes the licences of all bundled packages', () => {
  const text = readFileSync('dist/ThirdPartyNotices.txt', 'utf8');
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    dependencies: Record<string, string>;
    optionalDependencies: Record<string, string>;
  };
  const titles = [...text.matchAll(/^(\S+) \d\S* \(.+\)$/gm)].map(([, name]) => name!);
  const beside = nativePackages(process.platform, process.arch).filter((name) =>
    existsSync(`node_modules/${name}`),
  );
  const ours = Object.keys({ ...dependencies, ...optionalDependencies });
  for (const name of [...ours, ...beside]) expect(titles, name).toContain(name);
  for (const part of text.split(`\n${'-'.repeat(80)}\n`)) expect(part.trim().length).toBeGreaterThan(300);
  if (beside.some((name) => name.includes('libvips')))
    for (const words of ['| librsvg', 'GNU LESSER GENERAL PUBLIC LICENSE', 'MOZILLA PUBLIC LICENSE'])
      expect(text).toContain(words);
  // Of onnxruntime's own parts.
  for (const words of ['Copyright (c) Microsoft Corporation', 'protocolbuffers/protobuf', 'Eigen'])
    expect(text).toContain(words);
});

test('npm pack: includes no secrets or local paths', () => {
  for (const file of filesIn(unpacked()))
    expect(secretsIn(readFileSync(file, 'latin1')), relative(unpacked(), file)).toEqual([]);
});

test.each([['demo', '--help'], ['presets'], ['strategies'], ['sweep', 'recipes']])(
  'the packed program finds its own files: %s',
  (...args) => {
    const cli = join(unpacked(), 'dist/cli.js');
    expect(execFileSync(process.execPath, [cli, ...args], { cwd: folder, encoding: 'utf8' })).not.toBe('');
  },
);
