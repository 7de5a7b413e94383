import { join } from 'node:path';
import { test } from 'vitest';
import { checkSequences } from './edited-file-law.ts';
import { checkWindows } from './windows-law.ts';
import { folderOfTests } from '../../../support/folder.ts';

const folder = folderOfTests('chirality-edited-');

/** Eight files at once: most of the time is waited for the disk. */
const inEight = async (name: string, check: (path: string) => Promise<void>) => {
  await Promise.all(Array.from({ length: 8 }, (_, i) => check(join(folder, `${name}-${i}.qa.jsonl`))));
};

test(
  'property: 1,000 sequences of edits, undos, redos, saves and crashes lose no row',
  () => inEight('data', (path) => checkSequences(path, 125)),
  1_800_000,
);

test(
  'property: 10,000 sequences in two windows lose no row while a program changes the file',
  () => inEight('windows', (path) => checkWindows(path, 1250)),
  3_600_000,
);
