import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'vitest';
import { tryRandomReviews } from './review-sequences.ts';

it('property: ReviewFile: matches its model over 1,000 random reviews', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'review-'));
  // Eight files at once: most of the time is waited for the disk.
  await Promise.all(
    Array.from({ length: 8 }, (_, i) => tryRandomReviews(join(folder, `random-${i}.qa.jsonl`), 125)),
  );
  await rm(folder, { recursive: true });
}, 1_800_000);
