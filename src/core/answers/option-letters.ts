import { BEFORE_NOUN } from './answer-words.ts';
import { THAN } from './as-asked.ts';

/** Finds option letters in answers: "The answer is B.", "(B)", "Point C is closer than point B." */

/** Option letters that the answer negates, such as "Option A is wrong", "neither A nor B", "not (A)". */
export const DENIED_LETTER =
  /(?:\b(?:option|choice|answer) )?[([]?\b[A-Za-z]\b[)\]]? (?:is|are|was|can|seems?|looks?)(?: \p{L}+)?(?:n't|(?: \p{L}+)? ?\b(?:wrong|incorrect|false|not|ruled out|excluded|eliminated|invalid|unlikely|impossible))\b[^.,;\n]*|\b(?:not|neither|nor|isn't|over|beats|rather than|instead of|except|rules? out|rule out|excludes?|eliminates?)(?: (?:option|choice|answer)s?)? [([]?[A-Z]\b[)\]]?(?:(?:,| or| nor|, or) [([]?[A-Z]\b[)\]]?(?! is\b))*/giu;

/** Returns the only lone capital letter of a clause, ignoring comparisons: "C" in "Point C is closer than point B". */
export function lonelyLetter(text: string, letter: (found: string) => string | null): string | null {
  if (/\b(?:or|and)\b|\//i.test(text)) return null;
  const said = text.replace(THAN, ' ').replace(FIRST_ARTICLE, ' ');
  const letters = new Set(said.match(/(?<![\p{L}\p{N}'-])[A-HJ-Z](?![\p{L}\p{N}'-])/gu));
  return letters.size === 1 && text.split(' ').length <= 40 ? letter([...letters][0]!) : null;
}

const STATED =
  /\b(?<noun>answer|option|choice|statement|alternative|choose|select|pick)\b(?<verb>(?: is| would be| should be)?(?: ?(?:[:=→]|->))?)(?<option> (?:option|choice)\b)? ?(?<open>[(["']?)(?<letter>[a-z])(?![\p{L}\p{N}'])/giu;
const BRACKETED = /(?<![\p{L}\p{N}])[([]([a-z])[)\]]/giu;
/** Second letter of an alternative, such as B in "A or B" or "(A)/(B)". */
const OTHER = /^[)\]]?(?: ?[,/&] ?| and | or )(?:option )?[([]?([A-HJ-Z])[)\]]?(?![\p{L}\p{N}'])/u;
export const LETTER_LIST = /^[a-z](?:(?: ?[,/&] ?| and | or )[a-z])+[^\p{L}\p{N}]*$/iu;

/** Returns the letters that an answer states, and the text after the last letter: "oak" in "The answer is C. oak". */
export function explicitLetters(text: string): { letters: Set<string>; rest: string } {
  const [stated, bracketed] = [[...text.matchAll(STATED)], [...text.matchAll(BRACKETED)]];
  const last = stated.at(-1) ?? bracketed.at(-1);
  const rest = last ? text.slice(last.index + last[0].length) : '';
  const given = stated.flatMap((match) => {
    const { noun, verb, option, open, letter } = match.groups as Record<string, string>;
    const after = text.slice(match.index + match[0].length, match.index + match[0].length + 20);
    const named =
      option !== undefined || (verb === '' && /^(?:option|choice|statement|alternative)$/i.test(noun!));
    return named || open !== '' || isLetter(letter!, after)
      ? [letter!, OTHER.exec(after)?.[1] ?? letter!]
      : [];
  });
  const listed = LETTER_LIST.test(text) ? text.match(/\b[A-Z]\b/gi)! : bracketed.map(([, letter]) => letter!);
  return {
    letters: new Set((given.length > 0 ? given : listed).map((written) => written.toUpperCase())),
    rest,
  };
}

/** Whether a letter is an option: it ends its clause, or is neither "A" nor "I". False for "The answer is A lamp". */
function isLetter(letter: string, after: string): boolean {
  if (/^ ?(?:[^\p{L}\p{N} ]|$)/u.test(after)) return true;
  if (/^ (?:because|since|as|which)\b/.test(after)) return /[A-Z]/.test(letter);
  return /[B-HJ-Z]/.test(letter);
}

/** Capital article "A", which occurs only at the start of a sentence. */
const FIRST_ARTICLE = new RegExp(String.raw`(?<=^|[.!?:\n]\W*)A${BEFORE_NOUN}`, 'gu');
