import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { DataError } from '../../../../src/lab/datasets/data-error.ts';
import { columnMapping } from '../../../../src/lab/datasets/mappings/column-mapping.ts';
import { FORMATS, mappingOf } from '../../../../src/lab/datasets/mappings/index.ts';
import { openDataset, type ReadOptions } from '../../../../src/lab/datasets/open-dataset.ts';
import { openWriter } from '../../../../src/lab/datasets/write-dataset.ts';
import { folderOfTests } from '../../../support/folder.ts';
import type { OutputFormat } from '../../../../src/lab/datasets/data-file.ts';
import { forAllAsync } from '../../../support/property.ts';

const fixtures = join(import.meta.dirname, '../../../fixtures/datasets');
const folder = folderOfTests('chirality-formats-');

async function read(input: string | object[], options?: ReadOptions) {
  const text =
    typeof input === 'string'
      ? input
      : Readable.from(input.map((row) => Buffer.from(`${JSON.stringify(row)}\n`)));
  const source = await openDataset(text, options);
  const samples: Sample[] = [];
  const problems = [];
  for await (const row of source.rows) {
    if (row.sample) samples.push(row.sample);
    for (const problem of row.problems) problems.push({ ...problem, line: row.line, row: row.row });
  }
  return { format: source.mapping.name, samples, problems };
}

const cell = (parquet: string, column: string, row: number, index = 0) => ({ parquet, column, row, index });

const PNG = `iVBORw0KGgo${'A'.repeat(60)}`;
const URL_OF_PNG = `data:image/png;base64,${PNG}`;

describe('images in the parts of messages', () => {
  it.each([
    [{ type: 'image', image: 'a.png' }, 'a.png'],
    [{ type: 'image', image: { path: 'a.png', bytes: null } }, { path: 'a.png' }],
    [{ type: 'image', image: { path: 'a.png', bytes: PNG } }, URL_OF_PNG],
    [{ type: 'image', path: 'a.png' }, 'a.png'],
    [{ type: 'image', url: 'a.png' }, 'a.png'],
    [{ type: 'image_url', image_url: { url: URL_OF_PNG } }, URL_OF_PNG],
    [{ type: 'image_url', image_url: 'a.png' }, 'a.png'],
    [{ type: 'input_image', image_url: URL_OF_PNG }, URL_OF_PNG],
    [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } }, URL_OF_PNG],
  ])('are the images of the row: %j', async (part, image) => {
    const asked = [part, { type: 'text', text: 'Where?' }];
    const user = { role: 'user', content: asked };
    const { samples } = await read([
      { messages: [user, { role: 'assistant', content: 'left' }] },
      { messages: [user, { role: 'assistant', content: 'left' }], images: ['column.png'] },
    ]);
    expect(samples.map(({ images }) => images)).toEqual([[image], ['column.png']]);
    const [trl] = (await read([{ prompt: [user], solution: 'left' }])).samples;
    expect(trl).toMatchObject({ question: 'Where?', answer: 'left', images: [image] });
    const conversations = [
      { from: 'human', value: asked },
      { from: 'gpt', value: 'left' },
    ];
    const [llava] = (await read([{ conversations }])).samples;
    expect(llava).toMatchObject({ question: 'Where?', answer: 'left', images: [image] });
  });

  it('are named in a warning if a mapping does not use them', async () => {
    const messages = [{ role: 'user', content: [{ type: 'image_url', image_url: { url: URL_OF_PNG } }] }];
    const { problems } = await read([{ q: 'Where?', a: 'left', messages }], { map: 'question=q,answer=a' });
    expect(problems).toMatchObject([{ code: 'image-column', severity: 'warning' }]);
  });
});

describe('openDataset on published datasets', () => {
  it('maps spacellava: dialogues, and boxes from 0 to 1', async () => {
    const { format, samples } = await read(join(fixtures, 'spacellava.parquet'));
    expect(format).toBe('spacellava');
    expect(samples[0]).toEqual({
      id: 'spacellava-0',
      question: 'Is the red mug to the left of the lamp?',
      answer: "Correct, you'll find the red mug to the left of the lamp.",
      images: [cell('spacellava.parquet', 'images', 0)],
      box_format: 'xyxy_norm',
      source: 'vqasynth_spacellava',
      meta: {
        turns: [
          { question: 'How far apart are the red mug and the lamp?', answer: '0.42 meters' },
          { question: 'Where is the lamp? Give the bounding box.', answer: '[0.42, 0.13, 0.9, 0.72]' },
        ],
      },
    });
    expect(samples.map(({ id }) => id)).toEqual(['spacellava-0', 'spacellava-1', 'spacellava-2']);
  });

  it('maps openspaces: the columns of spacellava, distinguished by the path', async () => {
    const { format, samples } = await read(join(fixtures, 'openspaces.parquet'));
    expect([format, samples[0]?.source, samples[0]?.box_format]).toEqual([
      'openspaces',
      'OpenSpaces',
      undefined,
    ]);
  });

  it('maps spacethinker: reasoning separate from the answer', async () => {
    const { format, samples } = await read(join(fixtures, 'spacethinker.parquet'));
    expect(format).toBe('spacethinker');
    expect(samples[0]).toMatchObject({
      question: 'How tall is the door?',
      answer: '2.1 meters',
      reasoning: 'A door is about two metres.',
      meta: { system: 'You are VL-Thinking.' },
    });
    expect(Object.keys(samples[0]!.meta!)).toEqual(['system']);
  });

  it('maps clevr: a list of questions in an object, with words, booleans and numbers', async () => {
    const row = { image_filename: 'CLEVR_valB_000000.png', split: 'valB', program: [{ inputs: [] }] };
    const answers = ['Cube', true, 'no', 3, 'False'];
    const questions = answers.map((answer, i) => ({ ...row, question: 'What?', answer, question_index: i }));
    const path = join(folder, 'CLEVR_valB_questions.json');
    const info = { split: 'valB', license: 'CC-BY (4.0)' };
    writeFileSync(path, JSON.stringify({ info, questions }));
    const { format, samples, problems } = await read(path, { imageFolder: join(folder, 'images') });
    expect([format, problems]).toEqual(['clevr', []]);
    expect(samples[0]).toEqual({
      id: 'clevr-0',
      question: 'What?',
      answer: 'cube',
      source: 'CLEVR',
      meta: { split: 'valB' },
      images: ['images/CLEVR_valB_000000.png'],
    });
    expect(samples.map(({ answer, task }) => [answer, task])).toEqual([
      ['cube', undefined],
      ['yes', undefined],
      ['no', undefined],
      ['3', 'count'],
      ['no', undefined],
    ]);
  });

  it('maps pixmo-count: a generated question and the image by its hash', async () => {
    const row = { image_url: 'https://example.org/a.jpg', image_sha256: 'ab12', count: 0, label: 'birds' };
    const { format, samples } = await read([{ ...row, points: { x: [], y: [] } }]);
    expect(format).toBe('pixmo-count');
    expect(samples[0]).toMatchObject({
      question: 'How many birds are there in the image?',
      answer: '0',
      images: ['ab12'],
      task: 'count',
      meta: { label: 'birds', image_url: 'https://example.org/a.jpg' },
    });
  });

  it('maps q-spatial: number with unit, and images embedded or by path', async () => {
    const { format, samples } = await read(join(fixtures, 'q-spatial.parquet'), {
      relativeTo: join(fixtures, '..'),
    });
    expect(format).toBe('q-spatial');
    expect(samples.map(({ answer, images, meta }) => [answer, images, meta])).toEqual([
      [
        '45.7 centimeter',
        [cell('datasets/q-spatial.parquet', 'image', 0)],
        { question_type: 'object_width' },
      ],
      ['2.1 meter', ['datasets/scene0000/12.jpg'], { question_type: 'direct_distance' }],
    ]);
  });

  it('maps sat: choices, and one or two frames', async () => {
    const { format, samples } = await read(join(fixtures, 'sat.parquet'));
    expect([format, samples.length]).toEqual(['sat', 40]);
    expect(samples[3]).toEqual({
      id: 'sat-3',
      question: 'How did the camera move in picture 3?',
      answer: 'moved left',
      choices: ['moved left', 'moved right'],
      images: [cell('sat.parquet', 'image_bytes', 3, 0), cell('sat.parquet', 'image_bytes', 3, 1)],
      task: 'mcq',
      source: 'SAT',
      meta: { question_type: 'ego_movement' },
    });
  });

  it('maps cv-bench: the answer letter, with task and source in meta', async () => {
    const { format, samples } = await read(join(fixtures, 'cv-bench.parquet'));
    expect(format).toBe('cv-bench');
    expect(samples[1]).toMatchObject({ id: 'cv-bench-1', answer: '(B)', choices: ['desk', 'lamp'] });
    expect(samples[1]?.meta).toEqual({ type: '3D', task: 'Depth', source: 'Omni3D', bbox: [[1.5, 2, 3, 4]] });
  });

  it('maps vsr: converts captions to true-or-false questions', async () => {
    const row = {
      image: '1.jpg',
      image_link: 'x',
      caption: 'The cat is left of the dog.',
      label: 0,
      relation: 'left of',
    };
    const { format, samples } = await read([row, { ...row, label: 1 }], { imageFolder: 'coco' });
    expect(format).toBe('vsr');
    expect(samples[0]).toEqual({
      id: 'row-0',
      question: 'True or false: The cat is left of the dog.',
      answer: 'False',
      images: ['coco/1.jpg'],
      task: 'yesno',
      source: 'VSR',
      meta: { image_link: 'x', relation: 'left of' },
    });
    expect(samples[1]?.answer).toBe('True');
  });

  it('maps llava: source and box format of each row, with defaults for vqasynth_spacellava', async () => {
    const conversations = [
      { from: 'human', value: 'Where?' },
      { from: 'gpt', value: '[0.1, 0.1, 0.5, 0.5]' },
    ];
    const own = { id: 'a', source: 'mine', box_format: 'xywh_px', other: 1, conversations };
    const [plain, known] = ['own.json', 'spacellava.json'].map((name) => join(folder, name));
    writeFileSync(plain!, JSON.stringify([own, { id: 'b', box_format: 'odd', conversations }]));
    writeFileSync(known!, JSON.stringify([{ id: 'a', conversations }]));
    expect((await read(plain!)).samples).toMatchObject([
      { source: 'mine', box_format: 'xywh_px', meta: { other: 1 } },
      { meta: { box_format: 'odd' } },
    ]);
    const { format, samples } = await read(known!);
    expect(format).toBe('spacellava-json');
    expect(samples).toMatchObject([{ source: 'vqasynth_spacellava', box_format: 'xyxy_norm' }]);
  });

  it('maps llava: drops image placeholders only at the ends of a text', async () => {
    const path = join(folder, 'llava.json');
    const say = (human: string, gpt: string) => [
      { from: 'human', value: human },
      { from: 'gpt', value: gpt },
    ];
    const rows = [
      {
        id: 1,
        image: 'a.jpg',
        conversations: [...say('<image>\nWhere?', 'Here.'), ...say('Why?\n<image>', 'So.')],
      },
      {
        id: 'two',
        image: ['a.jpg', 'b.jpg'],
        conversations: say('<image>\n<image>\nSame?', 'No'),
        model: 'x',
      },
      { id: 'three', images: ['a.jpg', 'b.jpg'], conversations: say('Is <image> left of <image>?', 'No') },
      { id: 'four', conversations: say('No picture?', 'No') },
      { id: 'five', conversations: [{ from: 'gpt', value: 'Hello' }] },
      { id: 'six', conversations: [{ from: 'cat', value: 'Meow' }] },
      { id: 'seven' },
    ];
    writeFileSync(path, JSON.stringify(rows, null, 2));
    const { format, samples, problems } = await read(path);
    expect(format).toBe('llava');
    expect(samples).toEqual([
      {
        id: '1',
        images: ['a.jpg'],
        question: 'Where?',
        answer: 'Here.',
        meta: { turns: [{ question: 'Why?', answer: 'So.' }] },
      },
      { id: 'two', images: ['a.jpg', 'b.jpg'], question: 'Same?', answer: 'No', meta: { model: 'x' } },
      { id: 'three', images: ['a.jpg', 'b.jpg'], question: 'Is <image> left of <image>?', answer: 'No' },
      { id: 'four', images: [], question: 'No picture?', answer: 'No' },
    ]);
    expect(problems.map(({ code }) => code)).toEqual(['no-turns', 'role', 'missing-column']);
    expect(problems.every(({ line }) => line! > 40)).toBe(true);
  });
});

describe('openDataset on other tables', () => {
  it('maps columns, dotted paths, fixed texts and an answer index', async () => {
    const row = {
      text: 'Which?',
      'a.b': 'dotted',
      nested: { list: [{ file: 'x.png' }] },
      gt: 1,
      extra: 5,
      options: { A: 'near', B: 'far' },
    };
    const map =
      'question=text,answer_index=gt,choices=options,images=nested.list.0.file,task:=mcq,meta.name=a.b';
    const { samples } = await read([row], { map });
    expect(samples).toEqual([
      {
        id: 'row-0',
        question: 'Which?',
        answer: 'far',
        choices: ['near', 'far'],
        images: ['x.png'],
        task: 'mcq',
        meta: { extra: 5, name: 'dotted' },
      },
    ]);
  });

  it('accepts a single box both as a list of boxes and as the answer', async () => {
    const map = 'question=q,answer=box,boxes=box,box_format:=xywh_px';
    const { samples } = await read([{ q: 'Where?', box: [1, 2, 3, 4] }], { map });
    expect(samples[0]).toMatchObject({ answer: '[1,2,3,4]', boxes: [[1, 2, 3, 4]], box_format: 'xywh_px' });
  });

  it('openDataset reports an error for a row without a mapped column', async () => {
    const { samples, problems } = await read([{ q: 'Q?', a: 'A' }, { q: 'Q?' }, 3 as unknown as object], {
      map: 'question=q,answer=a',
    });
    expect([samples.length, problems.map(({ line, message }) => `${line} ${message}`)]).toEqual([
      1,
      ['2 Column "a" is empty.', '3 A row must be a JSON object.'],
    ]);
  });

  it('openDataset reports a column that no row has', async () => {
    const { problems } = await read([{ q: 'Q?' }], { map: 'question=q,answer=a' });
    expect(problems.map(({ message }) => message)).toEqual(['Column "a" does not exist or is empty.']);
  });

  it.each(['question', 'question=', 'colour=x', 'question=a,,answer=b'])('rejects the map %j', (map) => {
    expect(() => columnMapping(map)).toThrow(/must be field=column|does not exist/);
  });

  it('lists the columns if no mapping fits, and rejects an unknown format', async () => {
    await expect(read([{ a: 1, b: 2 }])).rejects.toThrow(/columns: a, b[^]*--map/);
    await expect(read([{ a: 1 }], { from: 'cats' })).rejects.toThrow(/Format "cats" does not exist/);
  });
});

/** Samples with every optional field now and then; texts may hold anything but placeholders and tags. */
const word = fc.string({ minLength: 1, unit: 'grapheme' }).filter((s) => s.trim() === s && !/[<>]/.test(s));
/** The parquet writer loses keys of this one name. */
const anything = fc.jsonValue().filter((v) => !JSON.stringify(v).includes('__proto__'));
const samples = fc.uniqueArray(
  fc.record(
    {
      id: fc.uuid(),
      question: word,
      answer: word,
      images: fc.array(
        fc.oneof(
          fc.constant('a b.png'),
          fc.constant(cell('t.parquet', 'image', 3)),
          fc.constant({ w: 3, h: 4 }),
        ),
      ),
      reasoning: word,
      choices: fc.array(word),
      boxes: fc.array(fc.tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat())),
      box_format: fc.constantFrom('xyxy_px', 'point_norm'),
      scene_graph: fc.constant({ version: 1, objects: [{ id: 'x', label: 'X' }], relations: [] }),
      meta: fc.record({
        note: anything,
        turns: fc.array(fc.record({ question: word, answer: word }), { minLength: 1 }),
      }),
      mine: anything.filter((v) => v !== null),
    },
    { requiredKeys: ['id', 'question', 'answer', 'images'] },
  ) as unknown as fc.Arbitrary<Sample>,
  { selector: ({ id }) => id },
);

const json = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

it.each<[OutputFormat, string]>([
  ['qa', 'x.qa.jsonl'],
  ['llava', 'x.json'],
  ['parquet', 'x.parquet'],
])('property: openDataset: reads samples written as %s back unchanged', async (format, name) => {
  await forAllAsync([samples], { numRuns: 30 }, async (list) => {
    const path = join(folder, name);
    const writer = await openWriter(path, format);
    for (const sample of list) await writer.write(sample);
    await writer.commit();
    const back = await read(path, { from: format === 'llava' ? 'llava' : 'qa' });
    expect(back.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(back.samples).toEqual(json(list));
  });
});

it('a discarded writer leaves the previous file unchanged', async () => {
  const path = join(folder, 'kept.qa.jsonl');
  mkdirSync(join(folder, 'empty'));
  writeFileSync(path, 'old');
  const writer = await openWriter(path, 'qa');
  await writer.write({ id: 'a', question: 'q', answer: 'a', images: [] });
  await writer.discard();
  expect(readFileSync(path, 'utf8')).toBe('old');
});

it('property: openDataset fails only with a DataError on arbitrary bytes', async () => {
  const text = fc.array(
    fc.constantFrom('[', '{', '}', ']', '"', ':', ',', '\n', 'conversations', 'messages', '1', 'PAR1'),
  );
  await forAllAsync(
    [
      fc.oneof(
        fc.uint8Array(),
        text.map((parts) => Buffer.from(parts.join(''))),
      ),
    ],
    async (bytes) => {
      const path = join(folder, 'any.jsonl');
      writeFileSync(path, bytes);
      const result = await read(path).catch((error: unknown) => error);
      if (result instanceof Error) expect(result).toBeInstanceOf(DataError);
    },
  );
});

it('docs/datasets.md: contains every mapping', () => {
  const page = readFileSync('docs/datasets.md', 'utf8');
  const names = FORMATS.map(({ name }) => name).filter((name) => mappingOf(name));
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
