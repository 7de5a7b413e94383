import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ImageRef, Sample } from '../../../../src/rows/sample/sample.ts';
import { appendSample } from '../../../../src/lab/datasets/append-sample.ts';
import { ImageExtractor } from '../../../../src/lab/datasets/extract-images.ts';
import { ImageFiles, relocateImages } from '../../../../src/lab/datasets/image-files.ts';
import { olderText } from '../../../../src/rows/sample/judged.ts';
import { parseSample } from '../../../../src/rows/sample/parse-sample.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { readRows } from '../../../support/rows.ts';

const fixtures = join(import.meta.dirname, '../../../fixtures/datasets');
const pictures = join(import.meta.dirname, '../../../fixtures/images');
const top = folderOfTests('chirality-images-');
const root = join(top, 'root');
mkdirSync(join(root, 'data/images'), { recursive: true });
mkdirSync(join(top, 'rooter'));
writeFileSync(join(top, 'secret.png'), 'secret');
writeFileSync(join(top, 'rooter/secret.png'), 'secret');
writeFileSync(join(root, 'data/images/a.png'), 'A');
writeFileSync(join(root, 'b.png'), 'B');
writeFileSync(join(root, 'data/..c.png'), 'C');
symlinkSync(join(top, 'secret.png'), join(root, 'data/link.png'));
symlinkSync(join(root, 'b.png'), join(root, 'data/inner.png'));
symlinkSync(top, join(root, 'data/way-out'));

const files = new ImageFiles(join(root, 'data'), root);
const textOf = async (image: ImageRef) => Buffer.from(await files.bytes(image)).toString();

it('ImageFiles: keeps small files of a run in memory, up to a limit', async () => {
  const large = Buffer.alloc(33 * 2 ** 20);
  writeFileSync(join(root, 'small.png'), 'first');
  writeFileSync(join(root, 'large.png'), large);
  const [kept, fresh] = [new ImageFiles(root, root, { remember: true }), new ImageFiles(root, root)];
  const both = async (image: ImageRef) =>
    [await kept.bytes(image), await fresh.bytes(image)].map((bytes) =>
      Buffer.from(bytes).toString('latin1', 0, 5),
    );
  await both('large.png');
  expect(await both('small.png')).toEqual(['first', 'first']);
  for (const name of ['small.png', 'large.png']) writeFileSync(join(root, name), 'later');
  expect(await both('small.png')).toEqual(['first', 'later']);
  expect(await both('large.png')).toEqual(['later', 'later']);
});

describe('ImageFiles', () => {
  it.each<[ImageRef, string]>([
    ['images/a.png', 'A'],
    [{ path: '../b.png', w: 1, h: 1 }, 'B'],
    ['inner.png', 'B'],
    ['..c.png', 'C'],
    [join(root, 'b.png'), 'B'],
  ])('ImageFiles reads %j', async (image, text) => {
    expect(await textOf(image)).toBe(text);
  });

  it.each<[ImageRef, string]>([
    ['../../secret.png', 'is outside the data root'],
    ['../../rooter/secret.png', 'is outside the data root'],
    [join(top, 'secret.png'), 'is outside the data root'],
    ['link.png', 'is outside the data root'],
    ['way-out/secret.png', 'is outside the data root'],
    [{ parquet: '../../secret.png', column: 'image', row: 0 }, 'is outside the data root'],
    // Whether they are there is not looked at.
    ['../../none.png', 'is outside the data root'],
    [join(top, 'none.png'), 'is outside the data root'],
    ['//server/share/a.png', 'is outside the data root'],
    ['\\\\server\\share\\a.png', 'is outside the data root'],
    ['C:\\a.png', 'is outside the data root'],
    ['none.png', 'Image file none.png does not exist'],
    ['images', 'is not a file'],
    ['https://example.org/a.png', 'files, not URLs'],
    ['data:image/png;base64,AAAA', 'files, not URLs'],
    [{ w: 3, h: 4 }, 'the size of an image'],
    ['a\0b', 'does not exist'],
  ])('ImageFiles rejects %j', async (image, message) => {
    await expect(files.bytes(image)).rejects.toThrow(message);
  });

  it('follows no link to another machine, in a circle, or out of the data root', async () => {
    symlinkSync('//server/share', join(root, 'data/share'));
    symlinkSync('share/a.png', join(root, 'data/to-share.png'));
    symlinkSync('round.png', join(root, 'data/round.png'));
    symlinkSync('images/../../../secret.png', join(root, 'data/dots.png'));
    symlinkSync('../data/images', join(root, 'data/here'));
    for (const path of ['share/a.png', 'to-share.png', 'dots.png'])
      await expect(files.bytes(path)).rejects.toThrow('is outside the data root');
    await expect(files.bytes('round.png')).rejects.toThrow('leads through too many links');
    expect(await textOf('here/a.png')).toBe('A');
  });

  it('finds files by the real path of a folder that is a link', async () => {
    symlinkSync(root, join(top, 'other-name'));
    const named = new ImageFiles(join(top, 'other-name', 'data'), root);
    for (const image of ['images/a.png', join(root, 'data/images/a.png')])
      expect(Buffer.from(await named.bytes(image)).toString()).toBe('A');
  });

  it('suggests --data-root for a path outside the data root', async () => {
    await expect(files.bytes('../../secret.png')).rejects.toThrow('--data-root');
  });

  it.skipIf(process.platform === 'win32')('resolves Windows paths inside the data root only', async () => {
    const folder = join(top, 'windows');
    mkdirSync(join(folder, 'mes photos/été'), { recursive: true });
    writeFileSync(join(folder, 'mes photos/été/IMG 5.png'), 'a');
    writeFileSync(join(folder, 'b\\c.png'), 'its own name');
    const files = new ImageFiles(folder, folder);
    expect(Buffer.from(await files.bytes('mes photos\\été\\IMG 5.png')).toString()).toBe('a');
    expect(Buffer.from(await files.bytes('b\\c.png')).toString()).toBe('its own name');
    await expect(files.bytes('..\\..\\etc\\passwd')).rejects.toThrow('is outside the data root');
    await expect(files.bytes('été\\none.png')).rejects.toThrow('does not exist');
    await files.close();
    rmSync(folder, { recursive: true });
  });
});

const sample: Sample = {
  id: 'a',
  question: 'q',
  answer: 'a',
  images: [
    'images/a.png',
    { path: '/abs.png' },
    { parquet: 't.parquet', column: 'image', row: 0 },
    { w: 1, h: 2 },
  ],
};

describe('relocateImages', () => {
  it('rewrites image paths to refer to the same files', () => {
    expect(relocateImages(sample, 'x/data', 'x/out/deep').images).toEqual([
      '../../data/images/a.png',
      { path: '/abs.png' },
      { parquet: '../../data/t.parquet', column: 'image', row: 0 },
      { w: 1, h: 2 },
    ]);
    expect(relocateImages(sample, 'x/data', 'x/../x/data/')).toBe(sample);
  });

  // Runs read rows from the folder of their config, which is another one than that of the rows.
  it('keeps review decisions on rows whose text did not change', () => {
    const rows = readRows('test/fixtures/judged.qa.jsonl').map((row) => parseSample(row).sample!);
    const isHeld = (row: Sample) => olderText(row, row.variants!.mirror!) === null;
    for (const row of rows) {
      const other = { ...row, question: `${row.question} ` };
      expect([isHeld(row), isHeld(other)]).toEqual([true, false]);
      expect(isHeld(relocateImages(row, 'x/data', 'x'))).toBe(true);
      expect(isHeld(relocateImages(other, 'x/data', 'x'))).toBe(false);
    }
    expect(rows.length).toBeGreaterThan(3);
  });
});

it('ImageExtractor: extracts each image of a table once, byte for byte', async () => {
  const images = new ImageFiles(fixtures, fixtures);
  const extractor = new ImageExtractor(images, join(top, 'out/images'), join(top, 'out'));
  const cell = { parquet: 'sat.parquet', column: 'image_bytes', row: 1, index: 1 };
  const { images: refs } = await extractor.extract({ ...sample, images: ['kept.png', cell, cell] });
  expect(refs).toEqual(['kept.png', ...Array<string>(2).fill('images/sat-image_bytes-1-1.png')]);
  expect(readFileSync(join(top, 'out', refs[1] as string))).toEqual(Buffer.from(await images.bytes(cell)));
  await images.close();
});

it('appendSample: copies images to the target folder, and rejects writing through a link', async () => {
  const other = join(top, 'other');
  mkdirSync(other);
  const [png] = readdirSync(pictures).filter((name) => name.endsWith('.png'));
  const sample: Sample = { id: 'a', question: 'Is it?', answer: 'yes', images: [png!] };
  const add = () =>
    appendSample(join(other, 'kept.qa.jsonl'), sample, {
      images: new ImageFiles(pictures, pictures),
      root: other,
    });
  await add();
  expect(readdirSync(join(other, 'images'))).toHaveLength(1);
  rmSync(join(other, 'images'), { recursive: true });
  mkdirSync(join(top, 'elsewhere'));
  symlinkSync(join(top, 'elsewhere'), join(other, 'images'));
  await expect(add()).rejects.toThrow('Cannot write through a link');
  expect(readdirSync(join(top, 'elsewhere'))).toEqual([]);
});
