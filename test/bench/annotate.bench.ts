import { quiet } from '../support/call.ts';

/**
 * The annotation editor's service on a file of a million rows: the time to the first card against only reading the
 * file, the list while it scrolls, the review's figures, an edit in the middle and its save against copying the file;
 * and the memory of it all. A tenth of the rows gives the share that does not grow.
 *
 *     node scripts/bench.mjs annotate
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EditedFile } from '../../src/lab/datasets/edited-file.ts';
import { editRow } from '../../src/core/annotation/edit-row.ts';
import { wholeFile } from '../../src/core/annotation/pieces.ts';
import { newToken } from '../../src/lab/files/leftovers.ts';
import { Edits } from '../../src/panels/annotate/annotate-edits.reads.ts';
import { PairRows } from '../../src/panels/data-rows.reads.ts';
import { peakMegabytes, reportPeakMemory } from './peak-memory.ts';
import { writeRows } from './rows.ts';

const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

async function time<T>(work: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  const result = await work();
  return [result, performance.now() - start];
}

/** What a person does, through the calls that the editor makes. */
async function work(path: string, rows: number): Promise<void> {
  const { api } = new Edits(new PairRows());
  const place = { folder: tmpdir(), root: tmpdir() };
  const [, plain] = await time(async () => {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) void chunk;
  });
  const token = newToken();
  const [{ version }, opening] = await time(() => api.openEdited({ path, token, orNew: false }));
  const opened = { path, token, version };
  const cardOf = (base: number) => api.editedRow({ ...opened, piece: { base, count: 1 }, place });
  const [{ row }, card] = await time(() => cardOf(0));
  console.log(
    `first card: ${ms(opening + card)} (${ms(opening)} + ${ms(card)}), ` +
      `${((opening + card) / plain).toFixed(1)} × reading the file (${ms(plain)})`,
  );
  const pages: number[] = [];
  for (let i = 0; i < 200; i++) {
    const from = Math.floor(((i * 0.618) % 1) * (rows - 50));
    const pieces = [{ base: from, count: 50 }];
    pages.push((await time(() => api.editedLines({ ...opened, pieces, variant: 'mirror', place })))[1]);
  }
  pages.sort((a, b) => a - b);
  console.log(`a page of 50 rows: median ${ms(pages[100]!)}, the 95th of 100 ${ms(pages[190]!)}`);
  // While figures are counted, people go on.
  const counting = time(() =>
    api.reviewQueue(
      { ...opened, pieces: wholeFile(rows), filter: 'state = pending', variant: 'mirror', place },
      quiet,
    ),
  );
  const waits: number[] = [];
  let counted = false;
  void counting.then(() => (counted = true));
  while (!counted) {
    waits.push((await time(() => cardOf(rows >> 1)))[1]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const [queue, figures] = await counting;
  if (queue.counts.pending !== rows) throw new Error(`Counted ${queue.counts.pending} rows of ${rows}.`);
  console.log(
    `review figures: ${ms(figures)}, ${(figures / plain).toFixed(1)} × reading; a card meanwhile: at most ${ms(Math.max(...waits))}`,
  );
  const middle = rows >> 1;
  const changes = [{ path: ['answer'], value: 'No' }];
  const { file: onDisk, edits } = await EditedFile.edit(path);
  const id = `row-${middle}`;
  const [, edit] = await time(() =>
    edits.edit(middle, 1, async ([text]) => [editRow(text!, middle, id, changes)]),
  );
  const [, copying] = await time(() => pipeline(createReadStream(path), createWriteStream(`${path}.copy`)));
  const [, saving] = await time(() => edits.save());
  const [after] = await onDisk.texts([{ base: middle, count: 1 }]);
  if (!after!.includes('"answer":"No"') || row.sample?.id !== 'row-0') throw new Error('The edit is lost.');
  console.log(
    `edit of row ${middle}: ${ms(edit)}; save: ${ms(saving)}, ${(saving / copying).toFixed(1)} × copying the file`,
  );
  await onDisk.close();
  await api.closeEdited(opened);
}

async function measure(rows: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chirality-bench-'));
  const path = join(folder, 'data.qa.jsonl');
  try {
    await writeRows(path, rows);
    const megabytes = (await stat(path)).size / 2 ** 20;
    console.log(`\n${rows.toLocaleString('en')} rows, ${megabytes.toFixed(0)} MB`);
    const child = spawn(process.execPath, [...reportPeakMemory, import.meta.filename, path, String(rows)], {
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    const [exit] = (await once(child, 'close')) as [number];
    if (exit !== 0) throw new Error(errors);
    const peak = peakMegabytes(errors);
    console.log(`peak memory: ${peak.toFixed(0)} MB, ${(peak / megabytes).toFixed(2)} × the file`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const [path, rows] = process.argv.slice(2);
if (path) await work(path, Number(rows));
else for (const count of [100_000, 1_000_000]) await measure(count);
