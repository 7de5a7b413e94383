import { describe, expect, it } from 'vitest';
import { checkMirror } from '../../../../src/rows/views/mirror/mirror-checks.ts';
import { mirrorSample } from '../../../../src/rows/views/mirror/mirror-sample.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { inView, rewriteFor } from '../../../../src/rows/views/view.ts';

const row = (question: string, answer: string, reasoning?: string, more: Partial<Sample> = {}): Sample => ({
  id: 'a',
  question,
  answer,
  images: [{ path: 'a.png', w: 100, h: 50 }],
  ...(reasoning !== undefined && { reasoning }),
  ...more,
});

describe('row in which only the reasoning is uncertain', () => {
  it.each([
    'The dog fills 10–30 % of the image width and the cat 60–80 %. So the cat is on the right.',
    'The cat is about two thirds of the way across, so it is on the right.',
    'The cat is around pixel 400 horizontally, the dog around pixel 100.',
    'The dog is in the first quarter of the width, the cat in the last.',
    'Sorted by their x position: dog, cat. So the cat is on the right.',
    'A larger value is further to the right, and the cat has it.',
    'Scanning horizontally, first I meet the dog, then the cat.',
    'The clock behind the cat shows 3:15, and the cat is on the right.',
  ])('a row with uncertain reasoning is mirrored without its reasoning: %s', (reasoning) => {
    const sample = row('Is the cat to the right of the dog?', 'Yes', reasoning);
    const mirror = mirrorSample(sample);
    expect(mirror).toMatchObject({ status: 'flipped', question: 'Is the cat to the left of the dog?' });
    expect(mirror.reasoning_dropped).toMatch(/\w/);
    expect(inView(sample, 'mirror')).not.toHaveProperty('reasoning');
    expect(Object.values(checkMirror(sample, mirror))).not.toContain('fail');
  });

  it('keeps reasoning whose numbers count from a stated side', () => {
    const reasoning = 'The cat is 20% of the width to the right of the center.';
    expect(mirrorSample(row('Is the cat on the right of the dog?', 'Yes', reasoning))).toMatchObject({
      reasoning: 'The cat is 20% of the width to the left of the center.',
    });
  });

  it('defers a row if the reasoning describes the image type', () => {
    const reasoning = 'This is a floor plan, on which the sofa is left of the bed.';
    expect(mirrorSample(row('Is the sofa left of the bed?', 'Yes', reasoning)).status).toBe('needs_llm');
  });

  it('mirrors the requested side in the last sentence of the reasoning', () => {
    const reasoning = 'Right, it is next to the window, so the answer is right.';
    expect(mirrorSample(row('Which side is it on?', 'right', reasoning)).reasoning).toBe(
      'Right, it is next to the window, so the answer is left.',
    );
  });
});

describe('views that rotate or flip words', () => {
  const status = (view: string, ...texts: Parameters<typeof row>) => rewriteFor(row(...texts), view).status;

  it('views that rotate or flip words defer vertical motion and references to the frame', () => {
    expect(status('rotate:180', 'Is the balloon rising?', 'Yes')).toBe('needs_llm');
    expect(status('rotate:180', 'Is there a sink?', 'Yes')).toBe('invariant');
    expect(status('rotate:180', 'Is the cup left of the frame of the picture?', 'Yes')).toBe('needs_llm');
    expect(status('rotate:180', 'In the image provided, is the cup left of the jug?', 'Yes')).toBe('flipped');
    expect(status('polarity', 'Is the cup partly above the jug?', 'Yes')).toBe('needs_llm');
    expect(status('mirror', 'Which way does it turn right after the bridge?', 'left')).toBe('needs_llm');
  });

  it('counts pixel indices from the last pixel if the row declares pixel indices', () => {
    const points = { points: [[10, 20]], box_format: 'point_px', meta: { pixel_indices: true } } as const;
    const sample = row('Point to the cup.', '[10, 20]', undefined, points as unknown as Partial<Sample>);
    expect(rewriteFor(sample, 'rotate:180')).toMatchObject({ answer: '[89, 29]', points: [[89, 29]] });
    expect(rewriteFor(sample, 'flip')).toMatchObject({ answer: '[10, 29]', points: [[10, 29]] });
  });
});

describe('answer options', () => {
  it('answer options keep letters in place, and the punctuation of a sentence', () => {
    const lettered = row('Which is it?', 'A', undefined, { choices: ['A. cup', 'B. jug'] });
    expect(rewriteFor(lettered, 'permute-options:1')).toMatchObject({
      answer: 'B',
      choices: ['A. jug', 'B. cup'],
    });
    expect(rewriteFor(row('Is it (A) red, (B) blue?', 'A'), 'permute-options:1')).toMatchObject({
      question: 'Is it (A) blue, (B) red?',
      answer: 'B',
    });
  });

  it('answer options can be "none of the above" in a transformed image', () => {
    const choices = ['2', '3', 'none of the above'];
    const counted = row('How many chairs are there?', '3', undefined, { choices });
    for (const view of ['rotate:90', 'flip'])
      expect(rewriteFor(counted, view)).toMatchObject({ status: 'invariant', choices });
  });

  it('answer options are not permuted if one refers to another', () => {
    const speaking = row('Which is it?', 'A', undefined, { choices: ['cup', 'same as option A'] });
    expect(rewriteFor(speaking, 'permute-options:1').code).toBe('no_options');
    const marked = 'Which is closer, the chair (in a red box) or the table (in a blue box)?';
    const sample = row(marked, 'A', undefined, { choices: ['chair', 'table'] });
    expect(rewriteFor(sample, 'exchange-names').code).toBe('no_relation');
  });
});
