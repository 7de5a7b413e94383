import type { Report } from './parse-sample.ts';
import type { Problem } from '../../base/problem.ts';
import { areaOf, splitFormat, toPixels, type Size, type Xyxy } from './boxes.ts';
import { namesChoices } from './choices.ts';
import { checkClip } from './clip.ts';
import { declaredSize, REVIEW_STATES, type Sample, type Variant } from './sample.ts';
import { olderText } from './judged.ts';
import { readLabel } from './label-review.ts';
import { isTrusted, isUnwritten, objectionsTo } from './variant.ts';
import { checkFault } from '../../base/labels.ts';
import { VARIANT_NAMES, viewOf, type VariantName } from '../view-list.ts';

/**
 * Finds problems in a well-formed row. The row remains usable, so the problems are warnings, except for open conflicts
 * of merged files. `size` is the actual size of the first image; by default the declared size.
 */
export function checkSample(
  sample: Sample,
  size: Size | undefined = declaredSize(sample.images[0]),
): Problem[] {
  const problems: Problem[] = [];
  const warn: Report = (code, path, message, fix) =>
    problems.push({ severity: 'warning', code, message, path, ...(fix && { fix }) });

  const { choices } = sample;
  if (choices) {
    if (new Set(choices.map((c) => c.trim().toLowerCase())).size < choices.length) {
      warn('choices-repeat', 'choices', 'Two choices have the same text.');
    } else if (!namesChoices(sample.answer, choices)) warn(...notAmong(sample.answer, 'answer'));
  }

  const placeholders = sample.question.split('<image>').length - 1;
  if (placeholders > 0 && placeholders !== sample.images.length) {
    const images = sample.images.length === 1 ? 'one image' : `${sample.images.length} images`;
    warn(
      'placeholders',
      'question',
      `The question has ${placeholders} <image> placeholders, but the row has ${images}.`,
    );
  }

  if ((sample.boxes || sample.points) && !sample.box_format) {
    const fix = 'Add box_format, for example "xyxy_px".';
    warn('no-box-format', 'box_format', 'Boxes and points require a box_format.', fix);
  }
  if (Array.isArray(sample.conflicts) && sample.conflicts.length > 0)
    problems.push({
      severity: 'error',
      code: 'merge-conflict',
      message: `The merged files differ in ${sample.conflicts.length} fields of this row.`,
      path: 'conflicts',
      fix: 'Resolve the conflict in the annotation editor, or correct the fields and remove "conflicts".',
    });
  if (readLabel(sample).state === 'suspect')
    warn(
      'label-suspect',
      'answer',
      'The label is likely wrong and has not been confirmed.',
      'Check the image in the annotation editor, correct the answer if necessary, and confirm the label (c).',
    );
  for (const name of VARIANT_NAMES) checkVariant(sample, name, size, warn);
  checkBoxes(sample, size, warn);
  checkClip(sample, warn);
  return problems;
}

/**
 * Checks the number of coordinates, the order of corners, and the area of boxes. Also checks that boxes and points are
 * inside the image, with a tolerance of 1 pixel or 0.2% of the image size.
 */
function checkBoxes(sample: Sample, size: Size | undefined, warn: Report): void {
  const { boxes = [], points = [], box_format: format } = sample;
  const parts = format && splitFormat(format);
  if (!parts) return;
  const frame = { px: size, norm: { w: 1, h: 1 }, '1000': { w: 1000, h: 1000 } }[parts.unit];
  const slack = parts.unit === 'px' ? 1 : 0.002 * (frame?.w ?? 0);
  const checkInside = ([x1, y1, x2, y2]: Xyxy, what: 'box' | 'point', path: string) => {
    if (!frame || (x1 >= -slack && y1 >= -slack && x2 <= frame.w + slack && y2 <= frame.h + slack)) return;
    const fix = parts.unit === 'px' ? undefined : 'Check box_format.';
    warn(`${what}-outside`, path, `The ${what} extends beyond the image (${frame.w} × ${frame.h}).`, fix);
  };
  points.forEach((point, i) => {
    const path = `points[${i}]`;
    if (point.length === 2) checkInside(toPixels(point, 'point_px'), 'point', path);
    else warn('point-length', path, `A point must have 2 numbers, not ${point.length}.`);
  });
  const expected = parts.shape === 'point' ? 2 : 4;
  boxes.forEach((box, i) => {
    const path = `boxes[${i}]`;
    if (box.length !== expected) {
      warn('box-length', path, `${format} must have ${expected} numbers, not ${box.length}.`);
      return;
    }
    const [, , c = 0, d = 0] = box;
    const turned = parts.shape === 'xyxy' ? c < box[0]! || d < box[1]! : c < 0 || d < 0;
    if (parts.shape !== 'point' && turned) {
      const fix = 'Put the left edge before the right edge, and the upper edge before the lower edge.';
      warn('box-corners', path, 'The corners of the box are in the wrong order.', fix);
    }
    const corners = toPixels(box, `${parts.shape}_px`);
    if (parts.shape !== 'point' && !turned && areaOf(corners) === 0)
      warn('box-empty', path, 'The box has no area.', 'Set a width and a height, or use a point.');
    checkInside(corners, parts.shape === 'point' ? 'point' : 'box', path);
  });
}

/**
 * Checks a stored variant. For an untrusted variant, checks only its review, because the variant can be unfinished and
 * is not used in training.
 */
function checkVariant(sample: Sample, name: VariantName, size: Size | undefined, warn: Report): void {
  const variant: Variant | undefined = sample.variants?.[name];
  if (!variant) return;
  const path = `variants.${name}`;
  checkReview(variant, path, warn);
  if (!isTrusted(variant)) return;
  const fix = `Correct or discard the rewrite: chirality review FILE --view ${name}.`;
  if (olderText(sample, variant)) {
    const message = `The ${name} was ${variant.review!.state} for an older version of the row, so the rewrite is not used.`;
    const again = variant.review!.state === 'discarded' ? 'Review' : 'Accept';
    const repeat = `${again} the ${name} again: chirality review FILE --view ${name}.`;
    warn('older-text', `${path}.review`, message, repeat);
    return;
  }
  const objections = variant.review ? objectionsTo(sample, variant) : [];
  if (objections.length > 0) {
    const faults = objections.map(checkFault).join('; ');
    warn('overruled', `${path}.review`, `The ${name} was accepted despite failed checks: ${faults}.`, fix);
  }
  if (isUnwritten(sample, name, variant))
    warn('opposite-repeats', path, 'The opposite question repeats the original and is not used.', fix);
  for (const key of ['question', 'answer'] as const)
    if (variant[key].trim() === '')
      warn('empty', `${path}.${key}`, `The ${key} of the ${name} is empty.`, fix);
  checkChoices(sample, variant, path, warn);
  if (viewOf(name).kind !== 'pixels') return;
  checkGeometry(sample, variant, path, warn);
  const { boxes, points } = variant;
  if (boxes ?? points)
    checkBoxes({ ...sample, boxes, points }, size, (code, field, ...words) =>
      warn(code, `${path}.${field}`, ...words),
    );
}

function checkReview({ review }: Variant, path: string, warn: Report): void {
  if (review == null || REVIEW_STATES.includes(review.state)) return;
  const state = JSON.stringify(review.state) ?? 'none';
  warn(
    'review-state',
    `${path}.review.state`,
    `Unknown review state ${state}. The rewrite is not used.`,
    `Use one of ${REVIEW_STATES.join(', ')}.`,
  );
}

function checkChoices(sample: Sample, { choices, answer }: Variant, path: string, warn: Report): void {
  const options = sample.choices ?? [];
  if (choices && choices.length !== options.length)
    warn(
      'choices-count',
      `${path}.choices`,
      `The rewrite has ${choices.length} choices, but the row has ${options.length}.`,
      'Use the same number of choices in the row and in its rewrite.',
    );
  const given = choices ?? options;
  if (given.length > 0 && namesChoices(sample.answer, options) && !namesChoices(answer, given))
    warn(...notAmong(answer, `${path}.answer`));
}

const notAmong = (answer: string, path: string): Parameters<Report> => [
  'answer-not-a-choice',
  path,
  `The answer ${JSON.stringify(answer)} is not among the choices.`,
];

/** Checks that a variant has its own geometry. Otherwise, a mirror would have the original's geometry. */
function checkGeometry(sample: Sample, variant: Variant, path: string, warn: Report): void {
  for (const key of ['boxes', 'points', 'masks'] as const) {
    const [own, other] = [sample[key]?.length ?? 0, variant[key]?.length ?? 0];
    if (own !== other)
      warn(
        'geometry-lost',
        `${path}.${key}`,
        `The row has ${own} ${key}, but its rewrite has ${other}.`,
        'Mirror the row again: chirality view mirror.',
      );
  }
}
