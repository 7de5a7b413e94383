import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ImageFiles } from '../../../../src/lab/datasets/image-files.ts';
import { PictureLooks, usableRows } from '../../../../src/lab/datasets/usable-rows.ts';
import { quiet } from '../../../support/call.ts';
import { folderOfTests } from '../../../support/folder.ts';

const root = folderOfTests('usable-');

it('PictureLooks: checks a valid image only once for all forms of its path', async () => {
  const folder = join(root, 'val');
  await mkdir(folder);
  const [good, gone] = ['good.png', 'gone.png'].map((path) => ({ path }));
  const rows = [good, good, gone, gone].map((image, i) => ({
    id: `${i}`,
    question: 'Is it left of the cup?',
    answer: 'Yes',
    images: [image],
  }));
  const data = join(folder, 'data.qa.jsonl');
  await writeFile(data, rows.map((row) => JSON.stringify(row)).join('\n'));
  await copyFile('media/icon.png', join(folder, 'good.png'));
  const sound = new Set<string>();
  // Two rows of one missing image
  expect(await usableRows(data, { folder, root, sound }, quiet)).toMatchObject({
    faults: [{ count: 2 }],
    missing: 1,
  });
  expect([...sound]).toEqual([join(folder, 'good.png')]);

  await copyFile('media/icon.png', join(folder, 'gone.png'));
  await rm(join(folder, 'good.png'));
  const named = ['val/good.png', 'val/../val/good.png', 'val/gone.png'].map((path) => ({ path }));
  const later = new PictureLooks(new ImageFiles(root, root), true, sound);
  expect(await later.problemsOf({ images: named })).toEqual([]);
  expect(await new PictureLooks(new ImageFiles(root, root)).problemsOf({ images: named })).toMatchObject([
    { code: 'image-missing', path: 'images[0]' },
    { code: 'image-missing', path: 'images[1]' },
  ]);
});
