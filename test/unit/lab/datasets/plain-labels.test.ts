import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { openDataset, type ReadOptions } from '../../../../src/lab/datasets/open-dataset.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { forAllAsync } from '../../../support/property.ts';

const folder = folderOfTests('chirality-plain-labels-');
const write = (name: string, text: string | object) => {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof text === 'string' ? text : JSON.stringify(text));
  return path;
};

async function read(path: string, options: ReadOptions = {}) {
  const { rows, leftOut, mapping } = await openDataset(path, { blank: 'labels', ...options });
  const images = [];
  const errors = [];
  for await (const { sample, problems } of rows) {
    errors.push(...problems.map(({ message, path: place = '' }) => `${place}: ${message}`));
    if (sample)
      images.push({
        id: sample.id,
        image: sample.images[0],
        boxes: (sample.scene_graph?.objects ?? []).map(({ label, box, attributes }) => [
          label,
          box,
          attributes,
        ]),
        meta: sample.meta,
      });
  }
  return { format: mapping.name, images, errors, leftOut: Object.fromEntries(leftOut ?? []) };
}

describe.skipIf(process.platform !== 'linux')('openDataset closes a file', () => {
  const isOpen = (path: string) =>
    readdirSync('/proc/self/fd').some((name) => {
      try {
        return readlinkSync(`/proc/self/fd/${name}`) === path;
      } catch {
        return false;
      }
    });

  /** Long before a garbage collection. */
  const SOON = { timeout: 500 };

  it('if the reader stops at the first image of a COCO file', async () => {
    // The file is longer than the first piece that is read, so that its end cannot close it.
    const images = Array.from({ length: 20_000 }, (_, id) => ({
      id,
      file_name: `${id}.png`,
      width: 9,
      height: 9,
    }));
    const path = write('open.json', { categories: [{ id: 1, name: 'cup' }], annotations: [], images });
    const { rows } = await openDataset(path, { blank: 'labels' });
    for await (const row of rows) {
      expect([row.problems, isOpen(path)]).toEqual([[], true]);
      break;
    }
    await vi.waitFor(() => expect(isOpen(path)).toBe(false), SOON);
  });

  it('if the encoding of a table does not exist', async () => {
    const path = write('open.csv', `question,answer\n${'Q?,A\n'.repeat(2 ** 20)}`);
    await expect(openDataset(path, { encoding: 'nonsense' })).rejects.toThrow('"nonsense" is not supported');
    await vi.waitFor(() => expect(isOpen(path)).toBe(false), SOON);
  });
});

describe('openDataset on labelme files', () => {
  const shape = (shape_type: string, points: number[][], more = {}) => ({
    label: 'cup',
    points,
    group_id: null,
    description: '',
    shape_type,
    flags: {},
    ...more,
  });
  const file = (...shapes: object[]) => ({
    version: '6.3.1',
    flags: {},
    shapes,
    imagePath: '..\\images\\a.png',
    imageData: null,
    imageHeight: 80,
    imageWidth: 100,
  });

  it('reads boxes, circles, masks and polygons, and counts skipped shapes', async () => {
    const path = write(
      'labelme.json',
      file(
        shape(
          'rectangle',
          [
            [40, 10],
            [20, 30],
          ],
          { flags: { dirty: true, cut: false }, group_id: 3 },
        ),
        shape('circle', [
          [50, 40],
          [53, 44],
        ]),
        shape(
          'mask',
          [
            [1, 2],
            [5, 9],
          ],
          { mask: 'iVBORw0KGgo' },
        ),
        shape('polygon', [
          [10, 10],
          [30, 12],
          [20, 40],
        ]),
        shape('oriented_rectangle', [
          [10, 10],
          [30, 10],
          [30, 20],
          [10, 20],
        ]),
        shape('oriented_rectangle', [
          [60, 40],
          [80, 60],
          [70, 70],
          [50, 50],
        ]),
        shape('linestrip', [
          [1, 1],
          [2, 2],
        ]),
      ),
    );
    const { format, images, leftOut } = await read(path);
    expect([format, images[0]!.image]).toEqual(['labelme', { path: '../images/a.png', w: 100, h: 80 }]);
    expect(images[0]!.boxes).toEqual([
      ['cup', [20, 10, 40, 30], { dirty: 'true', group_id: '3' }],
      ['cup', [45, 35, 55, 45], undefined],
      ['cup', [1, 2, 6, 10], undefined],
      ['cup', [10, 10, 30, 40], undefined],
      ['cup', [10, 10, 30, 20], undefined],
    ]);
    expect(leftOut).toEqual({ outlines: 3, 'rotated boxes': 1, 'shapes of the type linestrip': 1 });
    const { images: bound } = await read(path, { boundTurned: true });
    expect(bound[0]!.boxes[5]).toEqual(['cup', [50, 40, 80, 70], undefined]);
  });

  it('property: labelme: reads any two opposite corners as the same box', async () => {
    const [x, y] = [fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 80 })];
    await forAllAsync([x, y, x, y], { numRuns: 25 }, async (x1, y1, x2, y2) => {
      fc.pre(x1 !== x2 && y1 !== y2);
      const { images } = await read(
        write(
          'corners.json',
          file(
            shape('rectangle', [
              [x1, y1],
              [x2, y2],
            ]),
          ),
        ),
      );
      const box = [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
      expect(images[0]!.boxes).toEqual([['cup', box, undefined]]);
    });
  });

  it('rejects a shape with fewer than two points by its position', async () => {
    const { errors } = await read(
      write('bad.json', file(shape('rectangle', [[1, 2]]), shape('rectangle', []))),
    );
    expect(errors).toEqual(['shapes[0]: The shape has fewer than two points.']);
  });
});

it('openDataset: reads Pascal VOC boxes and attributes, and images in a sibling folder', async () => {
  write('voc/JPEGImages/a.png', '');
  const object = (inside: string) => `<object><name>cup</name><pose>Unspecified</pose>${inside}</object>`;
  const xml = `<?xml version="1.0"?><annotation><folder>x</folder><filename>a.png</filename>
    <size><width>100</width><height>80</height><depth>3</depth></size>
    ${object('<truncated>1</truncated><difficult>0</difficult><bndbox><xmin>20</xmin><ymin>10.5</ymin><xmax>40</xmax><ymax>30</ymax></bndbox>')}
    ${object('<robndbox><cx>50</cx><cy>40</cy><w>20</w><h>10</h><angle>1.5707963267948966</angle></robndbox>')}
    ${object('<polygon><x1>1</x1><y1>2</y1><x2>9</x2><y2>2</y2><x3>5</x3><y3>8</y3></polygon>')}</annotation>`;
  const path = write('voc/Annotations/a.xml', xml);
  const { format, images, leftOut } = await read(path, { relativeTo: folder });
  expect([format, images[0]!.image]).toEqual(['voc', { path: 'voc/JPEGImages/a.png', w: 100, h: 80 }]);
  expect(images[0]!.boxes).toEqual([['cup', [20, 10.5, 40, 30], { truncated: '1' }]]);
  expect(leftOut).toEqual({ 'rotated boxes': 1, 'shapes of the type other': 1 });
  const { images: bound } = await read(path, { boundTurned: true });
  expect(bound[0]!.boxes[1]).toEqual(['cup', [45, 30, 55, 50], undefined]);
});

describe('openDataset on YOLO datasets', () => {
  const dataset = (name: string, yaml: string, labels: string) => {
    write(`${name}/images/train/a.png`, '');
    write(`${name}/labels/train/a.txt`, labels);
    return write(`${name}/data.yaml`, yaml);
  };
  const yaml = 'path: ../elsewhere\ntrain: images/train\nval: images/val\nnames: {0: cup, 1: big jug}\n';

  it('reads boxes, rotated boxes and outlines as fractions of the image', async () => {
    const labels = `1 0.5 0.5 0.2 0.4\n0 0.25 0.25 0.1 0.1 0.875\n
0 0.1 0.1 0.3 0.1 0.3 0.2 0.1 0.2\n0 0.5 0.4 0.6 0.5 0.5 0.6 0.4 0.5\n1 0.1 0.1 0.5 0.1 0.3 0.4 0.2 0.4 0.1 0.3\n`;
    const path = dataset('yolo', yaml, labels);
    const { format, images, leftOut, errors } = await read(path);
    expect([format, images[0]!.image, images[0]!.meta, errors]).toEqual([
      'yolo',
      'images/train/a.png',
      { split: 'train' },
      [],
    ]);
    expect(images[0]!.boxes).toEqual([
      ['big jug', [0.4, 0.3, 0.6, 0.7], undefined],
      ['cup', [0.2, 0.2, 0.3, 0.3], undefined],
      ['cup', [0.1, 0.1, 0.3, 0.2], undefined],
      ['big jug', [0.1, 0.1, 0.5, 0.4], undefined],
    ]);
    expect(leftOut).toEqual({
      'rotated boxes': 1,
      outlines: 1,
      'images of ../elsewhere/images/val, which does not exist': 1,
    });
    const { images: bound } = await read(path, { boundTurned: true });
    expect(bound[0]!.boxes[3]).toEqual(['cup', [0.4, 0.4, 0.6, 0.6], undefined]);
  });

  it('reads the boxes of key points, and a dataset without splits', async () => {
    const pose = dataset('pose', `${yaml}kpt_shape: [2, 3]\n`, '0 0.5 0.5 0.2 0.4 0.1 0.1 2 0.2 0.2 1\n');
    expect((await read(pose)).images[0]!.boxes).toEqual([['cup', [0.4, 0.3, 0.6, 0.7], undefined]]);
    const bare = dataset('bare', 'nc: 1\nnames: [cup]\n', '0 0.5 0.5 0.2 0.4\n');
    expect((await read(bare)).images[0]!.boxes).toHaveLength(1);
  });

  it.each([
    ['7 0.5 0.5 0.2 0.4', 'labels/train/a.txt, line 1: The class 7 is not in "names".'],
    ['0 0.5 x 0.2 0.4', 'labels/train/a.txt, line 1: The value must be a finite number, not "x".'],
    ['0 0.5', 'labels/train/a.txt, line 1: A box has 4 numbers, and an outline at least 6, not 1.'],
  ])('reports the line of the invalid label %s', async (line, error) => {
    expect((await read(dataset('line', yaml, line))).errors).toEqual([error]);
  });

  it.each(['/etc', '../..', 'file:///etc', '\\\\host\\share', '~'])('rejects YOLO in %s', async (place) => {
    const path = dataset('out', `train: ${JSON.stringify(place)}\nnames: [cup]\n`, '');
    await expect(read(path)).rejects.toThrow('The image folders of the file do not exist.');
  });
});

describe('openDataset on VIA files', () => {
  const rect = { name: 'rect', x: 10, y: 20, width: 30, height: 40 };

  it('reads the regions of versions 1 and 2, with or without project settings', async () => {
    const ellipse = { name: 'ellipse', cx: 50, cy: 40, rx: 10, ry: 5, theta: Math.PI / 2 };
    const polygon = { name: 'polygon', all_points_x: [1, 9, 5], all_points_y: [2, 2, 8] };
    const regions = [
      {
        shape_attributes: rect,
        region_attributes: { name: 'cup', color: 'red', seen: { left: true, top: false } },
      },
      { shape_attributes: ellipse, region_attributes: { name: 'jug' } },
      { shape_attributes: polygon, region_attributes: { name: 'pan' } },
      { shape_attributes: { name: 'point', cx: 1, cy: 2 }, region_attributes: { name: 'pan' } },
      { shape_attributes: rect, region_attributes: {} },
    ];
    const image = { filename: 'a.png', size: 1234, regions, file_attributes: {} };
    const boxes = [
      ['cup', [10, 20, 40, 60], { color: 'red', seen: 'left' }],
      ['jug', [45, 30, 55, 50], undefined],
      ['pan', [1, 2, 9, 8], undefined],
    ];
    const first = { ...image, regions: { ...regions } };
    for (const file of [
      { 'a.png1234': image },
      { _via_settings: { ui: {} }, _via_img_metadata: { 'a.png1234': image }, _via_attributes: {} },
      { 'a.png1234': first },
    ]) {
      const { format, images, leftOut } = await read(write('via.json', file));
      expect([format, images]).toEqual(['via', [{ id: 'a', image: 'a.png', boxes, meta: undefined }]]);
      expect(leftOut).toEqual({ outlines: 2, 'shapes of the type point': 1, 'boxes without a label': 1 });
    }
  });

  it('reads the shapes of version 3 with the labels of their selected options', async () => {
    const path = write('via3.json', {
      project: { pid: '__VIA_PROJECT_ID__', vid_list: ['1', '2'] },
      config: {},
      attribute: {
        1: { aname: 'class', anchor_id: 'FILE1_Z0_XY1', type: 4, options: { 0: 'cup', 1: 'jug' } },
      },
      file: { 1: { fid: 1, fname: 'a.png', type: 2, loc: 1, src: '' }, 2: { fid: 2, fname: 'b.png' } },
      metadata: {
        '1_a': { vid: '1', flg: 0, z: [], xy: [2, 10, 20, 30, 40], av: { 1: '1' } },
        '1_b': { vid: '1', flg: 0, z: [], xy: [3, 50, 40, 5], av: { 1: '0' } },
        '1_c': { vid: '1', flg: 0, z: [], xy: [7, 1, 2, 9, 2, 5, 8], av: { 1: '0' } },
        '1_d': { vid: '1', flg: 0, z: [1.5, 2.5], xy: [], av: { 1: '0' } },
      },
      view: { 1: { fid_list: ['1'] }, 2: { fid_list: ['2'] } },
    });
    const { images, leftOut } = await read(path);
    expect(images.map(({ image, boxes }) => [image, boxes])).toEqual([
      [
        'a.png',
        [
          ['jug', [10, 20, 40, 60], undefined],
          ['cup', [45, 35, 55, 45], undefined],
          ['cup', [1, 2, 9, 8], undefined],
        ],
      ],
      ['b.png', []],
    ]);
    expect(leftOut).toEqual({ outlines: 2, 'shapes of the type time interval': 1 });
  });
});

it.each([
  [
    'Supervisely',
    { description: '', tags: [], size: { height: 8, width: 9 }, objects: [{ classTitle: 'cup' }] },
  ],
  ['Datumaro', { info: {}, categories: { label: { labels: [] } }, items: [{ id: 'a', annotations: [] }] }],
  ['FiftyOne', { samples: [{ filepath: 'a.png', ground_truth: { _cls: 'Detections' } }] }],
])('openDataset rejects a %s export and suggests COCO', async (name, file) => {
  await expect(read(write('other.json', file))).rejects.toThrow(`The file was exported from ${name}.`);
});
