import { singular } from './names.ts';
import type { Text, Token, Note } from './tokens.ts';
import { NOUNS, OPPOSITES } from './words/lists.ts';
import { ENDINGS, LETTERING } from './words/signs.ts';
import { CLASSES, SAYS } from './patterns.ts';
import { indexOfLetter } from '../../base/item-names.ts';

/* Noun that a question asks for, if its answer might require reading in the image: "Which station is this?" */

/** Returns the words of several word sets of the pattern language, given by their names. */
const sets = (names: string): string[] => names.split(' ').flatMap((name) => [...CLASSES.get(name)!.words]);

const ORDINALS = new Set(sets('ordinal'));
const BE = new Set(sets('be'));
const PREPOSITIONS = new Set([...sets('before preposition'), ...NOUNS.prepositions]);
/** Words at which a noun phrase ends. */
const STOPS = new Set([
  ...sets('be finite'),
  ...PREPOSITIONS,
  ...NOUNS.pronouns,
  ...NOUNS.auxiliaries,
  ...NOUNS.stops,
]);

/**
 * Noun that a question asks for. `pick`: whether the answer chooses one or any of several such objects; null if the
 * answer requires knowing the object.
 */
export interface Wanted {
  noun: string;
  pick: 'one' | 'any' | null;
}

/**
 * Returns the nouns after "which", "what", "what is the" and "name the", except nouns for objects that can be
 * recognised without reading.
 */
export function wanted(question: Text): Wanted[] {
  const nouns: Wanted[] = [];
  question.words.forEach(({ lower }, i) => {
    const asks = lower === 'what' || lower === 'which';
    if (!asks && !(NOUNS.order.has(lower) && startsSentence(question.words, i))) return;
    const word = wantedAt(question, i, !asks);
    if (word) nouns.push(word);
  });
  return nouns;
}

/** Returns the noun that the word at `i` requests. `orders`: whether the word is an imperative such as "name". */
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
    // "What is on the table?" and "what is this?" ask for any object, so neither has a requested noun.
    if (!NOUNS.determiners.has(lower(from))) return null;
    from++;
  }
  let end = from;
  while (inPhrase(tokens[end])) end++;
  // Skip the words before "of" in "what kind of beer is it?"
  const kind = NOUNS.kinds.has(lower(end - 1)) && lower(end) === 'of';
  if (kind) for (from = ++end; inPhrase(tokens[end]);) end++;
  if (defined && asksForThing(tokens, from, end)) return null;
  // Skip the participle in "the number printed on it".
  while (end - 1 > from && ENDINGS.participle.test(lower(end - 1))) end--;
  const noun = singular(lower(end - 1));
  const next = lower(end);
  if (end === from || NOUNS.seen.has(noun) || ORDINALS.has(noun) || ENDINGS.superlative.test(noun))
    return null;
  if (NOUNS.attributes.has(lower(from)) || (!defined && NOUNS.offered.has(noun))) return null;
  // Exclude "which wing of the plane", "what time of day" and "the number of cups", but not "the number of the locker".
  if (next === 'of' && (word === 'which' || noun === 'time')) return null;
  if (next === 'of' && noun === 'number' && !NOUNS.determiners.has(lower(end + 1))) return null;
  if (!defined && isVerb(tokens, from, end)) return null;
  if (noun === 'letter' && /^(?:option|choice|answer)$/.test(lower(end - 2))) return null;
  const superlative = tokens.slice(from, end).some(({ lower: tail }) => ENDINGS.superlative.test(tail));
  if (superlative || kind || (defined && word === 'which')) return { noun, pick: 'one' };
  return { noun, pick: defined || word === 'what' ? null : picks(tokens, end) };
}

/**
 * Whether the words after "what" or "which" are a verb: "what separates the lamp from the door", "what follows?",
 * "which caption fits?"
 */
function isVerb(tokens: readonly Token[], from: number, end: number): boolean {
  const lower = (i: number) => tokens[i]?.lower ?? '';
  const ends = (i: number) => /[^s]s$/.test(lower(i));
  if (
    end - from > 1 &&
    ends(end - 1) &&
    (NOUNS.seen.has(lower(end - 2)) || NOUNS.offered.has(lower(end - 2)))
  )
    return true;
  const next = lower(from + 1);
  return (
    lower(from - 1) === 'what' &&
    ends(from) &&
    (NOUNS.determiners.has(next) || (end === from + 1 && !BE.has(next) && !NOUNS.auxiliaries.has(next)))
  );
}

const inPhrase = (token: Token | undefined): boolean =>
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
  if (end - from > 1 && ENDINGS.doing.test(tokens[end - 1]!.lower)) return true;
  return lastWord >= end && (ENDINGS.doing.test(last) || PREPOSITIONS.has(last));
}

/** Returns how the answer chooses. "Which cup is on the tray?" chooses one object; "which station is this?" none. */
function picks(tokens: readonly Token[], end: number): Wanted['pick'] {
  const [verb, next] = [tokens[end]?.lower ?? '', tokens[end + 1]?.lower ?? ''];
  if (NOUNS.auxiliaries.has(verb) && !/^(?:has|have|had)$/.test(verb)) return 'any';
  if (!BE.has(verb)) return 'one';
  if (NOUNS.pronouns.has(next) || NOUNS.named.has(next)) return null;
  return NOUNS.determiners.has(next) &&
    !/^(?:one|last|next|\w+(?:st|nd|rd|th))$/.test(tokens[end + 2]?.lower ?? '')
    ? 'any'
    : 'one';
}

/**
 * Decides whether the answer to a row might require reading in the image, where mirrored writing is unreadable. No list
 * could contain all objects with writing: a plate, a badge, a station. So the test is the opposite: the requested noun
 * must be recognisable without reading, or the answer must choose from the words of the question. The answer must also
 * not look like a code, or like a name that is not in the question. All other rows are deferred.
 */

/** Returns the words of an answer that are not in the question and probably come from writing in the image. */
function readWords(answer: string, question: string): string[] {
  if (/^\s*(?:```|[[{])/.test(answer)) return [];
  const plain = /[<\\]/.test(answer) ? answer.replace(/<[^<>\n]*>|\\\w+/g, ' ') : answer;
  const suspects: string[] = [];
  if (/\d/.test(plain)) {
    const listed = /^[\s\d.,;:()[\]{}<>/_a-z"-]*$/.test(plain) && /[[({,]/.test(plain);
    suspects.push(...codesIn(plain), ...(listed ? [] : (plain.match(LETTERING.figures) ?? [])));
  }
  // Search for a capital after the first character.
  if (/\p{Lu}/u.test(plain.trim().slice(1))) {
    const shouted = plain === plain.toUpperCase() && /\s/.test(plain.trim());
    const names = plain.match(LETTERING.name) ?? [];
    suspects.push(
      ...(shouted ? [] : (plain.match(LETTERING.capitals) ?? [])),
      ...names.filter((word) => !isCommon(singular(word.toLowerCase()))),
    );
  }
  if (suspects.length === 0) return suspects;
  const given = question.toLowerCase();
  return suspects.filter((word) => !given.includes(word.toLowerCase()));
}

const codesIn = (text: string): string[] =>
  /\d/.test(text) ? (text.match(LETTERING.code) ?? []).filter((word) => !LETTERING.noCode.test(word)) : [];

/** Returns reasons why a row might require reading, for the requested `nouns`. Empty if no word suggests reading. */
export function reasonsToRead(
  { question, answer, choices }: { question: Text; answer: Text; choices: readonly Text[] },
  nouns: readonly Wanted[],
): Note[] {
  const note = (message: string): Note[] => [{ level: 'review', rule: 'text.unsure', message }];
  const named = /\s\p{Lu}\p{Ll}/u.test(question.text) && SAYS.identifies.in(question.tokens);
  if (named || codesIn(question.text).length > 0)
    return note('The answer might depend on text in the image.');
  if (SAYS.makesKnown.in(question.tokens)) return note('Text in the image might show the answer.');
  // Coordinates are never written in an image.
  if (/^[\s\d.,;()[\]-]+$/.test(answer.text) && /[[(]\s*-?\d/.test(answer.text)) return [];
  const given = chosen(answer, choices);
  const noun = unseen(question, given, nouns);
  if (noun !== null) return note(`The ${noun} might be text in the image.`);
  if (isBareName(given, question) && standsOnIt(question))
    return note(`"${given.text}" might be text in the image.`);
  if (choices.length === 0 && LETTERING.size.test(answer.text))
    return note(`"${answer.text}" might be text in the image.`);
  const read = [answer, ...choices].flatMap(({ text }) => readWords(text, question.text))[0];
  return read === undefined ? [] : note(`"${read}" might be text in the image.`);
}

/** Returns the choice that an answer's letter or number refers to; otherwise the answer itself. */
function chosen(answer: Text, choices: readonly Text[]): Text {
  const [, letter, number] = /^\W*(?:([A-H])|(\d))\W*$/.exec(answer.text) ?? [];
  return choices[letter ? indexOfLetter(letter) : Number(number ?? NaN)] ?? answer;
}

/** Returns whether an answer has up to three words and no article, such as "Anna", "stop", but also "vase". */
function isBareName({ words: tokens }: Text, question: Text): boolean {
  const answerWords = tokens.filter(({ kind }) => kind !== 'mark').map(({ lower }) => singular(lower));
  if (
    answerWords.length === 0 ||
    answerWords.length > 3 ||
    answerWords.every(isCommon) ||
    SAYS.bringsAThing.in(tokens)
  )
    return false;
  const questionWords = new Set(question.words.map(({ lower }) => singular(lower)));
  return !answerWords.every((word) => isCommon(word) || questionWords.has(word));
}

/** Returns whether the question is about possible writing: on an object, what an object says, a person or a place. */
function standsOnIt({ words: tokens }: Text): boolean {
  const surface = SAYS.onSurface.find(tokens);
  if (surface) {
    let end = surface.end;
    while (inPhrase(tokens[end])) end++;
    return !NOUNS.support.has(tokens[end - 1]!.lower);
  }
  if (SAYS.whereWho.in(tokens)) return true;
  const teller = SAYS.teller.find(tokens);
  return (
    teller !== null &&
    !tokens.slice(teller.target.first, teller.end).some(({ lower }) => NOUNS.seen.has(singular(lower)))
  );
}

/** Words that distinguish one object from the rest, and function words. */
const TELLING = new Set<string>([
  ...sets('article det be have before preposition lr direction corner modifier ordinal num'),
  ...sets('graded part posture placing letter turn move face'),
  ...NOUNS.telling,
]);

const isCommon = (word: string): boolean =>
  TELLING.has(word) || NOUNS.seen.has(word) || NOUNS.support.has(word) || OPPOSITES.has(word);

/**
 * Returns the requested noun if people must read to recognise it, and the answer does not choose from the question's
 * words; otherwise null.
 */
function unseen(question: Text, answer: Text, nouns: readonly Wanted[]): string | null {
  if (nouns.length === 0) return null;
  const questionWords = new Set(question.words.map(({ lower }) => singular(lower)));
  const answerWords = answer.words.filter(({ kind }) => kind !== 'mark').map(({ lower }) => singular(lower));
  const picks = answerWords.every((word) => TELLING.has(word) || questionWords.has(word));
  const [moves, thing] = [SAYS.moves.in(answer.words), SAYS.thing.in(answer.words)];
  const open = nouns.find(({ pick }) => !(pick === 'one' && thing) && !(picks && (pick !== null || moves)));
  return open?.noun ?? null;
}
