import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDataset, type ReadOptions } from '../../../../src/lab/datasets/open-dataset.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { forAllAsync } from '../../../support/property.ts';

/* Scene graphs of other datasets, in the layouts of their files: objects and relations in two files, or in one. */

const scratch = folderOfTests('graphs-');

interface Graph {
  labels: string[];
  boxes: number[][];
  /** Subject, predicate and object; objects by their index. */
  edges: [number, string, number][];
}
type Files = Record<string, unknown>;

const NAMES = ['cup', 'table', 'chair', 'lamp'];
const graph = fc
  .array(
    fc.tuple(
      fc.constantFrom(...NAMES),
      fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 2, maxLength: 2 }),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .chain((objects) => {
    const place = fc.nat(objects.length - 1);
    return fc
      .array(fc.tuple(place, fc.constantFrom('on', 'left of', 'behind'), place), { maxLength: 6 })
      .map((edges): Graph => ({
        labels: objects.map(([label]) => label),
        boxes: objects.map(([, [x, y]]) => [x!, y!, 9, 8]),
        edges,
      }));
  });

/** Files of each dataset's own layout, the first with the objects. */
const LAYOUTS: Record<string, (graphs: readonly Graph[]) => Files> = {
  'Visual Genome': (graphs) => {
    const objects = graphs.map(({ labels, boxes }, n) =>
      labels.map((name, i) => {
        const [x, y, w, h] = boxes[i]!;
        return { object_id: n * 100 + i, names: [name], synsets: [], x, y, w, h };
      }),
    );
    const end = (n: number, i: number) => {
      const { names, ...rest } = objects[n]![i]!;
      return { ...rest, name: names[0] };
    };
    return {
      'objects.json': graphs.map((_, n) => ({ image_id: n, objects: objects[n] })),
      'relationships.json': graphs.map(({ edges }, n) => ({
        image_id: n,
        relationships: edges.map(([subject, predicate, object], i) => ({
          relationship_id: i,
          predicate: predicate.toUpperCase(),
          subject: end(n, subject),
          object: end(n, object),
        })),
      })),
    };
  },
  '3DSSG': (graphs) => ({
    'objects.json': {
      scans: graphs.map(({ labels }, n) => ({
        scan: `scan-${n}`,
        objects: labels.map((label, i) => ({ id: String(i + 1), label, affordances: [] })),
      })),
    },
    'relationships.json': {
      scans: graphs.map(({ edges }, n) => ({
        scan: `scan-${n}`,
        relationships: edges.map(([subject, predicate, object]) => [subject + 1, object + 1, 7, predicate]),
      })),
    },
  }),
  PSG: (graphs) => {
    const predicates = ['on', 'left of', 'behind'];
    return {
      'psg.json': {
        thing_classes: NAMES.slice(0, 2),
        stuff_classes: NAMES.slice(2),
        predicate_classes: predicates,
        data: graphs.map(({ labels, boxes, edges }, n) => ({
          file_name: `val2017/${n}.jpg`,
          width: 100,
          height: 100,
          image_id: String(n),
          segments_info: labels.map((label, i) => ({ id: 7 + i, category_id: NAMES.indexOf(label) })),
          annotations: boxes.map(([x, y, w, h]) => ({ bbox: [x, y, x! + w!, y! + h!], bbox_mode: 0 })),
          relations: edges.map(([subject, predicate, object]) => [
            subject,
            object,
            predicates.indexOf(predicate),
          ]),
        })),
      },
    };
  },
  GQA: (graphs) => ({
    'scenes.json': Object.fromEntries(
      graphs.map(({ labels, boxes, edges }, n) => [
        String(n),
        {
          width: 100,
          height: 100,
          objects: Object.fromEntries(
            labels.map((name, i) => {
              const [x, y, w, h] = boxes[i]!;
              const relations = edges.filter(([subject]) => subject === i);
              return [
                `o${i}`,
                {
                  name,
                  x,
                  y,
                  w,
                  h,
                  relations: relations.map(([, predicate, to]) => ({ name: predicate, object: `o${to}` })),
                },
              ];
            }),
          ),
        },
      ]),
    ),
  }),
};

async function rowsOf(files: Files, options: ReadOptions = {}): Promise<Sample[]> {
  const folder = mkdtempSync(join(scratch, 'files-'));
  const [first, second] = Object.entries(files).map(([name, content]) => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify(content));
    return path;
  });
  const { rows } = await openDataset(first!, {
    blank: 'labels',
    ...(second && { join: second }),
    ...options,
  });
  const samples: Sample[] = [];
  for await (const { sample, problems } of rows) {
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    samples.push(sample!);
  }
  return samples;
}

/** Labels, and edges by the position of their objects, in no order. */
function seen({ scene_graph }: Sample) {
  const { objects, relations } = scene_graph!;
  const at = (id: string) => objects.findIndex((object) => object.id === id);
  const edges = relations.map(
    ({ subject, predicate, object }) => `${at(subject)} ${predicate} ${at(object)}`,
  );
  return { labels: objects.map(({ label }) => label), edges: edges.sort() };
}

describe.each(Object.entries(LAYOUTS))('scene graphs of %s', (name, filesOf) => {
  it('property: become rows with the objects and relations of the files', () =>
    forAllAsync([fc.array(graph, { minLength: 2, maxLength: 4 })], { numRuns: 30 }, async (graphs) => {
      const rows = await rowsOf(filesOf(graphs));
      expect(rows.map(seen)).toEqual(
        graphs.map(({ labels, edges }) => ({ labels, edges: edges.map((edge) => edge.join(' ')).sort() })),
      );
      if (name === '3DSSG') return;
      const corners = (box: number[], format?: string) =>
        format === 'xyxy_px' ? [box[0], box[1], box[2]! - box[0]!, box[3]! - box[1]!] : box;
      expect(
        rows.map((row) => row.scene_graph!.objects.map(({ box, box_format }) => corners(box!, box_format))),
      ).toEqual(graphs.map(({ boxes }) => boxes));
    }));
});

describe('scene graphs in columns of any name', () => {
  const files = {
    'things.json': [
      {
        pic: 'a.jpg',
        things: [
          { id: 'a', label: 'cup' },
          { id: 'b', label: 'table' },
        ],
      },
    ],
    'links.json': [{ pic: 'a.jpg', links: [['a', 'on', 'b']] }],
  };

  it('are read with --map', async () => {
    const map = 'images=pic,scene_graph.objects=things,scene_graph.relations=links';
    const [row] = await rowsOf(files, { map });
    expect(row).toMatchObject({ question: '', images: ['a.jpg'] });
    expect(seen(row!)).toEqual({ labels: ['cup', 'table'], edges: ['0 on 1'] });
  });

  it('keep the questions that a table contains', async () => {
    const [row] = await rowsOf(
      {
        'q.json': [
          {
            ask: 'Is it left?',
            answer: 'yes',
            image: 'a.jpg',
            objects: [{ id: 'a', label: 'cup' }],
            relations: [],
          },
        ],
      },
      { map: 'question=ask,answer=answer,scene_graph.objects=objects,scene_graph.relations=relations' },
    );
    expect(row).toMatchObject({ question: 'Is it left?', answer: 'yes' });
    expect(seen(row!).labels).toEqual(['cup']);
  });

  it('are proposed with the file that lacks', async () => {
    const { 'objects.json': objects } = LAYOUTS['Visual Genome']!([
      { labels: ['cup'], boxes: [[1, 2, 9, 8]], edges: [] },
    ]);
    await expect(rowsOf({ 'objects.json': objects })).rejects.toMatchObject({
      problem: {
        fix: expect.stringMatching(/scene_graph\.objects=objects.*relations, add --join FILE/s) as string,
      },
    });
  });
});
