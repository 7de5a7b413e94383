import { percent } from '../../base/format.ts';
import type { EvaluationResult } from '../evaluation/results.ts';
import { MIRROR, ORIGINAL, type ViewId, viewLabel } from '../../rows/view-list.ts';

/**
 * Image-free bound: the largest share of pairs, 0–1, that can be right in both views without the image. The bound
 * applies to one set, for a model that has memorised the answers of the set.
 */
export interface Floor {
  /** Part of the bound: with one answer for each question template. A template is a task with its number of choices. */
  constant: number;
  /** The bound itself: for answers that depend on the words alone: equal texts with equal choices have equal answers. */
  words: number;
  /**
   * Bound for answers that depend on the words and the unordered images: equal texts with two orders of the same images
   * have equal answers. Absent for views that have other images.
   */
  order?: number;
  /** Bound for answers that depend on question template and object positions in the first frame; for moving worlds. */
  frame?: number;
  /** Whether some values are upper bounds and not exact. */
  bounded: boolean;
}

/** Formats the image-free bound as a text after "Image-free bound:". */
export const floorText = ({ constant, words, bounded, order, frame }: Floor): string =>
  `${bounded ? 'at most' : 'up to'} ${percent(words)}% of pairs with the best answer to each wording, and ${percent(constant)}% with one answer to each form of question${order === undefined ? '' : `; with all images but not their order, at most ${percent(order)}%`}${frame === undefined ? '' : `; with the form of the question and the first frame, ${bounded ? 'at most' : 'up to'} ${percent(frame)}%`}`;

/** Formats the image-free bound for the end of a sentence, with a second sentence. */
export const floorShares = ({ constant, words, bounded }: Floor): string => {
  const most = bounded ? ' at most' : '';
  return `${most} ${percent(words)}% of pairs. A model with one fixed answer to each form of question reaches${most} ${percent(constant)}%`;
};

/**
 * Returns the image-free bound of the original and each other view of a set (or only `ofView`), one line per view.
 * Excludes pairs without the original, because both views can have the same image.
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
