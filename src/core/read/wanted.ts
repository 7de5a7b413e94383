import { singular } from './names.ts';
import type { Text, Token } from './tokens.ts';
import { NOUNS } from './words/nouns.ts';
import { ENDINGS } from './words/spelling.ts';
import { CLASSES } from './words.ts';

/* What a question asks for, where that may have to be read in the picture: "Which station is this?" */

/** The words of several sets of the pattern language. */
export const sets = (names: string): string[] =>
  names.split(' ').flatMap((name) => [...CLASSES.get(name)!.words]);

const setOf = (name: keyof typeof NOUNS): ReadonlySet<string> => new Set(NOUNS[name]);
export const SEEN = setOf('seen');
const OFFERED = setOf('offered');
const ATTRIBUTES = setOf('attributes');
const KINDS = setOf('kinds');
const PRONOUNS = setOf('pronouns');
const AUXILIARIES = setOf('auxiliaries');
const DETERMINERS = setOf('determiners');
const ORDER = setOf('order');
const NAMED = setOf('named');
const ORDINALS = new Set(sets('ordinal'));
const BE = new Set(sets('be'));
const PREPOSITIONS = new Set([...sets('before preposition'), ...NOUNS.prepositions]);
/** Words at which a noun phrase ends. */
const STOPS = new Set([...sets('be finite'), ...PREPOSITIONS, ...PRONOUNS, ...AUXILIARIES, ...NOUNS.stops]);

/**
 * What a question asks for: the noun, and whether one of several such things is to be picked, or the thing must be
 * known (null).
 */
export interface Wanted {
  noun: string;
  pick: 'one' | 'any' | null;
}

/**
 * The nouns after "which", "what", "what is the", "name the", except those for kinds of things that are recognised
 * without reading.
 */
export function wanted(question: Text): Wanted[] {
  const nouns: Wanted[] = [];
  question.words.forEach(({ lower }, i) => {
    const asks = lower === 'what' || lower === 'which';
    if (!asks && !(ORDER.has(lower) && startsSentence(question.words, i))) return;
    const one = wantedAt(question, i, !asks);
    if (one) nouns.push(one);
  });
  return nouns;
}

/** What the word at `i` asks for; `orders`: the word is an imperative such as "name". */
function wantedAt(question: Text, i: number, orders: boolean): Wanted | null {
  const { words: tokens } = question;
  const lower = (at: number) => tokens[at]?.lower ?? '';
  const word = lower(i);
  let from = i + 1;
  const contracted = question.tokens[i]!.lower.endsWith("'s");
  const defined = orders || contracted || BE.has(lower(from));
  if (orders && lower(from) === 'me') from++;
  if (!orders && !contracted && defined) from++;
  if (defined) {
    // "What is on the table?", "what is this?" ask for any thing.
    if (!DETERMINERS.has(lower(from))) return null;
    from++;
  }
  let end = from;
  while (inPhrase(tokens[end])) end++;
  // "what kind of beer is it?"
  const kind = KINDS.has(lower(end - 1)) && lower(end) === 'of';
  if (kind) for (from = ++end; inPhrase(tokens[end]);) end++;
  if (defined && asksForThing(tokens, from, end)) return null;
  // "the number printed on it"
  while (end - 1 > from && ENDINGS.participle.pattern.test(lower(end - 1))) end--;
  const noun = singular(lower(end - 1));
  const next = lower(end);
  if (end === from || SEEN.has(noun) || ORDINALS.has(noun) || ENDINGS.superlative.pattern.test(noun))
    return null;
  if (ATTRIBUTES.has(lower(from)) || (!defined && OFFERED.has(noun))) return null;
  // Excludes "which wing of the plane", "what time of day" and "the number of cups", but not "the number of the
  // locker".
  if (next === 'of' && (word === 'which' || noun === 'time')) return null;
  if (next === 'of' && noun === 'number' && !DETERMINERS.has(lower(end + 1))) return null;
  if (!defined && isVerb(tokens, from, end)) return null;
  const superlative = tokens.slice(from, end).some(({ lower: one }) => ENDINGS.superlative.pattern.test(one));
  const pick = superlative || kind ? 'one' : defined || word === 'what' ? null : picks(tokens, end);
  return { noun, pick };
}

/**
 * Whether the words after "what" or "which" are a verb: "what separates the lamp from the door", "what follows?",
 * "which caption fits?"
 */
function isVerb(tokens: readonly Token[], from: number, end: number): boolean {
  const lower = (i: number) => tokens[i]?.lower ?? '';
  const ends = (i: number) => /[^s]s$/.test(lower(i));
  if (end - from > 1 && ends(end - 1) && (SEEN.has(lower(end - 2)) || OFFERED.has(lower(end - 2))))
    return true;
  const next = lower(from + 1);
  return (
    lower(from - 1) === 'what' &&
    ends(from) &&
    (DETERMINERS.has(next) || (end === from + 1 && !BE.has(next) && !AUXILIARIES.has(next)))
  );
}

export const inPhrase = (token: Token | undefined): boolean =>
  token !== undefined && token.kind !== 'mark' && !STOPS.has(token.lower);

const startsSentence = (tokens: readonly Token[], at: number): boolean =>
  at === 0 || /^[.?!:,\n]$/.test(tokens[at - 1]!.text) || /^(?:please|you|and)$/.test(tokens[at - 1]!.lower);

/**
 * Whether a question asks for something other than its noun: "What is the man holding?", "… made of?", "… looking at in
 * the mirror?" do not ask for the man.
 */
function asksForThing(tokens: readonly Token[], from: number, end: number): boolean {
  const lastWord = tokens.findLastIndex(({ kind }) => kind !== 'mark');
  const last = tokens[lastWord]!.lower;
  if (end - from > 1 && ENDINGS.doing.pattern.test(tokens[end - 1]!.lower)) return true;
  return lastWord >= end && (ENDINGS.doing.pattern.test(last) || PREPOSITIONS.has(last));
}

/** "Which cup is on the tray?" picks one; "which station is this?" and "… is shown?" pick none. */
function picks(tokens: readonly Token[], end: number): Wanted['pick'] {
  const [verb, next] = [tokens[end]?.lower ?? '', tokens[end + 1]?.lower ?? ''];
  if (AUXILIARIES.has(verb) && !/^(?:has|have|had)$/.test(verb)) return 'any';
  if (!BE.has(verb)) return 'one';
  if (PRONOUNS.has(next) || NAMED.has(next)) return null;
  return DETERMINERS.has(next) && !/^(?:one|last|next|\w+(?:st|nd|rd|th))$/.test(tokens[end + 2]?.lower ?? '')
    ? 'any'
    : 'one';
}
