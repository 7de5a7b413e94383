import { expect, it } from 'vitest';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { applyVariant } from '../../../../src/rows/sample/variant.ts';
import { rewriteFor } from '../../../../src/rows/views/view.ts';

// Indices of pixels go from 0 to w − 1, so that the last one is the mirror of the first.
it('pixel indices: map the first pixel to the last pixel in every view and field', () => {
  const row: Sample = {
    id: 'x',
    question: 'How many cups are there?',
    answer: '1',
    images: [{ w: 640, h: 480 }],
    box_format: 'point_px',
    boxes: [[0, 0]],
    points: [[0, 0]],
    masks: [[[0, 0, 2, 0, 2, 2]]],
    scene_graph: {
      version: 1,
      objects: [{ id: 'cup', label: 'cup', centroid: [0, 0], box_format: 'xyxy_px' }],
      relations: [],
    },
    meta: { pixel_indices: true },
  };
  const seen = (view: string) => {
    const { boxes, points, masks, scene_graph: graph } = applyVariant(row, rewriteFor(row, view));
    return [boxes![0], points![0], (masks![0] as number[][])[0]!.slice(0, 2), graph!.objects[0]!.centroid];
  };
  const everywhere = (place: number[]) => [place, place, place, place];
  expect(seen('mirror')).toEqual(everywhere([639, 0]));
  expect(seen('flip')).toEqual(everywhere([0, 479]));
  expect(seen('rotate:180')).toEqual(everywhere([639, 479]));
  expect(seen('rotate:90')).toEqual(everywhere([479, 0]));
});
