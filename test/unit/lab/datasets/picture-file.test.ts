import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { checkPictureFile } from '../../../../src/lab/datasets/picture-file.ts';
import { folderOfEachTest } from '../../../support/folder.ts';

let folder = '';
folderOfEachTest('picture-file-', (made) => (folder = made));

async function check(bytes: Uint8Array): Promise<string> {
  const path = join(folder, 'picture');
  await writeFile(path, bytes);
  return checkPictureFile(path, bytes.length).then(
    () => 'whole',
    (error: { problem: { code: string } }) => error.problem.code,
  );
}

/** Noise, so that a part is far from the whole. */
const noise = () => {
  const raw = Uint8Array.from({ length: 3 * 64 * 64 }, (_, i) => (i * 7919 + (i >> 3) * 104729) % 251);
  return sharp(raw, { raw: { width: 64, height: 64, channels: 3 } });
};

const FORMATS = {
  png: () => noise().png().toBuffer(),
  jpeg: () => noise().jpeg().toBuffer(),
  'progressive jpeg': () => noise().jpeg({ progressive: true }).toBuffer(),
  webp: () => noise().webp().toBuffer(),
  gif: () => noise().gif().toBuffer(),
};

it.each(Object.entries(FORMATS))('a truncated %s image is rejected', async (_, make) => {
  const bytes = await make();
  expect(await check(bytes)).toBe('whole');
  for (const share of [0.3, 0.6, 0.95]) {
    const part = bytes.subarray(0, Math.floor(share * bytes.length));
    expect(await check(part)).toBe('image-damaged');
  }
});

it('checkPictureFile: distinguishes the end of a JPEG preview from the end of the image', async () => {
  const preview = await noise().resize(8).jpeg().toBuffer();
  const picture = await noise().jpeg().toBuffer();
  // A comment after the first two bytes, as an EXIF preview is.
  const head = Buffer.from([0xff, 0xfe, (preview.length + 2) >> 8, (preview.length + 2) & 255]);
  const bytes = Buffer.concat([picture.subarray(0, 2), head, preview, picture.subarray(2)]);
  expect(await check(bytes)).toBe('whole');
  expect(await check(bytes.subarray(0, bytes.length - 500))).toBe('image-damaged');
});

it.each([
  ['', 'image-damaged'],
  ['not an image', 'image-format'],
  ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'image-format'],
  ['BM', 'image-format'],
])('checkPictureFile: returns for %j %s', async (text, code) => {
  expect(await check(Buffer.from(text))).toBe(code);
});
