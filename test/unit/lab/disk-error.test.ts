import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { explainError } from '../../../src/lab/files/disk-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'chirality-disk-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(['file', 'file/under'])('a folder that cannot be made at %s is named', (name) => {
  writeFileSync(join(folder, 'file'), '');
  const path = join(folder, name);
  let said = '';
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    said = explainError(error as Error);
  }
  expect(said).toBe(`No folder can be made at ${path}: a file stands in its place or above it.`);
});
