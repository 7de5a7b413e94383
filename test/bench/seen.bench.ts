/**
 * What the view of a model costs: `data check --images` over 40,000 rows about 2,000 images with `--sees` and without,
 * in turns, in processor seconds. For the frame rate of a panel with the view drawn, see panels.bench.ts. Needs
 * `npm run build`.
 *
 *     node scripts/bench.mjs seen
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../src/base/random.ts';
import { encodePng } from '../../src/lab/images/png.ts';

const [ROWS, IMAGES, DISTINCT, ROUNDS] = [40_000, 2000, 40, 3];
const SIZE = { w: 320, h: 240 };

async function write(folder: string): Promise<string> {
  mkdirSync(join(folder, 'images'));
  const random = Random.from(1);
  for (let i = 0; i < IMAGES; i++) {
    const file = join(folder, 'images', `${i}.png`);
    if (i >= DISTINCT) {
      copyFileSync(join(folder, 'images', `${i % DISTINCT}.png`), file);
      continue;
    }
    const rgb = Uint8Array.from({ length: SIZE.w * SIZE.h * 3 }, () => random.below(256));
    writeFileSync(file, await encodePng({ ...SIZE, rgb }));
  }
  const path = join(folder, 'data.qa.jsonl');
  const out = createWriteStream(path);
  for (let i = 0; i < ROWS; i++) {
    const x = (i * 7) % 280;
    const row = {
      id: `row-${i}`,
      question: `Is mug ${i % 977} to the left of lamp ${i % 1009}?`,
      answer: i % 2 ? 'yes' : 'no',
      images: [`images/${Math.floor((i * IMAGES) / ROWS)}.png`],
      boxes: [[x, 40, x + 39, 90]],
      box_format: 'xyxy_px',
    };
    out.write(`${JSON.stringify(row)}\n`);
  }
  out.end();
  await once(out, 'close');
  return path;
}

/** Processor seconds of a check. */
function check(path: string, ...more: string[]): number {
  const args = ['-c', '"$@" > /dev/null 2>&1; times', 'sh', process.execPath, 'dist/cli.js'];
  const { stdout } = spawnSync('sh', [...args, 'data', 'check', path, '--images', '--json', ...more], {
    encoding: 'utf8',
  });
  const children = stdout.trim().split('\n').at(-1)!;
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (all, [, m, s]) => all + 60 * Number(m) + Number(s),
    0,
  );
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;

const folder = mkdtempSync(join(tmpdir(), 'chirality-bench-'));
try {
  const path = await write(folder);
  const [plain, seen]: [number[], number[]] = [[], []];
  for (let i = 0; i < ROUNDS; i++) {
    plain.push(check(path));
    seen.push(check(path, '--sees', 'llava-1.5'));
  }
  const [without, with_] = [median(plain), median(seen)];
  console.log(
    `data check --images, ${ROWS} rows: ${without.toFixed(1)} s; with --sees ${with_.toFixed(1)} s, ${(with_ / without).toFixed(2)} times`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
