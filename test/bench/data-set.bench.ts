/**
 * The Dataset panel's service on a file of a million rows: the time to the first cards, next to a neighbour of a tenth
 * of it, against only reading the file; how long cards take while the rest is being counted; and the whole summary.
 *
 *     node scripts/bench.mjs dataset
 */
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSets } from '../../src/panels/dataset/dataset.reads.ts';
import { PairRows } from '../../src/panels/data-rows.reads.ts';
import { writeRows } from './rows.ts';

const ROWS = 1_000_000;
const PAGE = 24;

const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const since = (start: number) => performance.now() - start;

const folder = await mkdtemp(join(tmpdir(), 'chirality-bench-'));
try {
  const path = join(folder, 'train.qa.jsonl');
  await writeRows(path, ROWS);
  await writeRows(join(folder, 'val.qa.jsonl'), ROWS / 10);
  let start = performance.now();
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) void chunk;
  const plain = since(start);

  const { api } = new DataSets(new PairRows());
  const rows = Array.from({ length: PAGE }, (_, row) => row);
  const cards = () => api.dataCards({ file: 0, rows, place: { folder, root: folder } });
  start = performance.now();
  let shown = (): void => undefined;
  const someRows = new Promise<void>((resolve) => (shown = resolve));
  let read = false;
  const reading = api
    .openData({ file: 0, path }, { signal: new AbortController().signal, onProgress: () => shown() })
    .finally(() => (read = true));
  await someRows;
  const first = await cards();
  const toFirst = since(start);
  if (first[0]?.line !== 1) throw new Error('The first row is missing.');
  const waits: number[] = [];
  while (!read) {
    const asked = performance.now();
    await cards();
    waits.push(since(asked));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const summary = await reading;
  const whole = since(start);
  if (summary.rows !== ROWS) throw new Error(`Counted ${summary.rows} rows of ${ROWS}.`);
  waits.sort((a, b) => a - b);
  console.log(
    `first ${PAGE} cards: ${ms(toFirst)}, ${(toFirst / plain).toFixed(2)} × reading the file (${ms(plain)})\n` +
      `the whole summary: ${ms(whole)}, ${(whole / toFirst).toFixed(0)} × the first cards\n` +
      `cards meanwhile: median ${ms(waits[waits.length >> 1] ?? NaN)}, at most ${ms(waits.at(-1) ?? NaN)}`,
  );
  await api.closeData({ file: 0 });
} finally {
  await rm(folder, { recursive: true });
}
