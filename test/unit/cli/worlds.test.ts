import { createReadStream } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { addWorldsCommand } from '../../../src/cli/commands/worlds.command.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import { movingSceneOf } from '../../../src/core/worlds/motion/moving-scene.ts';
import { readQaJsonl } from '../../../src/lab/datasets/rows.ts';
import { runCommand } from '../../support/command.ts';
import { folderOfEachTest } from '../../support/folder.ts';

let folder = '';
folderOfEachTest('worlds-', (made) => (folder = made));

const out = (name: string) => join(folder, name);

const worlds = (...args: string[]) => runCommand(addWorldsCommand, 'worlds', ...args);

async function rowsOf(dir: string): Promise<Sample[]> {
  const rows: Sample[] = [];
  for await (const { sample, problems } of readQaJsonl(createReadStream(join(dir, 'data.qa.jsonl')))) {
    expect(problems).toEqual([]);
    rows.push(sample!);
  }
  return rows;
}

describe('chirality worlds', () => {
  it('writes images, rows and a manifest, deterministically by seed', async () => {
    const options = ['--count', '12', '--seed', '7', '--size', '96x64', '--json'];
    const said = await worlds(...options, '-o', out('a'));
    await worlds(...options, '-o', out('b'));
    expect(JSON.parse(said.out[0]!)).toMatchObject({ rows: 12 });
    expect((await readdir(out('a'))).sort()).toEqual(['data.qa.jsonl', 'images', 'manifest.json']);
    const rows = await rowsOf(out('a'));
    expect(rows).toHaveLength(12);
    for (const { images } of rows) {
      const { path, w, h } = images[0] as { path: string; w: number; h: number };
      expect(await sharp(join(out('a'), path)).metadata()).toMatchObject({
        width: w,
        height: h,
        format: 'png',
      });
      expect(await readFile(join(out('a'), path))).toEqual(await readFile(join(out('b'), path)));
    }
    for (const file of ['data.qa.jsonl', 'manifest.json'])
      expect(await readFile(join(out('a'), file), 'utf8')).toBe(await readFile(join(out('b'), file), 'utf8'));
  });

  it('draws the same first rows for a larger count', async () => {
    const options = ['--seed', '3', '--style', 'compact', '--families', 'side,nearer', '--bias', 'side=0.95'];
    await worlds('--count', '3', '-o', out('short'), ...options);
    await worlds('--count', '9', '-o', out('long'), ...options);
    expect(await rowsOf(out('short'))).toEqual((await rowsOf(out('long'))).slice(0, 3));
  });

  it('--bias wrong=1: swaps every answer, and changes nothing else', async () => {
    const options = ['--count', '6', '--seed', '3', '--style', 'compact', '--families', 'side.where'];
    await worlds('-o', out('right'), ...options);
    await worlds('-o', out('wrong'), ...options, '--bias', 'wrong=1');
    const [right, wrong] = await Promise.all([rowsOf(out('right')), rowsOf(out('wrong'))]);
    const other = (answer: unknown) => (answer === 'left' ? 'right' : 'left');
    expect(wrong).toEqual(right.map((row) => ({ ...row, answer: other(row.answer) })));
  });

  it('--bias wrong=1: writes wrong answers in English as a word or a sentence', async () => {
    const options = [
      '--count',
      '24',
      '--seed',
      '3',
      '--size',
      '96',
      '--families',
      'side.yesno,side.describe',
    ];
    await worlds('-o', out('right'), ...options);
    await worlds('-o', out('wrong'), ...options, '--bias', 'wrong=1');
    const [right, wrong] = await Promise.all([rowsOf(out('right')), rowsOf(out('wrong'))]);
    const swap: Record<string, string> = { Yes: 'No', No: 'Yes', left: 'right', right: 'left' };
    const other = (answer: unknown) => String(answer).replace(/Yes|No|left|right/g, (word) => swap[word]!);
    expect(wrong.map(({ answer }) => answer)).toEqual(right.map(({ answer }) => other(answer)));
    expect(wrong.some(({ answer }) => /^(Yes|No)$/.test(String(answer)))).toBe(true);
  });

  it('keeps other files in the folder; --force replaces only files that worlds created', async () => {
    const options = ['-o', out(''), '--size', '64', '--families', 'side'];
    await writeFile(out('notes.txt'), 'mine');
    await expect(worlds('--count', '2', ...options)).rejects.toThrow('not empty');
    expect(await readdir(folder)).toEqual(['notes.txt']);
    await worlds('--count', '5', '--force', ...options);
    await worlds('--count', '2', '--force', ...options);
    expect((await readdir(folder)).sort()).toEqual(['data.qa.jsonl', 'images', 'manifest.json', 'notes.txt']);
    expect(await readdir(out('images'))).toHaveLength(2);
    expect(await rowsOf(folder)).toHaveLength(2);
    await rm(out('manifest.json'));
    await expect(worlds('--count', '2', '--force', ...options)).rejects.toThrow(
      'that this command did not create',
    );
  });

  it('keeps the files of exactly one of several concurrent calls', async () => {
    const drawn = (...more: string[]) =>
      Promise.allSettled(
        ['2', '3', '4'].map((count) => worlds('--count', count, '--size', '64', '-o', out('one'), ...more)),
      );
    const first = await drawn();
    expect(first.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    for (const one of first)
      if (one.status === 'rejected')
        expect(one.reason).toMatchObject({ message: expect.stringContaining('not empty') });
    const again = await drawn('--force');
    expect(again.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(await readdir(out('one/images'))).toHaveLength((await rowsOf(out('one'))).length);
  });

  it('--motion: writes frames in order and the moving world, deterministically by seed', async () => {
    const options = ['--count', '3', '--motion', '--frames', '12', '--size', '48x40', '--families', 'moves'];
    await worlds(...options, '--fps', '6', '-o', out('a'));
    await worlds(...options, '--fps', '6', '-o', out('b'), '--no-world');
    const [rows, bare] = await Promise.all([rowsOf(out('a')), rowsOf(out('b'))]);
    for (const [i, { images, clip, meta, ...row }] of rows.entries()) {
      expect(images.map((image) => (image as { path: string }).path)).toEqual(
        Array.from({ length: 12 }, (_, k) => `images/00000${i + 1}-${String(k + 1).padStart(2, '0')}.png`),
      );
      expect([clip, meta!.duration_s]).toEqual([{ fps: 6 }, 2]);
      expect(movingSceneOf(meta)).toMatchObject({ moving: { frames: 12, fps: 6 } });
      expect(bare[i]).toMatchObject(row);
      expect(bare[i]!.meta).not.toHaveProperty('world');
      for (const image of images) {
        const { path } = image as { path: string };
        expect(await readFile(join(out('a'), path))).toEqual(await readFile(join(out('b'), path)));
      }
    }
    const manifest = JSON.parse(await readFile(out('a/manifest.json'), 'utf8')) as object;
    expect(manifest).toMatchObject({ options: { frames: 12, fps: 6 }, margins: { motion: { frames: 2 } } });
  });

  it.each([
    [['--frames', '8'], '--frames requires clips. Add --motion.'],
    [['--motion', '--camera', 'top'], 'cannot be combined with --camera top'],
    [
      ['--motion', '--families', 'side'],
      'Question type "side" does not exist. Choose from moves, which-moves',
    ],
    [['--motion', '--families', 'moves.up'], 'Choose from moves.side, moves.depth'],
    [['--motion', '--bias', 'side=1'], 'Bias "side" does not exist. Set moves, which-moves'],
    [
      ['--motion', '--style', 'compact', '--families', 'spin'],
      '"spin" questions do not exist in the compact style',
    ],
  ])('worlds rejects %j', async (options, message) => {
    await expect(worlds('--count', '1', '-o', out('x'), ...options)).rejects.toThrow(message);
  });

  it('--camera top: draws worlds seen from above, and records the camera', async () => {
    const options = ['--count', '4', '--size', '96', '--families', 'side', '--camera', 'top'];
    await worlds(...options, '-o', out('top'));
    for (const { meta } of await rowsOf(out('top')))
      expect(meta).toMatchObject({ viewpoint: 'top_down', world: { camera: { pitch: Math.PI / 2 } } });
    for (const [more, said] of [
      [['--layout', 'ring'], 'cannot be combined with --layout'],
      [['--style', 'compact'], '--camera top requires --style english'],
      [['--families', 'front'], 'from straight above'],
    ] as const)
      await expect(worlds(...options, ...more, '-o', out('none'))).rejects.toThrow(said);
  });

  it('leaves no files after a failure, and reports the reason', async () => {
    const impossible = ['--families', 'own-side', '--size', '32', '--count', '2'];
    await expect(worlds('-o', folder, ...impossible)).rejects.toThrow(
      'Cannot create a scene with a visible "own-side.',
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['--size', '8'],
    ['--objects', '5-2'],
    ['--objects', '0'],
    ['--objects', '9'],
    ['--families', 'sides'],
    ['--families', 'side.wher'],
    ['--bias', 'side=2'],
    ['--bias', 'colour=0.5'],
    ['--style', 'french'],
    ['--count', '0'],
    ['--frames', '3'],
    ['--fps', '0'],
  ])('worlds rejects %s %s', async (option, value) => {
    const options = new Map([
      ['--count', '1'],
      ['-o', out('x')],
      [option, value],
    ]);
    await expect(worlds(...[...options].flat())).rejects.toThrow(/invalid|does not exist/);
  });
});
