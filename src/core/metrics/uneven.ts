import { percentText } from '../../base/format.ts';

/** How often right answers to the rows of a set are judged, and how often wrong ones of the same form. Shares, 0–1. */
export interface JudgedRates {
  right: number;
  wrong: number;
  /** Rows that were tried. */
  n: number;
}

/** The warning in a sentence. @param what the set, or its file */
export function unevenText(what: string, { right, wrong, n }: JudgedRates): string {
  const more = right > wrong ? 'too high' : 'too low';
  return `${what}: the rules do not judge right and wrong answers alike. Tried on ${n} rows, they judge ${percentText(right)} of right answers (the references) and ${percentText(wrong)} of wrong ones (other rows’ references), so a share of the judged answers alone would be ${more}. Figures are ranges over all answers; a judge (--judge) narrows them.`;
}
