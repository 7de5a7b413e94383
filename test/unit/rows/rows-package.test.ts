import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { npm } from '../../../scripts/tools.mjs';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('chirality-rows-');

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/rows.mjs']);
  npm('dist/rows', ['pack', '--pack-destination', folder]);
  const [packed] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  npm(folder, ['install', '--offline', `./${packed}`]);
}, 120_000);

test('chirality-rows package: runs its README example without other packages', () => {
  const readme = readFileSync(join(folder, 'node_modules/chirality-rows/README.md'), 'utf8');
  writeFileSync(join(folder, 'example.js'), /```js\n(.*?)```/s.exec(readme)![1]!);
  expect(execFileSync(process.execPath, ['example.js'], { cwd: folder, encoding: 'utf8' })).toBe(
    'flipped · Is the cup to the right of the plate? · Yes, the cup is on the right.\ndeferred\n',
  );
  expect(readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
    'chirality-rows',
  ]);
});

test('chirality-rows package: ships complete type declarations', () => {
  writeFileSync(
    join(folder, 'example.ts'),
    `import { mirrorSample, parseSample, type MirrorVariant } from 'chirality-rows';
     const { sample } = parseSample({});
     export const mirror: MirrorVariant | null = sample && mirrorSample(sample);
     // @ts-expect-error a row has a question
     mirrorSample({ id: 'a', answer: '', images: [] });`,
  );
  const tsc = resolve('node_modules/typescript-7/bin/tsc');
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'];
  execFileSync(process.execPath, [tsc, ...options, 'example.ts'], { cwd: folder });
});

test('chirality-rows package: exports at most 60 names', () => {
  const names = [...readFileSync('src/rows/index.ts', 'utf8').matchAll(/\{([^}]+)\}/g)].flatMap(([, list]) =>
    list!.split(',').filter((name) => name.trim() !== ''),
  );
  expect(names.length).toBeGreaterThan(20);
  expect(names.length).toBeLessThanOrEqual(60);
});
