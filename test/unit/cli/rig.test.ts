import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { expect, it } from 'vitest';
import { addConvertCommand } from '../../../src/cli/commands/convert.command.ts';
import { addMirrorCommand } from '../../../src/cli/commands/view-mirror.command.ts';
import { addViewCommand } from '../../../src/cli/commands/view-add.command.ts';
import { decodePng, encodePng } from '../../../src/lab/images/png.ts';
import { Random } from '../../../src/base/random.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import { runCommand } from '../../support/command.ts';
import { folderOfEachTest } from '../../support/folder.ts';
import { parseRows, rowLines } from '../../support/rows.ts';

/* The mirror of a rig: each slot shows, mirrored, what the camera of the other side saw, pixel by pixel. */

let folder = '';
folderOfEachTest('rig-', (made) => (folder = made));
const at = (name: string) => join(folder, name);

const [W, H] = [5, 3];
const SLOTS = ['front', 'front_left', 'front_right'];
/** Which camera is where the camera of a slot is in the mirror. */
const OTHER = ['front', 'front_right', 'front_left'];

type Pixels = number[];
/** Pixels taken from where `from` says for each place. */
const moved =
  (from: (x: number, y: number) => [x: number, y: number]) =>
  (pixels: Pixels): Pixels =>
    Array.from({ length: W * H }, (_, i) => {
      const [x, y] = from(i % W, Math.floor(i / W));
      return pixels.slice(3 * (y * W + x), 3 * (y * W + x) + 3);
    }).flat();
const mirrored = moved((x, y) => [W - 1 - x, y]);
const halfTurned = moved((x, y) => [W - 1 - x, H - 1 - y]);

async function writeRig(): Promise<Record<string, Pixels>> {
  await mkdir(at('rig'));
  const pixels: Record<string, Pixels> = {};
  for (const [i, slot] of SLOTS.entries()) {
    const random = Random.from(`rig ${i}`);
    pixels[slot] = Array.from({ length: 3 * W * H }, () => Math.floor(random.uniform() * 256));
    const rgb = Uint8Array.from(pixels[slot]);
    await writeFile(at(`rig/${slot}.png`), await encodePng({ w: W, h: H, rgb }));
  }
  const row = {
    id: 'tram',
    question: 'Is the tram in the second view to the left of the bus?',
    answer: 'Yes',
    images: SLOTS.map((slot) => `rig/${slot}.png`),
  };
  await writeFile(at('data.qa.jsonl'), rowLines([row]));
  return pixels;
}

const pixelsOf = (file: Uint8Array): Pixels => [...decodePng(file)!.rgb];

it.each([
  ['mirror', mirrored, 'Is the tram in the third view to the right of the bus?'],
  ['rotate:180', halfTurned, null],
] as const)('%s writes each image of a rig to the slot of its camera', async (view, turn, question) => {
  const pixels = await writeRig();
  const out = at('out.qa.jsonl');
  const args = [at('data.qa.jsonl'), '-o', out, '--write-images', at('out')];
  if (view === 'mirror') await runCommand(addMirrorCommand, 'mirror', ...args);
  else await runCommand(addViewCommand, 'add', ...args, '--view', view, '--anchor', 'image');
  const [row] = parseRows<Sample>(await readFile(out, 'utf8'));
  const variant = row!.variants!.mirror ?? row!.variants!.views![view]!;
  expect(variant.images).toEqual(OTHER.map((slot) => `rig/${slot}.png`));
  if (question !== null) expect(variant.question).toBe(question);
  for (const [i, image] of variant.images!.entries()) {
    const file = await readFile(at(`out/${image as string}`));
    expect(pixelsOf(file), SLOTS[i]).toEqual(turn(pixels[OTHER[i]!]!));
  }
});

it('convert --to trl: writes images of a camera rig in the slots of their cameras', async () => {
  const pixels = await writeRig();
  await runCommand(addConvertCommand, 'convert', at('data.qa.jsonl'), '--to', 'trl', '-o', at('trl.parquet'));
  const bytes = await readFile(at('trl.parquet'));
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const rows = (await parquetReadObjects({ file, utf8: false })) as {
    view: string;
    images: { bytes: Uint8Array }[];
  }[];
  const seen = Object.fromEntries(
    rows.map(({ view, images }) => [view, images.map((image) => pixelsOf(image.bytes))]),
  );
  expect(seen.original).toEqual(SLOTS.map((slot) => pixels[slot]));
  expect(seen.mirror).toEqual(OTHER.map((slot) => mirrored(pixels[slot]!)));
});
