import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resumeLarge } from './large-run.ts';

it('a run with more metrics than a string can hold: resumes within 256 MB of memory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chirality-large-'));
  const { steps, rows, mb } = await resumeLarge(folder, 600 * 2 ** 20);
  expect(rows).toBe(steps - 1);
  expect(mb).toBeLessThan(256);
  await rm(folder, { recursive: true });
}, 1_200_000);
