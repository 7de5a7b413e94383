import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { addConvertCommand } from '../../../src/cli/commands/convert.command.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import { ParquetImages } from '../../../src/lab/datasets/parquet/image-cells.ts';
import { runCommand } from '../../support/command.ts';
import { readRows, rowLines } from '../../support/rows.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('chirality-to-trainers-');
const at = (name: string) => join(folder, name);
const convert = (...args: string[]) =>
  runCommand(addConvertCommand, 'convert', ...args, '--data-root', folder);
const linesOf = (name: string) => readRows<Sample & Record<string, unknown>>(at(name));

const ROWS = [
  {
    id: 'q1',
    question: 'Is the cup to the left of the plate?',
    answer: 'yes',
    images: ['images/a.png'],
    source: 'kitchen',
  },
  {
    id: 'q2',
    question: 'Which is on the left?',
    answer: 'cup',
    choices: ['cup', 'plate'],
    images: ['images/turned.jpg'],
    variants: {
      mirror: {
        question: 'Which is on the right?',
        answer: 'cup',
        status: 'flipped',
        choices: ['cup', 'plate'],
      },
    },
  },
  // The same id again, about two images that the text refers to.
  {
    id: 'q1',
    question: 'Is <image> brighter than <image>?',
    answer: 'no',
    images: ['images/a.png', 'images/b.png'],
  },
  {
    id: 'q3',
    question: 'Where is it?',
    answer: 'there',
    images: ['images/a.png'],
    variants: { mirror: { question: 'Where?', answer: 'there', status: 'needs_llm' } },
  },
  { id: 'q4', question: 'Is the cup left of the plate?', answer: 'no', images: ['images/gone.png'] },
];

/** Red on the left, blue on the right. */
const halves = () =>
  sharp({ create: { width: 8, height: 4, channels: 3, background: 'red' } })
    .composite([
      { input: { create: { width: 4, height: 4, channels: 3, background: 'blue' } }, left: 4, top: 0 },
    ])
    .removeAlpha();

const pixels = (bytes: Uint8Array | string) => sharp(bytes).removeAlpha().raw().toBuffer();
const flopped = (bytes: Uint8Array | string) => sharp(bytes).flop().removeAlpha().raw().toBuffer();

beforeAll(async () => {
  mkdirSync(at('images'));
  await halves().png().toFile(at('images/a.png'));
  await sharp({ create: { width: 8, height: 4, channels: 3, background: 'green' } })
    .png()
    .toFile(at('images/b.png'));
  // A photograph whose pixels lie on their side.
  await halves().jpeg().withMetadata({ orientation: 6 }).toFile(at('images/turned.jpg'));
  writeFileSync(at('rows.qa.jsonl'), rowLines(ROWS));
});

describe('chirality convert --to TRAINER', () => {
  it.each(['trl', 'verl'])('writes both views of every row for %s, and reads them back', async (trainer) => {
    const said = await convert(at('rows.qa.jsonl'), '--to', trainer, '-o', at(`${trainer}.parquet`));
    expect(said.err.join('\n')).toContain(
      `Wrote 3 pairs (original and mirror) as 6 rows to ${at(`${trainer}.parquet`)}.`,
    );
    expect(said.err.join('\n')).toContain('Excluded 1 row without a trusted mirror.');
    expect(said.err.join('\n')).toMatch(/Excluded 1 row with unreadable images: .*gone\.png/);
    await convert(at(`${trainer}.parquet`), '-o', at('back.qa.jsonl'));
    const back = linesOf('back.qa.jsonl');
    expect(back.map(({ id, answer, meta }) => [id, answer, meta?.pair, meta?.view])).toEqual([
      ['q1', 'yes', 'q1', 'original'],
      ['q1/mirror', 'yes', 'q1', 'mirror'],
      ['q2', 'cup', 'q2', 'original'],
      ['q2/mirror', 'cup', 'q2', 'mirror'],
      ['q1 (2)', 'no', 'q1 (2)', 'original'],
      ['q1 (2)/mirror', 'no', 'q1 (2)', 'mirror'],
    ]);
    expect(back[0]!.question).toBe('Is the cup to the left of the plate?');
    expect(back[1]!.question).toBe('Is the cup to the right of the plate?');
    expect(back[3]).toMatchObject({ question: 'Which is on the right?', choices: ['cup', 'plate'] });
    const cells = new ParquetImages();
    const picture = (row: number, index = 0) =>
      cells.bytes(at(`${trainer}.parquet`), { column: 'images', row, index });
    // The original byte for byte, its mirror pixel for pixel; an image on its side is put upright.
    expect(Buffer.from(await picture(0)).equals(readFileSync(at('images/a.png')))).toBe(true);
    expect((await pixels(await picture(1))).equals(await flopped(at('images/a.png')))).toBe(true);
    const upright = await sharp(at('images/turned.jpg')).autoOrient().png().toBuffer();
    expect(await pixels(await picture(2))).toEqual(await pixels(upright));
    expect(await pixels(await picture(3))).toEqual(await flopped(upright));
    expect(await pixels(await picture(5, 1))).toEqual(await pixels(at('images/b.png')));
    await cells.close();
  });

  it('writes every image and its mirror as models receive them', async () => {
    const fixtures = join(import.meta.dirname, '../../fixtures/images');
    const seen = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')) as Record<
      string,
      Record<'pixels' | 'mirror', string> & { exact: boolean }
    >;
    const names = Object.keys(seen);
    const rows = names.map((name) => ({ ...ROWS[0], id: name, images: [name] }));
    writeFileSync(at('stored.qa.jsonl'), rowLines(rows));
    for (const name of names) copyFileSync(join(fixtures, name), at(name));
    await convert(at('stored.qa.jsonl'), '--to', 'trl', '-o', at('stored.parquet'));
    const swift = ['--to', 'ms-swift', '-o', at('stored.jsonl'), '--extract-images', at('stored')];
    await convert(at('stored.qa.jsonl'), ...swift);
    const cells = new ParquetImages();
    const files = linesOf('stored.jsonl').map(({ images }) => images[0] as string);
    for (const [i, name] of names.entries())
      for (const [k, view] of (['pixels', 'mirror'] as const).entries()) {
        const row = 2 * i + k;
        const cell = await cells.bytes(at('stored.parquet'), { column: 'images', row, index: 0 });
        for (const given of [cell, at(files[row]!)]) {
          const { data, info } = await sharp(given, { ignoreIcc: true })
            .raw()
            .toBuffer({ resolveWithObject: true });
          expect([name, info.channels]).toEqual([name, 3]);
          const expected = Buffer.from(seen[name]![view], 'base64');
          const off = Math.max(...data.map((value, at) => Math.abs(value - expected[at]!)));
          expect([name, off]).toEqual([name, Math.min(off, seen[name]!.exact ? 0 : 1)]);
        }
      }
    await cells.close();
  });

  it('writes 16-bit images by the stored depth range, never the 16-bit file', async () => {
    mkdirSync(at('deep'), { recursive: true });
    const raw = { width: 4, height: 1, channels: 1 as const };
    const values = Uint16Array.from([1000, 2000, 3500, 9000]);
    await sharp(values, { raw }).toColourspace('grey16').png().toFile(at('deep/a.png'));
    writeFileSync(at('deep/depth-range.json'), '{"depth_range": "1000..5000"}');
    writeFileSync(at('deep.qa.jsonl'), `${JSON.stringify({ ...ROWS[0], images: ['deep/a.png'] })}\n`);
    await convert(at('deep.qa.jsonl'), '--to', 'trl', '-o', at('deep.parquet'));
    const swift = ['--to', 'ms-swift', '-o', at('deep.jsonl'), '--extract-images', at('deep-swift')];
    await convert(at('deep.qa.jsonl'), ...swift);
    const cells = new ParquetImages();
    for (const [row, name] of linesOf('deep.jsonl')
      .flatMap(({ images }) => images)
      .entries()) {
      const cell = await cells.bytes(at('deep.parquet'), { column: 'images', row, index: 0 });
      // 255 · (value - 1000) / 4000: 63.75 for 2000, 159.375 for 3500.
      const expected = row === 0 ? [0, 64, 159, 255] : [255, 159, 64, 0];
      for (const given of [cell, at(name as string)])
        expect([...(await pixels(given))]).toEqual(expected.flatMap((grey) => [grey, grey, grey]));
    }
    await cells.close();
  });

  it('writes lines and mirrored image files for ms-swift, and reads the rows back', async () => {
    await convert(
      ...[at('rows.qa.jsonl'), '--to', 'ms-swift', '-o', at('swift.jsonl')],
      ...['--extract-images', at('mirrored'), '--prompt', 'Look. {question} Think first.'],
    );
    const lines = linesOf('swift.jsonl');
    expect(lines[0]).toEqual({
      messages: [{ role: 'user', content: '<image>Look. Is the cup to the left of the plate? Think first.' }],
      solution: 'yes',
      pair: 'q1',
      view: 'original',
      images: ['images/a.png'],
    });
    // Placeholders that stand in the text stay where they are.
    expect(lines[4]!.messages).toEqual([
      { role: 'user', content: 'Look. Is <image> brighter than <image>? Think first.' },
    ]);
    expect(lines[1]!.images[0]).toMatch(/^mirrored\/images-a-mirror-[0-9a-f]{12}\.png$/);
    expect(lines[5]!.images[0]).toBe(lines[1]!.images[0]);
    expect(await pixels(at(lines[1]!.images[0] as string))).toEqual(await flopped(at('images/a.png')));
    expect(lines[2]!.images[0]).toMatch(/^mirrored\/images-turned-original-/);
    await convert(at('swift.jsonl'), '-o', at('back.qa.jsonl'));
    expect(linesOf('back.qa.jsonl').map(({ id }) => id)).toHaveLength(6);
  });

  describe('chirality convert --to with clips', () => {
    const clip = {
      id: 'c1',
      question: 'Does the cup move to the left?',
      answer: 'yes',
      images: ['images/a.png', 'images/b.png', 'images/a.png'],
      clip: { fps: 4 },
    };
    const write = (name: string, ...rows: object[]) => writeFileSync(at(name), rowLines(rows));

    it('writes one video of a clip’s frames, with its rate, for verl, and reads the video back', async () => {
      write('clips.qa.jsonl', clip, ROWS[0]!);
      await convert(at('clips.qa.jsonl'), '--to', 'verl', '-o', at('clips.parquet'));
      const table = await parquetReadObjects({ file: await asyncBufferFromFile(at('clips.parquet')) });
      const shown = table.map(({ prompt, images, videos }) => ({
        text: (prompt as { content: string }[])[0]!.content.slice(0, 16),
        images: (images as unknown[] | null)?.length ?? null,
        videos: (videos as { video: string[]; sample_fps: number }[] | null)?.map((one) => [
          one.video.length,
          one.sample_fps,
        ]),
      }));
      expect(shown).toEqual([
        ...[0, 1].map(() => ({ text: '<video>Does the ', images: null, videos: [[3, 4]] })),
        ...[0, 1].map(() => ({ text: '<image>Is the cu', images: 1, videos: undefined })),
      ]);
      const [, mirrored] = table as { videos: { video: string[] }[] }[];
      const bytes = Buffer.from(mirrored!.videos[0]!.video[0]!.split('base64,')[1]!, 'base64');
      expect(await pixels(bytes)).toEqual(await flopped(at('images/a.png')));
      await convert(at('clips.parquet'), '-o', at('back.qa.jsonl'), '--extract-images', at('frames'));
      const [back] = linesOf('back.qa.jsonl');
      expect(back).toMatchObject({ question: clip.question, clip: { fps: 4 } });
      expect(await pixels(at(back!.images[1] as string))).toEqual(await pixels(at('images/b.png')));
    });

    it('writes frames as images for TRL, and for tables that also have single images', async () => {
      for (const [trainer, ...rows] of [
        ['verl', ROWS[0]!, clip],
        ['trl', clip],
      ] as const) {
        write('mixed.qa.jsonl', ...rows);
        await convert(at('mixed.qa.jsonl'), '--to', trainer, '-o', at('mixed.parquet'));
        const table = await parquetReadObjects({ file: await asyncBufferFromFile(at('mixed.parquet')) });
        expect(table.at(-1)).toMatchObject({ images: [{}, {}, {}] });
        expect(table.at(-1)).not.toHaveProperty('videos');
      }
    });

    it('writes a list of frames for ms-swift, and reads the frames back', async () => {
      write('clips.qa.jsonl', ROWS[0]!, clip);
      const to = ['--to', 'ms-swift', '-o', at('clips.jsonl'), '--extract-images', at('mirrored')];
      await convert(at('clips.qa.jsonl'), ...to);
      const [still, , original, mirror] = linesOf('clips.jsonl');
      expect(still).not.toHaveProperty('videos');
      expect(original).toMatchObject({
        messages: [{ content: '<video>Does the cup move to the left?' }],
        videos: [clip.images],
      });
      expect(original).not.toHaveProperty('images');
      expect((mirror!.videos as string[][])[0]![0]).toMatch(/^mirrored\/images-a-mirror-/);
      await convert(at('clips.jsonl'), '-o', at('back.qa.jsonl'));
      expect(linesOf('back.qa.jsonl')[2]).toMatchObject({ images: clip.images, clip: {} });
    });
  });

  it('keeps both views of a pair in one split', async () => {
    const said = await convert(
      ...[at('rows.qa.jsonl'), '--to', 'trl', '-o', at('part.parquet'), '--split', 'a=0.5,b=0.5', '--json'],
    );
    expect(JSON.parse(said.out[0]!)).toMatchObject({ written: 6, without_mirror: 1, without_picture: 1 });
    for (const name of ['part.a.parquet', 'part.b.parquet']) {
      await convert(at(name), '-o', at('back.qa.jsonl')).catch(() => writeFileSync(at('back.qa.jsonl'), ''));
      const rows = readFileSync(at('back.qa.jsonl'), 'utf8') === '' ? [] : linesOf('back.qa.jsonl');
      expect(rows.length % 2).toBe(0);
    }
  });

  it('reports missing mirrors or images, and writes nothing', async () => {
    const none = at('none.qa.jsonl');
    writeFileSync(none, `${JSON.stringify(ROWS[3])}\n`);
    await expect(convert(none, '--to', 'trl', '-o', at('none.parquet'))).rejects.toThrow(
      'The rows have no trusted mirrors.',
    );
    writeFileSync(none, `${JSON.stringify(ROWS[4])}\n`);
    await expect(convert(none, '--to', 'verl', '-o', at('none.parquet'))).rejects.toThrow(
      /The rows have no readable images: .*gone\.png/,
    );
    expect(() => readFileSync(at('none.parquet'))).toThrow('ENOENT');
    const rows = at('rows.qa.jsonl');
    for (const [args, message] of [
      [['--to', 'trl', '-o', at('a.jsonl')], 'trl requires a .parquet file'],
      [['--to', 'ms-swift', '-o', at('a.jsonl')], '--extract-images FOLDER'],
      [['--to', 'verl'], 'verl requires a .parquet file'],
      [['--to', 'trl', '-o', at('a.parquet'), '--prompt', 'Think.'], '{question}'],
      [['--prompt', '{question}', '-o', at('a.qa.jsonl')], '--prompt requires a dataset for a trainer'],
    ] as const)
      await expect(convert(rows, ...args)).rejects.toThrow(message);
  });
});
