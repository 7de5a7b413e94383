import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { DatasetCheck } from '../../../../src/lab/datasets/check-dataset.ts';
import { FirstSeen, keyOf } from '../../../../src/lab/datasets/first-seen.ts';
import { ImageFiles } from '../../../../src/lab/datasets/image-files.ts';
import { inOrder } from '../../../../src/lab/files/in-order.ts';
import { DatasetStats } from '../../../../src/lab/datasets/stats.ts';
import { validateImage } from '../../../../src/lab/images/decode.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { property } from '../../../support/property.ts';

const pictures = join(import.meta.dirname, '../../../fixtures/images');
const folder = folderOfTests('chirality-check-');

describe('FirstSeen', () => {
  property(
    'FirstSeen: finds the first position of every text, like a Map',
    [fc.array(fc.string({ maxLength: 2 }), { maxLength: 4000, size: 'max' })],
    { numRuns: 20 },
    (texts) => {
      const seen = new FirstSeen();
      const map = new Map<string, number>();
      texts.forEach((text, at) => {
        expect(seen.note(keyOf(text), { file: at % 256, at })?.at).toBe(map.get(text));
        if (!map.has(text)) map.set(text, at);
      });
      expect(seen.size).toBe(map.size);
    },
  );
});

describe('inOrder', () => {
  async function* numbers() {
    for (let i = 0; i < 40; i++) {
      await Promise.resolve();
      yield i;
    }
  }

  it('inOrder returns results in the order of the input, within the concurrency limit', async () => {
    let running = 0;
    let most = 0;
    const work = async (i: number) => {
      most = Math.max(most, ++running);
      for (let n = (i * 7) % 5; n > 0; n--) await new Promise(setImmediate);
      running -= 1;
      return i;
    };
    const out = [];
    for await (const i of inOrder(numbers(), 4, work)) out.push(i);
    expect(out).toEqual([...Array(40).keys()]);
    expect(most).toBe(4);
  });

  it('inOrder throws the error of a failed task', async () => {
    const work = (i: number) => (i === 7 ? Promise.reject(new Error('seven')) : Promise.resolve(i));
    await expect(
      (async () => {
        for await (const i of inOrder(numbers(), 4, work)) expect(i).toBeLessThan(7);
      })(),
    ).rejects.toThrow('seven');
  });
});

const sample = (id: string, change: Partial<Sample> = {}): Sample => ({
  id,
  question: `Question ${id}?`,
  answer: 'left',
  images: [`${id}.png`],
  ...change,
});

/** The kinds of problems of each row, file by file. */
async function codes(files: Sample[][], check = new DatasetCheck()): Promise<string[][]> {
  const out = [];
  for (const [i, rows] of files.entries()) {
    check.startFile(`file${i}`);
    for (const [line, row] of rows.entries()) {
      const problems = await check.row({ line: line + 1, sample: row, problems: [] });
      out.push(problems.map(({ code }) => code));
    }
  }
  return out;
}

describe('DatasetCheck', () => {
  it('reports rows that repeat or contradict each other', async () => {
    const a = sample('a');
    expect(await codes([[a, sample('b'), a, { ...a, id: 'c' }, { ...a, id: 'd', answer: 'right' }]])).toEqual(
      [[], [], ['duplicate-id'], ['duplicate-row'], ['other-answer']],
    );
  });

  it('reports rows and images shared between files, but not repeated ids', async () => {
    const a = sample('a');
    expect(await codes([[a], [a], [sample('z'), { ...sample('b'), images: ['a.png'] }]])).toEqual([
      [],
      ['leaked-row', 'leaked-image'],
      [],
      ['leaked-image'],
    ]);
  });

  it('reports the file and line of a duplicate row', async () => {
    const check = new DatasetCheck();
    await codes([[sample('a')]], check);
    check.startFile('file1');
    const [problem] = await check.row({ line: 9, sample: sample('a'), problems: [] });
    expect(problem?.message).toContain('file0:1');
  });

  it('reports images that are missing, damaged, animated, of the wrong size or copied', async () => {
    writeFileSync(join(folder, 'cut.jpg'), readFileSync(join(pictures, 'subsampled.jpg')).subarray(0, 500));
    writeFileSync(join(folder, 'copy.png'), readFileSync(join(pictures, 'rgb.png')));
    const at = (name: string) => join(pictures, name);
    const files = new ImageFiles('.', '/');
    const check = new DatasetCheck({ files, inspect: validateImage });
    const found = await codes(
      [
        [
          sample('good', { images: [{ path: at('rgb.png'), w: 24, h: 16 }] }),
          sample('turned', { images: [{ path: at('exif-6.jpg'), w: 24, h: 16 }] }),
          sample('missing', { images: [at('none.png')] }),
          sample('cut', { images: [join(folder, 'cut.jpg')] }),
          sample('animated', { images: [at('animated.webp')] }),
          sample('outside', { images: [at('rgb.png')], boxes: [[0, 0, 25, 99]], box_format: 'xyxy_px' }),
        ],
        [sample('copied', { images: [join(folder, 'copy.png')] })],
      ],
      check,
    );
    expect(found).toEqual([
      [],
      ['image-size'],
      ['image-missing'],
      ['image-damaged'],
      ['image-animated'],
      ['box-outside'],
      ['leaked-image'],
    ]);
    await files.close();
  });
});

describe('DatasetStats', () => {
  const rows: Sample[] = [
    sample('a', { question: 'Is the cup left of the plate?', answer: 'Yes', task: 'yesno' }),
    sample('b', {
      question: 'How far is the cup from the plate?',
      answer: '0.3 meters',
      images: ['a.png', 'b.png'],
    }),
    sample('c', {
      question: 'What is the man wearing?',
      answer: 'A coat',
      choices: ['a coat', 'a hat', 'shoes', 'x'],
    }),
    sample('d', {
      question: 'How tall is the door?',
      answer: '2 meters',
      source: 'OpenSpaces',
      meta: { turns: [{ question: 'Vertial gap between the door and the mat.', answer: '300 meters' }] },
    }),
  ];

  function statsOf(files: Sample[][]) {
    const stats = new DatasetStats();
    files.forEach((list, i) => {
      stats.startFile(`file${i}`, 'qa');
      list.forEach((row, line) => {
        stats.take(DatasetStats.look({ line, sample: row, problems: [] }));
      });
    });
    return stats.files;
  }

  it('counts questions by kind, including every turn of a dialogue', () => {
    expect(statsOf([rows])[0]).toMatchObject({
      rows: 4,
      questions: 5,
      spatial: 4,
      general: 1,
      left_right: 1,
      distinct_images: 4,
      // No list of the papers types "Vertial gap"; a reference of 300 meters makes it a length.
      question_types: { yesno: 1, distance: 3, mcq: 1 },
      yes_no: { yes: 1 },
      tasks: { yesno: 1, none: 3 },
      right_choice: { A: 1 },
      chance: 0.25,
      images_per_row: { 1: 3, 2: 1 },
      traps: { 'height-from-width': 1, 'vertial-gap': 1, 'odd-length': 1 },
    });
  });

  it('counts repeats within a file, and rows shared between files', () => {
    const [first, second] = statsOf([
      [rows[0]!, rows[0]!],
      [rows[0]!, rows[1]!, rows[2]!],
    ]);
    expect([first!.duplicates, first!.shared_rows]).toEqual([1, 0]);
    expect([second!.duplicates, second!.shared_rows, second!.shared_images]).toEqual([0, 1, 2]);
  });

  it('DatasetStats averages chance over rows', () => {
    const choice = (id: string, n: number) =>
      sample(id, { answer: 'A', choices: [...'abcdefgh'].slice(0, n) });
    expect(statsOf([[choice('a', 2), choice('b', 4), choice('c', 4)]])[0]!.chance).toBeCloseTo(1 / 3, 12);
  });
});
