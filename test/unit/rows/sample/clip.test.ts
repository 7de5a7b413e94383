import { describe, expect, it } from 'vitest';
import { checkSample } from '../../../../src/rows/sample/check-sample.ts';
import { framesOf, isClip, MOST_FRAMES, timesOf, withFewFrames } from '../../../../src/rows/sample/clip.ts';
import { parseSample } from '../../../../src/rows/sample/parse-sample.ts';
import { imagesAndClip } from './clip-rows.ts';
import { applyVariant } from '../../../../src/rows/sample/variant.ts';
import { variantOf } from '../../../../src/rows/views/view-variant.ts';
import { sequenceSample } from '../../../../src/rows/views/sequence-views.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { property } from '../../../support/property.ts';

const row = { id: 'a', question: 'Does the ball move to the left or to the right?', answer: 'left' };
const read = (more: object): Sample => {
  const { sample, problems } = parseSample({ ...row, ...more });
  if (!sample) throw new Error(problems.map(({ message }) => message).join(' '));
  return sample;
};

describe('frames of a video', () => {
  it('frames of a video are the middles of equal parts, eight by default', () => {
    expect(read({ video: { path: 'a.mp4', frames: 2, end_s: 4 } }).images).toEqual([
      { video: 'a.mp4', frame: 0, frames: 2, end_s: 4 },
      { video: 'a.mp4', frame: 1, frames: 2, end_s: 4 },
    ]);
    expect(framesOf({ path: 'a.mp4' })).toHaveLength(8);
    expect(framesOf({ path: 'a.mp4', fps: 2, start_s: 1, end_s: 4 })).toHaveLength(6);
  });

  it('frames are limited to the maximum of a row, with a problem from checkSample', () => {
    const sample = read({ video: { path: 'a.mp4', frames: 10_000 } });
    expect(sample.images).toHaveLength(MOST_FRAMES);
    expect(checkSample(sample).map(({ code }) => code)).toEqual(['video-frames']);
  });

  it('frames are empty if their number depends on an unknown length, with a suggested fix', () => {
    const sample = read({ video: { path: 'a.mp4', fps: 2 } });
    expect(sample.images).toEqual([]);
    expect(checkSample(sample)).toMatchObject([
      { code: 'video-length', fix: expect.stringContaining('end_s') as string },
    ]);
  });

  it('frames are the same for a plain path as for an object with that path', () => {
    expect(read({ video: 'a.mp4' })).toEqual(read({ video: { path: 'a.mp4' } }));
  });

  it('images listed in the row replace frames of a video', () => {
    expect(read({ video: { path: 'a.mp4' }, images: ['1.png', '2.png'] }).images).toEqual(['1.png', '2.png']);
  });
});

describe('times of frames', () => {
  it('times of frames are computed from listed times, frame rate, or part of the video', () => {
    expect(timesOf(read({ images: ['1', '2'], clip: { fps: 4 } }))).toEqual([0, 0.25]);
    expect(timesOf(read({ images: ['1', '2'], clip: { fps: 4, times_s: [1, 7] } }))).toEqual([1, 7]);
    expect(timesOf(read({ video: { path: 'a', frames: 2, start_s: 2, end_s: 6 } }))).toEqual([3, 5]);
    expect(timesOf(read({ video: { path: 'a', frames: 2 } }))).toBeNull();
    expect(timesOf(read({ images: ['1', '2'] }))).toBeNull();
  });

  it('times are null if they do not increase or do not match the images, with a problem', () => {
    for (const [times, path] of [
      [[0, 2, 1], 'clip.times_s[2]'],
      [[0, 0, 1], 'clip.times_s[1]'],
      [[0, 1], 'clip.times_s'],
    ] as const) {
      const sample = read({ images: ['1', '2', '3'], clip: { times_s: times } });
      expect(timesOf(sample)).toBeNull();
      expect(checkSample(sample)).toMatchObject([{ code: 'clip-times', path }]);
    }
  });

  property(
    'times are reversed in a reversed clip, and restored by a second reverse',
    [imagesAndClip],
    (fields) => {
      const sample = read(fields);
      const other = (of: Sample) => {
        const made = sequenceSample(of, { op: 'reverse' });
        return applyVariant(of, variantOf(of, made));
      };
      const seen = other(sample);
      expect(seen.images).toEqual([...sample.images].reverse());
      const [before, after] = [timesOf(sample)!, timesOf(seen)!];
      const steps = (times: number[]) => times.slice(1).map((time, i) => time - times[i]!);
      steps(after)
        .reverse()
        .forEach((step, i) => expect(step).toBeCloseTo(steps(before)[i]!, 5));
      timesOf(other(seen))!.forEach((time, i) => expect(time).toBeCloseTo(before[i]!, 5));
    },
  );

  it('times continue to increase in a repeated clip', () => {
    const sample = read({ images: ['1', '2'], clip: { times_s: [0.5, 1.5] } });
    const made = sequenceSample(sample, { op: 'repeat', k: 2 });
    expect('fields' in made && made.fields.clip).toEqual({ times_s: [0.5, 1.5, 2.5, 3.5] });
  });
});

it.each([
  [{ clip: [] }, 'clip'],
  [{ clip: { fps: 0 } }, 'clip.fps'],
  [{ clip: { times_s: [0, null] } }, 'clip.times_s'],
  [{ video: ['a.mp4'] }, 'video'],
  [{ video: {} }, 'video.path'],
  [{ video: { path: 'a', frames: 1.5 } }, 'video.frames'],
  [{ video: { path: 'a', frames: 0 } }, 'video.frames'],
  [{ video: { path: 'a', fps: -1 } }, 'video.fps'],
  [{ video: { path: 'a', start_s: -1 } }, 'video.start_s'],
  [{ video: { path: 'a', start_s: 3, end_s: 2 } }, 'video.end_s'],
  [{ images: [{ video: 'a', frame: 2, frames: 2 }] }, 'images[0]'],
  [{ images: [{ video: 'a', frame: 0, frames: 2, start_s: 3, end_s: 2 }] }, 'images[0].end_s'],
])('parseSample: rejects the clip fields %j with an error at %s and a fix', (fields, path) => {
  const { sample, problems } = parseSample({ ...row, ...fields });
  expect(sample).toBeNull();
  expect(problems).toMatchObject([
    { severity: 'error', path, fix: expect.stringContaining('docs/') as string },
  ]);
});

it('withFewFrames: reduces a clip of 10,000 frames to the same 64 frames in both directions', () => {
  for (const n of [64, 65, 128, 127, 10_000]) {
    const images = Array.from({ length: n }, (_, i) => `${i}.png`);
    const few = withFewFrames(read({ images, clip: { fps: 10 } }));
    expect(few.images).toHaveLength(64);
    expect(timesOf(few)).toEqual(few.images.map((name) => Number.parseInt(name as string) / 10));
    const back = withFewFrames(read({ images: [...images].reverse(), clip: {} }));
    expect(back.images).toEqual([...few.images].reverse());
  }
  const long = read({ images: Array.from({ length: 65 }, (_, i) => `${i}`), clip: {} });
  expect(checkSample(long).map(({ code }) => code)).toEqual(['clip-long']);
  const pictures = read({ images: long.images });
  expect(withFewFrames(pictures)).toBe(pictures);
});

it('isClip: accepts a single frame, with a problem, and rejects several images without times', () => {
  const one = read({ images: ['1'], clip: { fps: 2 } });
  expect(isClip(one)).toBe(true);
  expect(checkSample(one).map(({ code }) => code)).toEqual(['clip-short']);
  expect(checkSample({ ...one, images: [] }).map(({ code }) => code)).toEqual(['clip-short']);
  expect(isClip(read({ images: ['1', '2'] }))).toBe(false);
});
