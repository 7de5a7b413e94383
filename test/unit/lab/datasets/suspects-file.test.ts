import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { confirmed } from '../../../../src/core/annotation/review.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { SuspectLabels, suspectsBeside } from '../../../../src/lab/datasets/suspects-file.ts';
import { folderOfEachTest } from '../../../support/folder.ts';

let folder = '';
folderOfEachTest('suspects-file-', (made) => (folder = made));

const ROW: Sample = { id: 'a', question: 'Where?', answer: 'left', images: [] };

it('SuspectLabels flags a row in the suspects file only if its texts are unchanged', async () => {
  const path = join(folder, 'cups.qa.jsonl');
  expect(suspectsBeside(path)).toBe(join(folder, 'cups.suspects.jsonl'));
  const labels = new SuspectLabels(path);
  expect(await labels.stateOf(ROW)).toBe('none');
  const line = { id: 'a', question: 'Where?', reference: 'left', likely: 'right' };
  const counts = { rank: 2, answered: 6, contradicting: 5 };
  await writeFile(suspectsBeside(path), `${JSON.stringify({ ...line, ...counts })}\nbroken\n{"id": 3}\n`);
  expect(await labels.doubtOf(ROW)).toEqual({ likely: 'right', ...counts });
  expect(await labels.stateOf(ROW)).toBe('suspect');
  expect(await labels.stateOf({ ...ROW, id: 'b' })).toBe('none');
  expect(await labels.stateOf({ ...ROW, answer: 'right' })).toBe('none');
  const at = '2026-01-02T03:04:05Z';
  expect(await labels.stateOf({ ...ROW, label_review: confirmed(ROW, { at }) })).toBe('kept');
  await rm(suspectsBeside(path));
  expect(await labels.stateOf(ROW)).toBe('none');
});
