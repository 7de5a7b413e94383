import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { openDataset, type ReadOptions } from '../../../../src/lab/datasets/open-dataset.ts';
import { optionsIn } from '../../../../src/lab/datasets/mappings/mapping.ts';
import { ImageFiles } from '../../../../src/lab/datasets/image-files.ts';
import { readMaskImage } from '../../../../src/lab/images/decode.ts';
import { scoreRow } from '../../../../src/core/answers/score-row.ts';
import { addConvertCommand } from '../../../../src/cli/commands/convert.command.ts';
import { runCommand } from '../../../support/command.ts';
import { folderOfTests } from '../../../support/folder.ts';

const folder = folderOfTests('chirality-published-');

// Base64 of an image this small is shorter than any real one.
const noise = Buffer.from(Array.from({ length: 32 * 20 * 3 }, (_, i) => (i * 7919) % 251));
const png = await sharp(noise, { raw: { width: 32, height: 20, channels: 3 } })
  .png()
  .toBuffer();

function file(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

async function read(path: string, options?: ReadOptions) {
  const source = await openDataset(path, options);
  const samples: Sample[] = [];
  const problems: { code: string; message: string; line?: number | undefined }[] = [];
  for await (const row of source.rows) {
    if (row.sample) samples.push(row.sample);
    for (const { code, message } of row.problems) problems.push({ code, message, line: row.line });
  }
  return { format: source.mapping.name, samples, problems };
}

const json = (name: string, rows: unknown) => read(file(name, JSON.stringify(rows)));

describe('optionsIn', () => {
  test.each([
    ['Which?\nA. left\nB. right', 'Which?', ['left', 'right']],
    ['Which? A. left B. right C. both', 'Which?', ['left', 'right', 'both']],
    ['Where?\nOptions: A: a red, round cup, B: a box, C: no', 'Where?', ['a red, round cup', 'a box', 'no']],
    ['Which (A) left of it (B) right of it', 'Which', ['left of it', 'right of it']],
    ['Has it vitamin A. or not? A. yes B. no', 'Has it vitamin A. or not?', ['yes', 'no']],
  ])('optionsIn finds the options of %j', (text, before, options) => {
    expect(optionsIn(text)).toEqual({ before, options });
  });

  test.each(['Is camera A. left of it?', 'Where is it?', 'A. only one'])('finds no options in %j', (text) => {
    expect(optionsIn(text)).toBeNull();
  });
});

describe('openDataset on published sets in their own layouts', () => {
  test('reads BLINK rows with up to four images, and rejects hidden answers', async () => {
    const row = {
      idx: 'val_Relative_Depth_1',
      sub_task: 'Relative_Depth',
      question: 'Which point is closer?',
      choices: ['A is closer', 'B is closer'],
      answer: '(B)',
      prompt: 'Which …(A)…',
      explanation: 'x',
      image_1: 'one.png',
      image_2: 'two.png',
      image_3: null,
      image_4: null,
    };
    const { format, samples, problems } = await json('blink.json', [row, { ...row, answer: 'hidden' }]);
    expect(format).toBe('blink');
    expect(samples).toEqual([
      {
        id: 'blink-val_Relative_Depth_1',
        question: 'Which point is closer?',
        answer: '(B)',
        choices: ['A is closer', 'B is closer'],
        images: ['one.png', 'two.png'],
        task: 'mcq',
        source: 'BLINK',
        meta: { sub_task: 'Relative_Depth', explanation: 'x' },
      },
    ]);
    expect(problems).toMatchObject([
      { code: 'hidden-answer', message: expect.stringContaining('test split') },
    ]);
  });

  test("reads What'sUp captions as objects and as lists, with the right caption first", async () => {
    const captions = ['A mug on a chair', 'A mug under a chair', 'A mug left of a chair'];
    const controlled = await json('controlled_images.json', [
      { image_path: 'data/mug.jpeg', caption_options: captions },
    ]);
    expect(controlled.format).toBe('whatsup');
    expect(controlled.samples).toMatchObject([
      { answer: captions[0], choices: captions, images: ['data/mug.jpeg'], task: 'mcq' },
    ]);
    const coco = await json('coco_qa_one_obj.json', [[397133, 'a dog on the left', 'a dog on the right']]);
    expect(coco.format).toBe('whatsup-pairs');
    expect(coco.samples).toMatchObject([
      { answer: 'a dog on the left', images: ['val2017/000000397133.jpg'], choices: { length: 2 } },
    ]);
  });

  test('reads VLMEvalKit tables with base64 images, empty options and quoted cells', async () => {
    const rows = [
      'index\timage\tquestion\tA\tB\tC\tD\tanswer\tcategory',
      `0\t${png.toString('base64')}\t"Is it ""left""\tor right?"\tleft\tright\tnan\t\tB\tside`,
      '1\t0\tAgain?\tleft\tright\t\t\tA\tside',
    ];
    const { format, samples, problems } = await read(file('bench.tsv', `${rows.join('\n')}\n`));
    expect(format).toBe('vlmevalkit');
    expect(samples).toEqual([
      {
        id: '0',
        question: 'Is it "left"\tor right?',
        answer: 'B',
        choices: ['left', 'right'],
        images: [`data:image/png;base64,${png.toString('base64')}`],
        task: 'mcq',
        meta: { category: 'side' },
      },
    ]);
    expect(problems).toEqual([
      { code: 'picture-elsewhere', message: 'The row refers to the image of the row with index 0.', line: 3 },
    ]);
  });

  test('reads 3DSRBench CSV files with image URLs and the ids of flipped rows', async () => {
    const text = [
      'qid,question,A,B,C,D,answer,category,image_url',
      'AAA-flip,"Which is closer, the cat or the dog?",cat,dog,,,A,location_closer,http://x.example/1.jpg',
    ].join('\r\n');
    const { samples } = await read(file('3dsrbench.csv', text));
    expect(samples).toMatchObject([
      {
        id: 'AAA-flip',
        choices: ['cat', 'dog'],
        source: '3DSRBench',
        answer: 'A',
        meta: { image_url: 'http://x.example/1.jpg' },
      },
    ]);
  });

  test.each([
    ['commas', 'plain.csv', 'image,question,answer,level\na.png,"How far, in m?","0,5 m",2\n'],
    [
      'semicolons and a byte-order mark',
      'semi.csv',
      '\uFEFFAnswer;Level;Image;Question\r\n0,5 m;2;a.png;How far, in m?\r\n',
    ],
    ['tabs', 'tabs.csv', 'Images\tQUESTIONS\tlevel\tAnswers\na.png\tHow far, in m?\t2\t0,5 m\n'],
  ])('reads a table with the usual columns, separated by %s', async (_, name, text) => {
    const { samples, problems } = await read(file(name, text));
    expect(problems).toEqual([]);
    expect(samples).toMatchObject([{ question: 'How far, in m?', answer: '0,5 m', images: ['a.png'] }]);
    expect(Object.entries(samples[0]!.meta ?? {}).map(([key, value]) => [key.toLowerCase(), value])).toEqual([
      ['level', '2'],
    ]);
    expect(scoreRow({ ...samples[0]!, completion: 'About 50 cm.' })).toMatchObject({
      task: 'distance',
      success: true,
    });
  });

  test('keeps the options of a table with ids, and reports the separator of an unknown table', async () => {
    const { samples } = await read(
      file('options.csv', 'id,image,question,A,B,C,answer\n7,a.png,Where?,left,right,,B\n'),
    );
    expect(samples).toMatchObject([{ id: '7', choices: ['left', 'right'], answer: 'B' }]);
    await expect(read(file('strange.csv', 'x;y\n1;2\n'))).rejects.toThrow('separated by semicolons: x, y');
  });

  test('reports the line numbers of broken table rows', async () => {
    const { samples, problems } = await read(
      file('broken.csv', 'question,answer,A,B\nq,A,x,y\nq,A,x\nq,A,x,y\nq,"A,x,y\n'),
    );
    expect(samples).toHaveLength(2);
    expect(problems).toEqual([
      { code: 'table', message: expect.stringMatching(/3 cells, .* 4\. Put/) as string, line: 3 },
      { code: 'table', message: 'A quote in this row is not closed.', line: 5 },
    ]);
  });

  test('rejects two columns with the same name, and decodes Latin-1', async () => {
    const twice = await read(file('twice.csv', 'question,answer,,question,\nq,A,,x,\n'));
    expect(twice.samples).toEqual([]);
    expect(twice.problems).toEqual([
      { code: 'table', message: 'Two columns have the name "question".', line: 1 },
    ]);
    const latin = await read(
      file('latin.csv', Buffer.from('question,answer\nWo ist der L\xf6ffel?,links\n', 'latin1')),
    );
    expect(latin.samples).toMatchObject([{ question: 'Wo ist der Löffel?' }]);
  });

  test('reads EmbSpatial rows with answer index, boxes and base64 image', async () => {
    const { format, samples } = await json('embspatial.json', [
      {
        question_id: 'mp3d_0',
        question: 'Where is the chair?',
        relation: 'left',
        answer: 1,
        answer_options: ['right of it', 'left of it'],
        image: png.toString('base64'),
        objects: [{ bbox: [1, 2, 3, 4], name: 'chair' }],
      },
    ]);
    expect(format).toBe('embspatial');
    expect(samples).toMatchObject([
      { answer: 'left of it', boxes: [[1, 2, 3, 4]], box_format: 'xywh_px', meta: { relation: 'left' } },
    ]);
  });

  test('reads OmniSpatial answers as an index, even if options are numbers', async () => {
    const row = { id: '12_3', question: 'How many?', options: ['2', '1', '0'], answer: 2 };
    const { format, samples, problems } = await json('omni.json', [
      { ...row, task_type: 'Perspective_Taking', sub_task_type: 'x' },
      { ...row, answer: 7, task_type: 'Perspective_Taking', sub_task_type: 'x' },
    ]);
    expect(format).toBe('omnispatial');
    expect(samples).toMatchObject([{ answer: '0', images: ['Perspective_Taking/12.png'] }]);
    expect(problems).toMatchObject([{ code: 'option' }]);
  });

  test('reads options in question texts: ViewSpatial, MMSI-Bench, MindCube and SPAR', async () => {
    const view = await json('viewspatial.json', [
      {
        question_type: 'Camera',
        image_path: ['a.jpg', 'b.jpg'],
        question: 'Where is it?',
        choices: 'A. front-left\nB. back',
        answer: 'A. front-left',
      },
    ]);
    expect(view.samples).toMatchObject([{ choices: ['front-left', 'back'], images: ['a.jpg', 'b.jpg'] }]);
    const mmsi = await json('mmsi.json', [
      {
        id: 5,
        images: ['a.jpg'],
        question_type: 'Motion',
        thought: 'so',
        answer: 'B',
        question: 'Where do I turn?\nOptions: A: left, then right, B: right, C: back, D: up',
      },
    ]);
    expect(mmsi).toMatchObject({
      format: 'mmsi',
      samples: [{ question: 'Where do I turn?', choices: ['left, then right', 'right', 'back', 'up'] }],
    });
    const cube = await json('mindcube.json', [
      {
        id: 'among_1',
        images: ['a.jpg', 'b.jpg'],
        gt_answer: 'A',
        category: ['among'],
        question: 'From the first view, what is behind me? A. Sofa B. Lamp C. Door D. Desk',
      },
    ]);
    expect(cube).toMatchObject({
      format: 'mindcube',
      samples: [{ choices: ['Sofa', 'Lamp', 'Door', 'Desk'], answer: 'A' }],
    });
    const base = { id: 1, img_type: 'single', task: 'depth_prediction', source: 's', image: ['a.jpg'] };
    const spar = await json('spar.json', [
      { ...base, format_type: 'fill', question: 'How deep is it in metres?', answer: '2.5' },
      { ...base, format_type: 'select', question: 'Which? A. one B. two', answer: 'B' },
    ]);
    expect(spar.samples).toMatchObject([
      { answer: '2.5', meta: { kind: 'depth_prediction' } },
      { choices: ['one', 'two'] },
    ]);
  });

  test('reads SpatialRGPT-Bench regions as boxes in the question', async () => {
    const { format, samples } = await json('rgpt.json', [
      {
        id: 3,
        text_q: 'Is Region [0] left of Region [1]?',
        qa_info: { type: 'left' },
        image_info: { file_path: 'a.jpg', width: 640, height: 480 },
        bbox: [
          [1.2, 2, 30, 40],
          [50, 60, 70, 80],
        ],
        conversations: [
          { from: 'human', value: '<image> <mask> <depth>' },
          { from: 'gpt', value: 'Yes.' },
        ],
      },
    ]);
    expect(format).toBe('spatialrgpt');
    expect(samples).toMatchObject([
      {
        question: 'Is the region [1, 2, 30, 40] left of the region [50, 60, 70, 80]?',
        answer: 'Yes.',
        box_format: 'xyxy_px',
        images: [{ path: 'a.jpg', w: 640, h: 480 }],
      },
    ]);
  });

  test('reads VSI-Bench frames in order with tasks and units, and rejects rows without frames', async () => {
    for (const frame of ['1.jpg', '2.jpg', '10.jpg']) file(`frames/scannet/scene_1/${frame}`, 'x');
    const row = { dataset: 'scannet', scene_name: 'scene_1', question: 'How many chairs?', options: null };
    const rows = [
      { ...row, id: 1, question_type: 'object_counting', ground_truth: '4' },
      { ...row, id: 2, question_type: 'object_size_estimation', ground_truth: '62' },
      {
        ...row,
        id: 3,
        question_type: 'object_rel_direction_easy',
        ground_truth: 'A',
        options: ['A. left', 'B. right'],
      },
      { ...row, id: 4, question_type: 'room_size_estimation', ground_truth: '23.5' },
      { ...row, id: 5, scene_name: 'gone', question_type: 'object_counting', ground_truth: '4' },
    ];
    const path = file('vsi.json', JSON.stringify(rows));
    const { samples, problems } = await read(path, {
      imageFolder: join(folder, 'frames'),
      relativeTo: join(folder, 'frames'),
    });
    const images = ['1.jpg', '2.jpg', '10.jpg'].map((name) => `scannet/scene_1/${name}`);
    expect(samples).toMatchObject([
      { task: 'count', answer: '4', images },
      { task: 'distance', answer: '62 cm' },
      { task: 'mcq', choices: ['left', 'right'] },
      { task: 'area', answer: '23.5 square meters' },
    ]);
    expect(problems.map(({ code }) => code)).toEqual(['no-frames']);
  });

  test('reads GQA questions from an object keyed by id', async () => {
    const text = JSON.stringify(
      {
        '201307251': { imageId: 'n161313', question: 'Is it left?', answer: 'yes', semantic: [] },
        '201307252': { imageId: 'n2', question: 'What is it?', answer: 'cup' },
      },
      null,
      1,
    );
    const { format, samples } = await read(file('testdev_balanced_questions.json', text));
    expect(format).toBe('gqa');
    expect(samples).toMatchObject([
      { id: 'gqa-201307251', images: ['n161313.jpg'], task: 'yesno' },
      { id: 'gqa-201307252', answer: 'cup' },
    ]);
  });

  test('reads the image files of CV-Bench and Spatial457 rows', async () => {
    const cv = await json('cv.json', [
      {
        idx: 1,
        type: '2D',
        task: 'Count',
        question: 'How many?',
        choices: ['1', '2'],
        answer: '(A)',
        filename: 'img/2D/count/1.png',
      },
    ]);
    expect(cv.samples).toMatchObject([{ images: ['img/2D/count/1.png'] }]);
    const clevr = await json('s457.json', [
      { image_filename: 'x.png', image: 'kept.png', question: 'Red?', answer: 'True', question_index: 3 },
    ]);
    expect(clevr.samples).toMatchObject([{ images: ['kept.png'], answer: 'yes' }]);
  });

  test('rejects questions with masks, and reads a video in the image column', async () => {
    const { problems, samples } = await json('odd.json', [
      { id: '1', conversations: talk('Is <mask> left?'), image: 'a.jpg' },
      { id: '2', conversations: talk('Where?'), image: 'clip.mp4' },
    ]);
    expect(problems.map(({ code }) => code)).toEqual(['mask-prompt']);
    expect(samples).toMatchObject([{ question: 'Where?', video: { path: 'clip.mp4' } }]);
    expect(samples[0]!.images).toHaveLength(8);
  });
});

const talk = (question: string) => [
  { from: 'human', value: question },
  { from: 'gpt', value: 'Yes' },
];

test('scoreRow checks whether a point is inside a mask image', async () => {
  const pixels = Buffer.alloc(10 * 20 * 3);
  for (let y = 5; y < 10; y++)
    for (let x = 8; x < 20; x++) pixels.fill(255, 3 * (20 * y + x), 3 * (20 * y + x) + 3);
  const mask = sharp(pixels, { raw: { width: 20, height: 10, channels: 3 } });
  writeFileSync(join(folder, 'mask.png'), await mask.png().toBuffer());
  const { format, samples } = await json('refspatial.json', [
    {
      id: 9,
      image: 'a.png',
      mask: 'mask.png',
      object: 'cup',
      prompt: 'Point at the cup.',
      suffix: 'As (x, y).',
      step: 1,
    },
  ]);
  expect(format).toBe('refspatial');
  const sample = await readMaskImage(samples[0]!, new ImageFiles(folder, folder));
  expect(sample).toMatchObject({ task: 'point', images: [{ path: 'a.png', w: 20, h: 10 }] });
  const inside = (text: string) =>
    scoreRow({ ...sample, completion: `<answer>${text}</answer>` } as never) as { inside?: boolean };
  expect(inside('(0.6, 0.7)').inside).toBe(true);
  expect(inside('(0.2, 0.7)').inside).toBe(false);
});

const convert = async (args: string[]) => {
  const { err } = await runCommand(addConvertCommand, ...args);
  return err.join('\n');
};

test('convert extracts embedded images, and reports missing images and unmapped columns', async () => {
  const rows = [
    'question\tanswer\tA\tB\timage',
    `Left?\tA\tyes\tno\t${png.toString('base64')}`,
    'Right?\tB\tyes\tno\t',
  ];
  const table = file('held.tsv', `${rows.join('\n')}\n`);
  const refused = await convert(['convert', table, '-o', join(folder, 'held.qa.jsonl')]);
  expect(refused).toContain('The row contains its image as base64 text.');
  expect(refused).toContain('--extract-images FOLDER');
  const kept = await convert([
    'convert',
    table,
    '-o',
    join(folder, 'held.qa.jsonl'),
    '--extract-images',
    join(folder, 'pictures'),
  ]);
  expect(kept).toContain('Read 2 rows as vlmevalkit.');
  const row = JSON.parse(readFileSync(join(folder, 'held.qa.jsonl'), 'utf8').split('\n')[0]!) as Sample;
  expect(row.images).toEqual(['pictures/held-0-0.png']);
  expect(readFileSync(join(folder, row.images[0] as string))).toEqual(png);

  const odd = file('odd.csv', 'text,gt,A,B,img\nLeft?,A,yes,no,gone.png\n');
  const map = ['--map', 'question=text,answer=gt,images=img'];
  const told = await convert(['convert', odd, ...map, '-o', join(folder, 'odd.qa.jsonl')]);
  expect(told).toContain('0 of 1 row usable: 1 image missing: Image file gone.png does not exist.');
  expect(told).toContain('pass it with --image-folder');
  expect(told).toContain('pass --map choices=A+B.');
  await convert(['convert', odd, '--map', `${map[1]},choices=A+B`, '-o', join(folder, 'odd.qa.jsonl')]);
  expect(JSON.parse(readFileSync(join(folder, 'odd.qa.jsonl'), 'utf8'))).toMatchObject({
    choices: ['yes', 'no'],
  });
});
