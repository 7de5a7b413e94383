import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { addDataCommand } from '../../../src/cli/commands/data.command.ts';
import { ImageFiles } from '../../../src/lab/datasets/image-files.ts';
import { decodeImage } from '../../../src/lab/images/decode.ts';
import { runCommand } from '../../support/command.ts';
import { folderOfTests } from '../../support/folder.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
const folder = folderOfTests('chirality-data-');

const data = (...args: string[]) => runCommand(addDataCommand, 'data', ...args);

function write(name: string, rows: (object | string)[]): string {
  const path = join(folder, name);
  writeFileSync(path, rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join(''));
  return path;
}

const row = (id: string, more: object = {}) => ({
  id,
  question: `Is ${id} left of it?`,
  answer: 'Yes',
  ...more,
});

describe('chirality data check', () => {
  it('reports every bad row, writes the good rows, and exits with 1', async () => {
    const path = write('mixed.qa.jsonl', [
      row('a'),
      '{"id": NaN}',
      row('b', { boxes: [[1, 'x']] }),
      '',
      row('c'),
    ]);
    const good = join(folder, 'good.qa.jsonl');
    const { out, err, code } = await data('check', path, '-o', good);
    expect(code).toBe(1);
    expect(err.map((line) => line.split('\n')[0]!.replace(path, 'FILE'))).toEqual([
      'FILE:2: error: NaN is not valid JSON. (id)',
      'FILE:3: error: Not a finite number: "x". (boxes[0])',
      `${good}: 2 rows.`,
    ]);
    expect(out).toEqual([
      `${path} (qa): 2 of 4 rows usable: 1 unreadable row · 1 row with an error.`,
      '  scored by question and reference answer, because 2 rows declare no task (set "task", or pass --map task:=…):',
      '        2 yes or no: yes or no',
      '  errors: nan 1, boxes 1',
    ]);
    expect(readFileSync(good, 'utf8').match(/"id":"\w"/g)).toEqual(['"id":"a"', '"id":"c"']);
  });

  it('exits with 0 for warnings only, and prints the first of each kind', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => row(`r${i}`, { choices: ['up', 'down'] }));
    const { out, err, code } = await data('check', write('warn.qa.jsonl', rows));
    expect(code).toBe(0);
    expect(err).toHaveLength(20);
    expect(out[1]).toBe('  warnings: answer-not-a-choice 30');
  });

  it('asks once for the meaning of left, and accepts the answer for all rows in --map', async () => {
    const scan = (i: number, question: string) => ({
      ...row(`s${i}`, { images: [`scan-${i}.png`] }),
      question,
    });
    const path = write('scans.qa.jsonl', [
      scan(0, 'Is there an infiltrate in the left lung?'),
      scan(1, 'Is the mass on the right?'),
    ]);
    const { err } = await data('check', path);
    expect(err).toEqual([expect.stringContaining('1 of 2 rows use anatomical terms')]);
    expect(err[0]).toContain('--map meta.laterality:=patient');
    const declared = join(folder, 'declared.qa.jsonl');
    const again = await data('check', path, '--map', 'meta.laterality:=patient', '-o', declared);
    expect(again.err).toEqual([`${declared}: 2 rows.`]);
    const kept = readFileSync(declared, 'utf8').trim().split('\n');
    expect(kept.map((line) => (JSON.parse(line) as { meta: object }).meta)).toEqual([
      { laterality: 'patient' },
      { laterality: 'patient' },
    ]);
    const photos = write('photos.qa.jsonl', [row('a'), row('b', { images: ['kitchen/1.jpg'] })]);
    expect((await data('check', photos)).err).toEqual([]);
  });

  it('reports rows and images shared between files', async () => {
    const [train, test] = [
      write('train.qa.jsonl', [row('a', { image: 'a.png' }), row('b', { image: 'b.png' })]),
      write('test.qa.jsonl', [row('a', { image: 'a.png' }), row('c', { image: 'b.png' })]),
    ];
    const { out, code } = await data('check', train, test, '--json');
    expect(code).toBe(0);
    const problems = out.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(problems.slice(0, -1).map(({ file, line, code }) => [file, line, code])).toEqual([
      [test, 1, 'leaked-row'],
      [test, 1, 'leaked-image'],
      [test, 2, 'leaked-image'],
    ]);
    expect(problems.at(-1)?.summary).toMatchObject({ rows: 4, good: 4, bad: 0 });
    const other = write('other.qa.jsonl', [row('d', { image: 'd.png' })]);
    const last = async (...files: string[]) => (await data('check', ...files)).out.at(-1);
    expect(await last(train, other)).toMatch(/^These files share no rows and no images/);
    expect(await last(train, test)).toMatch(/^ {2}warnings: leaked-row 1/);
  });

  it('counts images that other programs display differently, once per image', async () => {
    const image = (name: string) => ({ images: [join(fixtures, 'images', name)] });
    const path = write('stored.qa.jsonl', [
      ...['exif-2.jpg', 'exif-7.jpg', 'exif-2.jpg', 'exif-6.jpg', 'grey16.png', 'rgba.png', 'rgb.png'].map(
        (name, i) => row(`r${i}`, image(name)),
      ),
    ]);
    const { out, err, code } = await data('check', path, '--images', '--data-root', '/');
    expect(code).toBe(0);
    expect(out[0]).toContain('7 rows, no errors, some warnings');
    expect(out.at(-1)).toBe(
      '  warnings: image-mirrored 2, image-turned 1, image-16-bit 1, image-transparent 1',
    );
    expect(err[0]).toMatch(/stored mirrored \(EXIF orientation 2\)[^]*two correct answers[^]*--as-seen/);
  });

  it('stores the depth range of 16-bit images, and then applies the range wherever images are read', async () => {
    const deep = Uint16Array.from([0, 1000, 2000, 3500, 5000, 65_535]);
    mkdirSync(join(folder, 'deep/near'), { recursive: true });
    const raw = { width: 6, height: 1, channels: 1 as const };
    const image = join(folder, 'deep/near/a.png');
    await sharp(deep, { raw }).toColourspace('grey16').png().toFile(image);
    const path = write('deep/rows.qa.jsonl', [row('a', { images: ['near/a.png'] })]);
    const files = new ImageFiles(join(folder, 'deep'), folder);
    const before = await data('check', path, '--images');
    expect(before.err[0]).toMatch(/16 bits[^]*data check … --depth 0\.\.5000/);
    expect([
      ...(await decodeImage(await files.bytes('near/a.png'))).data.filter((_, i) => i % 3 === 0),
    ]).toEqual(
      [0, 3, 7, 13, 19, 255], // The upper 8 bits: value / 256, rounded down.
    );
    const stored = await data('check', path, '--images', '--depth', '1000..5000');
    expect(stored.err).toEqual([expect.stringMatching(/^Wrote .*near\/depth-range\.json: 1000\.\.5000\.$/)]);
    expect(readFileSync(join(folder, 'deep/near/depth-range.json'), 'utf8')).toBe(
      '{"depth_range":"1000..5000"}\n',
    );
    // 255 · (value - 1000) / 4000: 63.75 for 2000, 159.375 for 3500.
    const scaled = [0, 0, 64, 159, 255, 255];
    const seen = await decodeImage(await files.bytes('near/a.png'));
    expect([...seen.data.filter((_, i) => i % 3 === 0)]).toEqual(scaled);
    expect((await data('check', path, '--images')).err).toEqual([]);
    const changed = await data('check', path, '--depth', 'upper');
    expect(changed.err[0]).toContain('The previous range was 1000..5000.');
    await expect(data('check', write('flat.qa.jsonl', [row('a')]), '--depth', '0..9')).rejects.toThrow(
      'no 16-bit',
    );
    await expect(data('check', '--depth', '0..9')).rejects.toThrow('requires a file');
    writeFileSync(join(folder, 'deep/near/depth-range.json'), '{"depth_range": "5..5"}');
    await expect(files.bytes('near/a.png')).rejects.toThrow('contains no depth range');
  });

  it('decodes images in files and in Parquet', async () => {
    expect(await data('check', join(fixtures, 'datasets/sat.parquet'), '--images')).toMatchObject({
      code: 0,
    });
    const path = write('pictures.qa.jsonl', [
      row('a', { images: [join(fixtures, 'images/rgb.png')] }),
      row('b', { image: 'no.png' }),
    ]);
    const { err, code } = await data('check', path, '--images', '--data-root', '/');
    expect(code).toBe(1);
    expect(err).toEqual([
      expect.stringContaining(':2: error: Image file'),
      expect.stringMatching(
        /^If the images moved, .*\n {2}Correct the rows, or exclude them: chirality data check .*usable\.qa\.jsonl$/,
      ),
    ]);
  });

  it('data check leaves no output after a failure', async () => {
    const target = join(folder, 'never.qa.jsonl');
    await expect(data('check', join(folder, 'none.qa.jsonl'), '-o', target)).rejects.toThrow(
      'The file does not exist.',
    );
    await expect(data('check', 'a', 'b', '-o', target)).rejects.toThrow('requires a single input file');
    expect(existsSync(target)).toBe(false);
  });
});

describe('chirality data stats', () => {
  it('prints a summary as text and as JSON', async () => {
    const text = (await data('stats', join(fixtures, 'datasets/spacellava.parquet'))).out[0];
    expect(text).toContain('questions      5, in 3 dialogues');
    expect(text).toContain('question types ');
    expect(text).toContain('known traps    vertial-gap 1 (20.0%)');
    const json = await data('stats', join(fixtures, 'datasets/sat.parquet'), '--json');
    const { files } = JSON.parse(json.out[0]!) as { files: Record<string, unknown>[] };
    expect(files[0]).toMatchObject({
      format: 'sat',
      rows: 40,
      spatial: 40,
      right_choice: { A: 40 },
      chance: 0.5,
    });
  });
});

describe('chirality data audit', () => {
  const rows = Array.from({ length: 6 }, (_, i) => ({
    id: `${i}`,
    question: `On which side of cup ${i} is the jug, left or right?`,
    answer: 'left',
    choices: ['left', 'right'],
    task: 'mcq',
    images: [{ w: 10, h: 10 }],
  }));

  it('measures the accuracy of answers from words alone, on originals and on mirrors', async () => {
    const file = write('lean.qa.jsonl', rows);
    const json = await data('audit', file, '--json');
    // The mirror exchanges the options, so "always A" is right in both views.
    const floor = { bounded: false, constant: 1, words: 1 };
    const guessed = { original: 1, constant: 1, chance: 0.5, mirror: 0, both: 0, floor };
    // The mirrored question is another text.
    const floor_hidden = { ...floor, constant: 0 };
    const leaning = { rows: 6, pairs: 6, keeps: 6, leans: true, ...guessed, floor_hidden };
    expect(JSON.parse(json.out[0]!)).toEqual({ all: leaning, mcq: leaning });
    const other = write('other.qa.jsonl', [{ ...rows[0], answer: 'right' }]);
    const { out } = await data('audit', file, '--train', other);
    expect(out[0]).toMatch(
      /^Guessing from the words alone, without the image, is correct for 0\.0% of the questions \(chance: 50\.0%; always the same answer: 0\.0%\)/,
    );
    expect(out.join('\n')).toMatch(
      /^task +rows +originals % +one answer % +chance % +pairs +mirrors % +both %\nall +6 +0\.0 +0\.0 +50\.0 +6 +100\.0 +0\.0$/m,
    );
  });
});
