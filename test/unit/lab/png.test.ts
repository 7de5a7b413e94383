import fc from 'fast-check';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { decodePng, encodePng } from '../../../src/lab/images/png.ts';

it('property: sharp and decodePng: decode an image from encodePng unchanged', async () => {
  const picture = fc
    .record({ w: fc.integer({ min: 1, max: 20 }), h: fc.integer({ min: 1, max: 20 }) })
    .chain(({ w, h }) =>
      fc.uint8Array({ minLength: w * h * 3, maxLength: w * h * 3 }).map((rgb) => ({ w, h, rgb })),
    );
  await fc.assert(
    fc.asyncProperty(picture, async ({ w, h, rgb }) => {
      const { data, info } = await sharp(await encodePng({ w, h, rgb }))
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect(info).toMatchObject({ width: w, height: h, channels: 3 });
      expect(data.equals(rgb)).toBe(true);
      expect(decodePng(await encodePng({ w, h, rgb }))).toEqual({ w, h, rgb });
    }),
    { numRuns: 50 },
  );
});

it('decodePng: supports every PNG filter, and returns null for other files', async () => {
  const noise = Buffer.from(Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * 7919 + (i >> 3) * 31) % 256));
  const picture = sharp(noise, { raw: { width: 40, height: 30, channels: 3 } }).blur(1.5);
  const raw = await picture.clone().raw().toBuffer();
  for (const adaptiveFiltering of [false, true]) {
    const file = await picture.clone().png({ adaptiveFiltering }).toBuffer();
    expect(Buffer.from(decodePng(file)!.rgb).equals(raw)).toBe(true);
  }
  const file = await encodePng({ w: 2, h: 2, rgb: new Uint8Array(12) });
  expect(decodePng(file.subarray(0, file.length - 3))).toBeNull();
  expect(decodePng(Buffer.from(file).fill(1, 45, 46))).toBeNull();
  expect(decodePng(await picture.clone().jpeg().toBuffer())).toBeNull();
  expect(decodePng(await picture.clone().toColourspace('b-w').png().toBuffer())).toBeNull();
  fc.assert(fc.property(fc.uint8Array(), (bytes) => decodePng(bytes) === null));
});
