import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { SetReading } from '../../../../src/core/answers/set-reading.ts';
import { ImageFiles } from '../../../../src/lab/datasets/image-files.ts';
import { tableColumns } from '../../../../src/lab/datasets/mappings/guess-columns.ts';
import { openDataset, type ReadOptions } from '../../../../src/lab/datasets/open-dataset.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { rowLines } from '../../../support/rows.ts';
import { forAllAsync } from '../../../support/property.ts';

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
const lines = (...rows: object[]) => rowLines(rows);

describe('options of a table', () => {
  test.each<[name: string, row: object]>([
    ['in a list', { options: ['shed', 'the big barn', 'none'] }],
    ['in a list printed by Python', { options: "['shed', 'the big barn', 'none']" }],
    ['in mixed quotation marks', { options: `['shed', "the big barn", 'none']` }],
    ['in a JSON list', { options: '["shed", "the big barn", "none"]' }],
    ['in an array printed by numpy', { options: "['shed' 'the big barn'\n 'none']" }],
    ['by letter', { options: { A: 'shed', B: 'the big barn', C: 'none' } }],
    ['by letter, as text', { options: '{"B": "the big barn", "A": "shed", "C": "none"}' }],
    ['with letters in a list', { options: ['A. shed', 'B. the big barn', 'C. none'] }],
    ['with letters in a text', { options: '(A) shed (B) the big barn (C) none' }],
    ['in columns A, B, …', { A: 'shed', B: 'the big barn', C: 'none', D: null }],
    ['in columns a, b, …', { a: 'shed', b: 'the big barn', c: 'none' }],
    ['in columns option_a, …', { option_a: 'shed', option_b: 'the big barn', option_c: 'none' }],
    ['in columns optionA, …', { optionA: 'shed', optionB: 'the big barn', optionC: 'none' }],
    ['in columns choice1, …', { choice1: 'shed', choice2: 'the big barn', choice3: 'none' }],
    ['in columns option_0, …', { option_0: 'shed', option_1: 'the big barn', option_2: 'none' }],
    ['from the column candidates', { candidates: ['shed', 'the big barn', 'none'] }],
  ])('reads options of a table %s', async (_, row) => {
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
  ])('moves options out of %j with the answer %j', async (question, answer, kept, instruction) => {
    const [sample] = await read('inside.jsonl', lines({ question, answer, image: 'a.png' }));
    expect(sample).toMatchObject({ question: 'Which?', answer: kept, choices: ['shed', 'barn'] });
    expect(sample!.meta?.instruction).toBe(instruction);
  });

  test.each([
    { question: 'Which? A. shed B. barn', answer: 'the tree' },
    { question: 'How far is it: 1. shed, 2. barn?', answer: '3 m' },
    { question: 'Which? A. <image> B. <image>', answer: 'B' },
    { question: 'Which of the options is nearer: shed or barn', answer: 'shed' },
  ])('keeps options in the question: $question', async (row) => {
    const [sample] = await read('stay.jsonl', lines(row));
    expect(sample!.question).toBe(row.question);
    expect(sample!.choices).toBeUndefined();
  });

  it('removes equal options from the question, and keeps different options', async () => {
    const row = { question: 'Which?\nA. shed\nB. barn', answer: 'B' };
    const [same, other] = await read(
      'twice.jsonl',
      lines({ ...row, options: ['Shed', 'barn'] }, { ...row, options: ['barn', 'shed'] }),
    );
    expect(same).toMatchObject({ question: 'Which?', choices: ['Shed', 'barn'] });
    expect(other).toMatchObject({ question: row.question, choices: ['barn', 'shed'] });
  });

  it('keeps options in the question in .qa.jsonl files', async () => {
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
])('openDataset: reads images from the column %s: %j', async (column, cell, images) => {
  for (const id of [{}, { id: 'r1' }])
    expect(
      (await read('pictures.json', json({ ...id, question: 'Where?', answer: 'left', [column]: cell })))[0],
    ).toMatchObject({ images });
});

it('openDataset: reads images from several columns in order', async () => {
  const row = { question: 'Which moved?', answer: 'cup', image_2: 'b.jpg', image_1: 'a.jpg' };
  expect((await read('several.json', json(row)))[0]!.images).toEqual(['a.jpg', 'b.jpg']);
});

describe('a table with two reference columns', () => {
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
  ])('requires a choice between the reference columns answer and %s', async (name, rows) => {
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
    ['has the same answer', { answer: 'Yes', ground_truth: 'yes' }],
    ['is a class', { answer: 'yes', label: 'left_right' }],
    ['is a class number', { answer: 'yes', label: 3 }],
    ['is a worked solution', { answer: '7', solution: 'Count the cups, then the jugs.' }],
    ['contains scores of a model', { answer: 'yes', prediction: 'no', correct: false }],
    ['is empty', { answer: 'yes', ground_truth: null }],
  ])('requires no choice of a reference column if the other column %s', async (_, row) => {
    expect((await read('one.json', json({ question, ...row })))[0]).toMatchObject({ question });
  });
});

describe('column rules', () => {
  it('column rules reject two columns for one field', async () => {
    await expect(
      read('map.json', json({ q: 'Is it?', a: 'yes', b: 'no' }), { map: 'question=q,answer=a,answer=b' }),
    ).rejects.toThrow('Field "answer" is mapped twice, to "a" and "b".');
  });
  it('column rules accept several image columns', async () => {
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
])('SetReading reports no misfits in a well-formed set: %s', async (name) => {
  const reading = new SetReading<string>();
  const set = await openDataset(join(import.meta.dirname, '../../../fixtures', name));
  for await (const { sample } of set.rows) if (sample) reading.add(sample, sample.question);
  expect(reading.summary.rows).toBeGreaterThan(0);
  expect(reading.misfits()).toEqual([]);
});

describe('a table with the columns of Chirality rows', () => {
  const fixtures = join(import.meta.dirname, '../../../fixtures/datasets');

  it.each([
    ['pope', { id: '0', question: 'Is there a cup in the image?', meta: { category: 'popular' } }],
    ['vqav2', { id: 'vqav2-0', credit: 'vqa', answers: Array<string>(10).fill('yes') }],
    ['trl', { id: 'trl-0', question: 'Is the cup to the left of the plate?' }],
  ])('reads the images in the cells of %s', async (name, first) => {
    const path = join(fixtures, `${name}.parquet`);
    const samples: Sample[] = [];
    for await (const { sample } of (await openDataset(path)).rows) samples.push(sample!);
    expect(samples).toMatchObject([{ answer: 'yes', ...first }, {}, {}, {}]);
    const files = new ImageFiles(fixtures, fixtures);
    for (const [row, { images }] of samples.entries()) {
      expect(images).toMatchObject([{ parquet: `${name}.parquet`, column: 'image', row }]);
      expect(Buffer.from(await files.bytes(images[0]!)).toString('latin1', 1, 4)).toBe('PNG');
    }
    await files.close();
  });

  /** Values that a field of ours cannot have, as other sets have them under its name. */
  const strange = {
    reasoning: 3,
    task: ['counting'],
    meta: 'indoor',
    boxes: 'none',
    points: { x: 1 },
    clip: 'a',
    variants: ['v2'],
    scene_graph: 7,
    tolerance: 'low',
    credit: 'BY-SA',
    label_review: 1,
    box_format: 'yolo',
  };

  it('property: openDataset: keeps unexpected values in other columns', async () => {
    const extras = fc.subarray(Object.keys(strange) as (keyof typeof strange)[]);
    const pictures = fc.constantFrom<[string, unknown]>(
      ['image', 'a.png'],
      ['images', ['a.png']],
      ['images', 'a.png'],
      ['image', ['a.png']],
      ['images', '["a.png"]'],
      ['img_path', 'a.png'],
      ['image', { path: 'a.png', bytes: null }],
    );
    await forAllAsync(
      [extras, pictures, fc.boolean()],
      { numRuns: 60 },
      async (names, [column, image], hasId) => {
        const kept = Object.fromEntries(names.map((name) => [name, strange[name]]));
        const row = {
          ...(hasId && { id: 'r1' }),
          question: 'Which?',
          answer: 'left',
          [column]: image,
          ...kept,
        };
        const [sample] = await read('strange.json', json(row, row));
        expect(sample).toMatchObject({ question: 'Which?', answer: 'left' });
        expect(sample!.images!.map((each) => (typeof each === 'string' ? each : each.path))).toEqual([
          'a.png',
        ]);
        for (const name of names)
          expect({ ...sample, ...sample!.meta }).toMatchObject({ [name]: strange[name] });
      },
    );
  });

  it('keeps valid fields and returns Chirality rows unchanged', async () => {
    const row = { id: 'r1', question: 'Where?', answer: 'left', images: ['a.png'], boxes: [[1, 2, 3, 4]] };
    const own = { ...row, box_format: 'xyxy_px', meta: { x: 1 }, mine: 2 };
    expect(await read('own.json', json(own))).toEqual([own]);
    const { images, ...other } = own;
    expect(await read('other.json', json({ ...other, photo: images[0] }))).toEqual([
      { ...row, box_format: 'xyxy_px', meta: { x: 1, mine: 2 } },
    ]);
  });
});

describe('cells of a table', () => {
  it('cells provide options for later rows, even if empty in the first rows', async () => {
    const csv = `id,image,question,A,B,C,D,answer\n${'1,a.png,Which?,jug,pan,,,B\n'.repeat(60)}2,a.png,How many?,1,2,3,4,D\n`;
    const samples = await read('late.csv', csv);
    expect([samples[0]!.choices, samples[60]!.choices]).toEqual([
      ['jug', 'pan'],
      ['1', '2', '3', '4'],
    ]);
  });

  it.each([[[]], [null], [undefined], ['[]'], ['']])(
    'cells provide no choices if they contain the options %j',
    async (options) => {
      const rows = [
        { q: 'How many?', a: '<answer> 3 </answer>', options },
        { q: 'Which?', a: '<think>So.</think><answer>B</answer>', options: ['A. jug', 'B. pan'] },
      ];
      const samples = await read('empty.json', json(...rows), { map: 'question=q,answer=a,choices=options' });
      expect(samples).toMatchObject([
        { answer: '3' },
        { answer: 'B', reasoning: 'So.', choices: ['jug', 'pan'] },
      ]);
      expect(samples[0]!.choices).toBeUndefined();
    },
  );

  it.each([
    ['question,answer,answers', "Which?,jug,\"['jug', 'a jug']\"", { answers: ['jug', 'a jug'] }],
    ['question,answer,images', `Which?,jug,"['a b.png', 'c.png']"`, { images: ['a b.png', 'c.png'] }],
    ['question,answer,images', 'Which?,jug,"[a.png, c.png]"', { images: ['a.png', 'c.png'] }],
    ['prompt,solution', `"[{'role': 'user', 'content': 'Which?'}]",jug`, { question: 'Which?' }],
    ['question,answer', 'Which?,"[1.50, 2.0]"', { answer: '[1.50, 2.0]' }],
    ['question,answer', 'Which?,"[left, see note]"', { answer: '[left, see note]' }],
    [
      'question,answer,image',
      String.raw`Which?,left,"{'bytes': b'\x89PNG\r\n\x1a\n\'${'0'.repeat(40)}', 'path': None}"`,
      {
        images: [
          `data:image/png;base64,${Buffer.from(`\x89PNG\r\n\x1a\n'${'0'.repeat(40)}`, 'latin1').toString('base64')}`,
        ],
      },
    ],
  ])('cells are parsed if they contain %s printed by programs', async (header, row, found) => {
    expect(await read('printed.csv', `${header}\n${row}\n`)).toMatchObject([found]);
  });

  it('cells cause a single warning if no row uses their image columns', async () => {
    const picture = { bytes: `iVBORw0KGgo${'A'.repeat(60)}`, path: 'a.png' };
    const row = { question: 'Where?', answer: 'left', image: picture, depth: picture, id: 1 };
    const path = join(folder, 'depth.json');
    writeFileSync(path, json(row, { ...row, id: 2, depth: { ...picture, bytes: `${picture.bytes}BB` } }));
    const problems = [];
    for await (const { sample, problems: found } of (await openDataset(path)).rows) {
      expect(sample!.images).toEqual([`data:image/png;base64,${picture.bytes}`]);
      problems.push(...found.map(({ message }) => message));
    }
    expect(problems).toEqual([expect.stringContaining('Excluded the images of "depth".')]);
  });
});

describe('the column mapping proposed for a table', () => {
  const answers = ['left', 'right', 'left', 'behind'];
  const rowsOf = (more: (i: number) => object) =>
    answers.map((answer, i) => ({ picture: `${i}.png`, text: 'Where is it?', label: answer, ...more(i) }));

  it.each<[string, (i: number) => object]>([
    ['a list of tags', () => ({ tags: ['indoor', 'kitchen'] })],
    ['the accepted answers', (i) => ({ accepted: [answers[i], `on the ${answers[i]!}`] })],
    ['human answers', (i) => ({ said: [answers[i], answers[i], 'above'] })],
    ['a box', () => ({ bbox: [1, 2, 30, 40] })],
  ])('the proposed column mapping contains no options from %s', (_, more) => {
    expect(tableColumns(rowsOf(more)).choice.choices).toBeUndefined();
  });

  it('the proposed mapping contains options from lists with the reference answer anywhere', () => {
    const rows = rowsOf((i) => ({ among: ['left', 'right', 'behind'].map((_, k, all) => all[(k + i) % 3]) }));
    expect(tableColumns(rows).choice.choices).toBe('among');
  });

  it.each(['key', 'question_id', 'qid', 'sampleId', 'uuid'])(
    'the proposed column mapping contains %s as the id and never as the answer',
    (key) => {
      const rows = rowsOf((i) => ({ [key]: i }));
      expect(tableColumns(rows)).toMatchObject({ choice: { id: key, answer: 'label' }, references: [] });
      expect(
        tableColumns(rows.map(({ picture, text }, i) => ({ picture, text, [key]: i }))).choice.answer,
      ).toBeUndefined();
    },
  );
});

describe('reading of data outside a table', () => {
  it('resolves URLs to files in the image folder by the end of their path', async () => {
    mkdirSync(join(folder, 'got/park'), { recursive: true });
    for (const name of ['park/a b.mp4', 'c.png']) writeFileSync(join(folder, 'got', name), '');
    const row = { question: 'Where?', answer: 'left' };
    const options = { imageFolder: join(folder, 'got') };
    const rows = [
      { ...row, video: 'https://host.example/x/park/a%20b.mp4?size=1' },
      { ...row, image: 'https://host.example/y/c.png' },
      { ...row, image: 'https://host.example/%2e%2e/%2e%2e/tables.test.ts' },
      { ...row, image: 'https://host.example/none.png' },
    ];
    const samples = await read('addresses.json', json(...rows), options);
    expect(samples.map(({ video, images }) => video?.path ?? images![0])).toEqual([
      'got/park/a b.mp4',
      'got/c.png',
      'https://host.example/%2e%2e/%2e%2e/tables.test.ts',
      'https://host.example/none.png',
    ]);
  });

  it('skips rows that require audio', async () => {
    const path = join(folder, 'sound.json');
    const message = (content: string) => [
      { role: 'user', content },
      { role: 'assistant', content: 'He greets.' },
    ];
    writeFileSync(
      path,
      json(
        { messages: message('<video><audio>What does he say?'), videos: ['a.mp4'], audios: ['a.mp3'] },
        { messages: message('<video>What does he do?'), videos: ['a.mp4'], audios: [] },
      ),
    );
    const problems = [];
    for await (const row of (await openDataset(path)).rows)
      problems.push(row.problems.map(({ code }) => code));
    expect(problems).toEqual([['audio'], []]);
  });

  it('converts Label Studio tasks about videos to rows with that video', async () => {
    const result = [{ id: 'a', type: 'videorectangle', from_name: 'box', value: { sequence: [] } }];
    const task = { id: 1, data: { video: '/data/upload/1/clip.mp4' }, annotations: [{ result }] };
    const path = join(folder, 'task.json');
    writeFileSync(path, json(task));
    const { rows, leftOut } = await openDataset(path, { blank: 'labels' });
    for await (const { sample } of rows) expect(sample!.video).toEqual({ path: 'upload/1/clip.mp4' });
    expect([...leftOut!]).toEqual([['results of the type videorectangle', 1]]);
  });
});
