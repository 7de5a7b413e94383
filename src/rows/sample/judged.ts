import { isRecord } from '../../base/json.ts';
import { fingerprint } from '../../base/random.ts';
import type { ImageRef, Judged, Sample, Variant } from './sample.ts';

/**
 * A decision belongs to everything that it was made on. When the row or its variant has other texts, boxes, graphs or
 * images later, the decision says nothing about these, and the variant waits for review again.
 */

/** What somebody sees who decides on this variant now. */
export const judgedOf = (sample: Sample, variant: Variant): Judged => ({
  question: sample.question,
  answer: sample.answer,
  hash: rowHash(sample),
  variant: hashOf(partsOf(variant), [...restOf(variant), placesOf(sample, variant)]),
});

/** Of all that a reviewer sees of a row itself. */
export const rowHash = (sample: Sample): string =>
  hashOf([...partsOf(sample), sample.images.map(pathOf)], restOf(sample));

/** What a stored decision was made on, if it is another text than the present one; else null. */
export function olderText(sample: Sample, variant: Variant): Judged | null {
  const judged: unknown = variant.review?.judged;
  if (!isJudged(judged)) return null;
  const now = judgedOf(sample, variant);
  const isNow = (key: 'hash' | 'variant') => judged[key] === now[key] || isPartOf(judged[key], now[key]);
  return isNow('hash') && isNow('variant') ? null : judged;
}

/** Whether a hash that was written before graphs and reasoning were hashed is one of the same row. */
const isPartOf = (one: string, other: string): boolean => other.startsWith(`${one}-`);

/** Files are edited by people, who may write anything. */
export const isJudged = (value: unknown): value is Judged =>
  isRecord(value) && ['question', 'answer', 'hash', 'variant'].every((key) => typeof value[key] === 'string');

/** Two hashes, joined by a hyphen; the first alone if there is nothing else. */
function hashOf(parts: unknown[], rest: unknown[]): string {
  const hash = fingerprint(JSON.stringify(parts));
  return rest.every((part) => part == null)
    ? hash
    : `${hash}-${fingerprint(JSON.stringify(rest.map(inOrder)))}`;
}

const partsOf = ({ question, answer, answers, choices, boxes, points, masks }: Sample | Variant) => [
  ...[question, answer, choices, boxes, points, masks].map((part) => part ?? null),
  ...(answers ? [answers] : []),
];

/** Facts in `meta` by which rows are rewritten. */
const FACTS =
  `order_near_to_far order_left_to_right order_small_to_big counts depths no_tie keypoint_names pixel_indices
  viewpoint laterality rig`.split(/\s+/);

const restOf = (row: Sample | Variant): unknown[] => [
  row.reasoning,
  row.scene_graph,
  row.box_format,
  row.clip,
  ...FACTS.map((key) => row[key] ?? row.meta?.[key]),
];

/** Which of the row's images a variant shows, if it says so; of one of its own, the name. */
const placesOf = ({ images }: Sample, variant: Variant): unknown => {
  const nameOf = (image: ImageRef) => JSON.stringify(pathOf(image));
  const names = images.map(nameOf);
  return variant.images?.map((image) => {
    const at = names.indexOf(nameOf(image));
    return at < 0 ? pathOf(image) : at;
  });
};

/** A value with the keys of objects in one order. */
const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isRecord(value)) return value ?? null;
  return Object.keys(value)
    .sort()
    .map((key) => [key, inOrder(value[key])]);
};

/** Its size may be written down later, which shows no other image. */
const pathOf = (image: ImageRef): unknown =>
  typeof image === 'string' ? image : (image.path ?? { ...image, w: 0, h: 0 });
