/**
 * Image pairs prepared per second: one decode, both views at 448 × 448 as RGB bytes. Next to it Pillow doing the same
 * (one decode with draft(), bicubic, both views) with as many processes as we have images in flight, in turns, on the
 * same files. Pillow: python -m venv v && v/bin/pip install pillow, then CHIRALITY_PYTHON=v/bin/python.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { decodeImage } from '../../src/lab/images/decode.ts';
import { turnPixels } from '../../src/rows/symmetry.ts';
import { loadSharp } from '../../src/lab/images/sharp.ts';

const SIDE = { w: 448, h: 448 };
const ROUNDS = 5;
const cores = Math.min(availableParallelism(), 4);
const python = process.env.CHIRALITY_PYTHON ?? 'python3';
const folder = mkdtempSync(join(tmpdir(), 'chirality-bench-'));

/** Noise on several scales: compresses about as a photograph does. */
async function photo(width: number, height: number, path: string): Promise<void> {
  const sharp = await loadSharp();
  const noise = (scale: number, sigma: number) =>
    sharp({
      create: {
        width: Math.ceil(width / scale),
        height: Math.ceil(height / scale),
        channels: 3,
        background: '#808080',
        noise: { type: 'gaussian', mean: 128, sigma },
      },
    })
      .resize(width, height, { fit: 'fill' })
      .png({ compressionLevel: 0 })
      .toBuffer();
  const layers = await Promise.all([noise(8, 30), noise(2, 12), noise(1, 6)]);
  const over = layers.map((input) => ({ input, blend: 'soft-light' as const }));
  await sharp(await noise(60, 60))
    .composite(over)
    .jpeg({ quality: 88 })
    .toFile(path);
}

async function ours(files: string[], pairs: number): Promise<number> {
  const bytes = files.map((file) => readFileSync(file));
  let next = 0;
  const start = performance.now();
  const worker = async () => {
    while (next < pairs) turnPixels(await decodeImage(bytes[next++ % bytes.length]!, SIDE), 'mirror');
  };
  await Promise.all(Array.from({ length: cores }, worker));
  return pairs / ((performance.now() - start) / 1000);
}

const PILLOW = `
import io, sys, time
from multiprocessing import Pool
from PIL import Image, ImageOps

def pair(data):
    picture = Image.open(io.BytesIO(data))
    picture.draft("RGB", (${SIDE.w}, ${SIDE.h}))
    picture = ImageOps.exif_transpose(picture).convert("RGB").resize((${SIDE.w}, ${SIDE.h}), Image.BICUBIC)
    return len(picture.tobytes()) + len(ImageOps.mirror(picture).tobytes())

if __name__ == "__main__":
    with Pool(${cores}) as pool:
        for line in sys.stdin:
            pairs, *files = line.rstrip("\\n").split("\\t")
            data = [open(file, "rb").read() for file in files]
            work = [data[i % len(data)] for i in range(int(pairs))]
            start = time.perf_counter()
            pool.map(pair, work, chunksize=8)
            print(int(pairs) / (time.perf_counter() - start), flush=True)
`;

function startPillow(): ((files: string[], pairs: number) => Promise<number>) | null {
  const probe = spawnSync(python, ['-c', 'import PIL; print(PIL.__version__)'], { encoding: 'utf8' });
  if (probe.status !== 0) {
    console.log(
      `No Pillow in ${python}: only our own rate. See the head of this file for how to provide it.`,
    );
    return null;
  }
  console.log(`Pillow ${probe.stdout.trim()}, ${cores} processes; we: ${cores} pictures in flight`);
  writeFileSync(join(folder, 'pillow.py'), PILLOW);
  const child = spawn(python, [join(folder, 'pillow.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  process.on('exit', () => child.kill());
  return async (files, pairs) => {
    child.stdin.write(`${[pairs, ...files].join('\t')}\n`);
    const [line] = (await once(lines, 'line')) as [string];
    return Number(line);
  };
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

const pillow = startPillow();
for (const [width, height, count, pairs] of [
  [640, 480, 24, 240],
  [1920, 1080, 8, 80],
  [4032, 3024, 4, 16],
] as const) {
  const files = Array.from({ length: count }, (_, i) => join(folder, `${width}-${i}.jpg`));
  for (const file of files) await photo(width, height, file);
  const kilobytes = Math.round(readFileSync(files[0]!).length / 1000);
  const rates: { ours: number[]; pillow: number[] } = { ours: [], pillow: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    const [a, b] = [await ours(files, pairs), await pillow?.(files, pairs)];
    if (round === 0) continue; // warming up
    rates.ours.push(a);
    if (b !== undefined) rates.pillow.push(b);
  }
  const against = pillow
    ? `, Pillow ${median(rates.pillow).toFixed(0)}: ${median(rates.ours.map((r, i) => r / rates.pillow[i]!)).toFixed(2)} times`
    : '';
  console.log(`${width} × ${height}, ${kilobytes} kB: ${median(rates.ours).toFixed(0)} pairs/s${against}`);
}
rmSync(folder, { recursive: true });
process.exit(0);
