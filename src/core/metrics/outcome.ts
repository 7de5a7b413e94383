/** In which of two evaluations a row is right; `not_judged` if that is not known of both. */
export type Outcome = 'both' | 'only_first' | 'only_second' | 'neither' | 'not_judged';

/** Descriptions that call the first evaluation A and the second B. */
export const OUTCOME_WORDS: Record<Outcome, string> = {
  only_first: 'A right, B wrong',
  only_second: 'A wrong, B right',
  both: 'A and B right',
  neither: 'A and B wrong',
  not_judged: 'A or B not judged',
};
export const OUTCOMES = Object.keys(OUTCOME_WORDS) as Outcome[];

/** @param first whether the first evaluation is right; null if that is not known */
export function outcomeOf(first: boolean | null, second: boolean | null): Outcome {
  if (first === null || second === null) return 'not_judged';
  return first ? (second ? 'both' : 'only_first') : second ? 'only_second' : 'neither';
}
