import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { folderOfTests } from '../../../support/folder.ts';
import { few } from '../../../support/slow.ts';
import { bundle } from './contest.ts';

const folder = folderOfTests('chirality-large-');

/** Writes a run's metrics of so many megabytes, and lets a process of its own resume and follow it. */
async function resumeLarge(size: number) {
  const file = createWriteStream(join(folder, 'metrics.jsonl'));
  const names = Array.from({ length: 60 }, (_, i) => `rewards/part_${i}/mean`);
  let written = 0;
  let steps = 0;
  while (written < size * 2 ** 20) {
    steps += 1;
    const row = { step: steps, ...Object.fromEntries(names.map((name, i) => [name, steps / (i + 1)])) };
    const line = `${JSON.stringify(row)}\n`;
    written += line.length;
    if (!file.write(line)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
  const program = await bundle('large', folder);
  const { stdout } = await promisify(execFile)(process.execPath, [program, folder]);
  return { steps, ...(JSON.parse(stdout) as { rows: number; mb: number }) };
}

// The second is more than a string can hold.
it.each(few([100, 600]))(
  'a run with %i MB of metrics: resumes within 256 MB of memory',
  async (size) => {
    const { steps, rows, mb } = await resumeLarge(size);
    expect(rows).toBe(steps - 1); // the first row is dropped on resuming
    expect(mb).toBeLessThan(256);
  },
  1_200_000,
);
