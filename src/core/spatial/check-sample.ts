import type { Problem } from '../problem.ts';
import { splitFormat, toPixels, type Size } from './boxes.ts';
import { choiceIndex } from './choices.ts';
import { declaredSize, type Sample } from './sample.ts';
import { isTrusted, trustedVariant } from './variant.ts';

/**
 * What a well-formed sample may still have wrong; the sample remains usable, so these are warnings.
 * `size` is the real size of the first image, where it is known better than by its declaration.
 */
export function checkSample(
  sample: Sample,
  size: Size | undefined = declaredSize(sample.images[0]),
): Problem[] {
  const problems: Problem[] = [];
  const warn = (code: string, path: string, message: string, fix?: string) =>
    problems.push({ severity: 'warning', code, message, path, ...(fix && { fix }) });

  const { choices } = sample;
  if (choices) {
    if (new Set(choices.map((c) => c.trim().toLowerCase())).size < choices.length) {
      warn('choices-repeat', 'choices', 'Two choices have the same text.');
    } else if (choiceIndex(sample.answer, choices) === null) {
      warn(
        'answer-not-a-choice',
        'answer',
        `The answer ${JSON.stringify(sample.answer)} is not among the choices.`,
      );
    }
  }

  const placeholders = sample.question.split('<image>').length - 1;
  if (placeholders > 0 && placeholders !== sample.images.length) {
    const images = sample.images.length === 1 ? 'one image' : `${sample.images.length} images`;
    warn('placeholders', 'question', `${placeholders} <image> placeholders, but ${images}.`);
  }

  if ((sample.boxes || sample.points) && !sample.box_format) {
    const fix = 'Add box_format, for example "xyxy_px".';
    warn(
      'no-box-format',
      'box_format',
      'Boxes or points without a box_format: nothing can interpret them.',
      fix,
    );
  }
  const polarity = sample.variants?.polarity;
  if (isTrusted(polarity) && !trustedVariant(sample, 'polarity'))
    warn(
      'opposite-repeats',
      'variants.polarity',
      'The opposite repeats the original, so it is not used.',
      'Write the opposite, or discard it: chirality review FILE --form polarity.',
    );
  checkBoxes(sample, size, warn);
  return problems;
}

type Warn = (code: string, path: string, message: string, fix?: string) => void;

/** Number of coordinates, and whether boxes lie inside the image (1 pixel or 0.2 % of slack for rounding). */
function checkBoxes({ boxes, box_format: format }: Sample, size: Size | undefined, warn: Warn): void {
  const parts = format && splitFormat(format);
  if (!boxes || !parts) return;
  const frame = { px: size, norm: { w: 1, h: 1 }, '1000': { w: 1000, h: 1000 } }[parts.unit];
  const expected = parts.shape === 'point' ? 2 : 4;
  boxes.forEach((box, i) => {
    const path = `boxes[${i}]`;
    if (box.length !== expected) {
      warn('box-length', path, `${format} has ${expected} numbers, this entry ${box.length}.`);
      return;
    }
    if (!frame) return;
    const [x1, y1, x2, y2] = toPixels(box, `${parts.shape}_px`);
    const slack = parts.unit === 'px' ? 1 : 0.002 * frame.w;
    if (x1 < -slack || y1 < -slack || x2 > frame.w + slack || y2 > frame.h + slack) {
      const fix = parts.unit === 'px' ? undefined : 'Is box_format right?';
      warn('box-outside', path, `The box reaches outside the image (${frame.w} × ${frame.h}).`, fix);
    }
  });
}
