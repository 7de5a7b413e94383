import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { addDataCommand } from '../../../src/cli/commands/data.command.ts';
import { encodePng } from '../../../src/lab/images/png.ts';
import type { FrozenSet } from '../../../src/lab/datasets/freeze.ts';
import { runCommand } from '../../support/command.ts';
import { folderOfEachTest } from '../../support/folder.ts';

let folder = '';
folderOfEachTest('freeze-', (made) => (folder = made));
beforeEach(async () => {
  await mkdir(at('set/in'), { recursive: true });
  await writeFile(at('set/in/a.png'), await png(1));
  await writeFile(at('set/in/b.png'), await png(2));
  await writeFile(at('set/x.qa.jsonl'), row('1', 'in/a.png') + row('2', 'in/b.png') + row('3', 'in/a.png'));
  await writeFile(at('set/y.qa.jsonl'), row('4', 'in/b.png'));
});

const at = (name: string) => join(folder, name);
const png = (w: number) => encodePng({ w, h: 1, rgb: new Uint8Array(3 * w) });
const row = (id: string, ...images: string[]) =>
  `${JSON.stringify({ id, question: 'Left?', answer: 'Yes', images })}\n`;

const data = (...args: string[]) => runCommand(addDataCommand, 'data', ...args);

const MANIFEST = 'set/x.frozen.json';
const freeze = (release = '1.0') =>
  data('freeze', at('set/x.qa.jsonl'), at('set/y.qa.jsonl'), '--release', release);

it('data freeze: hashes rows and images, and data check accepts an unchanged set anywhere', async () => {
  expect((await freeze()).err[0]).toMatch(
    /x\.frozen\.json: version 1\.0, 4 rows, 2 images, sha256 [0-9a-f]{64}$/,
  );
  const before = await readFile(at(MANIFEST), 'utf8');
  expect((JSON.parse(before) as FrozenSet).files).toMatchObject([
    { path: 'x.qa.jsonl', rows: 3 },
    { path: 'y.qa.jsonl', rows: 1 },
  ]);
  await freeze();
  expect(await readFile(at(MANIFEST), 'utf8')).toBe(before);
  const { out, code } = await data('check', at(MANIFEST));
  expect(out[0]).toMatch('version 1.0 is unchanged: 2 files, 2 images.');
  expect(code).toBe(0);
});

it('data check: names every changed file and image; data freeze keeps existing versions', async () => {
  await freeze();
  await writeFile(at('set/in/a.png'), await png(3));
  await rm(at('set/y.qa.jsonl'));
  const { err, code } = await data('check', at(MANIFEST));
  const said = err.join('\n');
  expect(said).toContain('The file does not exist. (y.qa.jsonl)');
  expect(said).toContain('The file differs from version 1.0. (in/a.png)');
  expect(said).not.toContain('b.png');
  expect(code).toBe(1);
  await writeFile(at('set/y.qa.jsonl'), row('4', 'in/b.png'));
  await expect(freeze()).rejects.toThrow('Version 1.0 is already frozen with different content.');
  expect((await freeze('1.1')).err[0]).toContain('version 1.1');
});

it('data check: opens nothing outside the folder, with any manifest contents', async () => {
  await freeze();
  const set = JSON.parse(await readFile(at(MANIFEST), 'utf8')) as FrozenSet;
  await writeFile(at('secret'), 'secret');
  await symlink(at('secret'), at('set/link'));
  const sha256 = createHash('sha256').update('secret').digest('hex');
  for (const path of [at('secret'), '../secret', 'link', '../missing', '/etc/passwd']) {
    await writeFile(at(MANIFEST), JSON.stringify({ ...set, files: [{ path, sha256, rows: 1 }] }));
    const { err, code } = await data('check', at(MANIFEST));
    expect(err.join('\n')).toContain(`Cannot check a file outside ${at('set')}. (${path})`);
    expect(err.join('\n')).toContain('--data-root');
    expect(code).toBe(1);
  }
  // Named by a person, the folder above may be read.
  await writeFile(at(MANIFEST), JSON.stringify({ ...set, files: [{ path: '../secret', sha256, rows: 1 }] }));
  const { err } = await data('check', at(MANIFEST), '--data-root', folder);
  expect(err.join('\n')).not.toContain('secret');
});

it('data check: detects an edited manifest, and rejects other JSON files', async () => {
  await freeze();
  const set = JSON.parse(await readFile(at(MANIFEST), 'utf8')) as FrozenSet;
  await writeFile(at(MANIFEST), JSON.stringify({ ...set, images: set.images.slice(1) }));
  const { out } = await data('check', '--json', at(MANIFEST));
  expect(out.join('\n')).toContain('"code":"frozen-manifest"');
  const texts = {
    '{}': '"kind" is missing',
    '[]': 'it must be an object, not an empty list',
    null: 'it must be an object, not null',
    'no json': 'it is not JSON',
    [JSON.stringify({ ...set, files: [{ path: 'a' }] })]: '"files[0].sha256" is missing',
  };
  for (const [text, why] of Object.entries(texts)) {
    await writeFile(at(MANIFEST), text);
    const found = data('check', at(MANIFEST));
    await expect(found).rejects.toThrow(
      `The file is not the manifest of a frozen dataset: x.frozen.json cannot be read: ${why}`,
    );
  }
});

it('data freeze: lists all unreadable rows and images of all files, and writes nothing', async () => {
  await writeFile(at('set/in/cut.png'), (await png(4)).subarray(0, 40));
  const broken = ['{"id": "7"}', '{"id": "4", "question": "Left?", "answer": "Yes", "images": []}'];
  await writeFile(
    at('set/y.qa.jsonl'),
    `${row('4', 'in/missing.png')}${row('5', 'in/b.png')}${row('6', 'in/cut.png')}${broken.join('\n')}\n`,
  );
  await writeFile(at('set/x.qa.jsonl'), `${row('1', 'in/K\uFFFDche.png')}`);
  const why = await freeze().then(String, String);
  expect(why).toContain('x.qa.jsonl: 0 of 1 row usable: 1 name not UTF-8: ');
  expect(why).toContain(
    'y.qa.jsonl: 1 of 5 rows usable: 1 image missing · 1 image damaged · 1 row without question or answer · 1 duplicate id.',
  );
  expect(why).toContain('1 image missing (line 1): Image file in/missing.png does not exist.');
  expect(why).toContain('1 image damaged (line 3): The image is truncated.');
  expect(why).toContain('1 duplicate id (line 5): The id "4" is already used on line 1.');
  expect(why).toContain(`data check ${at('set/y.qa.jsonl')} --images -o ${at('set/y')}.usable.qa.jsonl`);
  await expect(readFile(at(MANIFEST))).rejects.toThrow('ENOENT');
});
