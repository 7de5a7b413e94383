import { isOpenOption } from './alternatives.ts';
import { verdictOf } from './verdict.ts';

/** The words of the poles that a menu can offer, per axis. */
const POLE_WORDS: Record<string, [RegExp, RegExp]> = {
  near_far: [/\b(?:closer|nearer|near|close)\b/i, /\b(?:farther|further|far)\b/i],
  left_right: [/\bleft\b/i, /\bright\b/i],
  above_below: [/\b(?:above|over|higher|on top)\b/i, /\b(?:below|under|beneath|underneath|lower)\b/i],
  front_behind: [/\b(?:in )?front\b/i, /\b(?:behind|back)\b/i],
  'size height length width': [
    /\b(?:smaller|shorter|narrower|thinner)\b/i,
    /\b(?:bigger|larger|taller|longer|wider)\b/i,
  ],
  quantity: [/\b(?:fewer|less)\b/i, /\bmore\b/i],
  containment: [/\binside\b/i, /\boutside\b/i],
};

/** The axes of which a question or its options offer both poles. */
export function axesOffered(text: string, options: readonly string[]): string[] {
  const offered = ([low, high]: [RegExp, RegExp]): boolean => {
    const [inLow, inHigh] = [options.some((o) => low.test(o)), options.some((o) => high.test(o))];
    if (
      inLow &&
      inHigh &&
      options.every((o) => low.test(o) || high.test(o) || isOpenOption(o) || verdictOf(o))
    )
      return true;
    return [...text.matchAll(/\s*(?:,\s*)?(?:\bor\b|\/)\s*/gi)].some(({ 0: or, index }) => {
      const before = text.slice(0, index);
      const after = text.slice(index + or.length);
      // A pole before a noun ("the left chair or the right chair") only says which chair.
      const ends = (pole: RegExp) =>
        new RegExp(
          `${pole.source}(?:[- ]hand)?(?: side)?(?:,? (?:of|to|from|than|the|it)\\b(?: \\S+){0,3})?$`,
          'i',
        ).test(before);
      const opens = (pole: RegExp) =>
        new RegExp(
          `^(?:(?:is|are|more|to|on|at|in|the|its|it|they) )*${pole.source}(?=[- ]hand|,? (?:side|of|to|from|than|the|it|him|her|them|me|you)\\b|\\s*[?.,;:)]|\\s*$)`,
          'i',
        ).test(after);
      return (ends(low) && opens(high)) || (ends(high) && opens(low));
    });
  };
  return Object.entries(POLE_WORDS).flatMap(([axes, words]) => (offered(words) ? axes.split(' ') : []));
}
