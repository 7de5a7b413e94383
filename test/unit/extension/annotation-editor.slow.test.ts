import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { checkDirty } from './annotation-editor-law.ts';

const folder = mkdtempSync(join(tmpdir(), 'chirality-editor-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('rows that are not those of the file never count as saved', () => checkDirty(folder, 2000), 900_000);
