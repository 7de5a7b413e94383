import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { contest } from './contest.ts';

it('property: lockFolder: five processes share no lock in 100,000 contested takeovers', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chirality-contest-'));
  const { takeovers, doubles } = await contest(folder, 100_000);
  expect(takeovers).toBeGreaterThanOrEqual(100_000);
  expect(doubles).toBe(0);
  await rm(folder, { recursive: true });
}, 3_600_000);
