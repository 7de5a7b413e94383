import fc from 'fast-check';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { decodePng, encodePng, scaledPng } from '../../../src/lab/images/png.ts';
import { forAll, forAllAsync } from '../../support/property.ts';

it('property: sharp and decodePng: decode an image from encodePng unchanged', async () => {
  const picture = fc
    .record({ w: fc.integer({ min: 1, max: 20 }), h: fc.integer({ min: 1, max: 20 }) })
    .chain(({ w, h }) =>
      fc.uint8Array({ minLength: w * h * 3, maxLength: w * h * 3 }).map((rgb) => ({ w, h, rgb })),
    );
  await forAllAsync([picture], { numRuns: 50 }, async ({ w, h, rgb }) => {
    const { data, info } = await sharp(await encodePng({ w, h, rgb }))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: w, height: h, channels: 3 });
    expect(data.equals(rgb)).toBe(true);
    expect(decodePng(await encodePng({ w, h, rgb }))).toEqual({ w, h, rgb });
  });
});

it('scaledPng: scales 16-bit grey under every PNG filter, with transparency over white', async () => {
  const values = Uint16Array.from({ length: 40 * 30 }, (_, i) => (i * 7919 + (i >> 3) * 31) % 65_536);
  const grey = sharp(values, { raw: { width: 40, height: 30, channels: 1 } }).toColourspace('grey16');
  const expected = (from: number, to: number) =>
    Buffer.from(Uint8ClampedArray.from(values, (value) => (255 * (value - from)) / (to - from)));
  for (const adaptiveFiltering of [false, true]) {
    const file = await grey.clone().png({ adaptiveFiltering }).toBuffer();
    for (const [from, to] of [
      [1000, 50_000],
      [50_000, 1000],
    ] as const) {
      const scaled = sharp((await scaledPng(file, [from, to]))!);
      expect(await scaled.metadata()).toMatchObject({ width: 40, height: 30, channels: 1, depth: 'uchar' });
      expect((await scaled.extractChannel(0).raw().toBuffer()).equals(expected(from, to))).toBe(true);
    }
    expect(await scaledPng(file.subarray(0, 200), [0, 9])).toBeNull();
  }
  const half = Uint16Array.from([1000, 65_535, 1000, 0, 2000, 32_768]);
  const clear = sharp(half, { raw: { width: 3, height: 1, channels: 2 } }).toColourspace('grey16');
  const seen = sharp((await scaledPng(await clear.png().toBuffer(), [1000, 3000]))!).extractChannel(0);
  // Opaque black; white where transparent; half of 127.5 and half of white: 191.25.
  expect([...(await seen.raw().toBuffer())]).toEqual([0, 255, 191]);
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
  forAll([fc.uint8Array()], (bytes) => decodePng(bytes) === null);
});
