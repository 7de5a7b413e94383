import { isRecord } from '../../base/json.ts';
import { fingerprint } from '../../base/random.ts';
import type { Judged, Sample, Variant } from './sample.ts';

/**
 * A decision belongs to the text that it was made on. When the row or its variant has other texts, boxes or images
 * later, the decision says nothing about these, and the variant waits for review again.
 */

/** What somebody sees who decides on this variant now. */
export const judgedOf = (sample: Sample, variant: Variant): Judged => ({
  question: sample.question,
  answer: sample.answer,
  hash: rowHash(sample),
  variant: fingerprint(JSON.stringify(partsOf(variant))),
});

/** Of all that a reviewer sees of a row itself. */
export const rowHash = (sample: Sample): string =>
  fingerprint(JSON.stringify([...partsOf(sample), sample.images.map(pathOf)]));

/** What a stored decision was made on, if it is another text than the present one; else null. */
export function olderText(sample: Sample, variant: Variant): Judged | null {
  const judged: unknown = variant.review?.judged;
  if (!isJudged(judged)) return null;
  const now = judgedOf(sample, variant);
  return judged.hash === now.hash && judged.variant === now.variant ? null : judged;
}

/** Files are edited by people, who may write anything. */
export const isJudged = (value: unknown): value is Judged =>
  isRecord(value) && ['question', 'answer', 'hash', 'variant'].every((key) => typeof value[key] === 'string');

const partsOf = ({ question, answer, answers, choices, boxes, points, masks }: Sample | Variant) => [
  ...[question, answer, choices, boxes, points, masks].map((part) => part ?? null),
  ...(answers ? [answers] : []),
];

/** Its size may be written down later, which shows no other image. */
const pathOf = (image: Sample['images'][number]): unknown =>
  typeof image === 'string' ? image : (image.path ?? { ...image, w: 0, h: 0 });
