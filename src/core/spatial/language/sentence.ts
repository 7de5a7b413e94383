import { CLASSES } from './words.ts';
import { Phrases } from './rules.ts';
import { phrasesIn, polarPhrases, type PolarPhrase } from './polar.ts';
import { Text, type Token } from './tokens.ts';

/** A parsed sentence. All positions are character offsets in the whole text. */
export class Sentence {
  /** The sentence's words without endings ("man's" is *man*). */
  readonly words: readonly Token[];
  readonly phrases: readonly PolarPhrase[];
  /** Where the sentence begins after "In the image," and similar preambles. */
  readonly core: number;

  constructor(
    readonly text: string,
    readonly start = 0,
    readonly end = text.length,
  ) {
    this.words = new Text(text).words.filter((word) => word.start >= start && word.end <= end);
    this.phrases = phrasesIn(text, this.words);
    this.core = afterPreamble(this.words)?.start ?? end;
  }

  /** The words between two positions. */
  part(start: number, end = this.end): readonly Token[] {
    return this.words.filter((word) => word.start >= start && word.end <= end);
  }
}

const ABOUT_STATEMENT = new Phrases(
  '^^ @true|yes or false|no ? $$',
  '^^ is|was { this|that|the? statement|sentence|claim|description|caption? / it } @true|correct|right|accurate { or false|incorrect|wrong|not }? ? $$',
  '^^ @right|correct|agree|agreed ? $$',
);
const VERB = new Phrases('is|are|was|were|does|do');
const OPENING =
  /^(?:is|are|was|were|do|does|did|can|could|will|would|has|have|which|what|who|whose|where|how|if|in|given)$/;
const CHOICE = new Phrases('_ … @or … ? $$');

/**
 * Whether a sentence only lists alternatives, without a verb or question word: "The cup or the lamp?", "Yes or no?".
 */
const areAlternatives = (words: readonly Token[]): boolean =>
  !OPENING.test(words[0]?.lower ?? '') && !VERB.in(words) && CHOICE.in(words);

/**
 * Returns the sentence that the answer refers to: the last one with a question mark, else the last one with a
 * predicate. Bare alternatives belong to the question before them ("Which is taller? The cup or the lamp?").
 */
export function askingSentence(question: string): { start: number; end: number } {
  const sentences: { start: number; end: number; text: string; words: readonly Token[] }[] = [];
  for (const match of question.matchAll(/[^.?!\n]+(?:[.?!](?!\s|$)[^.?!\n]*)*[.?!]*/g)) {
    const lead = /^\s*/.exec(match[0])![0].length;
    const [start, end] = [match.index + lead, match.index + match[0].length];
    const { words } = new Text(match[0]);
    const last = sentences.at(-1);
    if (last?.text.includes('?') && areAlternatives(words)) last.end = end;
    else sentences.push({ start, end, text: match[0], words });
  }
  // "The cup is left of the plate. True or false?" asks about the preceding statement.
  const { start, end } = sentences.findLast(
    ({ text, words }) => text.includes('?') && !ABOUT_STATEMENT.in(words),
  ) ??
    sentences.findLast(({ text }) => polarPhrases(text).length > 0) ??
    sentences[0] ?? { start: 0, end: question.length };
  return { start, end };
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

/** Reads `three` or `3` as 3; null for other words and for numbers above ten in words. */
export function smallNumber(word: string): number | null {
  if (/^\d+$/.test(word)) return Number(word);
  const n = NUMBERS.indexOf(word.toLowerCase());
  return n < 0 ? null : n;
}

const OF_SO_MANY = new Phrases(
  'of|among|amongst|between the|these|those|all? @two|three|four|five|six|seven|eight|nine|ten|<integer>',
);

/** Returns the number in phrases such as "of the three cups" and "among these 4 objects". */
export function numberOf({ words }: Sentence): number | null {
  const found = OF_SO_MANY.find(words);
  return found && smallNumber(words[found.target.first]!.lower);
}

const FROM_THE_END = new Phrases('last|next|penultimate|middle _? $$');
const RANK = new Phrases('<ordinals> _? _? $$');

/**
 * Returns the rank given by an ordinal directly before `end`: 2 for "the second [closest]", 1 without an ordinal. Null
 * for ranks that depend on the number of things ("last", "next").
 */
export function rankBefore(sentence: Sentence, end: number): number | null {
  const words = sentence.part(sentence.start, end);
  if (FROM_THE_END.in(words)) return null;
  const found = RANK.find(words);
  if (!found) return 1;
  const { lower } = words[found.first]!;
  const n = ORDINALS.indexOf(lower);
  return n >= 0 ? n + 1 : parseInt(lower, 10);
}

const ORDINALS = [...CLASSES.get('ordinals')!.words];
