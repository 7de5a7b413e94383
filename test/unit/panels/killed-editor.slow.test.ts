import { test } from 'vitest';
import { annotateWhileKilling } from './killed-editor.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('chirality-killed-');

test('the thread is killed while 1,000,000 rows are typed into, saved and backed up: nothing is lost', async () => {
  await annotateWhileKilling(folder, 1_000_000);
}, 900_000);
