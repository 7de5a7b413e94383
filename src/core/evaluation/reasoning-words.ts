import { ownText } from '../answers/last-turn.ts';

/** Paper B's COT_KEYWORDS, grouped into categories by Chirality. */
const REASONING_WORDS = {
  hedge:
    "likely, probably, possibly, maybe, might be, could be, seems, appears to, I think, I guess, I'm not sure",
  cause: 'because, since, therefore, thus, so, hence, as a result, that means, which implies, accordingly',
  sequence: 'first, next, then, finally, in the first step, in the second step, after that, subsequently',
  certainty: 'clearly, obviously, evidently, definitely, in fact, it is important to note',
  condition: "if, suppose, assuming that, in case, let's say, consider that",
};
export type ReasoningCategory = keyof typeof REASONING_WORDS;

interface ReasoningWord {
  /** Range of the word in the text, from offset `start` up to, but not including, offset `end`. */
  start: number;
  end: number;
  category: ReasoningCategory;
}

const CATEGORY = new Map(
  Object.entries(REASONING_WORDS).flatMap(([category, words]) =>
    words.split(', ').map((word) => [word.toLowerCase(), category as ReasoningCategory] as const),
  ),
);
/** Matches any phrase; no phrase begins with another phrase. A space matches any white space. */
const PATTERN = new RegExp(
  `(?<![\\p{L}\\p{N}_])(?:${[...CATEGORY.keys()].join('|').replaceAll(' ', '\\s')})(?![\\p{L}\\p{N}_])`,
  'giu',
);

/** Finds the reasoning words in a text: whole words that do not overlap. Curly apostrophes match straight ones. */
export function findReasoningWords(written: string): ReasoningWord[] {
  const text = written.replace(/[‘’]/g, "'");
  return Array.from(text.matchAll(PATTERN), (match) => ({
    start: match.index,
    end: match.index + match[0].length,
    category: CATEGORY.get(match[0].toLowerCase().replace(/\s/g, ' '))!,
  }));
}

/** Returns the number of reasoning words in a completion, in or outside tags; the paper counts responses [B-58]. */
export const countReasoningWords = (completion: string): number =>
  findReasoningWords(ownText(completion).all).length;
