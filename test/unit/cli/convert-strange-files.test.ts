import { copyFileSync, createReadStream, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addConvertCommand } from '../../../src/cli/commands/convert.command.ts';
import { addImportCommand } from '../../../src/cli/commands/import.command.ts';
import { toPixels } from '../../../src/rows/sample/boxes.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import { readQaJsonl, type QaRow } from '../../../src/lab/datasets/rows.ts';
import { runCommand } from '../../support/command.ts';
import { folderOfTests } from '../../support/folder.ts';
import { readRows } from '../../support/rows.ts';

// Files as other programs write them, where they do not keep to what their formats promise.

const scratch = folderOfTests('strange-files-');
const PICTURES = join(import.meta.dirname, '../../fixtures/images');

/** Writes files into a new folder, values as JSON; `null` copies the image of that name. */
function folderOf(files: Record<string, unknown>): string {
  const dir = mkdtempSync(join(scratch, 'files-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    if (content === null) copyFileSync(join(PICTURES, name), join(dir, name));
    else writeFileSync(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return dir;
}

async function convert(
  dir: string,
  file: string,
  ...args: string[]
): Promise<{ rows: Sample[]; told: string }> {
  const out = join(dir, 'out.qa.jsonl');
  const { err } = await runCommand(addConvertCommand, 'convert', join(dir, file), '-o', out, ...args);
  return { rows: readRows(out), told: err.join('\n') };
}

const LABELS = { 1: 'cup', 2: 'plate' };
const coco = (file: string, size: [number, number], boxes: number[][], attributes: object[] = []) => ({
  images: [{ id: 1, file_name: file, width: size[0], height: size[1] }],
  categories: Object.entries(LABELS).map(([id, name]) => ({ id: Number(id), name })),
  annotations: boxes.map((bbox, i) => ({
    id: i + 1,
    image_id: 1,
    category_id: 1 + (i % 2),
    bbox,
    iscrowd: 0,
    ...(attributes[i] && { attributes: attributes[i] }),
  })),
});

describe('image size with EXIF rotation', () => {
  // The pixels of all eight are 24 × 16; the first four orientations keep that.
  const inTurned = [
    [1, 17, 6, 6],
    [4, 2, 8, 6],
  ];

  it.each([5, 6, 7, 8])('uses the rotated size if only the rotated image fits: orientation %i', async (i) => {
    const dir = folderOf({ [`exif-${i}.jpg`]: null, 'a.json': coco(`exif-${i}.jpg`, [24, 16], inTurned) });
    const { rows, told } = await convert(dir, 'a.json');
    expect(rows[0]!.images).toEqual([{ path: `exif-${i}.jpg`, w: 16, h: 24 }]);
    expect(rows[0]!.scene_graph!.objects.map(({ box }) => box)).toEqual(inTurned);
    expect(told).not.toMatch(/EXIF|left out/);
  });

  it.each([1, 2, 3, 4])('uses the declared size if EXIF has no quarter turn: orientation %i', async (i) => {
    const dir = folderOf({ [`exif-${i}.jpg`]: null, 'a.json': coco(`exif-${i}.jpg`, [24, 16], inTurned) });
    const { rows, told } = await convert(dir, 'a.json');
    expect(rows[0]!.images).toEqual([{ path: `exif-${i}.jpg`, w: 24, h: 16 }]);
    expect(told).toContain('boxes outside their image (1)');
  });

  it('reports an ambiguous size if boxes fit both sizes, unless declared as rotated', async () => {
    const boxes = [[1, 2, 6, 6]];
    const doubtful = folderOf({ 'exif-6.jpg': null, 'a.json': coco('exif-6.jpg', [24, 16], boxes) });
    const { rows, told } = await convert(doubtful, 'a.json');
    expect(rows[0]!.images).toEqual([{ path: 'exif-6.jpg', w: 24, h: 16 }]);
    expect(told).toContain('16 × 24 after EXIF rotation, but declared as 24 × 16');
    const plain = folderOf({ 'exif-6.jpg': null, 'a.json': coco('exif-6.jpg', [16, 24], boxes) });
    expect((await convert(plain, 'a.json')).told).not.toContain('EXIF');
  });
});

describe('COCO files', () => {
  it('excludes and counts boxes that CVAT rotated in COCO files', async () => {
    const boxes = [
      [10, 20, 30, 2],
      [32, 30, 6, 6],
      [50, 20, 30, 2],
    ];
    const turned = [{ rotation: 90 }, { rotation: 0 }, { rotation: 180 }];
    const { rows, told } = await convert(
      folderOf({ 'a.json': coco('a.png', [64, 48], boxes, turned) }),
      'a.json',
    );
    expect(rows[0]!.scene_graph!.objects.map(({ id }) => id)).toEqual(['2', '3']);
    expect(told).toContain('Excluded because the format does not support them: rotated boxes (1)');
  });

  it('converts rotated boxes to bounding boxes with an option, as CVAT and Label Studio do', async () => {
    const cvat = `<annotations><image name="a.png" width="64" height="48">
      <box label="cup" xtl="10" ytl="20" xbr="40" ybr="22" rotation="90"/></image></annotations>`;
    // Label Studio turns a box around its first corner: this one's is where it lands after a quarter turn.
    const value = { x: 2600 / 64, y: 600 / 48, width: 3000 / 64, height: 200 / 48, rotation: 90 };
    const result = {
      id: 'r1',
      type: 'rectanglelabels',
      original_width: 64,
      original_height: 48,
      value: { ...value, rectanglelabels: ['cup'] },
    };
    const dir = folderOf({
      'coco.json': coco('a.png', [64, 48], [[10, 20, 30, 2]], [{ rotation: 90 }]),
      'cvat.xml': cvat,
      'studio.json': [{ data: { image: 'a.png' }, annotations: [{ result: [result] }] }],
    });
    for (const file of ['coco.json', 'cvat.xml', 'studio.json']) {
      expect((await convert(dir, file)).told).toContain('--bound-turned');
      const { rows, told } = await convert(dir, file, '--bound-turned');
      const [object] = rows[0]!.scene_graph!.objects;
      expect(toPixels(object!.box!, object!.box_format!)).toEqual([24, 6, 26, 36]);
      expect(object).not.toHaveProperty('attributes');
      expect(told).not.toContain('rotated boxes');
    }
  });

  it('keeps COCO captions that have a category and no box', async () => {
    const annotations = ['a cup on a desk', 'a desk'].map((caption, id) => ({
      id,
      image_id: 1,
      category_id: 0,
      caption,
    }));
    const file = { ...coco('a.png', [64, 48], []), categories: [], annotations };
    const { rows, told } = await convert(folderOf({ 'captions.json': file }), 'captions.json');
    expect(rows[0]!.meta).toEqual({ captions: ['a cup on a desk', 'a desk'] });
    expect(told).not.toContain('left out');
  });
});

describe('Label Studio files', () => {
  const task = (image: string) => [{ id: 1, data: { image }, annotations: [{ id: 1, result: [] }] }];

  it.each([
    ['/data/upload/2/my%20cup%20%231.png', 'upload/2/my cup #1.png'],
    ['/data/upload/2/100% cup.png', 'upload/2/100% cup.png'],
    ['/data/upload/2/cup.png', 'upload/2/cup.png'],
    ['pictures/my%20cup.png', 'pictures/my%20cup.png'],
  ])('reads from the Label Studio path %s the image path %s', async (image, path) => {
    const { rows } = await convert(
      folderOf({ 'tasks.json': task(image) }),
      'tasks.json',
      '--from',
      'label-studio',
    );
    expect(rows[0]!.images).toEqual([path]);
  });

  it('uses the boxes and texts of each task’s first annotation in JSON-MIN', async () => {
    const box = {
      x: 10,
      y: 20,
      width: 30,
      height: 40,
      rotation: 0,
      original_width: 100,
      original_height: 50,
    };
    const first = {
      id: 7,
      image: '/data/upload/1/my%20cup.png',
      question: 'Where is the cup?',
      answer: 'left',
      label: [
        { ...box, rectanglelabels: ['cup'] },
        { ...box, x: 60, rectanglelabels: ['plate'] },
      ],
      outline: [{ points: [[1, 1]], polygonlabels: ['cup'], original_width: 100, original_height: 50 }],
      annotator: 1,
      annotation_id: 3,
    };
    const unlabelled = { id: 8, image: 'b.png', annotator: 1, annotation_id: 5 };
    const dir = folderOf({
      'min.json': [first, { ...first, answer: 'right', annotation_id: 4 }, unlabelled],
    });
    const { rows, told } = await convert(dir, 'min.json');
    expect(rows).toMatchObject([
      {
        id: '7',
        question: 'Where is the cup?',
        answer: 'left',
        images: [{ path: 'upload/1/my cup.png', w: 100, h: 50 }],
        scene_graph: {
          objects: [
            { label: 'cup', box: [10, 10, 40, 30] },
            { label: 'plate', box: [60, 10, 90, 30] },
          ],
        },
      },
      { id: '8', question: '', images: ['b.png'] },
    ]);
    expect(told).toContain('results of the type polygonlabels (1), annotations by other annotators (1)');
  });

  it('reports mistakes in JSON-MIN with their position', async () => {
    const task = { image: 'a.png', annotation_id: 1 };
    const wrong = { ...task, label: [{ x: 1, rectanglelabels: ['cup'] }] };
    const { told } = await convert(folderOf({ 'min.json': [task, wrong] }), 'min.json');
    expect(told).toContain('label[0]');
  });
});

describe('list of rows inside a JSON object', () => {
  const results = [
    { question: { text: 'How many cubes?' }, ground_truth: 4, answer: '<answer>4</answer>' },
    { question: { text: 'How many balls?' }, ground_truth: 2, answer: '<answer>3</answer>' },
  ];
  const MAP = 'question=question.text,answer=ground_truth';

  it.each([
    ['on several lines', JSON.stringify({ accuracy: 50, results }, null, 1)],
    ['on one line', JSON.stringify({ results, accuracy: 50 })],
    ['after a byte-order mark', `\uFEFF${JSON.stringify({ accuracy: 50, results }, null, 1)}`],
  ])('reads rows in a list inside a JSON object, and reports ignored keys: %s', async (_, text) => {
    const { rows, told } = await convert(folderOf({ 'results.json': text }), 'results.json', '--map', MAP);
    expect(rows.map(({ answer }) => answer)).toEqual(['4', '2']);
    expect(told).toContain('the list "results" of one JSON object. Ignored: accuracy.');
  });

  it('names the inner list in the error without --map, and all of several lists', async () => {
    const unknown = folderOf({ 'r.json': { n: 1, results: [{ a: 1 }, { a: 2 }] } });
    await expect(convert(unknown, 'r.json')).rejects.toThrow(
      'one JSON object with 2 rows in its list "results"',
    );
    const two = folderOf({ 'r.json': { objects: [{ name: 'cup', id: 1 }], questions: results } });
    await expect(convert(two, 'r.json', '--map', MAP)).rejects.toThrow('several lists: objects, questions.');
  });

  const asked = (question: string) => ({ question, answer: 'yes', situation: 'By the bed.' });
  it.each([
    ['by split', { val: [asked('A?')], test: [asked('B?')] }, ['val', 'test']],
    ['under text keys', { a: asked('A?'), b: asked('B?') }, ['a', 'b']],
    ['two levels down', { n: 1, in: { s1: { q: [asked('A?')] }, s2: { q: [asked('B?')] } } }, ['s1', 's2']],
  ])('reads an inner list as rows of one table %s, with the keys as a field', async (_, file, keys) => {
    const { rows, told } = await convert(folderOf({ 'r.json': file }), 'r.json');
    expect(rows.map(({ question, meta }) => [question, meta!.key])).toEqual([
      ['A?', keys[0]],
      ['B?', keys[1]],
    ]);
    expect(told).toContain('put it first: --map question=situation+question');
    const map = 'question=situation+question,answer=answer';
    const joined = await convert(folderOf({ 'r.json': file }), 'r.json', '--map', map);
    expect(joined.rows[0]).toMatchObject({ question: 'By the bed. A?', answer: 'yes' });
  });

  it('can be groups of rows below numbers as keys', async () => {
    const asked = (question: string) => [{ question, answer: 'yes' }];
    const file = { 1007: { speed: asked('A?'), direction: asked('B?') }, 1017: { direction: asked('C?') } };
    const { rows } = await convert(folderOf({ 'r.json': file }), 'r.json');
    expect(rows.map(({ question, meta }) => [question, meta!.key])).toEqual([
      ['A?', '1007.speed'],
      ['B?', '1007.direction'],
      ['C?', '1017.direction'],
    ]);
  });

  it('is named by its path if nested', async () => {
    const file = { n: 1, data: { split: 'val', results } };
    const { rows, told } = await convert(folderOf({ 'r.json': file }), 'r.json', '--map', MAP);
    expect(rows).toHaveLength(2);
    expect(told).toContain('the list "data.results" of one JSON object. Ignored: n, the rest of data.');
  });

  it.each([
    ['truncated', JSON.stringify({ n: 1, results }, null, 1).slice(0, 90), 'Not valid JSON'],
    [
      'without a list',
      JSON.stringify({ a: 1, b: { c: [2] } }, null, 1),
      'a list of rows; its keys are a, b.',
    ],
  ])('reports an unusable inner list as a single error: %s', async (_, text, why) => {
    await expect(convert(folderOf({ 'r.json': text }), 'r.json')).rejects.toThrow(why);
  });

  it('counts a JSON object as one invalid row in JSON Lines, and reads later rows after it', async () => {
    const over = JSON.stringify({ results }, null, 1);
    const dir = folderOf({
      'a.qa.jsonl': over,
      'b.qa.jsonl': `{\n{"id":"b","question":"Left?","answer":"yes"}\n`,
    });
    const read = async (name: string): Promise<QaRow[]> => {
      const rows: QaRow[] = [];
      for await (const row of readQaJsonl(createReadStream(join(dir, name)) as AsyncIterable<Buffer>))
        rows.push(row);
      return rows;
    };
    expect(await read('a.qa.jsonl')).toMatchObject([{ line: 1, problems: [{ code: 'json-object' }] }]);
    expect((await read('b.qa.jsonl')).map(({ line, sample }) => [line, sample?.id])).toEqual([
      [1, undefined],
      [2, 'b'],
    ]);
  });

  it('detects no inner list in a Chirality row on several lines', async () => {
    const row = { id: 'a', question: 'Left?', answer: 'yes', images: ['a.png'] };
    const { rows } = await convert(folderOf({ 'one.json': JSON.stringify(row, null, 2) }), 'one.json');
    expect(rows.map(({ id }) => id)).toEqual(['a']);
  });

  it('detects no inner list in a single Chirality row with lists', async () => {
    const row = { id: 'a', question: 'Left?', answer: 'yes', images: [{ path: 'a.png' }, { path: 'b.png' }] };
    const { rows } = await convert(folderOf({ 'one.json': JSON.stringify(row) }), 'one.json');
    expect(rows.map(({ id }) => id)).toEqual(['a']);
  });
});

describe('files of other trainers', () => {
  const imported = async (dir: string): Promise<string> =>
    (await runCommand(addImportCommand, 'import', dir, '--dry-run')).err.join('\n');

  it('shows the curves of trainer files with a byte-order mark', async () => {
    const state = { global_step: 2, log_history: [1, 2].map((step) => ({ step, loss: 1 / step })) };
    const dir = folderOf({ 'trainer_state.json': `\uFEFF${JSON.stringify(state)}` });
    expect(await imported(dir)).toContain('curves of 2 steps');
  });

  it('shows the curves of ms-swift without args.json, and reports the missing file', async () => {
    const line = (step: number) =>
      `${JSON.stringify({ loss: 1 / step, 'global_step/max_steps': `${step}/20` })}\n`;
    const dir = folderOf({ 'logging.jsonl': line(2) + line(3) });
    const told = await imported(dir);
    expect(told).toContain('ms-swift: curves of 2 steps');
    expect(told).toContain('args.json');
  });
});

it('--join: joins two tables by the column that identifies rows of the second table', async () => {
  const asked = [1, '2', 3].map((key) => ({ key, split: 'val', question: `Q${key}?` }));
  const answers = 'key,split,answer\n2,val,no\n1,val,yes\n';
  const dir = folderOf({ 'q.json': asked, 'a.csv': answers, 'twice.csv': `${answers}1,val,no\n` });
  const { rows, told } = await convert(dir, 'q.json', '--join', join(dir, 'a.csv'));
  expect(rows.map(({ question, answer }) => [question, answer])).toEqual([
    ['Q1?', 'yes'],
    ['Q2?', 'no'],
  ]);
  expect(told).toContain('No row of a.csv has key 3.');
  const twice = convert(dir, 'q.json', '--join', join(dir, 'twice.csv'));
  await expect(twice).rejects.toThrow('missing or repeat in key, split.');
});
