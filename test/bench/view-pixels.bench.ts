/**
 * Pixels of a view from a decoded picture of 640 × 480: ours in one thread against Pillow, in turns, as milliseconds of
 * processor time and their ratio. Pillow: CHIRALITY_PYTHON names an interpreter that has it.
 */
import { spawnSync } from 'node:child_process';
import { readResample } from '../../src/core/spatial/views/resample/id.ts';
import { resamplePixels } from '../../src/core/spatial/views/resample/pixels.ts';
import { isSymmetry, turnPixels } from '../../src/core/spatial/views/symmetry.ts';

const [width, height] = [640, 480];
const picture = {
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7) % 251),
};

/** Each view, and the same in Pillow. */
const VIEWS = {
  mirror: 'p.transpose(Image.Transpose.FLIP_LEFT_RIGHT)',
  'rotate:90': 'p.transpose(Image.Transpose.ROTATE_270)',
  'rotate:180': 'p.transpose(Image.Transpose.ROTATE_180)',
  'crop:0.1,0.1,0.9,0.9': 'p.crop((64, 48, 576, 432))',
  'scale:0.5': 'p.resize((320, 240), Image.Resampling.BILINEAR)',
  'roll:10': 'p.rotate(-10, Image.Resampling.BILINEAR).crop((57, 43, 583, 437))',
  grey: 'p.convert("L").convert("RGB")',
};

const ROUNDS = 30;
const python = process.env.CHIRALITY_PYTHON ?? 'python3';
const script = `
import time
from PIL import Image
p = Image.frombytes("RGB", (${width}, ${height}), bytes((i * 7) % 251 for i in range(${width * height * 3})))
for work in (${Object.values(VIEWS)
  .map((code) => `lambda: ${code}`)
  .join(', ')}):
    best = 1e9
    for _ in range(${ROUNDS}):
        start = time.process_time()
        work().tobytes()
        best = min(best, time.process_time() - start)
    print(1000 * best)
`;
const { stdout, stderr, status } = spawnSync(python, ['-c', script], { encoding: 'utf8' });
if (status !== 0) console.log(`Pillow did not run: ${stderr.trim().split('\n').at(-1)}`);
const theirs = stdout.trim().split('\n').map(Number);

Object.keys(VIEWS).forEach((id, i) => {
  const times = Array.from({ length: ROUNDS }, () => {
    const start = process.cpuUsage();
    if (isSymmetry(id)) turnPixels(picture, id);
    else resamplePixels(picture, readResample(id)!);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  const ours = Math.min(...times);
  const ratio =
    status === 0 ? `, Pillow ${theirs[i]!.toFixed(2)} ms: ${(ours / theirs[i]!).toFixed(2)} times` : '';
  console.log(`${id.padEnd(22)} ours ${ours.toFixed(2)} ms${ratio}`);
});
