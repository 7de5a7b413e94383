import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { annotateWhileKilling } from './killed-editor.ts';

const folder = mkdtempSync(join(tmpdir(), 'chirality-killed-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the thread is killed while 1,000,000 rows are typed into, saved and backed up: nothing is lost', async () => {
  await annotateWhileKilling(folder, 1_000_000);
}, 900_000);
