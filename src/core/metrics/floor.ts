import { percent } from '../../base/format.ts';
import type { EvaluationResult } from '../evaluation/results.ts';
import { MIRROR, ORIGINAL, type ViewId, viewLabel } from '../../rows/view-list.ts';

/**
 * Image-free bound: the largest share of pairs, 0–1, that can be right in both views without the image. It applies to
 * this set, for a model that has memorised its answers.
 */
export interface Floor {
  /** With one answer for each form of question: its task, and its number of choices. */
  constant: number;
  /** With any function of the words alone: equal texts with equal choices get equal answers. */
  words: number;
  /**
   * With any function of the words and the unordered images: equal texts in two orders of the same images get equal
   * answers. Absent for views that show other images.
   */
  order?: number;
  /** With any function of the form of question and the object positions in the first frame; only for moving worlds. */
  frame?: number;
  /** Whether some values are upper bounds instead of exact. */
  bounded: boolean;
}

/** Formats the image-free bound, to follow "Image-free bound:". */
export const floorText = ({ constant, words, bounded, order, frame }: Floor): string =>
  `up to ${percent(constant)}% of pairs with the best answer to each form of question, and ${bounded ? 'at most' : 'up to'} ${percent(words)}% with the best answer to each wording${order === undefined ? '' : `; with all images but not their order, at most ${percent(order)}%`}${frame === undefined ? '' : `; with the form of the question and the first frame, ${bounded ? 'at most' : 'up to'} ${percent(frame)}%`}`;

/** Formats the image-free bound as a continuation of a sentence. */
export const floorShares = ({ constant, words, bounded }: Floor): string => {
  const most = bounded ? ' at most' : '';
  return `${most} ${percent(constant)}% of pairs with the best answer to each form of question, and${most} ${percent(words)}% with the best answer to each wording`;
};

/**
 * Returns the image-free bound of the original and each other view of a set (or only `ofView`), a line for each. Pairs
 * of two other views are excluded, because they can show the same image.
 */
export function floorLines(results: readonly EvaluationResult[], set: string, ofView?: ViewId): string[] {
  const lines = results.flatMap(({ set: itsSet, view, slice, metric, floor }) => {
    const isShown = itsSet === set && metric === 'consistent' && (slice?.value ?? ORIGINAL) === ORIGINAL;
    const other = view ?? MIRROR;
    return isShown && floor && (ofView ?? other) === other
      ? `Image-free bound, ${viewLabel(ORIGINAL)} and ${viewLabel(other)} of ${set}: ${floorText(floor)}.`
      : [];
  });
  return [...new Set(lines)];
}
