import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import type { Sampler } from '../../../../src/engines/sampler.ts';
import { ImageFiles } from '../../../../src/lab/datasets/image-files.ts';
import { putImages } from '../../../../src/lab/rollouts/draw-groups.ts';
import { folderOfEachTest } from '../../../support/folder.ts';

let folder = '';
folderOfEachTest('new-pixels-', (made) => (folder = made));

it('putImages: encodes images only for views that change pixels, and otherwise sends files', async () => {
  const raw = { width: 4, height: 2, channels: 3 as const };
  await sharp(Buffer.from(Array.from({ length: 24 }, (_, i) => 10 * i)), { raw })
    .png()
    .toFile(join(folder, 'a.png'));
  const files = new ImageFiles(folder, folder);
  const put: Uint8Array[] = [];
  const sampler = {
    info: () => ({}),
    putImage: (bytes: Uint8Array) => Promise.resolve({ hash: String(put.push(bytes)), width: 1, height: 1 }),
  } as unknown as Sampler;
  const sample = { id: 'a', question: 'How far is the cup?', answer: '2 m', images: ['a.png'] };
  expect(await putImages(sampler, sample, files, 'crop:0.5,0,1,1+light:0.5+mirror')).toEqual(['1']);
  expect(await putImages(sampler, sample, files, 'mirror')).toEqual(['2']);
  const { data, info } = await sharp(put[0]).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([2, 2]);
  expect([...data.subarray(0, 6)]).toEqual([30, 35, 40, 45, 50, 55]);
  expect(Buffer.from(put[1]!)).toEqual(Buffer.from(await files.bytes('a.png')));
  await expect(putImages(sampler, sample, files, 'pan:5')).rejects.toThrow('meta.focal_px');
  await files.close();
});
