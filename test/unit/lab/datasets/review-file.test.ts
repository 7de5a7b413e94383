import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ReviewFile } from '../../../../src/lab/datasets/review-file.ts';
import { FILE, tryRandomReviews, WHO } from './review-sequences.ts';
import { folderOfTests } from '../../../support/folder.ts';

const folder = folderOfTests('review-');

it('property: ReviewFile: writes the bytes and counts that a model predicts', () =>
  tryRandomReviews(join(folder, 'random.qa.jsonl'), 25));

it('ReviewFile applies several decisions together, or no decision if one is invalid', async () => {
  const path = join(folder, 'bad.qa.jsonl');
  await writeFile(path, FILE);
  const review = await ReviewFile.open(path, {
    variant: 'mirror',
    filter: 'not state = accepted',
    ids: ['1', '3', 'nobody'],
  });
  expect([...review.queue, review.unreadable, ...review.rows]).toEqual([0, 2, 3, 1, ['1', 1], ['3', 3]]);
  const accept = { kind: 'accept', although: ['side_changed'] } as const;
  await expect(review.decide(1, accept, WHO)).rejects.toThrow('has no mirror');
  const both = ['3', '1'].map((id) => ({ id, decision: accept }));
  await expect(review.decideAll(both, WHO)).rejects.toThrow('has no mirror');
  expect(await readFile(path, 'utf8')).toBe(FILE);
  await review.close();
});

it('ReviewFile does not overwrite a file that another program changed', async () => {
  const path = join(folder, 'outside.qa.jsonl');
  await writeFile(path, FILE);
  const review = await ReviewFile.open(path, { variant: 'mirror', filter: '' });
  await writeFile(path, `${FILE}{}\n`);
  await expect(review.decide(0, { kind: 'accept' }, WHO)).rejects.toThrow('Another program changed');
  expect(await readFile(path, 'utf8')).toBe(`${FILE}{}\n`);
  await review.close();
});
