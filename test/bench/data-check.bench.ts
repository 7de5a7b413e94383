/**
 * `data check` over a million rows that are made up on the way into its standard input, and the memory it takes at most.
 * A tenth of the rows gives the share that does not grow. Needs `npm run build`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { peakMegabytes, reportPeakMemory } from './peak-memory.ts';

/** One row of a plausible length; every 100 000th is broken. */
function row(i: number): string {
  if (i % 100_000 === 99_999) return '{"id": "broken", "boxes": [[NaN]]}\n';
  const box = [i % 300, (i * 7) % 200, 300 + (i % 340), 200 + ((i * 3) % 280)];
  return `${JSON.stringify({
    id: `row-${i}`,
    question: `Is the red mug number ${i % 977} to the left of the lamp number ${i % 1009}, seen from the viewer?`,
    answer:
      i % 2 ? 'Yes, the red mug is to the left of the lamp.' : 'No, it is on the right side of the lamp.',
    images: [{ path: `images/${Math.floor(i / 5)}.jpg`, w: 640, h: 480 }],
    boxes: [box],
    box_format: 'xyxy_px',
    task: 'yesno',
    meta: { counts: { mug: 1, lamp: 1 } },
  })}\n`;
}

async function check(rows: number): Promise<{ seconds: number; megabytes: number; bad: number }> {
  const start = performance.now();
  const args = [...reportPeakMemory, 'dist/cli.js', 'data', 'check', '-', '--json'];
  const child = spawn(process.execPath, args);
  let out = '';
  let errors = '';
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  for (let i = 0, piece = ''; i < rows; i++) {
    piece += row(i);
    if (piece.length < 1 << 18 && i < rows - 1) continue;
    if (!child.stdin.write(piece)) await once(child.stdin, 'drain');
    piece = '';
  }
  child.stdin.end();
  await once(child, 'close');
  const summary = JSON.parse(out.trimEnd().split('\n').at(-1)!) as { summary: { rows: number; bad: number } };
  if (summary.summary.rows !== rows) throw new Error(`Read ${summary.summary.rows} rows of ${rows}.`);
  const megabytes = peakMegabytes(errors);
  return { seconds: (performance.now() - start) / 1000, megabytes, bad: summary.summary.bad };
}

for (const rows of [100_000, 1_000_000]) {
  const { seconds, megabytes, bad } = await check(rows);
  const rate = Math.round(rows / seconds).toLocaleString('en');
  console.log(
    `${rows} rows: ${seconds.toFixed(1)} s (${rate} rows/s), peak ${megabytes.toFixed(0)} MB, ${bad} bad`,
  );
}
