import { RecentMap } from '../recent-map.ts';
import { plainText } from './plain-text.ts';
import {
  BE,
  DETERMINERS,
  FILLERS,
  NEGATIONS,
  NOUNS_IN_LY,
  PHRASES,
  PREPOSITIONS,
  PRONOUNS,
  SYNONYMS,
  VERBS,
} from './words.ts';

/**
 * What an answer of free text asserts, clause by clause: enough English to tell the thing that a sentence names from
 * those that it only mentions. Whatever these rules cannot tell is left to the caller to call *not judged*.
 */

/** A noun phrase, or an adjective in its place, with the words around it that decide what it does in its clause. */
export interface Phrase {
  /** Content words in lower case, without articles; synonyms as one of them. */
  words: string[];
  /** The preposition that it depends on. */
  preposition: string | null;
  /** Whether it stands before the verb of its clause. */
  isSubject: boolean;
  isNegated: boolean;
  /** Whether its noun was left out as the question's own: of "a glass table", asked what is on the table, "glass". */
  isCut?: boolean;
  /** Joined to the phrase before it by this word. */
  joint: 'and' | 'or' | null;
}

export interface Clause {
  words: string[];
  phrases: Phrase[];
  hasVerb: boolean;
  /** Whether the clause begins with "there is" or the like, or its subject is a pronoun or a picture that shows things. */
  isImpersonal: boolean;
  /** Whether its verb is negated. */
  isNegated: boolean;
}

/** Few texts have any: one look is cheaper than one for each. */
const HAS_PHRASE = new RegExp(PHRASES.map(([{ source }]) => source).join('|'), 'iu');
const plainPhrases = (text: string): string =>
  HAS_PHRASE.test(text) ? PHRASES.reduce((said, [words, as]) => said.replace(words, as), text) : text;

/** Whether a word says something: neither grammar nor one of the words with which any answer may be put. */
export const isContent = (word: string): boolean =>
  !DETERMINERS.has(word) &&
  !PREPOSITIONS.has(word) &&
  !BE.has(word) &&
  !VERBS.has(word) &&
  !PRONOUNS.has(word) &&
  !NEGATIONS.has(word) &&
  !FILLERS.has(word) &&
  (!/\wly$/.test(word) || NOUNS_IN_LY.has(word)) &&
  !['and', 'or', 'but', 'so', 'as', 'which', 'what', 'who', 'where', 'how', 'either', 'both'].includes(word);

/** Singular, and one spelling of words for the same thing. */
function plainWord(word: string): string {
  const bare = word.replace(/'s$/, '');
  const synonym = SYNONYMS.get(bare);
  if (synonym) return synonym;
  const singular = /(?:ss|us|is)$/.test(bare) ? bare : bare.replace(/(?<=(?:s|x|ch|sh))es$|(?<=\w{2})s$/, '');
  return SYNONYMS.get(singular) ?? singular;
}

const CONTRACTIONS = { s: 'is', re: 'are', m: 'am', d: 'would', ll: 'will', ve: 'have' } as const;

/** Texts that were read last: the rules ask for the words of question, reference and answer many times over. */
const lastRead = new RecentMap<string, readonly string[]>(200);
const lastWords = new RecentMap<string, readonly string[]>(200);
/** Longer ones, in characters, are not kept. */
const MOST_KEPT = 1000;

/** Words in lower case, and the marks that end clauses. "There's", "I'd" and the like are two words. */
function tokensOf(text: string): readonly string[] {
  const known = lastRead.get(text);
  if (known) return known;
  const tokens =
    plainPhrases(text.toLowerCase())
      .replace(
        /\b(it|he|she|they|there|we|i|you|here|this|that|these|those)'(s|re|m|d|ll|ve)\b/g,
        (_, word: string, rest: keyof typeof CONTRACTIONS) => `${word} ${CONTRACTIONS[rest]}`,
      )
      .match(/[\p{L}\p{M}\p{N}]+(?:'\p{L}+)?|[.,;:!?]/gu) ?? [];
  if (text.length <= MOST_KEPT) lastRead.set(text, tokens);
  return tokens;
}

/** The words of a text in the forms that phrases have. */
export function plainWords(text: string): string[] {
  const known = lastWords.get(text);
  if (known) return [...known];
  const words = tokensOf(plainText(text).replaceAll('-', ' '))
    .filter((token) => /[\p{L}\p{N}]/u.test(token))
    .map(keepWord);
  if (text.length <= MOST_KEPT) lastWords.set(text, words);
  return [...words];
}

const keepWord = (word: string): string =>
  DETERMINERS.has(word) || BE.has(word) || VERBS.has(word) || PRONOUNS.has(word) || NEGATIONS.has(word)
    ? word
    : PREPOSITIONS.has(word)
      ? word
      : plainWord(word);

/** The content words of a text, in order. */
export const contentWords = (text: string): string[] => plainWords(text).filter(isContent);

/**
 * Splits a sentence where a new clause begins, and drops what only describes a thing on the way (", which …,"). At the
 * end of a sentence, what describes a thing is a clause about that thing.
 */
export function clausesOf(sentence: string): Clause[] {
  return sentence
    .replace(/,? (?:which|who) [^,.;]*,/gi, '')
    .replace(/(\p{L}+),? (?:which|who) (?=(?:is|are|was|were|has|have) )/giu, '$1: the $1 ')
    .split(
      /,? but |,? yet (?=the )|,? while |,? whereas |: |, (?=not )|, (?=(?:it|he|she|they)(?:'s|'re| is| are) )|,? which |(?:, and|, | and) (?=(?:the|a|an|his|her|its|their) [\p{L} ]{1,60}? (?:is|are|was|were) |(?:it|he|she|they|there)(?:'s| is| are) )/iu,
    )
    .map((part) => clauseOf(part))
    .filter(({ words }) => words.length > 0);
}

function clauseOf(text: string): Clause {
  const tokens = tokensOf(text);
  // "The spot", "a stand" are nouns.
  const isNoun = (i: number) =>
    /^(?:the|a|an|his|her|its|their)$/.test(tokens[i - 1] ?? '') && VERBS.has(tokens[i]!);
  const verbAt = tokens.findIndex((token, i) => isVerb(token) && !isNoun(i));
  const phrases: Phrase[] = [];
  let open: Phrase | null = null;
  let preposition: string | null = null;
  let negated = false;
  let joint: Phrase['joint'] = null;
  tokens.forEach((token, i) => {
    const close = () => (open = null);
    if (/^[.,;:!?]$/.test(token)) {
      close();
      preposition = null;
    } else if (NEGATIONS.has(token)) {
      close();
      negated = true;
    } else if (token === 'and' || token === 'or') {
      close();
      joint = token;
    } else if (isPlaceOf(tokens, i)) {
      close();
    } else if (PREPOSITIONS.has(token)) {
      close();
      // "On top of the table" is on it.
      preposition = token === 'of' && tokens.slice(i - 2, i).join(' ') === 'on top' ? 'on' : token;
      joint = null;
    } else if ((isVerb(token) && !isNoun(i)) || i === verbAt) {
      close();
      preposition = null;
      joint = null;
      if (token.endsWith("n't")) negated = true;
    } else if (DETERMINERS.has(token)) close();
    else if (isContent(token) || isNoun(i)) {
      const word = plainWord(token);
      // "wearing a hat": what is done to a thing; of somebody named before ("a man wearing a hat"), it only describes.
      const isDone =
        /ing$/.test(token) &&
        i > verbAt &&
        verbAt >= 0 &&
        /^(?:a|an|the|his|her|its)$/.test(tokens[i + 1] ?? '');
      if (isDone) {
        if (open) preposition = word;
        close();
      } else if (open) open.words.push(word);
      else {
        open = { words: [word], preposition, isSubject: i < verbAt, isNegated: negated, joint };
        phrases.push(open);
        joint = null;
      }
    }
  });
  const lead = tokens.slice(0, verbAt < 0 ? 0 : verbAt + 1);
  const subject = phrases.find(({ isSubject, preposition: p }) => isSubject && p === null);
  return {
    words: tokens.filter((token) => /[\p{L}\p{N}]/u.test(token)).map(keepWord),
    phrases,
    hasVerb: verbAt >= 0,
    isImpersonal:
      verbAt >= 0 && !subject && lead.some((token) => PRONOUNS.has(token) || FILLERS.has(plainWord(token))),
    isNegated: negated && !phrases.some(({ isNegated, isSubject }) => isNegated && isSubject),
  };
}

/** "The top drawer": which drawer it is, and no preposition. */
const isPlaceOf = (tokens: readonly string[], i: number): boolean =>
  /^(?:left|right|top|bottom|upper|lower|front|back)$/.test(tokens[i]!) &&
  DETERMINERS.has(tokens[i - 1] ?? '') &&
  /^\p{L}/u.test(tokens[i + 1] ?? '') &&
  isContent(tokens[i + 1]!);

const isVerb = (token: string): boolean => BE.has(token) || VERBS.has(token);
