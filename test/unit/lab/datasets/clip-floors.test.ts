import { describe, expect, it } from 'vitest';
import { Random } from '../../../../src/base/random.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { drawMotionSample, motionOptions } from '../../../../src/core/worlds/motion/motion-rows.ts';
import { ClipFloors } from '../../../../src/lab/datasets/clip-floors.ts';

const paths = ['1.png', '2.png', '3.png', '4.png'];
const floorsOf = (rows: readonly Sample[]) => {
  const floors = new ClipFloors();
  for (const row of rows) floors.add(row);
  return floors.result();
};

const clip = (question: string, answer: string, more: Partial<Sample> = {}): Sample => ({
  id: question,
  question,
  answer,
  images: paths,
  clip: { fps: 4 },
  ...more,
});

describe('ClipFloors', () => {
  it('bounds accuracy without frame order by the pairs with a constant answer', () => {
    const rows = [
      clip('Does the car move to the left or to the right?', 'to the left'),
      clip('Does the bus move to the left or to the right?', 'to the right'),
      clip('Does the car move to the left?', 'Yes'),
      clip('Which object moves faster, the car or the bus?', 'the bus'),
      clip('Does the man walk forward?', 'Yes'),
      { ...clip('Does the van move to the left or to the right?', 'to the left'), clip: undefined },
    ] as Sample[];
    expect(floorsOf(rows)).toEqual({
      rows: 5,
      pairs: 4,
      changed: 2,
      constant: 0.5,
      words: 0.5,
      order: 0.5,
      bounded: false,
    });
    expect(floorsOf(rows.slice(4))).toBeNull();
  });

  it('the bound is 0 if all answers change, and positive if the first frame is enough', () => {
    const drawn = (bias: number) =>
      Array.from({ length: 30 }, (_, i) => {
        const options = motionOptions({
          style: 'compact',
          bias: { moves: bias },
          families: ['moves.where-side'],
        });
        return drawMotionSample(Random.from('floor').fork(i), options, { id: `${i}`, paths, withWorld: true })
          .sample;
      });
    for (const bias of [0.5, 1]) {
      const floor = floorsOf(drawn(bias))!;
      expect(floor).toMatchObject({ pairs: 30, changed: 30, order: 0, words: 0, frame_pairs: 30 });
      expect(floor.frame).toBeGreaterThan(0);
      expect(floor.frame).toBeLessThan(1);
    }
  });
});
