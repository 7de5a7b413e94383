/**
 * What a view costs, ours against Pillow in one thread each, as milliseconds of processor time and their ratio: its
 * pixels alone, from a decoded image of 640 × 480, and the whole way from a JPEG file to 448 × 448 pixels in that view,
 * as models get it. Pillow: CHIRALITY_PYTHON names an interpreter that has it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readResample } from '../../src/rows/view-parts.ts';
import { resamplePixels } from '../../src/rows/views/resample/pixels.ts';
import { isSymmetry, turnPixels } from '../../src/rows/symmetry.ts';
import { decodeImage, encodeImage } from '../../src/lab/images/decode.ts';
import { withNewPixels } from '../../src/lab/images/view-picture.ts';

const [width, height] = [640, 480];
const SEEN = { w: 448, h: 448 };
// Waves, and some noise, as in photographs.
const picture = {
  width,
  height,
  data: Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => 120 + 90 * Math.sin(i / 700) + ((i * 7919) % 31),
  ),
};

/** Each view, and the same in Pillow. */
const VIEWS = {
  mirror: 'p.transpose(Image.Transpose.FLIP_LEFT_RIGHT)',
  flip: 'p.transpose(Image.Transpose.FLIP_TOP_BOTTOM)',
  'rotate:90': 'p.transpose(Image.Transpose.ROTATE_270)',
  'rotate:180': 'p.transpose(Image.Transpose.ROTATE_180)',
  'crop:0.1,0.1,0.9,0.9': 'p.crop((64, 48, 576, 432))',
  'scale:0.5': 'p.resize((320, 240), Image.Resampling.BILINEAR)',
  'roll:10': 'p.rotate(-10, Image.Resampling.BILINEAR).crop((57, 43, 583, 437))',
  grey: 'p.convert("L").convert("RGB")',
};

const ROUNDS = 100;
const python = process.env.CHIRALITY_PYTHON ?? 'python3';
const folder = mkdtempSync(join(tmpdir(), 'chirality-bench-'));
const file = join(folder, 'picture.jpg');
writeFileSync(file, await encodeImage(picture, 'jpeg'));
const script = `
import io, time
from PIL import Image, ImageOps
data = open(${JSON.stringify(file)}, "rb").read()
pixels = Image.open(io.BytesIO(data)).convert("RGB")
def opened():
    return ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
def seen(p):
    return p.resize((${SEEN.w}, ${SEEN.h}), Image.Resampling.BICUBIC)
def best(work):
    least = 1e9
    for _ in range(${ROUNDS}):
        start = time.process_time()
        work().tobytes()
        least = min(least, time.process_time() - start)
    return 1000 * least
for view in (${Object.values(VIEWS)
  .map((code) => `lambda p: ${code}`)
  .join(', ')}):
    print(best(lambda: view(pixels)), best(lambda: seen(view(opened()))))
`;
const { stdout, stderr, status } = spawnSync(python, ['-c', script], { encoding: 'utf8' });
if (status !== 0) console.log(`Pillow did not run: ${stderr.trim().split('\n').at(-1)}`);
const theirs = stdout
  .trim()
  .split('\n')
  .map((line) => line.split(' ').map(Number));

async function best(work: () => unknown): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < ROUNDS; i++) {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

const bytes = readFileSync(file);
const { data } = await decodeImage(bytes);
const decoded = { width, height, data };
for (const [i, id] of Object.keys(VIEWS).entries()) {
  const step = readResample(id);
  const alone = await best(() => (isSymmetry(id) ? turnPixels(decoded, id) : resamplePixels(decoded, step!)));
  const whole = await best(async () => {
    if (isSymmetry(id)) return turnPixels(await decodeImage(bytes, SEEN), id);
    return decodeImage(await withNewPixels(bytes, { steps: [step!], focal: undefined }), SEEN);
  });
  const against = (ours: number, other: number | undefined) =>
    `${ours.toFixed(2)} ms${other ? `, Pillow ${other.toFixed(2)}: ${(ours / other).toFixed(2)} times` : ''}`;
  console.log(
    `${id.padEnd(21)} pixels ${against(alone, theirs[i]?.[0])}; file to model ${against(whole, theirs[i]?.[1])}`,
  );
}
rmSync(folder, { recursive: true });
