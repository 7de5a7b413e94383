import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseSample } from '../../../../src/rows/sample/parse-sample.ts';
import type { Sample, ViewVariant } from '../../../../src/rows/sample/sample.ts';
import { readViewId, viewOf } from '../../../../src/rows/view-list.ts';
import { readResample } from '../../../../src/rows/view-parts.ts';
import { warpOf } from '../../../../src/rows/views/resample/warp.ts';
import { resamplePixels } from '../../../../src/rows/views/resample/pixels.ts';
import { turnPixels } from '../../../../src/rows/symmetry.ts';
import { rewriteFor } from '../../../../src/rows/views/view.ts';

const normal = (text: string): string => {
  const read = readViewId(text);
  return 'id' in read ? read.id : read.problem;
};

/** Every pixel has a colour of its own. */
const picture = (width: number, height: number) => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7) % 251),
});
const made = (id: string, of = picture(8, 6), focal?: number) => resamplePixels(of, readResample(id)!, focal);

describe('ids of resampling views', () => {
  it('ids of resampling views have one normal form, with rotation or flip last', () => {
    expect(normal('mirror+crop:0,0,0.25,1')).toBe('crop:0.75,0,1,1+mirror');
    expect(normal('rotate:90+crop:0,0,0.5,1')).toBe('crop:0,0.5,1,1+rotate:90');
    expect(normal('mirror+roll:10')).toBe('roll:-10+mirror');
    expect(normal('rotate:180+pan:5')).toBe('pan:-5+rotate:180');
    expect(normal('grey+flip+light:0.5+converse')).toBe('grey+light:0.5+flip+converse');
    expect(normal('orbit:90+scale:0.50')).toBe('orbit:90+scale:0.5');
  });

  it('ids reject parts that cannot be combined, and numbers out of range', () => {
    expect(normal('rotate:90+pan:5')).toContain('Move the pan to the front');
    expect(normal('crop:0,0,0.5,1+pan:5')).toContain('Move the pan to the front');
    expect(normal('grey+pan:5+scale:0.5+slant:5')).toBe('grey+pan:5+scale:0.5+slant:5');
    expect(normal('mirror+slant:5')).toBe('slant:-5+mirror');
    expect(normal('grey+orbit:90')).toContain('Put the scene view first');
    for (const id of [
      'crop:0,0,1,1',
      'crop:0.5,0,0.2,1',
      'roll:16',
      'roll:0',
      'scale:1',
      'scale:9',
      'pad:wide',
    ])
      expect(normal(id)).toContain('Unknown view');
  });

  it('ids of resampling views are their own labels in tables', () => {
    expect(viewOf('crop:0,0,0.5,1+mirror').label).toBe('crop:0,0,0.5,1 + Mirror');
  });
});

describe('pixels of resampling views', () => {
  it('pixels are copied by crop and pad', () => {
    const { width, height, data } = made('crop:0.25,0,1,0.5');
    expect([width, height]).toEqual([6, 3]);
    expect([...data.subarray(0, 3)]).toEqual([...picture(8, 6).data.subarray(6, 9)]);
    const square = made('pad:square');
    expect([square.width, square.height]).toEqual([8, 8]);
    expect(square.data.subarray(0, 24).every((v) => v === 0)).toBe(true);
    expect(square.data.subarray(24, 24 + picture(8, 6).data.length)).toEqual(picture(8, 6).data);
  });

  it('pixels are computed by grey, light and scale', () => {
    const red = { width: 1, height: 1, data: Uint8Array.from([255, 0, 10]) };
    expect([...made('grey', red).data]).toEqual([77, 77, 77]);
    for (let width = 1; width < 10; width++) {
      const { data } = picture(width, 1);
      const alone = Array.from({ length: width }, (_, i) => [
        ...made('grey', { width: 1, height: 1, data: data.slice(3 * i, 3 * i + 3) }).data,
      ]);
      expect([...made('grey', picture(width, 1)).data]).toEqual(alone.flat());
    }
    expect([...made('light:0.5', red).data]).toEqual([128, 0, 5]);
    const two = { width: 2, height: 1, data: Uint8Array.from([0, 0, 0, 100, 100, 100]) };
    expect(made('scale:0.5', two)).toMatchObject({ width: 1, height: 1 });
    expect([...made('scale:0.5', two).data]).toEqual([50, 50, 50]);
  });

  it.each([
    ['scale:0.37', 37, 53, 'c59abef861d20fb1'],
    ['scale:2.3', 37, 53, 'e33b1ea7b026a8c7'],
    ['scale:0.1', 200, 100, 'fa35683f839935d7'],
  ])('pixels of %s equal the pixels of Pillow BILINEAR', (id, width, height, sha256) => {
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * i * 7 + i * 13) % 256);
    const bytes = made(id, { width, height, data }).data;
    expect(createHash('sha256').update(bytes).digest('hex').slice(0, 16)).toBe(sha256);
  });

  it('property: pixels of a mirrored crop or roll equal a crop or roll of the mirror', () => {
    for (const id of ['crop:0,0.25,0.5,1', 'roll:10']) {
      const first = made(id, turnPixels(picture(40, 30), 'mirror'));
      const [before] = normal(`mirror+${id}`).split('+');
      const second = turnPixels(made(before!, picture(40, 30)), 'mirror');
      expect(first.width).toBe(second.width);
      first.data.forEach((v, i) => expect(Math.abs(v - second.data[i]!)).toBeLessThanOrEqual(1));
    }
  });

  it('property: warps include only pixels of the image, and map points back to their origin', () => {
    for (const [id, focal] of [
      ['roll:10', undefined],
      ['roll:-15', undefined],
      ['pan:8', 640],
      ['pan:-15', 400],
      ['slant:15', undefined],
      ['slant:-8', undefined],
    ] as const) {
      const size = { w: 640, h: 480 };
      const warp = warpOf(readResample(id)!, size, focal)!;
      for (const corner of [
        [0, 0],
        [warp.size.w, 0],
        [0, warp.size.h],
        [warp.size.w, warp.size.h],
      ] as const) {
        const [x, y] = warp.from(corner);
        expect(Math.min(x, y, size.w - x, size.h - y)).toBeGreaterThan(-1);
        const [u, v] = warp.to([x, y]);
        expect([u, v].map((n) => Math.round(n * 1e6) / 1e6 + 0)).toEqual([...corner].map((n) => n + 0));
      }
      expect(warp.size.w * warp.size.h).toBeGreaterThan(0.4 * size.w * size.h);
    }
  });
});

describe('rows in resampling views', () => {
  const row = (question: string, answer: string, more: object = {}): Sample =>
    parseSample({
      id: 'a',
      question,
      answer,
      images: [{ w: 640, h: 480 }],
      scene_graph: {
        version: 1,
        objects: [
          { id: 'a', label: 'cup', box: [100, 100, 150, 150], depth: 2 },
          { id: 'b', label: 'jug', box: [400, 100, 450, 160] },
          { id: 'c', label: 'lamp', box: [0, 0, 60, 60] },
        ],
        relations: [
          { subject: 'a', predicate: 'left_of', object: 'b', frame: 'viewer' },
          { subject: 'a', predicate: 'near', object: 'c', frame: 'viewer' },
        ],
      },
      ...more,
    }).sample!;
  const outcome = (id: string, sample: Sample) => {
    const { status, code }: ViewVariant = rewriteFor(sample, id);
    return code ?? status;
  };
  const SIDE = row('Is the cup left of the jug?', 'Yes');

  it.each([
    ['crop:0.1,0,1,1', SIDE, 'invariant'],
    ['crop:0.2,0,1,1', SIDE, 'cut'],
    ['crop:0.1,0,1,1', row('Is the cup left of the vase?', 'Yes'), 'no_boxes'],
    ['crop:0.1,0,1,1', { ...SIDE, scene_graph: undefined } as never, 'no_boxes'],
    ['crop:0.1,0,1,1', row('Which is leftmost, the cup or the jug?', 'the cup'), 'incomplete'],
    ['crop:0.1,0,1,1', row('Is the cup in the top-left corner of the image?', 'Yes'), 'frame'],
    ['pad:square', row('Is the cup in the top-left corner of the image?', 'Yes'), 'about_picture'],
    ['pad:square', SIDE, 'invariant'],
    ['pad:square', row('Is the picture landscape or portrait?', 'landscape'), 'about_picture'],
    ['scale:0.2', SIDE, 'too_small'],
    ['scale:0.5', SIDE, 'invariant'],
    ['roll:5', row('Is the pole vertical?', 'Yes'), 'angle'],
    [
      'roll:5',
      row('What is the box of the cup?', '[100, 100, 150, 150]', {
        box_format: 'xyxy_px',
        boxes: [[100, 100, 150, 150]],
      }),
      'box',
    ],
    [
      'scale:0.5',
      row('How far is the cup?', '2 m', { box_format: 'xyxy_px', boxes: [[1, 2, 3]] }),
      'geometry',
    ],
    ['slant:5', row('How far is the cup from the jug?', '2 meters'), 'invariant'],
    ['slant:5', SIDE, 'direction'],
    ['slant:5', row('Is the pole vertical?', 'Yes'), 'angle'],
    ['pan:5', SIDE, 'no_focal'],
    ['pan:5', row('Is the cup left of the jug?', 'Yes', { meta: { focal_px: 640 } }), 'invariant'],
    ['pan:5', row('Is the cup behind the jug?', 'Yes', { meta: { focal_px: 640 } }), 'axis'],
    [
      'pan:5',
      row('Is the cup left of the jug?', 'Yes', { meta: { world: { camera: { focal: 1 } } } }),
      'invariant',
    ],
    ['light:0.5', row('What colour is the cup?', 'red'), 'light'],
    ['light:0.5', row('Which is closer, the red cup or the blue jug?', 'the red cup'), 'invariant'],
    ['light:0.5', row('Is the red cup left of the jug?', 'No, the red cup is right of it.'), 'invariant'],
    ['light:0.5', row('Which cup is left of the jug?', 'the red cup'), 'light'],
    ['grey', row('How far is the cup?', '2 meters'), 'invariant'],
    ['grey', row('What is in the red box?', 'a cup'), 'colour'],
    ['crop:0,0,0.5,1', row('Is the cup in the left half of the image?', 'No'), 'undecided'],
  ] as [string, Sample, string][])('a row of %s has the right outcome (case %#)', (id, sample, expected) => {
    expect(outcome(id, sample)).toBe(expected);
  });

  const COMPLETE = { scene_graph: { ...(SIDE.scene_graph as object), complete: true } };
  it.each([
    // As CV-Bench, VSR and What'sUp ask.
    [
      'Considering the relative positions of the cup (annotated by the red box) and the jug in the image provided, where is the cup (annotated by the red box) located with respect to the jug?',
      'left',
      'invariant',
    ],
    [
      'Which object is closer to the camera taking this photo, the cup (highlighted by a red box) or the jug (highlighted by a blue box)?',
      'cup',
      'invariant',
    ],
    [
      'Estimate the real-world distances between objects in this image. Which object is closer to the cup (highlighted by a red box), the jug (highlighted by a blue box) or the vase (highlighted by a green box)?',
      'the jug',
      'no_boxes',
    ],
    ['The cup is at the edge of the jug. True or false?', 'False', 'invariant'],
    ['How far apart are the cup and the jug, from center to center?', '2 meters', 'invariant'],
    ['What is the distance between the centers of the cup and the jug?', '2 meters', 'invariant'],
    ['Is the cup on its left or on its right? It is the one beside the jug.', 'left', 'incomplete'],
    ['Draw a bounding box around the cup.', '[100, 100, 150, 150]', 'flipped'],
    // Names without an article, and words before a noun, hide nothing.
    ['Which object is left of the jug?', 'vase', 'no_boxes'],
    ['Which object is left of the jug?', 'cup', 'invariant'],
    ['Who is behind the jug?', 'an old man', 'no_boxes'],
    ['Is the left chair behind the jug?', 'Yes', 'no_boxes'],
    ['Is the other vase behind the jug?', 'Yes', 'no_boxes'],
    ['Is the cup standing on the floor?', 'Yes', 'no_boxes'],
    // Parts of the image are others after a crop.
    ['Is the cup in the middle?', 'No', 'frame'],
    ['Is the cup left of the center?', 'Yes', 'frame'],
    ['Is the cup near the center of the picture?', 'Yes', 'frame'],
    ['How far left is the cup?', '20% of the width', 'frame'],
    ['What is the object left of the jug?', 'cup', 'incomplete'],
  ])('rows "%s" → "%s" have the outcome %s', (question, answer, expected) => {
    const more = answer.startsWith('[')
      ? { box_format: 'xyxy_px', boxes: [JSON.parse(answer) as number[]] }
      : {};
    expect(outcome('crop:0.1,0.1,1,1', row(question, answer, more))).toBe(expected);
  });

  it('rows refer to kinds of objects only if all objects of the kind are visible', () => {
    const kinds = row('Is the object left of the jug a cup?', 'Yes', COMPLETE);
    expect(outcome('crop:0.1,0.1,1,1', kinds)).toBe('cut');
    expect(outcome('crop:0,0,1,0.9', kinds)).toBe('invariant');
  });

  it('rows match hyphenated labels of compact worlds', () => {
    const compact = (reasoning: string) =>
      row('which is closer , the blue-cup or the red-jug ?', 'red-jug', {
        reasoning,
        scene_graph: {
          version: 1,
          objects: [
            { id: 'a', label: 'blue-cup', box: [100, 100, 150, 150] },
            { id: 'b', label: 'red-jug', box: [400, 100, 450, 160] },
          ],
          relations: [],
        },
      });
    expect(outcome('crop:0.1,0,1,1', compact('red-jug 3 metres'))).toBe('invariant');
    const lost = rewriteFor(compact('red-jug right-2 3 metres'), 'crop:0.1,0,1,1');
    expect(lost.reasoning_dropped).toMatch(/\S/);
    expect(outcome('light:0.5', compact('red-jug 3 metres'))).toBe('invariant');
  });

  it('rows move boxes, points and graph, and drop cut objects and broken relations', () => {
    const sample = row('How far is the cup from the camera?', '2 meters', {
      box_format: 'xyxy_norm',
      boxes: [[0.5, 0.5, 0.75, 0.75]],
      points: [[0.5, 0.5]],
    });
    const cropped: ViewVariant = rewriteFor(sample, 'crop:0.1,0,1,1');
    expect(cropped.size).toEqual({ w: 576, h: 480 });
    expect(cropped.boxes![0]!.map((v) => Math.round(v * 1000))).toEqual([444, 500, 722, 750]);
    expect(cropped.scene_graph!.objects.map(({ id, box }) => [id, box])).toEqual([
      ['a', [36, 100, 86, 150]],
      ['b', [336, 100, 386, 160]],
    ]);
    expect(cropped.scene_graph!.relations).toHaveLength(1);
    const rolled: ViewVariant = rewriteFor(sample, 'roll:10');
    expect(rolled.boxes).toEqual([]);
    expect(rolled.scene_graph!.objects[0]).toMatchObject({
      depth: 2,
      centroid: expect.any(Array) as number[],
    });
    expect(rolled.scene_graph!.relations).toEqual([]);
  });

  it('rows rotate and flip like other rows after resampling', () => {
    const anchored = row('In the image, is the cup left of the jug?', 'Yes');
    const both: ViewVariant = rewriteFor(anchored, 'crop:0.1,0,1,1+rotate:180');
    expect([both.question, both.image_op]).toEqual([
      'In the image, is the cup right of the jug?',
      'crop:0.1,0,1,1+rotate:180',
    ]);
    expect(both.scene_graph!.objects[0]!.box).toEqual([490, 330, 540, 380]);
  });
});
