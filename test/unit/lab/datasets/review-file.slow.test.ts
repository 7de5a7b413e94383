import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tryRandomReviews } from './review-sequences.ts';

it('a thousand random reviews', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'review-'));
  await expect(tryRandomReviews(join(folder, 'random.qa.jsonl'), 1000)).resolves.toBeUndefined();
  await rm(folder, { recursive: true });
}, 600_000);
