import { CLASSES, SAYS } from './patterns.ts';
import { FUNCTION_WORDS } from './words/lists.ts';
import { phrasesIn, type PolarPhrase } from './polar-phrases.ts';
import type { Text, Token } from './tokens.ts';

/** Parsed sentence. All positions are character offsets in the whole text. */
export class Sentence {
  /** Words of the sentence without endings ("man's" is *man*). */
  readonly words: readonly Token[];
  readonly phrases: readonly PolarPhrase[];
  /** Start of the sentence, after "In the image," and similar preambles. */
  readonly core: number;

  readonly text: string;

  constructor(
    whole: Text,
    readonly start = 0,
    readonly end = whole.text.length,
  ) {
    this.text = whole.text;
    this.words = within(whole.words, start, end);
    this.phrases = phrasesIn(this.text, this.words);
    this.core = afterPreamble(this.words)?.start ?? end;
  }

  /** Returns the words between two character positions. */
  part(start: number, end = this.end): readonly Token[] {
    return within(this.words, start, end);
  }
}

const within = (words: readonly Token[], start: number, end: number): readonly Token[] =>
  words.filter((word) => word.start >= start && word.end <= end);

/** Whether a sentence only lists alternatives, without a verb or question word: "The cup or the lamp?", "Yes or no?" */
const areAlternatives = (words: readonly Token[]): boolean =>
  !FUNCTION_WORDS.openings.has(words[0]?.lower ?? '') && !SAYS.anyVerb.in(words) && SAYS.choice.in(words);

/**
 * Returns the sentence that the answer refers to: the last sentence with a question mark, or else the last sentence
 * with a predicate. Bare alternatives belong to the question before them ("Which is taller? The cup or the lamp?").
 */
export function askingRange(question: Text): { start: number; end: number } {
  const sentences: { start: number; end: number; text: string; words: readonly Token[] }[] = [];
  for (const match of question.text.matchAll(/[^.?!\n]+(?:[.?!](?!\s|$)[^.?!\n]*)*[.?!]*/g)) {
    const lead = /^\s*/.exec(match[0])![0].length;
    const [start, end] = [match.index + lead, match.index + match[0].length];
    const words = within(question.words, start, end);
    const last = sentences.at(-1);
    if (last?.text.includes('?') && areAlternatives(words)) last.end = end;
    else sentences.push({ start, end, text: match[0], words });
  }
  // "The cup is left of the plate. True or false?" asks about the preceding statement.
  const { start, end } = sentences.findLast(
    ({ text, words }) => text.includes('?') && !SAYS.aboutStatement.in(words),
  ) ??
    sentences.findLast(({ words }) => phrasesIn(question.text, words).length > 0) ??
    sentences[0] ?? { start: 0, end: question.text.length };
  return { start, end };
}

/** Returns the sentence of a question that the answer refers to. */
export function askingSentence(question: Text): Sentence {
  const { start, end } = askingRange(question);
  return new Sentence(question, start, end);
}

const PREAMBLE = CLASSES.get('preamble')!.words;

/** Returns the first word after "<image>", "Question:", "In the image," and "From the viewer's perspective,". */
function afterPreamble(words: readonly Token[]): Token | undefined {
  let at = 0;
  const is = (i: number, ...texts: string[]) => texts.includes(words[i]?.lower ?? '');
  for (;;) {
    if (is(at, '<') && is(at + 1, 'image', 'video') && is(at + 2, '>')) at += 3;
    else if (is(at, 'question', 'q') && is(at + 1, ':')) at += 2;
    else break;
  }
  for (;;) {
    if (!PREAMBLE.has(words[at]?.lower ?? '')) break;
    const stop = words.findIndex(({ text }, i) => i > at && (text === ',' || text === '?'));
    const next = words[stop + 1];
    if (words[stop]?.text !== ',' || !next || next.kind === 'mark') break;
    at = stop + 1;
  }
  return words[at];
}

const NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** Returns 3 for `three` or `3`; null for words that are not a number, and for number words above ten. */
export function smallNumber(word: string): number | null {
  if (/^\d+$/.test(word)) return Number(word);
  const n = NUMBERS.indexOf(word.toLowerCase());
  return n < 0 ? null : n;
}

/** Returns the number in phrases such as "of the three cups" and "among these 4 objects". */
export function numberOf({ words }: Sentence): number | null {
  const number = SAYS.ofSoMany.find(words);
  return number && smallNumber(words[number.target.first]!.lower);
}

/**
 * Returns the rank from an ordinal directly before `end`: 2 for "the second [closest]", 1 without an ordinal. Null for
 * ranks that depend on the number of objects ("last", "next").
 */
export function rankBefore(sentence: Sentence, end: number): number | null {
  const words = sentence.part(sentence.start, end);
  if (SAYS.fromTheEnd.in(words)) return null;
  const rank = SAYS.rank.find(words);
  if (!rank) return 1;
  const { lower } = words[rank.first]!;
  const n = ORDINALS.indexOf(lower);
  return n >= 0 ? n + 1 : parseInt(lower, 10);
}

export const ORDINALS = [...CLASSES.get('ordinals')!.words];

/** Reason why a question has no main phrase: its polar words only identify an object. */
export const REFERENCE_ONLY = 'has polar words only in a referring phrase';

/** Result for a sentence whose only polar words identify an object and rank it among other objects. */
export interface Refers {
  refers: PolarPhrase;
  rank: number;
}

/**
 * Returns the main phrase of a which, who or what question. `asksAbout`: whether the question asks for the colour,
 * count, box or similar of the phrase's object, instead of the object.
 */
export function mainPhrase(
  sentence: Sentence,
  blocked: readonly Pick<Token, 'start' | 'end'>[],
): { phrase: PolarPhrase; rank: number; asksAbout: boolean } | string {
  const { core: start } = sentence;
  const free = sentence.phrases.filter(
    (p) => p.start >= start && !blocked.some((a) => p.start >= a.start && p.end <= a.end && a.end > a.start),
  );
  const words = sentence.part(start);
  const open = free.filter((p) => !isReferring(p, sentence, start));
  const done = (p: PolarPhrase, asksAbout: boolean) => {
    const rank = rankBefore(sentence, p.start);
    return rank === null ? 'counts its rank from the end' : { phrase: p, rank, asksAbout };
  };
  const about = SAYS.aboutIt.in(words);
  const asking = SAYS.askingWord.find(words);
  const afterAsking = words.filter(
    (word, i) =>
      asking && i >= asking.first && !blocked.some((a) => word.start >= a.start && word.end <= a.end),
  );
  const verb = SAYS.verb.find(afterAsking);
  const verbAt = verb ? afterAsking[verb.first]!.start : start;
  const main = choose(
    open.filter((p) => !asking || p.start >= verbAt),
    sentence,
    asking !== null,
  );
  if (typeof main === 'string') return main;
  if (main) {
    const placed = main.form === 'position' || main.form === 'contrary';
    if (about && placed && !SAYS.howMany.in(words)) return REFERENCE_ONLY;
    return done(main, about);
  }
  const ranked = free.find((p) => p.form === 'superlative');
  return ranked ? done(ranked, true) : REFERENCE_ONLY;
}

/**
 * Returns the main predicate among several polar phrases. Null if there is none; a text with the reason if the main
 * predicate cannot be determined.
 */
export function choose(
  phrases: readonly PolarPhrase[],
  sentence: Sentence,
  inOrder: boolean,
): PolarPhrase | null | string {
  // Next to another predicate, "the second chair from the left" only identifies a chair.
  const others = phrases.filter((p) => !/^from the /i.test(p.text));
  const open = others.length > 0 ? others : phrases;
  const [first] = open;
  if (!first) return null;
  const compared = open.filter((p) => p.form === 'comparative' || p.form === 'superlative');
  const relational = open.filter((p) => p.form === 'contrary' || isRelational(p));
  let main = first;
  // In "Which is behind the counter closer to …", the order of the words does not determine the predicate.
  if (inOrder && compared.some((p) => p !== first)) return 'has several predicates';
  if (!inOrder && open.length > 1) {
    const strongest = compared.length > 0 ? compared : relational.length > 0 ? relational : open;
    if (strongest.length > 1) return 'has several predicates';
    main = strongest[0]!;
  }
  const joined = open.some((p) => {
    if (p === main) return false;
    // For example, "more to the left than to the right"
    if (p.axis === main.axis && p.pole !== main.pole) return true;
    return SAYS.joined.in(sentence.part(Math.min(p.end, main.end), Math.max(p.start, main.start)));
  });
  return joined ? 'has several predicates' : main;
}

/** Returns whether a phrase needs a second object: "to the left of" and "behind" do, "on the left" does not. */
const isRelational = (p: PolarPhrase) =>
  p.form === 'position' && !/\b(?:left|right|top|bottom|front|back|rear|side|half|part)$/i.test(p.text);

const NO_NOUN = CLASSES.get('nonoun')!.words;

/** Returns whether a phrase belongs to a noun phrase or relative clause that only identifies an object. */
export function isReferring(p: PolarPhrase, sentence: Sentence, start: number): boolean {
  if (SAYS.pointed.in(sentence.part(start))) return false;
  const before = sentence.part(start, p.start);
  if (SAYS.relativeClause.in(before)) return true;
  if (p.form === 'position' || p.form === 'contrary') return false;
  const [after] = sentence.part(p.end);
  const nounAhead =
    !/ (?:to|from|of|than)$/i.test(p.text) &&
    !/['’]/.test(sentence.text[p.end] ?? '') &&
    after?.kind === 'word' &&
    !NO_NOUN.has(after.lower);
  // In "Is the closest window …", the phrase belongs to the beginning of the subject.
  if (nounAhead && SAYS.subjectBegun.in(before)) return true;
  return SAYS.nounBegun.in(before) && (nounAhead || (p.form === 'superlative' && !SAYS.andThe.in(before)));
}

export function refersTo(sentence: Sentence, start: number): Refers | string {
  const ranked = sentence.phrases.find((p) => p.start >= start && p.form === 'superlative');
  if (!ranked) return REFERENCE_ONLY;
  const rank = rankBefore(sentence, ranked.start);
  return rank === null ? 'counts its rank from the end' : { refers: ranked, rank };
}
