import { percent } from '../../base/format.ts';
import type { EvaluationResult } from '../evaluation/results.ts';
import { MIRROR, ORIGINAL, type ViewId, viewLabel } from '../../rows/view-list.ts';

/**
 * The image-free bound: the largest share of pairs, 0–1, that answers can get right in both views without the
 * image. Both are of this set: they are what a model that knows its answers by heart could reach.
 */
export interface Floor {
  /** By one answer to each form of question: its task, and its number of choices. */
  constant: number;
  /** By any function of the words alone: equal texts, with equal choices, get equal answers. */
  words: number;
  /**
   * By any function of the words and the images, but not of their order: of two orders of the same images, in which
   * equal texts get equal answers. Absent for views that show other images.
   */
  order?: number;
  /** By any function of the form of the question and of where things are in the first frame; of moving worlds alone. */
  frame?: number;
  /** Whether a figure may be below what is stated, which is then an upper bound. */
  bounded: boolean;
}

/** The floor in words, after "Image-free bound:". */
export const floorText = ({ constant, words, bounded, order, frame }: Floor): string =>
  `up to ${percent(constant)}% of pairs with the best answer to each form of question, and ${bounded ? 'at most' : 'up to'} ${percent(words)}% with the best answer to each wording${order === undefined ? '' : `; with all images but not their order, at most ${percent(order)}%`}${frame === undefined ? '' : `; with the form of the question and the first frame, ${bounded ? 'at most' : 'up to'} ${percent(frame)}%`}`;

/** The same of a figure that stands in the sentence before. */
export const floorShares = ({ constant, words, bounded }: Floor): string => {
  const most = bounded ? ' at most' : '';
  return `${most} ${percent(constant)}% of pairs with the best answer to each form of question, and${most} ${percent(words)}% with the best answer to each wording`;
};

/**
 * The floor of the original and each other view of a set (of one, if it is given), a line for each. That of two other
 * views is left out: they may show the same image.
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
