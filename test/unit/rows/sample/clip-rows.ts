import fc from 'fast-check';

/** Images with what says when each of them is seen: a rate, times, or the part of a video. */
export const imagesAndClip = fc.integer({ min: 2, max: 9 }).chain((n) =>
  fc.oneof(
    fc.integer({ min: 1, max: 60 }).map((fps) => ({ images: namesOf(n), clip: { fps } })),
    fc
      .array(fc.integer({ min: 1, max: 5000 }), { minLength: n, maxLength: n })
      .map((steps) => ({ images: namesOf(n), clip: { times_s: summed(steps) } })),
    fc.integer({ min: 1, max: 100 }).map((end_s) => ({ video: { path: 'a.mp4', frames: n, end_s } })),
  ),
);

const namesOf = (n: number): string[] => Array.from({ length: n }, (_, i) => `${i}.png`);

const summed = (steps: readonly number[]): number[] =>
  steps.map((_, i) => steps.slice(0, i + 1).reduce((a, b) => a + b) / 1000);
