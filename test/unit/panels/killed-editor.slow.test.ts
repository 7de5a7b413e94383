import { test } from 'vitest';
import { annotateWhileKilling } from './killed-editor.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('chirality-killed-');

test('annotation editor: loses no edit of 1,000,000 rows when the worker thread is killed', async () => {
  await annotateWhileKilling(folder, 1_000_000);
}, 900_000);
