import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sharedRows } from '../../../../src/lab/datasets/shared-rows.ts';
import { folderOfEachTest } from '../../../support/folder.ts';

let folder = '';
folderOfEachTest('shared-rows-', (made) => (folder = made));

async function write(
  name: string,
  rows: [question: string, image: string, answer?: string][],
): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  const lines = rows.map(([question, image, answer = 'left'], i) =>
    JSON.stringify({ id: `${name}-${i}`, question, answer, images: [image] }),
  );
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

it('sharedRows matches rows by question and image, not by id, answer or folder', async () => {
  const train = await write('train.qa.jsonl', [
    ['Where?', 'a.png'],
    ['Which?', 'b.png'],
  ]);
  const all = await write('in/all.qa.jsonl', [['Where? ', '../a.png', 'right']]);
  const half = await write('half.qa.jsonl', [
    ['Which?', 'b.png'],
    ['Where?', 'b.png'],
  ]);
  const none = await write('none.qa.jsonl', [['Where?', 'c.png']]);
  expect(await sharedRows(train, [all, half, none, join(folder, 'gone.qa.jsonl')])).toEqual([
    1,
    0.5,
    0,
    null,
  ]);
});

it('sharedRows returns too-large for files above the size limit', async () => {
  const small = await write('small.qa.jsonl', [['Where?', 'a.png']]);
  const large = await write('large.qa.jsonl', [
    ['Where?', 'a.png'],
    ['x'.repeat(500), 'a.png'],
  ]);
  expect(await sharedRows(small, [small, large], 200)).toEqual([1, 'too-large']);
  expect(await sharedRows(large, [small], 200)).toEqual(['too-large']);
});
