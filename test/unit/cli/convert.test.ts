import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { addConvertCommand } from '../../../src/cli/commands/convert.command.ts';
import { UsageError } from '../../../src/cli/errors.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import { runCommand } from '../../support/command.ts';
import { readRows, rowLines } from '../../support/rows.ts';
import { folderOfTests } from '../../support/folder.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/datasets');
const folder = folderOfTests('chirality-convert-');

const convert = (...args: string[]) => runCommand(addConvertCommand, 'convert', ...args);

const samplesOf = (path: string): Sample[] => readRows(path);

describe('chirality convert', () => {
  it('convert does not overwrite its input', async () => {
    const table = join(folder, 'mine.jsonl');
    const row = '{"question": "Left?", "answer": "yes"}\n';
    writeFileSync(table, row);
    await expect(convert(table, '-o', table)).rejects.toThrow(`-o must not be the input ${table}`);
    expect(readFileSync(table, 'utf8')).toBe(row);
  });

  it.each(['csv', 'TSV', 'xlsx'])('convert does not write JSON lines to a .%s file', async (ending) => {
    const table = join(folder, 'read.csv');
    writeFileSync(table, 'question,answer\nLeft?,yes\n');
    const out = join(folder, `written.${ending}`);
    await expect(convert(table, '-o', out)).rejects.toThrow(`Cannot write .${ending} files`);
    expect(existsSync(out)).toBe(false);
  });

  it('lists only some of many unknown columns', async () => {
    const table = join(folder, 'wide.csv');
    writeFileSync(
      table,
      `${Array.from({ length: 300 }, (_, i) => `c${i}`).join(',')}\n${'1,'.repeat(299)}1\n`,
    );
    await expect(convert(table, '-o', join(folder, 'wide.qa.jsonl'))).rejects.toThrow(
      /separated by commas: c0, c1, .*, c49 and 250 more\./,
    );
  });

  it('adds graphs to rows by image, and reports lines without a graph', async () => {
    const [rows, graphs, out] = ['rows.jsonl', 'graphs.jsonl', 'with.qa.jsonl'].map((name) =>
      join(folder, name),
    );
    const row = (n: number) =>
      JSON.stringify({ id: `q${n}`, question: 'How many?', answer: '1', images: [`val/CLEVR_${n}.png`] });
    writeFileSync(rows!, `${row(0)}\n${row(1)}\n`);
    const graph = { objects: [{ id: '0', label: 'cube' }], relations: [], image_filename: 'CLEVR_1.png' };
    writeFileSync(graphs!, `${JSON.stringify(graph)}\n`);
    const asked = ['--from', 'qa', '-o', out!, '--graphs', graphs!];
    const said = await convert(rows!, ...asked);
    expect(said.err.join('\n')).toContain('Found scene graphs for 1 of 2 rows.');
    expect(said.err.join('\n')).toContain(`${out}: 2 rows.`);
    expect(samplesOf(out!).map(({ scene_graph }) => scene_graph?.objects[0]?.label)).toEqual([
      undefined,
      'cube',
    ]);
    writeFileSync(graphs!, `${JSON.stringify(graph)}\n{"objects": []}\n`);
    await expect(convert(rows!, ...asked)).rejects.toThrow(
      `${graphs}:2: The line is not a scene graph with an image name.`,
    );
  });

  it('splits dialogues, and counts rows before and after', async () => {
    const out = join(folder, 'turns.qa.jsonl');
    const said = await convert(join(fixtures, 'spacellava.parquet'), '-o', out, '--split-turns', '--json');
    expect(JSON.parse(said.out[0]!)).toMatchObject({
      format: 'spacellava',
      rows: 3,
      taken: 3,
      samples: 5,
      written: 5,
    });
    const samples = samplesOf(out);
    expect(samples.map(({ id }) => id)).toEqual([
      'spacellava-0-1',
      'spacellava-0-2',
      'spacellava-0-3',
      'spacellava-1',
      'spacellava-2',
    ]);
    expect(samples[2]?.images).toEqual(samples[0]?.images);
  });

  it('reports the number of later questions in unsplit dialogues', async () => {
    const out = join(folder, 'dialogues.qa.jsonl');
    const said = await convert(join(fixtures, 'spacellava.parquet'), '-o', out);
    expect(said.err.join('\n')).toContain(
      'Excluded 2 later questions of 1 dialogue. Add --split-turns to convert them.',
    );
    const split = await convert(join(fixtures, 'spacellava.parquet'), '-o', out, '--split-turns');
    expect(split.err.join('\n')).not.toContain('later question');
  });

  it('shuffles options deterministically by seed', async () => {
    const run = async (name: string, seed: string) => {
      await convert(join(fixtures, 'sat.parquet'), '-o', join(folder, name), '--shuffle-options', seed);
      return samplesOf(join(folder, name));
    };
    const [a, b, c] = [
      await run('a.qa.jsonl', '1'),
      await run('b.qa.jsonl', '1'),
      await run('c.qa.jsonl', '2'),
    ];
    expect(b).toEqual(a);
    expect(c.map(({ choices }) => choices)).not.toEqual(a.map(({ choices }) => choices));
    expect(a.every(({ answer, meta }) => answer === 'moved left' && meta?.choices_seed === '1')).toBe(true);
    expect(new Set(a.map(({ choices }) => choices!.join())).size).toBe(2);
  });

  it('writes splits to separate files, with every row once', async () => {
    const out = join(folder, 'sat.qa.jsonl');
    const split = ['--split', 'train=0.7,val=0.3', '--seed', '5'];
    const { err } = await convert(join(fixtures, 'sat.parquet'), '-o', out, ...split);
    const [train, val] = ['train', 'val'].map((name) => samplesOf(join(folder, `sat.${name}.qa.jsonl`)));
    expect(train!.length + val!.length).toBe(40);
    expect(err.join('\n')).toContain(`${join(folder, 'sat.val.qa.jsonl')}: ${val!.length} rows.`);
    expect(Math.min(train!.length, val!.length)).toBeGreaterThan(0);
    expect(new Set([...train!, ...val!].map(({ id }) => id)).size).toBe(40);
    expect(existsSync(out)).toBe(false);
  });

  it('writes images as models receive them with an option, and skips unaffected images', async () => {
    const images = join(import.meta.dirname, '../../fixtures/images');
    const names = ['exif-7.jpg', 'rgb.png', 'exif-7.jpg', 'grey16.png', 'keyed.gif', 'frames.gif'];
    const path = join(folder, 'stored.qa.jsonl');
    const ref = (name: string) => relative(folder, join(images, name)).split(sep).join('/');
    const rows = names.map((name, i) => ({
      id: `r${i}`,
      question: 'Left?',
      answer: 'yes',
      images: [ref(name)],
    }));
    writeFileSync(path, rowLines(rows));
    const out = join(folder, 'seen.qa.jsonl');
    const to = ['-o', out, '--extract-images', join(folder, 'seen'), '--data-root', '/', '--as-seen'];
    await convert(path, ...to);
    const written = readRows<{ images: string[] }>(out).map((row) => row.images[0]!);
    expect(written[1]).toBe(ref('rgb.png'));
    expect(written[2]).toBe(written[0]);
    expect(readdirSync(join(folder, 'seen'))).toHaveLength(4);
    const expected = JSON.parse(readFileSync(join(images, 'expected.json'), 'utf8')) as Record<
      string,
      { pixels: string }
    >;
    for (const [i, name] of names.entries()) {
      const pixels = await sharp(join(folder, written[i]!)).raw().toBuffer();
      expect(pixels.equals(Buffer.from(expected[name]!.pixels, 'base64'))).toBe(true);
    }
    await expect(convert(path, '-o', out, '--as-seen')).rejects.toThrow('--extract-images FOLDER');
    await expect(convert(path, '-o', out, '--depth', '0..9')).rejects.toThrow('Add --as-seen');
    await expect(convert(path, ...to, '--depth', '9..9')).rejects.toThrow('--depth');
  });

  it('scales 16-bit images to a range of values', async () => {
    const deep = Uint16Array.from([0, 1000, 2000, 3500, 5000, 65_535]);
    const raw = { width: 6, height: 1, channels: 1 as const };
    const png = sharp(deep, { raw }).toColourspace('grey16').png();
    await png.toFile(join(folder, 'depth.png'));
    const path = join(folder, 'depth.qa.jsonl');
    writeFileSync(
      path,
      `${JSON.stringify({ id: 'a', question: 'Nearer?', answer: 'yes', images: ['depth.png'] })}\n`,
    );
    const out = join(folder, 'near.qa.jsonl');
    await convert(
      path,
      '-o',
      out,
      '--extract-images',
      join(folder, 'near'),
      '--as-seen',
      '--depth',
      '1000..5000',
    );
    const [name] = readdirSync(join(folder, 'near'));
    const { data, info } = await sharp(join(folder, 'near', name!))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(3);
    // 255 · (value - 1000) / 4000: 63.75 for 2000, 159.375 for 3500.
    expect([0, 3, 6, 9, 12, 15].map((i) => data[i])).toEqual([0, 0, 64, 159, 255, 255]);
  });

  it('convert extracts images for LLaVA', async () => {
    const out = join(folder, 'llava.json');
    await convert(
      ...[join(fixtures, 'sat.parquet'), '-o', out, '--extract-images', join(folder, 'pictures')],
      ...['--data-root', fixtures],
    );
    const rows = JSON.parse(readFileSync(out, 'utf8')) as { images?: string[]; image?: string }[];
    expect(rows[0]?.image).toMatch(/^pictures\/.*\.png$/);
    expect(rows[1]?.images).toHaveLength(2);
    expect(readdirSync(join(folder, 'pictures'))).toHaveLength(60);
  });

  it('reads the shards of a table in order', async () => {
    const out = join(folder, 'both.qa.jsonl');
    await convert(join(fixtures, 'sat.parquet'), join(fixtures, 'cv-bench.parquet'), '-o', out);
    expect(
      samplesOf(out)
        .map(({ id }) => id)
        .slice(39),
    ).toEqual(['sat-39', 'cv-bench-0', 'cv-bench-1']);
  });

  it('reports bad rows with their line, and writes the good rows', async () => {
    const bad = join(folder, 'bad.jsonl');
    writeFileSync(bad, '{"q":"a","r":"b"}\n{"q":"a"\n{"q":"a","r":"c"}\n');
    const out = join(folder, 'good.qa.jsonl');
    const { err } = await convert(bad, '-o', out, '--map', 'question=q,answer=r');
    expect(samplesOf(out)).toHaveLength(2);
    expect(err[0]).toContain(`${bad}:2: error: Not valid JSON`);
    expect(err.at(-1)).toContain('excluded 1 bad');
  });

  it('names the lines of the input in its summary, and each fix once', async () => {
    const table = join(folder, 'mine.csv');
    writeFileSync(table, 'question,answer,image\nIs it?,yes,\nIs it?,no,gone.png\nIs it?,no,../out.png\n');
    const summary = (await convert(table, '-o', join(folder, 'mine.qa.jsonl'))).err.join('\n');
    expect(summary).toContain(`${table}: 1 of 3 rows usable`);
    expect(summary).toContain('1 image missing (line 3): Image file gone.png does not exist.');
    expect(summary.match(/--data-root/g)).toHaveLength(1);
  });

  it.each(['', 'question,answer\n'])('rejects a table without rows: %j', async (text) => {
    const table = join(folder, 'bare.csv');
    writeFileSync(table, text);
    await expect(convert(table, '-o', join(folder, 'bare.qa.jsonl'))).rejects.toThrow(' has no rows.');
    expect(existsSync(join(folder, 'bare.qa.jsonl'))).toBe(false);
  });

  it.each(['', '\n\n', '[]'])('convert rejects a file without rows: %j', async (text) => {
    const empty = join(folder, 'empty.json');
    writeFileSync(empty, text);
    await expect(convert(empty, '-o', join(folder, 'still-empty.qa.jsonl'))).rejects.toThrow(
      'empty.json has no rows.',
    );
    expect(existsSync(join(folder, 'still-empty.qa.jsonl'))).toBe(false);
  });

  it('convert lists its output formats', async () => {
    await expect(convert(join(fixtures, 'sat.parquet'), '--to', 'cats', '-o', 'x')).rejects.toThrow(
      /'cats' is invalid. Allowed choices are qa, llava, parquet/,
    );
  });

  it.each([
    [['--split', 'a=2', '-o', 'x']],
    [['--split', 'a=0.5']],
    [['--to', 'parquet']],
    [['--from', 'cats']],
    [['--map', 'colour=x']],
    [['--extract-images', 'x']],
  ])('rejects the convert options %j', async (args) => {
    await expect(convert(join(fixtures, 'sat.parquet'), ...args)).rejects.toBeInstanceOf(UsageError);
  });
});
