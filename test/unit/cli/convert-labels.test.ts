import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addComposeCommand } from '../../../src/cli/commands/graph-compose.command.ts';
import { addConvertCommand } from '../../../src/cli/commands/convert.command.ts';
import { toPixels } from '../../../src/rows/sample/boxes.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import type { SceneObject } from '../../../src/rows/scene-graph/scene-graph.ts';
import { runCommand } from '../../support/command.ts';
import { readRows } from '../../support/rows.ts';
import { folderOfTests } from '../../support/folder.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/labels');
const folder = folderOfTests('chirality-labels-');

const convert = async (...args: string[]) =>
  (await runCommand(addConvertCommand, 'convert', ...args)).err.join('\n');
const samplesOf = (path: string): Sample[] => readRows(path);
const ROWS = samplesOf(join(fixtures, 'rows.qa.jsonl'));

/** Converts a file of the folder, and returns its rows and what was said. */
async function read(name: string, ...args: string[]): Promise<{ rows: Sample[]; told: string }> {
  const out = join(folder, `${name}.read.qa.jsonl`);
  const told = await convert(join(folder, name), '-o', out, ...args);
  return { rows: samplesOf(out), told };
}
function put(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}
const fixture = (name: string, as = name) => put(as, readFileSync(join(fixtures, name), 'utf8'));

const cornersOf = ({ box, box_format: format }: SceneObject, size = { w: 333, h: 77 }) =>
  toPixels(box!, format!, size).map((side) => Math.round(side * 1000) / 1000);
/** Labels and corners of each image's objects that have a box, in the form that all three formats hold. */
const placed = (rows: readonly Sample[]) =>
  Object.fromEntries(
    rows.map(({ images: [image], scene_graph: graph }) => [
      basename(typeof image === 'string' ? image : image!.path!),
      (graph?.objects ?? [])
        .filter(({ box }) => box)
        .map((one) => [one.label, one.attributes, cornersOf(one)]),
    ]),
  );

describe('boxes for COCO, Label Studio and CVAT', () => {
  const FILES = { coco: 'coco.json', 'label-studio': 'label-studio.json', cvat: 'cvat.xml' };

  for (const [format, name] of Object.entries(FILES))
    it(`writes ${name} equal to the recorded file, and reads the boxes back`, async () => {
      fixture('rows.qa.jsonl');
      const file = join(folder, name);
      await convert(join(folder, 'rows.qa.jsonl'), '--to', format, '-o', file);
      expect(readFileSync(file, 'utf8')).toBe(readFileSync(join(fixtures, name), 'utf8'));
      expect(placed((await read(name)).rows)).toEqual(placed(ROWS));
    });

  it('writes the boxes that pycocotools, Datumaro and Label Studio read', () => {
    type Box = [label: string, numbers: number[], attributes?: Record<string, string>];
    const others = JSON.parse(readFileSync(join(fixtures, 'read-by-others.json'), 'utf8')) as {
      pycocotools: Record<string, Box[]>;
      datumaro: Record<string, Box[]>;
      label_studio: [string, Box[]][];
    };
    const near = (numbers: readonly number[]) => numbers.map((n) => Math.round(n * 10) / 10);
    const corners = ([label, [x, y, w, h]]: Box) => [label, near([x!, y!, x! + w!, y! + h!])];
    const ours = Object.values(placed(ROWS)).map((boxes) =>
      boxes.map(([label, , sides]) => [label, near(sides as number[])]),
    );
    expect(Object.values(others.pycocotools).map((boxes) => boxes.map(corners))).toEqual(ours);
    const [first, second, ...rest] = others.label_studio.map(([, boxes]) => boxes.map(corners));
    expect([first, ...rest]).toEqual(ours);
    expect(second).toEqual(first); // a task for each row
    const ofCvat = Object.values(others.datumaro);
    expect(
      ofCvat.map((all) =>
        all.filter(([label]) => label !== 'question').map(([label, n]) => [label, near(n)]),
      ),
    ).toEqual(ours);
    const texts = ofCvat
      .flat()
      .filter(([label]) => label === 'question')
      .map((one) => one[2]);
    expect(texts.map((text) => text?.question)).toEqual(ROWS.map(({ question }) => question));
  });

  it('keeps texts, relations and ids if the format supports these fields', async () => {
    const texts = ({ id, question, answer, reasoning, choices, task }: Sample) => ({
      id,
      question,
      answer,
      reasoning,
      choices,
      task,
    });
    const relations = ({ scene_graph: graph }: Sample) => graph?.relations ?? [];
    fixture('label-studio.json');
    fixture('cvat.xml');
    const studio = (await read('label-studio.json')).rows;
    expect(studio.map(texts)).toEqual(ROWS.map(texts));
    expect(studio.map(relations)).toEqual(ROWS.map(relations));
    const cvat = (await read('cvat.xml')).rows;
    expect(cvat.map(texts)).toEqual(ROWS.map((row) => ({ ...texts(row), choices: undefined })));
  });

  it('counts each kind of field that the label format does not support', async () => {
    fixture('rows.qa.jsonl');
    const told: string[] = [];
    for (const to of ['coco', 'label-studio', 'cvat'])
      told.push(await convert(join(folder, 'rows.qa.jsonl'), '--to', to, '-o', join(folder, `${to}.lost`)));
    expect(told[0]).toContain(
      'Excluded because the format does not support them: question (4), answer (4), reasoning (1), task (1), relations (2), objects without a box in pixels (1), choices (1), meta (1),',
    );
    expect(told[1]).toContain(
      'Excluded because the format does not support them: objects without a box in pixels (2), meta (1), depth of objects (1), depth_unit of objects (1).',
    );
    expect(told[2]).toContain(
      'Excluded because the format does not support them: relations (2), objects without a box in pixels (1), choices (1), meta (1),',
    );
  });

  it('reads files of Datumaro, and graph compose adds questions', async () => {
    fixture('datumaro.coco.json');
    fixture('datumaro.cvat.xml');
    const coco = await read('datumaro.coco.json');
    const cvat = await read('datumaro.cvat.xml');
    expect(coco.told).toContain('Read 2 rows as coco.');
    expect(cvat.told).toContain(
      'Excluded because the format does not support them: shapes of the type polygon (1).',
    );
    const labels = ({ rows }: { rows: Sample[] }) =>
      rows.map(({ scene_graph: graph }) => graph?.objects.map(({ label }) => label));
    expect(labels(cvat)).toEqual([['cup', 'plate', 'dog', 'cat'], undefined]);
    expect(cornersOf(cvat.rows[0]!.scene_graph!.objects[0]!)).toEqual([170, 4, 200.5, 24.25]);
    expect(cornersOf(coco.rows[0]!.scene_graph!.objects[0]!)).toEqual([170, 4, 200.5, 24.25]);
    expect(coco.rows[0]!.scene_graph!.objects[0]!.attributes).toMatchObject({ color: 'red' });
    expect(coco.told).toContain('2 rows without question and answer');
    const composed = join(folder, 'composed.qa.jsonl');
    await runCommand(
      addComposeCommand,
      'compose',
      join(folder, 'datumaro.coco.json.read.qa.jsonl'),
      '-o',
      composed,
    );
    expect(samplesOf(composed).length).toBe(4);
  });

  it('rejects rows without questions for trainers and LLaVA', async () => {
    fixture('datumaro.coco.json');
    await expect(
      convert(join(folder, 'datumaro.coco.json'), '-o', join(folder, 'llava.json')),
    ).rejects.toThrow('has no readable rows');
  });
});

describe('invalid label files', () => {
  const task = (change: object, data: object = { image: 'a.png' }) =>
    JSON.stringify([
      { data: { image: 'b.png', question: 'Left?', answer: 'yes' }, annotations: [] },
      {
        data,
        annotations: [
          {
            result: [
              {
                id: 'r',
                type: 'rectanglelabels',
                from_name: 'label',
                original_width: 100,
                original_height: 100,
                value: { x: 10, y: 10, width: 20, height: 20, rectanglelabels: ['cup'], ...change },
              },
            ],
          },
        ],
      },
    ]);
  const coco = (bbox: unknown, image: object = {}) =>
    JSON.stringify({
      images: [
        { id: 1, file_name: 'a.png', width: 100, height: 100, ...image },
        { id: 2, file_name: 'b.png' },
      ],
      annotations: [{ id: 7, image_id: 1, category_id: 3, bbox }],
      categories: [{ id: 3, name: 'cup' }],
    });
  const cvat = (box: string) =>
    `<annotations><image name="a.png" width="100" height="100">${box}</image><image name="b.png"/></annotations>`;

  it.each([
    [
      'n.json',
      coco([1, 2, 'NaN', 4]),
      'n.json:row 0: error: The value must be a finite number, not "NaN". (annotations[0].bbox[2])',
    ],
    [
      'l.json',
      coco([1, 2, 3]),
      'A box must be a list of x, y, width and height, not [1,2,3]. (annotations[0].bbox)',
    ],
    [
      'm.json',
      coco([1, 2, -3, 4]),
      'A box must be at least 0 wide and high, not -3 × 4. (annotations[0].bbox)',
    ],
    [
      'w.json',
      coco([1, 2, 3, 4], { width: -1 }),
      'Width and height of an image must be above 0. (images[0].)',
    ],
    [
      'f.json',
      coco([1, 2, 3, 4], { file_name: 7 }),
      'The value must be a non-empty string. (images[0].file_name)',
    ],
    [
      'x.json',
      task({ x: null }),
      'x.json:row 1: error: The value must be a finite number, not null. (annotations[0].result[0].value.x)',
    ],
    ['t.json', task({ rectanglelabels: [] }), '(annotations[0].result[0].value.rectanglelabels)'],
    ['i.json', task({}, { image: 3 }), 'The value must be a non-empty string. (data.image)'],
    [
      'e.json',
      task({}, { image: '/data/local-files/?d=%zz' }),
      'The image path is not URL-encoded. (data.image)',
    ],
    [
      'b.xml',
      cvat('<box label="cup" xtl="a" ytl="1" xbr="3" ybr="4"/>'),
      'The value must be a finite number, not "a". (box[0].xtl)',
    ],
    [
      'l.xml',
      cvat('<box xtl="1" ytl="1" xbr="3" ybr="4"/>'),
      'The value must be a non-empty string. (box[0].label)',
    ],
  ])('reports row and field of the invalid label file: %s', async (name, text, error) => {
    put(name, text);
    const { rows, told } = await read(name);
    expect(told).toContain(error);
    expect(rows.map(({ images }) => images[0])).toEqual(['b.png']);
  });

  it.each([
    [
      'dtd.xml',
      '<!DOCTYPE a [<!ENTITY x "&y;&y;">]><annotations/>',
      'The file declares a document type. Remove the declaration.',
    ],
    ['root.xml', '<html><image/></html>', 'The root element must be <annotations>, not <html>.'],
    ['cut.xml', '<annotations>\n\n<image name="a"><box', 'Line 3: unclosed tag.'],
    ['cross.xml', '<annotations>\n<image name="a"></box></annotations>', 'Line 2: closing tag mismatch.'],
    ['deep.xml', `<annotations>${'<a>'.repeat(50)}`, 'nested more than 32 levels deep'],
    [
      'video.xml',
      '<annotations><track id="0"/></annotations>',
      'Export the file from CVAT as "CVAT for images 1.1".',
    ],
    ['latin.xml', Buffer.from([...Buffer.from('<annotations>'), 0xe9, 0x20]).toString('latin1'), ''],
    [
      'ids.json',
      '{"images":[],"categories":[{"id":1,"name":"a"},{"id":1,"name":"b"}]}',
      'categories[1].id: Two categories have the id 1.',
    ],
    [
      'open.json',
      '{"categories":[{"id":1,"name":"a"},{',
      'categories[1]: The file ends inside this element.',
    ],
    ['none.json', '{"annotations":[],"categories":[]}', 'The file has no list "images" with images.'],
  ])('rejects the invalid label file: %s', async (name, text, error) => {
    if (error === '') writeFileSync(join(folder, name), text, 'latin1');
    else put(name, text);
    await expect(convert(join(folder, name), '-o', join(folder, 'never.qa.jsonl'))).rejects.toThrow(
      error || 'The text is not UTF-8.',
    );
  });

  it('excludes rotated boxes, clips boxes at the edge, and reports both', async () => {
    const box = (rest: string) => `<box label="cup" ${rest}/>`;
    put(
      'edge.xml',
      cvat(
        box('xtl="90" ytl="-20" xbr="120" ybr="50"') +
          box('xtl="200" ytl="0" xbr="300" ybr="50"') +
          box('xtl="1" ytl="1" xbr="9" ybr="9" rotation="30"') +
          box('xtl="5" ytl="1" xbr="5" ybr="9"'),
      ),
    );
    const { rows, told } = await read('edge.xml');
    expect(rows[0]!.scene_graph!.objects.map(({ box: sides }) => sides)).toEqual([[90, 0, 100, 50]]);
    expect(told).toContain(
      'Excluded because the format does not support them: parts of boxes outside their image (1), boxes outside their image (1), rotated boxes (1), boxes without an area (1).',
    );
  });

  it('prefers annotated texts of Label Studio, and reads directions of relations', async () => {
    const result = (id: string, x: number, label: string) => ({
      id,
      type: 'rectanglelabels',
      original_width: 200,
      original_height: 100,
      value: { x, y: 10, width: 10, height: 20, rectanglelabels: [label] },
    });
    const words = (name: string, text: string, id: string) => ({
      id,
      type: 'textarea',
      from_name: name,
      value: { text: [text] },
    });
    const person = {
      result: [
        result('a', 10, 'cup'),
        result('b', 50, 'plate'),
        words('color', 'red', 'a'),
        words('answer', 'no', 'other'),
        { type: 'relation', from_id: 'a', to_id: 'b', direction: 'left', labels: ['right of'] },
        { type: 'relation', from_id: 'a', to_id: 'b', direction: 'right', labels: [] },
        { id: 'c', type: 'polygonlabels', value: {} },
      ],
    };
    const data = { image: '/data/local-files/?d=in%20here/a.png', question: 'Is it?', answer: 'yes' };
    const tasks = [
      { id: 12, data, annotations: [{ was_cancelled: true, result: [] }, person, person], predictions: [] },
    ];
    put('people.json', JSON.stringify(tasks));
    const { rows, told } = await read('people.json');
    expect(rows).toEqual([
      {
        id: '12',
        question: 'Is it?',
        answer: 'no',
        images: [{ path: 'in here/a.png', w: 200, h: 100 }],
        scene_graph: {
          version: 1,
          image: { w: 200, h: 100 },
          source: 'dataset',
          objects: [
            {
              id: 'a',
              label: 'cup',
              box: [20, 10, 40, 30],
              box_format: 'xyxy_px',
              attributes: { color: 'red' },
            },
            { id: 'b', label: 'plate', box: [100, 10, 120, 30], box_format: 'xyxy_px' },
          ],
          relations: [{ subject: 'b', predicate: 'right of', object: 'a', frame: 'viewer' }],
        },
      },
    ]);
    expect(told).toContain(
      'Excluded because the format does not support them: annotations by other annotators (1), relations without a label (1), results of the type polygonlabels (1).',
    );
  });

  it('reads captions, and writes captions if there are no boxes', async () => {
    const captions = {
      images: [{ id: 5, file_name: 'v/a.jpg', width: 9, height: 9 }],
      annotations: [
        { id: 1, image_id: 5, caption: 'A cup.' },
        { id: 2, image_id: 5, caption: 'Ein Becher.' },
        { id: 3, image_id: 6, caption: 'Lost.' },
      ],
    };
    put('captions.json', JSON.stringify(captions));
    const { rows, told } = await read('captions.json');
    expect(rows.map(({ id, meta }) => [id, meta])).toEqual([
      ['v/a', { captions: ['A cup.', 'Ein Becher.'] }],
    ]);
    expect(told).toContain('Annotations refer to image 6, which is not in "images".');
    await convert(
      join(folder, 'captions.json.read.qa.jsonl'),
      '--to',
      'coco',
      '-o',
      join(folder, 'again.json'),
    );
    const again = JSON.parse(readFileSync(join(folder, 'again.json'), 'utf8')) as { annotations: object[] };
    expect(again.annotations).toEqual([
      { id: 1, image_id: 1, caption: 'A cup.' },
      { id: 2, image_id: 1, caption: 'Ein Becher.' },
    ]);
  });
});

describe('format detection from the beginning of a file', () => {
  const info = { split: 'val', license: 'CC BY', version: '1.0' };
  const questions = (n: number) =>
    Array.from({ length: n }, (_, i) => ({
      question_index: i,
      image_filename: `CLEVR_val_${i}.png`,
      question: 'Is there a red cube left of the sphere?',
      answer: 'yes',
    }));

  it.each([
    ['on one line', JSON.stringify({ info, questions: questions(600) })],
    ['indented', JSON.stringify({ info, questions: questions(3) }, null, 2)],
  ])('recognises CLEVR questions %s', async (name, text) => {
    put(`CLEVR ${name}.json`, text);
    const { rows, told } = await read(`CLEVR ${name}.json`);
    expect(told).toContain(`Read ${name === 'indented' ? 3 : 600} rows as clevr.`);
    expect(rows[2]).toMatchObject({ images: ['CLEVR_val_2.png'], answer: 'yes' });
  });

  it('recognises Chirality rows that are longer than the examined beginning of a file', async () => {
    const long = (id: string) =>
      JSON.stringify({ images: [{ path: 'a.png' }], id, question: 'Q?'.repeat(40_000), answer: 'yes' });
    put('own.json', `${long('a')}\n${long('b')}\n`);
    expect((await read('own.json')).rows.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it.each([
    ['type', { type: 'instances' }],
    ['info', { info: 'Cups [2017] {of ours}' }],
    ['info-object', { info: { description: 'Cups [2017]', year: 2017 }, licenses: [] }],
    ['lists', { categories: [{ id: 1, name: 'cup' }] }],
  ])('recognises a COCO file that begins with its %s', async (name, head) => {
    for (const space of [0, 2]) {
      put(
        `begins-${name}.json`,
        JSON.stringify({ ...head, images: [{ id: 1, file_name: 'a.png' }] }, null, space),
      );
      const { rows, told } = await read(`begins-${name}.json`);
      expect(told).toContain('Read 1 row as coco.');
      expect(rows[0]!.images).toEqual(['a.png']);
    }
  });

  it('suggests --from for an unrecognised COCO file', async () => {
    const coco = {
      images: [{ id: 1, file_name: 'a.png', width: 9, height: 9 }],
      annotations: [{ id: 1, image_id: 1, category_id: 1, bbox: [1, 2, 3, 4] }],
      categories: [{ id: 1, name: 'cup' }],
    };
    put('year.json', JSON.stringify({ year: 2017, ...coco }));
    await expect(read('year.json')).rejects.toMatchObject({
      problem: { fix: expect.stringContaining('--from coco') as string },
    });
  });
});

describe('rows with the same image, and duplicate ids', () => {
  const box = (id: string) => ({ id, label: 'cup', box: [1, 2, 5, 6], box_format: 'xyxy_px' });
  const row = (id: string, objects: object[] = [], more: object = {}) =>
    JSON.stringify({
      id,
      question: 'Left?',
      answer: 'yes',
      images: ['c.jpg'],
      ...(objects.length > 0 && {
        scene_graph: { version: 1, image: { w: 20, h: 10 }, objects, relations: [] },
      }),
      ...more,
    });

  it.each(['coco', 'cvat'])('writes boxes of the first row with boxes to %s', async (to) => {
    put(
      'late.qa.jsonl',
      [row('1'), row('2', [box('a')]), row('3'), row('4', [box('a'), box('b')])].join('\n'),
    );
    const out = join(folder, `late-${to}.${to === 'cvat' ? 'xml' : 'json'}`);
    const told = await convert(join(folder, 'late.qa.jsonl'), '--to', to, '-o', out);
    expect(told).toContain('additional graphs of an image (1)');
    const { rows } = await read(basename(out));
    expect(rows[0]!.images).toEqual([{ path: 'c.jpg', w: 20, h: 10 }]);
    expect(rows[0]!.scene_graph!.objects.map((one) => cornersOf(one))).toEqual([[1, 2, 5, 6]]);
  });

  it('writes captions of the first row with captions', async () => {
    const texts = (captions: string[]) => ({ meta: { captions } });
    const lines = [row('1'), row('2', [], texts(['A cup.'])), row('3', [], texts(['A plate.']))];
    put('said.qa.jsonl', lines.join('\n'));
    const out = join(folder, 'said.json');
    const told = await convert(join(folder, 'said.qa.jsonl'), '--to', 'coco', '-o', out);
    expect(told).toContain('additional captions of an image (1)');
    expect((await read('said.json')).rows[0]!.meta).toEqual({ captions: ['A cup.'] });
  });

  it('gives every COCO row a unique id', async () => {
    const files = ['a-3.jpg', 'a.jpg', 'a.png', 'a-2.jpg', 'a.gif'];
    put('names.json', JSON.stringify({ images: files.map((file_name, id) => ({ id, file_name })) }));
    const ids = (await read('names.json', '--from', 'coco')).rows.map(({ id }) => id);
    expect(ids).toEqual(['a-3', 'a', 'a-2', 'a-2-2', 'a-4']);
    const task = (data: object) => ({ data: { image: 'a.png', ...data }, annotations: [] });
    put('given.json', JSON.stringify([task({ id: 'a' }), task({}), task({})]));
    expect((await read('given.json')).rows.map(({ id }) => id)).toEqual(['a', 'a-2', 'a-3']);
  });

  it('reports a second image with the same id', async () => {
    const images = ['a.png', 'b.png'].map((file_name) => ({ id: 1, file_name }));
    put('twins.json', JSON.stringify({ images, annotations: [], categories: [] }));
    const { rows, told } = await read('twins.json');
    expect(rows).toHaveLength(1);
    expect(told).toContain(
      'twins.json:row 1: error: Two images have the id 1. Change one of the ids. (images[1].id)',
    );
  });
});

describe('optional fields of COCO annotations', () => {
  const coco = (annotations: object[], image: string | number = 1) =>
    JSON.stringify({
      images: [{ id: image, file_name: 'a.png', width: 100, height: 100 }],
      annotations: annotations.map((one, id) => ({ id, image_id: image, category_id: 3, ...one })),
      categories: [{ id: 3, name: 'cup' }],
    });
  const bbox = [1, 2, 3, 4];

  it('counts unsupported outlines and attributes', async () => {
    put(
      'forms.json',
      coco([
        { bbox, segmentation: null },
        { bbox, segmentation: [[1, 2, 4, 2, 4, 6]], attributes: { color: 'red', n: null, l: [1] } },
        { bbox, attributes: { ' color': 'red' } },
        { bbox, attributes: ['red', 'small'] },
      ]),
    );
    const { rows, told } = await read('forms.json');
    expect(told).toContain(
      'Excluded because the format does not support them: outlines (1), attributes in other formats (5).',
    );
    expect(rows[0]!.scene_graph!.objects.map(({ attributes }) => attributes)).toEqual([
      undefined,
      { color: 'red' },
      undefined,
      undefined,
    ]);
  });

  it('converts outlines to boxes, and counts annotations without box and outline', async () => {
    put(
      'outlines.json',
      coco([
        {
          segmentation: [
            [10, 20, 40, 25, 30, 60],
            [50, 5, 45, 8, 46, 9],
          ],
        },
        { bbox: null, segmentation: { counts: 'abc', size: [100, 100] } },
        { segmentation: [[10, 20, 40]] },
        { category_id: undefined },
        { bbox },
      ]),
    );
    const { rows, told } = await read('outlines.json');
    expect(rows[0]!.scene_graph!.objects.map((one) => cornersOf(one))).toEqual([
      [10, 5, 50, 60],
      [1, 2, 4, 6],
    ]);
    expect(told).toContain(
      'Excluded because the format does not support them: outlines (1), annotations without a box (3).',
    );
  });

  it('splits and samples rows without questions, and excludes rows with only a question', async () => {
    put('unasked.json', coco([{ bbox }]));
    const [labelled] = (await read('unasked.json')).rows;
    const lines = [labelled, { ...labelled, id: 'b' }, { ...labelled, id: 'c', question: 'Left?' }];
    put('unasked.qa.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
    const { rows, told } = await read('unasked.qa.jsonl', '--sample', '1');
    expect(rows).toHaveLength(1);
    expect(told).toContain('excluded 1 bad row');
    expect(told).toContain('1 row without question and answer');
    expect(rows[0]!.scene_graph!.objects).toHaveLength(1);
  });

  it('accepts text ids of COCO images', async () => {
    put('texts.json', coco([{ bbox }], 'kitchen/1'));
    expect((await read('texts.json')).rows[0]!.scene_graph!.objects).toHaveLength(1);
    put('blank.json', coco([{ bbox }], ' '));
    await expect(read('blank.json')).rejects.toThrow(
      'annotations[0].image_id: The value must be a non-empty string.',
    );
  });
});

describe('images and notes of Label Studio', () => {
  it('ignores notes about other shapes as texts of the row', async () => {
    const shape = (id: string, type: string, more: object = {}) => ({
      id,
      type,
      original_width: 200,
      original_height: 100,
      value: { x: 10, y: 10, width: 10, height: 20, rectanglelabels: ['cup'], ...more },
    });
    const note = (id: string, text: string) => ({
      id,
      type: 'textarea',
      from_name: 'answer',
      value: { text: [text] },
    });
    const result = [
      shape('p', 'polygonlabels'),
      note('p', 'blue handle'),
      shape('t', 'rectanglelabels', { rotation: 30 }),
      note('t', 'turned'),
    ];
    const data = { image: 'a.png', question: 'Which side?', answer: 'left' };
    put('notes.json', JSON.stringify([{ data, annotations: [{ result }] }]));
    const { rows, told } = await read('notes.json');
    expect(rows[0]!.answer).toBe('left');
    expect(told).toContain('results of the type textarea (2)');
  });

  it('keeps the URL of a remote Label Studio image', async () => {
    const image = 'https://x.org/a b.jpg?size=1';
    put('far.qa.jsonl', JSON.stringify({ id: '1', question: 'Left?', answer: 'yes', images: [image] }));
    await convert(join(folder, 'far.qa.jsonl'), '--to', 'label-studio', '-o', join(folder, 'far.json'));
    const [task] = JSON.parse(readFileSync(join(folder, 'far.json'), 'utf8')) as [{ data: object }];
    expect(task.data).toMatchObject({ image });
    expect((await read('far.json')).rows[0]!.images).toEqual([image]);
  });
});
