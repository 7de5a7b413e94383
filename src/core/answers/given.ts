import { declaredSize, type ImageRef } from '../../rows/sample/sample.ts';
import { iou } from './box-overlap.ts';
import type { Xyxy } from '../../rows/sample/boxes.ts';
import { indexOfLetter } from '../../base/item-names.ts';
import { ORIGINAL, viewOf, viewOfRow, type ViewId } from '../../rows/view-list.ts';
import { permutedOrder } from '../../rows/views/option-views.ts';
import { sizeIn } from '../../rows/symmetry.ts';
import { turnBox } from '../../rows/views/geometry.ts';
import { alternatives } from './asked-options.ts';
import type { AnswerScore } from './score-schema.ts';
import { oppositesOf } from './answer-sides.ts';

/** Maximum ratio at which two lengths agree; two boxes agree from this IoU (docs/views.md). */
export const AGREE_FACTOR = 1.25;
const AGREE_IOU = 0.5;

/**
 * Answer in a form that can be compared between views. `text` is the option in the answer, `letter` its index in the
 * list of options in the view, `place` its index in the list of the original. Lengths are in metres; boxes in pixels of
 * the view (`said`) and of the original.
 */
export type Given =
  | { kind: 'option'; text: string; letter: number; place: number; of: number }
  | { kind: 'count' | 'size'; value: number }
  | { kind: 'box'; said: Xyxy; inOriginal: Xyxy | null };

/** Fields of a row that the comparison of its answers uses. */
interface AskedRow {
  id: string;
  view?: ViewId;
  question?: string | undefined;
  choices?: string[] | undefined;
  image?: ImageRef | undefined;
  images?: ImageRef[] | undefined;
}

/** Answer in one view (null if unparsed), with the reference answer of that view. */
export interface Compared {
  given: Given | null;
  reference: Given;
}

/** Returns the model's answer or the reference answer of a score; null if unparsed or not comparable. */
export function readGiven(score: AnswerScore, row: AskedRow, which: 'given' | 'reference'): Given | null {
  const pick = <T>(given: T | null, reference: T | null) => (which === 'given' ? given : reference);
  const said =
    'parsed' in score && 'gt_parsed' in score ? pick<unknown>(score.parsed, score.gt_parsed) : null;
  const text = typeof said === 'string' ? said : null;
  switch (score.task) {
    case 'yesno':
      return optionOf(text, ['yes', 'no']);
    case 'side':
      return optionOf(text, oppositesOf(score.gt_parsed));
    case 'choice':
      return optionOf(text, alternatives(row.question ?? '', score.gt_parsed ?? ''));
    case 'mcq': {
      const letter = text === null ? -1 : indexOfLetter(text);
      const option = row.choices?.[letter]?.trim().toLowerCase();
      if (option === undefined) return null;
      const order = placesOf(row, row.choices!);
      return { kind: 'option', text: option, letter, place: order[letter]!, of: order.length };
    }
    case 'count':
      return typeof said === 'number' ? { kind: 'count', value: said } : null;
    case 'distance':
      return sizeOf(pick(score.parsed_m, score.gt_m));
    case 'area':
      return sizeOf(pick(score.parsed_m2, score.gt_m2));
    case 'bbox': {
      const box = pick(score.parsed_px, score.gt_px);
      return box && { kind: 'box', said: box, inOriginal: boxInOriginal(row, box) };
    }
    default:
      return null;
  }
}

/** Returns the option that a text contains, for a question whose options have the same order in every view. */
function optionOf(text: string | null, options: readonly string[] | null): Given | null {
  const place = text === null ? -1 : (options?.indexOf(text) ?? -1);
  return place < 0
    ? null
    : { kind: 'option', text: text!.toLowerCase(), letter: place, place, of: options!.length };
}

const sizeOf = (value: number | null): Given | null =>
  value === null || value <= 0 ? null : { kind: 'size', value };

/** Returns the index of each option in the original's list; the order differs only in views that permute options. */
function placesOf(row: AskedRow, choices: readonly string[]): number[] {
  const permuting = viewOf(viewOfRow(row)).parts.find(({ id }) => id.startsWith('permute-options:'));
  const order = permuting && permutedOrder(choices, Number(permuting.id.split(':')[1]), row.id);
  return order ?? choices.map((_, i) => i);
}

/** Maps a box back to the original image; null if the image's size is unknown. */
function boxInOriginal(row: AskedRow, box: Xyxy): Xyxy | null {
  const { pixels, inverse } = viewOf(viewOfRow(row));
  if (pixels === ORIGINAL) return box;
  const size = declaredSize(row.images?.[0] ?? row.image);
  if (!size) return null;
  return turnBox(box, inverse, 'xyxy_px', sizeIn(pixels, size)) as Xyxy;
}

/**
 * Whether the answers to two views agree, right or wrong. The reference answers show how an answer maps between the
 * views. Null if an answer is unparsed, or if the mapping is unknown because a reference answer was computed again.
 */
export function agree(one: Compared, other: Compared): boolean | null {
  const [a, b, p, q] = [one.given, other.given, one.reference, other.reference];
  if (!a || !b) return null;
  if (a.kind === 'option' && b.kind === 'option' && p.kind === 'option' && q.kind === 'option') {
    if (p.of !== q.of) return null;
    // With two options, the reference answers determine the mapping.
    if (p.of === 2) return (a.place === p.place) === (b.place === q.place);
    return p.place === q.place ? a.place === b.place : null;
  }
  if (a.kind === 'box' && b.kind === 'box' && p.kind === 'box' && q.kind === 'box') {
    const [x, y, u, v] = [a.inOriginal, b.inOriginal, p.inOriginal, q.inOriginal];
    if (!x || !y || !u || !v || iou(u, v) < 0.99) return null;
    return iou(x, y) >= AGREE_IOU;
  }
  const change = changes(p, q);
  return change === false ? isSame(a, b) : null;
}

/** Returns the similarity of two answers, 0–1; null if the answers are of different kinds. */
function likeness(a: Given, b: Given): number | null {
  if (a.kind === 'option' && b.kind === 'option') return Number(a.text === b.text);
  if (a.kind === 'count' && b.kind === 'count') return Number(a.value === b.value);
  if (a.kind === 'size' && b.kind === 'size') return Math.min(a.value / b.value, b.value / a.value);
  return a.kind === 'box' && b.kind === 'box' ? iou(a.said, b.said) : null;
}
/** Minimum similarities at which two answers agree, and at which they are equal. */
const LIMITS = {
  option: [0.5, 0.5],
  count: [0.5, 0.5],
  size: [(1 - 1e-9) / AGREE_FACTOR, 1 - 1e-6],
  box: [AGREE_IOU, 0.99],
} as const satisfies Record<Given['kind'], readonly [number, number]>;

/**
 * Whether the reference answers to two views differ. Null if the reference answers are so similar that a model's
 * answers could not be distinguished.
 */
export function changes(p: Given, q: Given): boolean | null {
  const like = likeness(p, q);
  const [alike, same] = LIMITS[p.kind];
  return like === null || (like >= alike && like <= same) ? null : like < alike;
}

/** Whether the answers to two views are the same, right or wrong. */
export const isSame = (a: Given, b: Given): boolean => (likeness(a, b) ?? 0) >= LIMITS[a.kind][0];
