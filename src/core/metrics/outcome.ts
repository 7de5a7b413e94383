import type { Range } from './bounds.ts';

/** Evaluation that answers a row right, or right more often; `not_judged` if unknown. */
export type Outcome = 'both' | 'only_first' | 'only_second' | 'neither' | 'not_judged';

/** Descriptions for one answer per row: A is the first evaluation, B the second. */
const OUTCOME_WORDS: Record<Outcome, string> = {
  only_first: 'A correct, B wrong',
  only_second: 'A wrong, B correct',
  both: 'A and B correct',
  neither: 'A and B wrong',
  not_judged: 'A or B not scored',
};
/** Descriptions for several answers per row: A is the first evaluation, B the second. */
const OUTCOME_WORDS_OF_SEVERAL: Record<Outcome, string> = {
  only_first: 'A correct more often',
  only_second: 'B correct more often',
  both: 'A and B equally often correct, mostly correct',
  neither: 'A and B equally often correct, mostly wrong',
  not_judged: 'A or B not scored',
};
/** Returns the descriptions of the outcomes. @param several whether rows have several answers */
export const outcomeWords = (several = false): Record<Outcome, string> =>
  several ? OUTCOME_WORDS_OF_SEVERAL : OUTCOME_WORDS;
export const OUTCOMES = Object.keys(OUTCOME_WORDS) as Outcome[];

/**
 * @param first share of right answers in the first evaluation; `second` likewise. If both shares are equal, both
 * evaluations count as right if more than half of their answers are right
 */
export function outcomeOf(first: Range, second: Range): Outcome {
  if (isOpen(first) || isOpen(second)) return 'not_judged';
  const gap = second.low - first.low;
  if (Math.abs(gap) < 1e-9) return first.low > 0.5 ? 'both' : 'neither';
  return gap < 0 ? 'only_first' : 'only_second';
}

const isOpen = ({ low, high }: Range): boolean => low < high;
