import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { checkSequences } from './edited-file-law.ts';
import { checkWindows } from './windows-law.ts';

const folder = mkdtempSync(join(tmpdir(), 'chirality-edited-'));
afterAll(() => rmSync(folder, { recursive: true }));

test(
  'a thousand sequences of edits, undo, redo, saves and crashes lose nothing',
  () => checkSequences(join(folder, 'data.qa.jsonl'), 1000),
  900_000,
);

test(
  'ten thousand sequences in two windows, beside a program that writes and deletes the file, lose nothing',
  () => checkWindows(join(folder, 'windows.qa.jsonl'), 10_000),
  1_800_000,
);
