import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resumeLarge } from './large-run.ts';

it('a run with 100 MB of metrics: resumes within 256 MB of memory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chirality-large-'));
  const { steps, rows, mb } = await resumeLarge(folder, 100 * 2 ** 20);
  expect(rows).toBe(steps - 1); // the first row is dropped on resuming
  expect(mb).toBeLessThan(256);
  await rm(folder, { recursive: true });
});
