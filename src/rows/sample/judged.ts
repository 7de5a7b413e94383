import { isRecord } from '../../base/json.ts';
import { fingerprint } from '../../base/random.ts';
import type { ImageRef, Judged, Sample, Variant } from './sample.ts';

/**
 * A review applies to all content on which the reviewer based it. If texts, boxes, graphs or images of the row or its
 * variant change later, the variant is pending again.
 */

/** Returns the content on which a review of this variant would be based now. */
export const judgedOf = (sample: Sample, variant: Variant): Judged => ({
  question: sample.question,
  answer: sample.answer,
  // A hash of all content of the row that a reviewer sees, without the variant.
  hash: hashOf([...partsOf(sample), sample.images.map(pathOf)], restOf(sample)),
  variant: hashOf(partsOf(variant), [...restOf(variant), placesOf(sample, variant)]),
});

/** Returns the basis of a stored review if it differs from the current basis; otherwise null. */
export function olderText(sample: Sample, variant: Variant): Judged | null {
  const judged: unknown = variant.review?.judged;
  if (!isJudged(judged)) return null;
  const now = judgedOf(sample, variant);
  const isNow = (key: 'hash' | 'variant') => judged[key] === now[key] || isPartOf(judged[key], now[key]);
  return isNow('hash') && isNow('variant') ? null : judged;
}

/** Whether a hash belongs to the same row although it was computed when hashes excluded graphs and reasoning. */
const isPartOf = (one: string, other: string): boolean => other.startsWith(`${one}-`);

/** Returns whether a value is the basis of a review. Users edit files by hand, so a review can have any form. */
export const isJudged = (value: unknown): value is Judged =>
  isRecord(value) && ['question', 'answer', 'hash', 'variant'].every((key) => typeof value[key] === 'string');

/** Returns two hashes, joined by a hyphen. If `rest` is empty, returns only the first hash. */
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

/** Names of the facts in `meta` that rewrites use. */
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

/** Returns the images that a variant lists: the row's images by number, and the variant's own images by name. */
const placesOf = ({ images }: Sample, variant: Variant): unknown => {
  const nameOf = (image: ImageRef) => JSON.stringify(pathOf(image));
  const names = images.map(nameOf);
  return variant.images?.map((image) => {
    const at = names.indexOf(nameOf(image));
    return at < 0 ? pathOf(image) : at;
  });
};

/** Returns a value with the keys of its objects sorted. */
const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isRecord(value)) return value ?? null;
  return Object.keys(value)
    .sort()
    .map((key) => [key, inOrder(value[key])]);
};

/** Returns the identity of an image without the image size, because the size can be added later. */
const pathOf = (image: ImageRef): unknown =>
  typeof image === 'string' ? image : (image.path ?? { ...image, w: 0, h: 0 });
