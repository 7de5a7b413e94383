import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FRAME_CONTROLS, withFrames } from '../../../../src/core/prompts/frame-controls.ts';
import {
  asksAsTrained,
  missingFor,
  withClips,
  type Strategy,
} from '../../../../src/core/prompts/strategy.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { property } from '../../../support/property.ts';

const clipOf = (id: string, images: readonly string[]): Sample => ({
  id,
  question: 'Does the ball move?',
  answer: 'Yes',
  images: [...images],
  clip: { times_s: images.map((_, i) => i / 2) },
});

const frames = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 3, maxLength: 12 });

property(
  'withFrames: shuffles a clip and its reverse into the same third order',
  [fc.string(), frames],
  (id, images) => {
    const { images: shuffled, clip } = withFrames(clipOf(id, images), 'shuffled-frames');
    const reversed = [...images].reverse();
    expect(withFrames(clipOf(id, reversed), 'shuffled-frames').images).toEqual(shuffled);
    expect([...shuffled].sort()).toEqual([...images].sort());
    expect(shuffled).not.toEqual(images);
    expect(shuffled).not.toEqual(reversed);
    // Frames are shown at the times of their places.
    expect(clip).toEqual(clipOf(id, images).clip);
  },
);

it('withFrames: shuffles clips with equal frames or only two frames', () => {
  for (const images of [
    ['a', 'a', 'a'],
    ['a', 'b'],
  ])
    expect(withFrames(clipOf('x', images), 'shuffled-frames').images.sort()).toEqual(images);
});

it('withFrames: keeps the first frame and its time', () => {
  expect(withFrames(clipOf('x', ['a', 'b', 'c']), 'first-frame')).toMatchObject({
    images: ['a'],
    clip: { times_s: [0] },
  });
});

it('withClips: selects only clips, and uses the trained prompt for every control', () => {
  const trained = { name: 'trained', about: '', extract: 'whole', stages: [] } satisfies Strategy;
  const { id, question, answer, images } = clipOf('x', ['a', 'b']);
  const still: Sample = { id, question, answer, images };
  for (const frames of ['all', ...FRAME_CONTROLS] as const) {
    const strategy = withClips(trained, frames);
    expect(asksAsTrained(strategy)).toBe(true);
    expect(asksAsTrained({ ...strategy, name: 'direct' })).toBe(false);
    expect(missingFor(strategy, clipOf('x', ['a', 'b']))).toBeNull();
    expect(missingFor(strategy, clipOf('x', ['a']))).toContain('clip');
    expect(missingFor(strategy, still)).toContain('clip');
  }
});

it('missingFor: rejects a clip with unknown frames if the stage shows images', () => {
  const video = { ...clipOf('x', []), video: { path: 'a.mp4', fps: 2 } };
  const stage = { name: 'answer', user: '{question}', options: 'none' } as const;
  const shows = { name: 'a', about: '', extract: 'whole' } as const;
  expect(missingFor({ ...shows, stages: [{ ...stage, images: 'shown' }] }, video)).toContain('not known');
  expect(missingFor({ ...shows, stages: [{ ...stage, images: 'none' }] }, video)).toBeNull();
});
