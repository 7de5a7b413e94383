import { existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { ImageFiles } from '../../../../src/lab/datasets/image-files.ts';
import {
  checkImage,
  decodeForModel,
  decodeImage,
  encodeImage,
  imageSize,
  plainPicture,
  validateImage,
  type Pixels,
} from '../../../../src/lab/images/decode.ts';
import { encodePng } from '../../../../src/lab/images/png.ts';
import type { PixelView } from '../../../../src/rows/view-list.ts';
import { turnPixels } from '../../../../src/rows/symmetry.ts';
import { imageCodec } from '../../../../src/lab/endpoint.ts';
import { mirrorImageFile } from '../../../../src/lab/images/view-picture.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { property, forAllAsync } from '../../../support/property.ts';

const fixtures = join(import.meta.dirname, '../../../fixtures/images');
const file = (name: string) => readFileSync(join(fixtures, name));
const folder = folderOfTests('chirality-pictures-');

/** What Pillow reads (make_images.py). */
const pillow = JSON.parse(file('expected.json').toString()) as Record<
  string,
  { width: number; height: number; exact: boolean; pixels: string; mirror: string; resized_10x9: string }
>;
const names = Object.keys(pillow);

function difference(a: Uint8Array, b: Uint8Array): { mean: number; max: number } {
  expect(a.length).toBe(b.length);
  let [sum, max] = [0, 0];
  a.forEach((v, i) => {
    const d = Math.abs(v - b[i]!);
    sum += d;
    max = Math.max(max, d);
  });
  return { mean: sum / a.length, max };
}

describe.each(names)('the image %s', (name) => {
  const expected = pillow[name]!;
  const bytes = file(name);

  it('images are decoded and mirrored as in Pillow', async () => {
    const original = await decodeImage(bytes);
    expect([original.width, original.height]).toEqual([expected.width, expected.height]);
    const tolerance = expected.exact ? 0 : 1;
    expect(difference(original.data, Buffer.from(expected.pixels, 'base64')).max).toBeLessThanOrEqual(
      tolerance,
    );
    expect(
      difference(turnPixels(original, 'mirror').data, Buffer.from(expected.mirror, 'base64')).max,
    ).toBeLessThanOrEqual(tolerance);
  });

  it('images are resized almost as in Pillow', async () => {
    const { data } = await decodeImage(bytes, { w: 10, h: 9 });
    const { mean, max } = difference(data, Buffer.from(expected.resized_10x9, 'base64'));
    expect([mean < 0.5, max <= 3]).toEqual([true, true]);
  });

  it('images have the expected size', async () => {
    const size = { w: expected.width, h: expected.height };
    expect(await imageSize(bytes)).toEqual(size);
    const { size: validated, problems } = await validateImage(bytes);
    expect([validated, problems.map((p) => p.code)]).toEqual([
      size,
      /^(?:animated|frames)/.test(name) ? ['image-animated'] : [],
    ]);
  });

  it.each(['.png', '.webp', '.tif'])('mirroring an image twice as %s restores it exactly', async (ending) => {
    const [once, twice] = [join(folder, `once${ending}`), join(folder, `twice${ending}`)];
    expect(await mirrorImageFile(join(fixtures, name), once)).toEqual({ exact: true });
    await mirrorImageFile(once, twice);
    const original = await decodeImage(bytes);
    const tolerance = expected.exact ? 0 : 1;
    expect(
      difference((await decodeImage(readFileSync(once))).data, turnPixels(original, 'mirror').data).max,
    ).toBeLessThanOrEqual(tolerance);
    expect(difference((await decodeImage(readFileSync(twice))).data, original.data).max).toBeLessThanOrEqual(
      tolerance,
    );
  });
});

/** The files that every program opens as Pillow shows them: three channels of 8 bits, upright, opaque, one frame. */
const PLAIN = ['exif-1.jpg', 'lossless.webp', 'profile.png', 'rgb.png', 'subsampled.jpg'];

describe('plainPicture and checkImage', () => {
  it.each(names)('plainPicture re-encodes %s as models receive it, only once', async (name) => {
    const { default: sharp } = await import('sharp');
    const [bytes, expected] = [file(name), pillow[name]!];
    const plain = await plainPicture(bytes);
    expect(plain === bytes).toBe(PLAIN.includes(name));
    // As a loader reads it that knows neither EXIF nor transparency.
    const { data, info } = await sharp(plain, { ignoreIcc: true })
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: expected.width, height: expected.height, channels: 3 });
    const tolerance = expected.exact ? 0 : 1;
    expect(difference(data, Buffer.from(expected.pixels, 'base64')).max).toBeLessThanOrEqual(tolerance);
    expect(await plainPicture(plain)).toBe(plain);
  });

  it.each([
    ...[2, 4, 5, 7].map((n) => [`exif-${n}.jpg`, ['image-mirrored']] as const),
    ...[3, 6, 8].map((n) => [`exif-${n}.jpg`, ['image-turned']] as const),
    ['turned.png', ['image-mirrored', 'image-transparent']] as const,
    ...['grey16.png', 'grey16.tif'].map((name) => [name, ['image-16-bit']] as const),
    ['keyed-grey16.png', ['image-16-bit', 'image-transparent']] as const,
    ...['rgba.png', 'la.png', 'clear.webp', 'keyed.png', 'keyed.gif'].map(
      (name) => [name, ['image-transparent']] as const,
    ),
    ['frames.gif', ['image-animated']] as const,
    ...[...PLAIN, 'grey.jpg', 'bit.png', 'cmyk.jpg'].map((name) => [name, []] as const),
  ])('reports the difference of stored pixels of %s from displayed pixels: %j', async (name, codes) => {
    expect((await checkImage(file(name))).problems.map(({ code }) => code)).toEqual(codes);
  });

  it('checkImage ignores an opaque alpha channel', async () => {
    const { default: sharp } = await import('sharp');
    const opaque = await sharp(file('rgb.png')).ensureAlpha().png().toBuffer();
    expect((await checkImage(opaque)).problems).toEqual([]);
  });
});

describe('mirrorImageFile', () => {
  it('mirrorImageFile keeps 16 bits, transparency and the colour profile', async () => {
    const { default: sharp } = await import('sharp');
    const out = join(folder, 'kept.png');
    const deep = async (bytes: Uint8Array) =>
      new Uint16Array(
        (await sharp(bytes).toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer()).buffer.slice(0),
      ).subarray(0, 24 * 16);
    await mirrorImageFile(join(fixtures, 'grey16.png'), out);
    const [before, after] = [await deep(file('grey16.png')), await deep(readFileSync(out))];
    expect(before[23]).toBe(23 * 2600);
    expect([...after]).toEqual([...before].map((_, i) => before[i - (i % 24) + 23 - (i % 24)]));

    await mirrorImageFile(join(fixtures, 'rgba.png'), out);
    expect((await sharp(out).metadata()).hasAlpha).toBe(true);
    await mirrorImageFile(join(fixtures, 'profile.png'), out);
    expect((await sharp(out).metadata()).hasProfile).toBe(true);
  });

  it('mirrorImageFile removes the EXIF orientation', async () => {
    const { default: sharp } = await import('sharp');
    const out = join(folder, 'turned.png');
    await mirrorImageFile(join(fixtures, 'exif-6.jpg'), out);
    expect((await sharp(out).metadata()).orientation).toBeUndefined();
  });

  it('mirrorImageFile reports that mirroring a JPEG is inexact', async () => {
    const out = join(folder, 'a.JPG');
    expect(await mirrorImageFile(join(fixtures, 'rgb.png'), out)).toEqual({ exact: false });
    const mirror = turnPixels(await decodeImage(file('rgb.png')), 'mirror');
    expect(difference((await decodeImage(readFileSync(out))).data, mirror.data).mean).toBeLessThan(3);
  });

  it('mirrorImageFile rejects an unknown file extension', async () => {
    await expect(mirrorImageFile(join(fixtures, 'rgb.png'), join(folder, 'a.bmp'))).rejects.toThrow('".bmp"');
  });

  it('replaces a link at the target, and keeps the file behind the link', async () => {
    const [outside, out] = [join(folder, 'outside.png'), join(folder, 'link.png')];
    writeFileSync(outside, 'mine');
    symlinkSync(outside, out);
    await mirrorImageFile(join(fixtures, 'rgb.png'), out);
    expect(readFileSync(outside, 'utf8')).toBe('mine');
    expect(lstatSync(out).isSymbolicLink()).toBe(false);
  });

  it('writes no file if the source is not an image', async () => {
    await expect(mirrorImageFile(Buffer.from('hello'), join(folder, 'no.png'))).rejects.toThrow(
      'format is not supported',
    );
    expect(existsSync(join(folder, 'no.png'))).toBe(false);
  });
});

const pixels: fc.Arbitrary<Pixels> = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5 }))
  .chain(([width, height]) =>
    fc
      .uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 })
      .map((data) => ({ width, height, data })),
  );

describe('pixels of an image', () => {
  property('pixels are unchanged after mirroring twice', [pixels], (picture) => {
    expect(turnPixels(turnPixels(picture, 'mirror'), 'mirror')).toEqual(picture);
  });

  it('mirrored pixels keep their colours and rows', () => {
    const data = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect([...turnPixels({ width: 2, height: 2, data }, 'mirror').data]).toEqual([
      4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9,
    ]);
  });

  it('property: pixels are unchanged after PNG encoding and decoding', async () => {
    await forAllAsync([pixels], { numRuns: 20 }, async (picture) => {
      const back = await decodeImage(await encodeImage(picture, 'png'));
      expect({ ...back, data: Uint8Array.from(back.data) }).toEqual(picture);
    });
  });
});

/** A black-and-white PNG of any size; all zeros, so that its file is small. */
function blankPng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    crc.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, crc]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('image decoding', () => {
  it.each(['subsampled.jpg', 'rgb.png', 'lossless.webp'])('rejects a truncated image: %s', async (name) => {
    const whole = file(name);
    for (const share of [0.3, 0.5, 0.8]) {
      const cut = whole.subarray(0, Math.floor(whole.length * share));
      await expect(validateImage(cut)).rejects.toThrow(/damaged or truncated|not an image/);
      await expect(decodeImage(cut)).rejects.toThrow(/damaged or truncated|not an image/);
    }
  });

  it('rejects images of 300 megapixels, and accepts one megapixel', async () => {
    const message = /more than 268 million pixels[^]*Downscale/;
    await expect(validateImage(blankPng(20_000, 15_000))).rejects.toThrow(message);
    await expect(decodeImage(blankPng(20_000, 15_000), { w: 8, h: 8 })).rejects.toThrow(message);
    expect((await validateImage(blankPng(1000, 1000))).size).toEqual({ w: 1000, h: 1000 });
  });

  it.each([Buffer.alloc(0), Buffer.from('hello'), Buffer.from('BM\0\0\0\0')])('rejects %j', async (bytes) => {
    await expect(validateImage(bytes)).rejects.toThrow(/format is not supported|Cannot decode the image/);
  });

  it.each([
    '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>',
    '\ufeff<?xml version="1.0"?>\n<!-- a drawing -->\n<!DOCTYPE svg>\n<svg:svg xmlns:svg="http://www.w3.org/2000/svg" width="4" height="4"></svg:svg>',
  ])('rejects an SVG file with a clear message: %s', async (text) => {
    const bytes = Buffer.from(text);
    const target = join(tmpdir(), 'never-written.png');
    for (const work of [
      decodeImage(bytes),
      imageSize(bytes),
      validateImage(bytes),
      mirrorImageFile(bytes, target),
      decodeForModel(bytes, { side: 4, within: false }),
      imageCodec({ format: 'png', maxPixels: null }).measure(bytes),
    ])
      await expect(work).rejects.toThrow('Cannot read SVG files');
    // However it is disguised, nothing draws it.
    const hidden = Buffer.from(`\ufeff${text}`, 'utf16le');
    await expect(decodeImage(hidden)).rejects.toThrow(/format is not supported/);
  });

  it('scales images into a square within 2 pixels of their proportions, with even padding', async () => {
    for (const [w, h] of [
      [437, 331],
      [331, 437],
      [64, 64],
      [80, 60],
      [1000, 3],
      [2, 900],
    ] as const) {
      const plain = await encodePng({ w, h, rgb: new Uint8Array(w * h * 3) });
      for (const side of [64, 33]) {
        const { width, height, data } = await decodeForModel(plain, { side, within: true });
        const [least, most] = [Math.min(width, height), Math.max(width, height)];
        expect([most, (side - least) % 2, data.length]).toEqual([side, 0, 3 * width * height]);
        expect(Math.abs(least - (side * Math.min(w, h)) / Math.max(w, h))).toBeLessThanOrEqual(2);
        expect(width >= height).toBe(w >= h);
      }
    }
  });

  it('pads images equally on all sides for a model family, or rejects the images', async () => {
    const [w, h] = [437, 331];
    const rgb = Uint8Array.from({ length: w * h * 3 }, (_, i) => (i * 7919) % 251);
    const plain = await encodePng({ w, h, rgb });
    const codec = imageCodec({ format: 'png', maxPixels: null, symmetric: 'kimi-k2.5' });
    // Patches of 28 pixels: 16 columns and 12 rows.
    expect(await codec.measure(plain)).toEqual({ width: 448, height: 336 });
    const sent = async (view: PixelView) => decodeImage((await codec.encode(plain, view)).bytes);
    const [original, mirror] = [await sent('original'), await sent('mirror')];
    const turned = await sent('rotate:90');
    expect(difference(turnPixels(original, 'mirror').data, mirror.data).max).toBe(0);
    expect([turned.width, turned.height]).toEqual([336, 448]);
    const at = (x: number, y: number) => [
      ...original.data.subarray((y * 448 + x) * 3, (y * 448 + x) * 3 + 3),
    ];
    for (const [x, y] of [
      [4, 160],
      [443, 160],
      [200, 1],
      [200, 334],
    ] as const)
      expect(at(x, y)).toEqual([127, 127, 127]);
    expect(at(5, 160)).not.toEqual([127, 127, 127]);
    const inkling = imageCodec({ format: 'png', maxPixels: null, symmetric: 'inkling' });
    await expect(inkling.measure(plain)).rejects.toThrow(
      /437 × 331 pixels cannot be kept .* Remove --symmetric/,
    );
    expect(() => imageCodec({ format: 'png', maxPixels: null, symmetric: 'molmo2' })).toThrow('has no rule');
  });

  it('property: image decoding: returns a size or a problem for damaged bytes', async () => {
    const whole = file('subsampled.jpg');
    await forAllAsync([fc.nat(whole.length - 1), fc.nat(255)], { numRuns: 100 }, async (at, byte) => {
      const bytes = Buffer.from(whole);
      bytes[at] = byte;
      const result = await validateImage(bytes).catch((error: unknown) => error);
      expect(result).toSatisfy((r: object) => 'size' in r || 'problem' in r);
    });
  });
});

it('ImageFiles: reads images from files and parquet cells', async () => {
  const files = new ImageFiles(fixtures, join(fixtures, '..'));
  const fromFile = await decodeImage(await files.bytes('exif-6.jpg'), { w: 8, h: 8 });
  expect(fromFile.data).toHaveLength(8 * 8 * 3);
  const cell = { parquet: '../datasets/sat.parquet', column: 'image_bytes', row: 3, index: 1 };
  expect(await decodeImage(await files.bytes(cell))).toMatchObject({ width: 8, height: 6 });
  await expect(files.bytes('none.png')).rejects.toThrow('Image file none.png');
  await files.close();
});

it('loadSharp: explains the repair of an image library that does not load', async () => {
  vi.resetModules();
  vi.doMock('sharp', () => {
    throw new Error('Could not load the "sharp" module\nPossible solutions: …');
  });
  const { loadSharp } = await import('../../../../src/lab/images/sharp.ts');
  await expect(loadSharp()).rejects.toThrow(
    /Cannot load the image library sharp[^]*npm install --include=optional sharp/,
  );
  vi.doUnmock('sharp');
});
