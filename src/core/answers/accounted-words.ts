import { contentWords, isContent, plainWords } from './clauses.ts';
import { LEADING_PREPOSITION } from './offers.ts';
import { isPole, polesLike } from './poles.ts';
import { asksWhetherThere } from './restated.ts';
import { sidesNamed } from './sides.ts';
import { CLOSED, COLOR, DENIES, DIMENSIONS, MEASURE, MODIFIER, PLACE, SAME_PLACES } from './words.ts';

/* Which words of an answer are accounted for (./accounted.ts). */

/** A verdict of the readers that may not stand. */
export interface Verdict {
  task: 'side' | 'choice' | 'name' | 'count' | 'length' | 'yesno';
  text: string;
  question: string;
  reference: string;
  correct: boolean;
  /** What was read; null if the answer gives none, or more than one. */
  parsed?: string | number | null;
  /** The length that was read, in metres. */
  metres?: number;
  /** The alternatives of the question, where it names any. */
  options?: readonly string[];
}

/** A word without its ending, so that "stands" is the question's "standing". */
export const stemOf = (word: string): string =>
  word.replace(/(?<=\w{3})(?:ing|ed|es|s|e)$/, '').replace(/(?<=\w\w)([^\Ws])\1$/, '$1');

const CLOSED_STEMS = new Set([...CLOSED].map(stemOf));
/** Whether any answer may be put with a word. */
export const isClosed = (word: string): boolean => CLOSED_STEMS.has(stemOf(word));

/** A word, and those that say the same of a place: "above" for "over", "nearest" for "closest". */
const likeWords = (word: string): string[] => [
  word,
  ...polesLike(word),
  ...SAME_PLACES.filter((same) => same.includes(word)).flat(),
  ...(word === 'on' ? ['top', 'upon'] : []),
];

/** What question and reference account for. */
export class Asked {
  readonly verdict: Verdict;
  /** The stems of what the reference names, of what the question does, and of all words of both. */
  readonly wanted: ReadonlySet<string>;
  readonly matter: ReadonlySet<string>;
  /** The words of the alternatives. */
  readonly named: ReadonlySet<string>;
  private readonly known: ReadonlySet<string>;
  private readonly free: readonly RegExp[];

  constructor(verdict: Verdict) {
    this.verdict = verdict;
    const { question, reference, options = [] } = verdict;
    const words = plainWords(reference);
    const named = [contentWords(reference), words.filter((word) => !isClosed(word))];
    const own = named.find((of) => of.length > 0) ?? words.flatMap(likeWords);
    this.wanted = new Set(own.map(stemOf));
    this.matter = new Set(contentWords(question).map(stemOf));
    this.named = new Set(
      options.flatMap((option) => plainWords(option).filter((word) => isContent(word) || isPole(word))),
    );
    this.known = new Set(
      [question, reference, ...options]
        .flatMap((of) => [
          ...plainWords(of).flatMap(likeWords),
          ...(of.toLowerCase().match(/\p{L}+/gu) ?? []),
        ])
        .map(stemOf),
    );
    this.free = freeWords(verdict);
  }

  /** The words of a part that nothing accounts for. */
  unknownIn(words: readonly string[]): string[] {
    const { task } = this.verdict;
    const isPlace = (word: string) =>
      /^(?:side|choice|yesno)$/.test(task) && (isPole(word) || sidesNamed(word) !== '');
    // "It looks green", but not "it looks at the door".
    const isLook = (word: string, next = 'at') =>
      /^look(?:s|ing)?$/.test(word) && (next === 'like' || isContent(next));
    return words.filter(
      (word, i) =>
        !isClosed(word) &&
        !this.known.has(stemOf(word)) &&
        !isLook(word, words[i + 1]) &&
        !isPlace(word) &&
        !this.free.some((words) => words.test(word)),
    );
  }

  /**
   * The words that nothing accounts for, without those that describe: "a kick scooter" is a scooter; "leaning against the
   * wall to the right of the tree" has all that the question has, and tells the rest of the thing after its verb.
   */
  notToldOf(words: readonly string[]): string[] {
    const { task, question } = this.verdict;
    const isKindOf = (i: number) => {
      const next = words.findIndex((_, at) => at > i && this.unknownIn(words.slice(at, at + 1)).length === 0);
      return next > i && this.wanted.has(stemOf(words[next]!));
    };
    if (task === 'name' && ![...this.wanted].some((word) => COLOR.test(word)))
      return words.filter(
        (word, i) =>
          this.unknownIn(words.slice(i, i + 2)).includes(word) &&
          (DENIES.test(word) || !isContent(word) || !isKindOf(i)),
      );
    const unknown = this.unknownIn(words);
    const verb = words.findIndex((word) => /^(?:is|are|stands?|sits?|lies?|hangs?)$/.test(word));
    const asked = contentWords(question.replace(/\bin the (?:image|picture|photo|scene)\b/gi, ''));
    const things = asked.filter((word) => !isPole(word) && !isClosed(word) && !PLACE.test(word));
    const isWhole =
      task === 'side' &&
      verb > 0 &&
      things.length > 1 &&
      things.every((word) => words.includes(word)) &&
      this.unknownIn(words.slice(0, verb)).length === 0;
    return isWhole ? unknown.filter((word) => DENIES.test(word)) : unknown;
  }

  /** The words of a part without what they add after the answer: "with black wheels", "near the window". */
  withoutAside(words: readonly string[]): readonly string[] {
    const { task, reference, question } = this.verdict;
    const isPlaced = LEADING_PREPOSITION.test(reference) || /\bwhere\b/i.test(question);
    const leads = task === 'side' || isPlaced ? NEARBY : ASIDE;
    const at = words.findIndex(
      (word, i) =>
        leads.test(word) &&
        (task === 'yesno' ? this.isMatter(words.slice(0, i)) : this.isWanted(words.slice(0, i))) &&
        words
          .slice(i)
          .every(
            (one) =>
              !this.isWanted([one]) && !this.isMatter([one]) && sidesNamed(one) === '' && !DENIES.test(one),
          ),
    );
    return at < 0 ? words : words.slice(0, at);
  }

  /** Whether words name what the reference does; what the question does. */
  isWanted = (words: readonly string[]): boolean => words.some((word) => this.wanted.has(stemOf(word)));
  isMatter = (words: readonly string[]): boolean => words.some((word) => this.matter.has(stemOf(word)));
}

const NEARBY = /^(?:with|near|close|against|next|beside)$/;
const ASIDE = /^(?:with|near|close|against|on|in|at|by|of|next|beside|behind|under|around)$|ing$/;

/** The words that any answer to a task may have. */
function freeWords({ task, question }: Verdict): readonly RegExp[] {
  switch (task) {
    case 'side':
      return [PLACE, MODIFIER, ...(OF_SOMEBODY.test(question) ? [/^(?:his|her|their|your)$/] : [])];
    case 'choice':
    case 'yesno':
      return [
        ...(asksWhetherThere(question) ? [COLOR] : []),
        PLACE,
        MODIFIER,
        /^(?:\d+|his|her|their|foreground|background)$/,
      ];
    case 'name':
      return [
        MODIFIER,
        COLOR,
        /^(?:his|her|their)$/,
        ...(OF_TEXT.test(question) ? [/^(?:read|say|text|word|letter)s?$/] : []),
      ];
    case 'count':
    case 'length': {
      const asked = plainWords(question);
      return [MEASURE, ...DIMENSIONS.filter((words) => asked.some((word) => words.test(word)))];
    }
  }
}
const OF_SOMEBODY = /\b(?:i|my|his|her|hand|arm|foot|leg|eye|ear)\b/i;
const OF_TEXT = /\b(?:says?|written|reads?|number|text|time|shows?)\b/i;
