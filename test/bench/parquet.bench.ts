/**
 * Reading a parquet table whose one row group holds far more images than fit the memory we want to use (the layout
 * of SAT): peak memory and time to convert it by reference, then single images at random. Needs `npm run build`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';
import { Random } from '../../src/base/random.ts';
import { ParquetImages } from '../../src/lab/datasets/parquet/image-cells.ts';
import { peakMegabytes, reportPeakMemory } from './peak-memory.ts';

const [ROWS, BYTES] = [6000, 100_000];
const folder = mkdtempSync(join(tmpdir(), 'chirality-bench-'));
const path = join(folder, 'sat.parquet');

const random = Random.from('parquet');
const noise = Uint8Array.from({ length: BYTES + ROWS }, () => random.below(256));
const image = (row: number) => {
  const bytes = noise.slice(row, row + BYTES);
  bytes.set([0xff, 0xd8, 0xff]);
  return bytes;
};
parquetWriteFile({
  filename: path,
  rowGroupSize: ROWS,
  columnData: [
    { name: 'image_bytes', data: Array.from({ length: ROWS }, (_, i) => image(i)), type: 'BYTE_ARRAY' },
    {
      name: 'question',
      data: Array.from({ length: ROWS }, (_, i) => `Which way did camera ${i} turn?`),
      type: 'STRING',
    },
    { name: 'answers', data: Array.from({ length: ROWS }, () => ['left', 'right']), type: 'JSON' },
    { name: 'correct_answer', data: Array.from({ length: ROWS }, () => 'left'), type: 'STRING' },
  ],
});
const megabytes = statSync(path).size / 2 ** 20;
console.log(`${ROWS} rows in one row group, ${megabytes.toFixed(0)} MB`);

const start = performance.now();
const args = [...reportPeakMemory, 'dist/cli.js', 'convert', path, '-o', join(folder, 'out.qa.jsonl')];
const { stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
if (status !== 0) throw new Error(stderr);
const peak = peakMegabytes(stderr);
console.log(
  `convert by reference: ${((performance.now() - start) / 1000).toFixed(1)} s, peak ${peak.toFixed(0)} MB`,
);

const images = new ParquetImages();
const times: number[] = [];
for (let i = 0; i < 200; i++) {
  const row = random.below(ROWS);
  const before = performance.now();
  const bytes = await images.bytes(path, { column: 'image_bytes', row });
  times.push(performance.now() - before);
  if (bytes.length !== BYTES || bytes[10] !== noise[row + 10])
    throw new Error(`Row ${row} is not what was written.`);
}
times.sort((a, b) => a - b);
console.log(`one picture at random: median ${times[100]!.toFixed(1)} ms, 99% ${times[198]!.toFixed(1)} ms`);
await images.close();
rmSync(folder, { recursive: true });
