import { percent } from '../format.ts';

/**
 * The floor without looking: the largest share of pairs, 0–1, that answers can get right in both views without the
 * picture. Both are of this set: they are what a model that knows its answers by heart could reach.
 */
export interface Floor {
  /** By one answer to each form of question: its task, and its number of choices. */
  constant: number;
  /** By any function of the words alone: equal texts, with equal choices, get equal answers. */
  words: number;
  /** Whether a figure may be below what is stated, which is then an upper bound. */
  bounded: boolean;
}

/** The floor in words, after "Without looking". */
export const floorText = ({ constant, words, bounded }: Floor): string =>
  `one answer to each form of question gets up to ${percent(constant)}\u00a0% of the pairs right in both views, and knowing the questions' words ${bounded ? 'at most' : 'up to'} ${percent(words)}\u00a0%`;

/** The same of a figure that stands in the sentence before. */
export const floorShares = ({ constant, words, bounded }: Floor): string => {
  const most = bounded ? ' at most' : '';
  return `${most} ${percent(constant)}\u00a0%, and knowing the questions' words${most} ${percent(words)}\u00a0%`;
};
