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
  'a thousand sequences of edits, undo, redo, saves and crashes lose nothing',
  () => inEight('data', (path) => checkSequences(path, 125)),
  1_800_000,
);

test(
  'ten thousand sequences in two windows, next to a program that writes and deletes the file, lose nothing',
  () => inEight('windows', (path) => checkWindows(path, 1250)),
  3_600_000,
);
