import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { transformSamples } from '../../../../src/cli/write-samples.ts';
import { EditedFile } from '../../../../src/lab/datasets/edited-file.ts';
import { openWriter } from '../../../../src/lab/datasets/write-dataset.ts';
import { folderOfTests } from '../../../support/folder.ts';

const folder = folderOfTests('chirality-data-file-');
const path = join(folder, 'data.qa.jsonl');

const row = (id: string) => JSON.stringify({ id, question: 'Q?', answer: 'A', images: [] });
const WORDS = 'so it was not overwritten. Run the command again.';
beforeEach(() => writeFileSync(path, `${row('a')}\n`));

test('transformSamples in place preserves rows that another program saves meanwhile', async () => {
  const spy = vi.spyOn(console, 'error').mockReturnValue();
  onTestFinished(() => spy.mockRestore());
  const inPlace = transformSamples(path, path, async (sample) => {
    await EditedFile.append(path, [row('saved')]);
    return sample;
  });
  await expect(inPlace).rejects.toThrow(`${path}, ${WORDS}`);
  expect(readFileSync(path, 'utf8')).toBe(`${row('a')}\n${row('saved')}\n`);
  expect(readdirSync(folder)).toEqual(['data.qa.jsonl']);
});

test('openWriter preserves rows that another program saves to an existing file meanwhile', async () => {
  const writer = await openWriter(path, 'qa');
  await writer.write({ id: 'b', question: 'Q?', answer: 'A', images: [] });
  await EditedFile.append(path, [row('saved')]);
  await expect(writer.commit()).rejects.toThrow(WORDS);
  expect(readFileSync(path, 'utf8')).toBe(`${row('a')}\n${row('saved')}\n`);
  expect(readdirSync(folder)).toEqual(['data.qa.jsonl']);
});
