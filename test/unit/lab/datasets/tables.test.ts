import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { SetReading } from '../../../../src/core/answers/set-reading.ts';
import { openDataset, type ReadOptions } from '../../../../src/lab/datasets/open-dataset.ts';
import { folderOfTests } from '../../../support/folder.ts';

const folder = folderOfTests('chirality-tables-');

async function read(name: string, text: string, options: ReadOptions = {}): Promise<Partial<Sample>[]> {
  const path = join(folder, name);
  writeFileSync(path, text);
  const samples: Sample[] = [];
  for await (const { sample, problems } of (await openDataset(path, options)).rows) {
    expect(problems).toEqual([]);
    samples.push(sample!);
  }
  return samples;
}
const json = (...rows: object[]) => JSON.stringify(rows);
const lines = (...rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('options of a table', () => {
  test.each<[name: string, row: object]>([
    ['in a list', { options: ['shed', 'the big barn', 'none'] }],
    ['in a list as Python writes it', { options: "['shed', 'the big barn', 'none']" }],
    ['in mixed quotation marks', { options: `['shed', "the big barn", 'none']` }],
    ['in a list as JSON writes it', { options: '["shed", "the big barn", "none"]' }],
    ['in an array as numpy writes it', { options: "['shed' 'the big barn'\n 'none']" }],
    ['by their letters', { options: { A: 'shed', B: 'the big barn', C: 'none' } }],
    ['by their letters, as text', { options: '{"B": "the big barn", "A": "shed", "C": "none"}' }],
    ['with letters in a list', { options: ['A. shed', 'B. the big barn', 'C. none'] }],
    ['with letters in a text', { options: '(A) shed (B) the big barn (C) none' }],
    ['in columns A, B, …', { A: 'shed', B: 'the big barn', C: 'none', D: null }],
    ['in columns a, b, …', { a: 'shed', b: 'the big barn', c: 'none' }],
    ['in columns option_a, …', { option_a: 'shed', option_b: 'the big barn', option_c: 'none' }],
    ['in columns optionA, …', { optionA: 'shed', optionB: 'the big barn', optionC: 'none' }],
    ['in columns choice1, …', { choice1: 'shed', choice2: 'the big barn', choice3: 'none' }],
    ['in columns option_0, …', { option_0: 'shed', option_1: 'the big barn', option_2: 'none' }],
    ['under candidates', { candidates: ['shed', 'the big barn', 'none'] }],
  ])('%s', async (_, row) => {
    for (const id of [{}, { id: 'r1' }]) {
      const [sample] = await read('options.json', json({ ...id, question: 'Which?', answer: 'B', ...row }));
      expect(sample).toMatchObject({
        question: 'Which?',
        answer: 'B',
        choices: ['shed', 'the big barn', 'none'],
      });
    }
  });

  test.each<[question: string, answer: string, kept: string, instruction?: string]>([
    ['Which?\nA. shed\nB. barn', 'B. barn', 'B. barn'],
    ['Which?\n(A) shed\n(B) barn', 'a', 'a'],
    ['Which? Options: A. shed, B. barn', 'barn', 'barn'],
    ['Which? A. shed B. barn Answer with the letter.', 'B', 'B', 'Answer with the letter.'],
    ['Which? 1. shed 2. barn', '2', 'barn'],
    ['Which? A. shed B. barn', 'B: Barn.', 'barn'],
    // A wrong letter is left for data check to list.
    ['Which? A. shed B. barn', 'B. shed', 'B. shed'],
  ])('move out of %j with the answer %j', async (question, answer, kept, instruction) => {
    const [sample] = await read('inside.jsonl', lines({ question, answer, image: 'a.png' }));
    expect(sample).toMatchObject({ question: 'Which?', answer: kept, choices: ['shed', 'barn'] });
    expect(sample!.meta?.instruction).toBe(instruction);
  });

  test.each([
    { question: 'Which? A. shed B. barn', answer: 'the tree' },
    { question: 'How far is it: 1. shed, 2. barn?', answer: '3 m' },
    { question: 'Which? A. <image> B. <image>', answer: 'B' },
    { question: 'Which of the options is nearer: shed or barn', answer: 'shed' },
  ])('stay in $question', async (row) => {
    const [sample] = await read('stay.jsonl', lines(row));
    expect(sample!.question).toBe(row.question);
    expect(sample!.choices).toBeUndefined();
  });

  it('are cut from a question that repeats them, and not if they differ', async () => {
    const row = { question: 'Which?\nA. shed\nB. barn', answer: 'B' };
    const [same, other] = await read(
      'twice.jsonl',
      lines({ ...row, options: ['Shed', 'barn'] }, { ...row, options: ['barn', 'shed'] }),
    );
    expect(same).toMatchObject({ question: 'Which?', choices: ['Shed', 'barn'] });
    expect(other).toMatchObject({ question: row.question, choices: ['barn', 'shed'] });
  });

  it('stay where they are in our own files', async () => {
    const row = { id: 'r1', question: 'Which?\nA. shed\nB. barn', answer: 'B', images: [] };
    expect(await read('own.qa.jsonl', lines(row))).toEqual([row]);
    expect((await read('own.jsonl', lines(row)))[0]).toMatchObject({ choices: ['shed', 'barn'] });
  });
});

test.each([
  ['image_name', 'a.jpg', ['a.jpg']],
  ['img_paths', ['a.jpg', 'b.jpg'], ['a.jpg', 'b.jpg']],
  ['img_paths', "['a.jpg', 'b.jpg']", ['a.jpg', 'b.jpg']],
  ['image_path', 'a.jpg', ['a.jpg']],
  ['image_filename', 'a.png', ['a.png']],
  ['Images', ['a.jpg'], ['a.jpg']],
  ['photo', 'a.webp', ['a.webp']],
  ['file_name', 'a.jpg', ['a.jpg']],
  ['file_name', 'notes.txt', []],
])('images may stand under %s: %j', async (column, cell, images) => {
  for (const id of [{}, { id: 'r1' }])
    expect(
      (await read('pictures.json', json({ ...id, question: 'Where?', answer: 'left', [column]: cell })))[0],
    ).toMatchObject({
      images,
    });
});

it('images may stand in several columns', async () => {
  const row = { question: 'Which moved?', answer: 'cup', image_2: 'b.jpg', image_1: 'a.jpg' };
  expect((await read('several.json', json(row)))[0]!.images).toEqual(['a.jpg', 'b.jpg']);
});

describe('a table with two references', () => {
  const question = 'Is it left?';
  test.each<[name: string, rows: object[]]>([
    [
      'label',
      [
        { answer: 'no', label: 'yes' },
        { answer: 'no', label: 'no' },
      ],
    ],
    ['ground_truth', [{ answer: 'On the left.', ground_truth: 'right' }]],
    ['gt', [{ answer: 'B', gt: 'A' }]],
    ['correct_answer', [{ answer: 'B', correct_answer: 'A' }]],
    ['reference', [{ answer: 'three', reference: '4' }]],
    ['target', [{ answer: 'A', target: 'C' }]],
    ['label', [{ answer: 'On the left.', label: 'right' }]],
    ['labels', [{ answer: '3', labels: '4' }]],
  ])('%s is asked about', async (name, rows) => {
    for (const id of [false, true]) {
      const table = json(...rows.map((row, i) => ({ ...(id && { id: `r${i}` }), question, ...row })));
      const error = await read('two.json', table).catch(
        (why: unknown) => why as { problem: { fix: string } },
      );
      expect(error).toMatchObject({ problem: { code: 'reference' } });
      const rules = [...(error as { problem: { fix: string } }).problem.fix.matchAll(/--map (\S+)/g)].map(
        ([, rule]) => rule!,
      );
      expect(rules).toHaveLength(2);
      const both = await Promise.all(rules.map((map, i) => read(`chosen-${i}.json`, table, { map })));
      expect(both.map(([sample]) => sample!.answer)).toEqual([
        (rows[0] as Record<string, string>).answer,
        (rows[0] as Record<string, string>)[name],
      ]);
    }
  });

  test.each<[name: string, row: object]>([
    ['is the same', { answer: 'Yes', ground_truth: 'yes' }],
    ['is a class', { answer: 'yes', label: 'left_right' }],
    ['is a number of a class', { answer: 'yes', label: 3 }],
    ['is how to solve it', { answer: '7', solution: 'Count the cups, then the jugs.' }],
    ['says whether a model was right', { answer: 'yes', prediction: 'no', correct: false }],
    ['is empty', { answer: 'yes', ground_truth: null }],
  ])('is none if the other %s', async (_, row) => {
    expect((await read('one.json', json({ question, ...row })))[0]).toMatchObject({ question });
  });
});

describe('rules for columns', () => {
  it('may not fill one field twice', async () => {
    await expect(
      read('map.json', json({ q: 'Is it?', a: 'yes', b: 'no' }), { map: 'question=q,answer=a,answer=b' }),
    ).rejects.toThrow('Field "answer" is mapped twice, to "a" and "b".');
  });
  it('may name several columns of images', async () => {
    const table = json({ q: 'Which?', a: 'left', one: 'a.png', two: 'b.png' });
    const [sample] = await read('map.json', table, { map: 'question=q,answer=a,images=one,images=two' });
    expect(sample!.images).toEqual(['a.png', 'b.png']);
  });
});

test.each([
  ...['cv-bench', 'openspaces', 'q-spatial', 'sat', 'spacellava', 'spacethinker'].map(
    (name) => `datasets/${name}.parquet`,
  ),
  ...['questions', 'train/data', 'val/data', 'data/flipped', 'data/reviewed', 'data/composed'].map(
    (name) => `recorded/project/${name}.qa.jsonl`,
  ),
  'foreign-runs/data/worlds.qa.jsonl',
  'tables/orders.json',
])('no reference of a well-formed set is said not to fit: %s', async (name) => {
  const reading = new SetReading<string>();
  const set = await openDataset(join(import.meta.dirname, '../../../fixtures', name));
  for await (const { sample } of set.rows) if (sample) reading.add(sample, sample.question);
  expect(reading.summary.rows).toBeGreaterThan(0);
  expect(reading.misfits()).toEqual([]);
});
