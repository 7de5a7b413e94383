import { percentText } from '../../base/format.ts';

/** Shares of right answers, and of wrong answers of the same form, that the scoring rules can score in a set, 0–1. */
export interface JudgedRates {
  right: number;
  wrong: number;
  /** Number of rows on which the rules were tested. */
  n: number;
}

/** Returns a warning in one sentence. @param what the set, or the file of the set */
export function unevenText(what: string, { right, wrong, n }: JudgedRates): string {
  const more = right > wrong ? 'too high' : 'too low';
  return `${what}: the rules score correct and wrong answers at different rates. On ${n} rows, the rules score ${percentText(right)} of correct answers (the reference answers) and ${percentText(wrong)} of wrong answers (reference answers of other rows). Accuracy over the scored answers alone would be ${more}. Values are ranges over all answers. To narrow the ranges, add an LLM judge (--judge).`;
}
