import { expect, it } from 'vitest';
import { olderText } from '../../../../src/rows/sample/judged.ts';
import { parseSample } from '../../../../src/rows/sample/parse-sample.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { readRows } from '../../../support/rows.ts';

// The Python package reads the same file, and must say the same (python/tests/test_package.py).
const rows = readRows('test/fixtures/judged.qa.jsonl').map((row) => parseSample(row).sample!);
const older = (sample: Sample) => olderText(sample, sample.variants!.mirror!);

it('olderText: accepts a review of the same row with other image sizes or field order', () => {
  for (const row of rows) {
    expect(older(row)).toBeNull();
    const images = row.images.map((image) =>
      typeof image === 'string' ? { path: image, w: 9, h: 9 } : image,
    );
    expect(older({ meta: { tags: ['new'] }, ...row, images })).toBeNull();
  }
});

it('property: olderText: rejects a review after a change of graph, reasoning, format or fact', () => {
  const [row] = rows.filter(({ scene_graph }) => scene_graph);
  const { scene_graph: graph, meta, variants } = row!;
  const moved = structuredClone(graph!);
  moved.objects[0]!.box![0] += 1;
  const renamed = structuredClone(graph!);
  renamed.relations[0]!.predicate = 'right of';
  const mirror = (more: object) => ({ variants: { mirror: { ...variants!.mirror!, ...more } } });
  for (const change of [
    { scene_graph: moved },
    { scene_graph: renamed },
    { scene_graph: undefined },
    { reasoning: 'It is.' },
    { box_format: 'xyxy_norm' as const },
    { clip: { fps: 2 } },
    { meta: { ...meta, no_tie: false } },
    { meta: { ...meta, rig: ['left'] } },
    { laterality: 'patient' },
    mirror({ scene_graph: moved }),
    mirror({ reasoning: undefined }),
    mirror({ images: ['other.png'] }),
  ])
    expect(older({ ...row!, ...change }), JSON.stringify(change)).not.toBeNull();
  const turned = Object.fromEntries(Object.entries(graph!).reverse()) as unknown as typeof graph;
  expect(older({ ...row!, scene_graph: turned! })).toBeNull();
});

it('olderText: checks the shorter hashes that older versions stored', () => {
  for (const row of rows) {
    const mirror = structuredClone(row.variants!.mirror!);
    const judged = mirror.review!.judged!;
    mirror.review!.judged = {
      ...judged,
      hash: judged.hash.split('-')[0]!,
      variant: judged.variant.split('-')[0]!,
    };
    expect(older({ ...row, variants: { mirror } })).toBeNull();
    expect(older({ ...row, answer: 'No', variants: { mirror } })).not.toBeNull();
  }
});

it('olderText: rejects a review after a change of text, options, boxes, images or variant', () => {
  const changes: Partial<Sample>[] = [
    { question: 'Where?' },
    { answer: 'No' },
    { choices: ['left', 'right'] },
    { boxes: [[1, 2, 3, 4]] },
    { points: [[3, 4]] },
    { images: ['other.png'] },
  ];
  for (const row of rows) {
    const { question, answer } = row;
    for (const change of changes) expect(older({ ...row, ...change })).toMatchObject({ question, answer });
    const mirror = { ...row.variants!.mirror!, answer: 'changed' };
    expect(older({ ...row, variants: { mirror } })).toMatchObject({ question });
  }
});
