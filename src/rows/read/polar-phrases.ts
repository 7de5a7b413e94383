import { Pattern, type Match, CLASSES, Phrases, Rules } from './patterns.ts';
import { inCaseOf, Text, type Token } from './tokens.ts';
import { NO_POLES, MEASURES, PLACES, type Axis, type Form, type Pole } from './words/poles.ts';
import { isPlural } from './names.ts';
import { FUNCTION_WORDS } from './words/lists.ts';

export type { Axis, Form } from './words/poles.ts';

export interface PolarPhrase {
  axis: Axis;
  /** Pole of the axis. Pole 0 has the smaller coordinate: near, left, above, in front, small, few, inside. */
  pole: 0 | 1;
  form: Form;
  start: number;
  end: number;
  text: string;
  /** Phrase of the opposite pole, in the same letter case, with its own particle. */
  opposite: string;
}

interface PolarRule extends Pick<Pole, 'axis' | 'form' | 'pole'> {
  pattern: Pattern;
  /**
   * Returns the opposite of a phrase. `from`–`to` is the range of the rule's words. Null if the words around the phrase
   * show that the phrase has no opposite.
   */
  turn: (
    phrase: string,
    target: { from: number; to: number },
    tokens: readonly Token[],
    match: Match,
  ) => string | null;
}

const ruleOf = ({ pattern, phrase, opposite, ...pole }: Pole): PolarRule => ({
  ...pole,
  pattern: new Pattern(pattern, phrase),
  turn: (text, { from, to }) =>
    typeof opposite === 'string'
      ? text.slice(0, from) + opposite + text.slice(to)
      : text
          .split(/\s+/)
          .map((word) => opposite[word.toLowerCase()] ?? word)
          .filter(Boolean)
          .join(' '),
});

const MASS = CLASSES.get('mass')!.words;
const HAVING = new Pattern('<having> is|are? the? @');
const TAKES_UP = new Pattern('take|takes up the? @');

/** Returns up to three words, starting at a token. Hyphenated words count as one. */
function wordsAfter(tokens: readonly Token[], from: number): string[] {
  const words: string[] = [];
  for (const token of tokens.slice(from)) {
    if (/^['’]$/.test(token.text)) continue;
    if (token.kind !== 'word') break;
    if (token.joined && words.length > 0) words.push(`${words.pop()!}-${token.lower}`);
    else if (words.length === 3) break;
    else words.push(token.lower);
  }
  return words;
}

/**
 * Returns whether the noun that `more` or `most` counts, within three words, is a plural or a mass noun. Null without
 * such a noun, or if `more` might modify an adjective ("more colourful clothes").
 */
function countedNoun(tokens: readonly Token[], at: number): 'plural' | 'mass' | null {
  const words = wordsAfter(tokens, at + 1);
  const stop = words.findIndex((word) => FUNCTION_WORDS.uncounted.has(word));
  const nouns = stop < 0 ? words : words.slice(0, stop);
  const noun = nouns.findIndex((word) => isPlural(word) || MASS.has(word));
  const isHad = HAVING.matchAt(tokens, at) ?? TAKES_UP.matchAt(tokens, at);
  const graded = /(?:ful|ous|ive|al|ic|ing|ed|able|ible|ant|ent|ly|less|ish)$/.test(nouns[0] ?? '');
  if (isHad ? nouns.length === 0 : noun < 0 || (noun > 0 && graded)) return null;
  return noun >= 0 && isPlural(nouns[noun]!) ? 'plural' : 'mass';
}

/** Returns rules for "more cups": `many` becomes `few` (plurals) or `little` (mass nouns); both become `many`. */
function quantifiers(form: Form, many: string, few: string, little: string): PolarRule[] {
  const adjective = (word: string, pole: 0 | 1): PolarRule => ({
    axis: 'quantity',
    form,
    pole,
    pattern: new Pattern(`@${word} !than`),
    turn: (_phrase, _target, tokens, { first }) => {
      const noun = countedNoun(tokens, first);
      if (noun === null) return null;
      return pole === 0 ? many : noun === 'plural' ? few : little;
    },
  });
  return [adjective(many, 1), adjective(few, 0), adjective(little, 0)];
}

const QUANTIFIERS: readonly PolarRule[] = [
  ...quantifiers('comparative', 'more', 'fewer', 'less'),
  ...quantifiers('superlative', 'most', 'fewest', 'least'),
];

/** Rules of the axis table (docs/rewriting-rules.md). If two rules match the same words, the first rule counts. */
const RULES = new Rules(
  [...[...PLACES, ...MEASURES].map(ruleOf), ...QUANTIFIERS].map(
    (rule, order) => [rule.pattern, { ...rule, order }] as const,
  ),
);

/** Matches text in brackets, tags or quotes, which is not part of the question itself. */
const REMARK = /\([^()]*\)|<[^<>]*>|"[^"]*"|“[^”]*”/g;

const FALSE_FRIENDS = new Rules(NO_POLES.map((source) => [new Pattern(source), null] as const));

/** Objects for which "shorter" refers to length. */
const LONG_THINGS = new Phrases('<long>');

/** Character that replaces tokens. It is no word, space or end of a text, so that no rule matches across it. */
const BLANK = '\uE000';

export function withoutFalseFriends(text: string, tokens: readonly Token[]): readonly Token[] {
  const blank = new Set<number>();
  const from = tokens[0]?.start ?? 0;
  for (const { index, 0: remark } of text.slice(from, tokens.at(-1)?.end).matchAll(REMARK)) {
    tokens.forEach(({ start, end }, i) => {
      if (start >= from + index && end <= from + index + remark.length) blank.add(i);
    });
  }
  const open = tokens.map((token, i): Token => (blank.has(i) ? blanked(token) : token));
  for (const { first, end } of FALSE_FRIENDS.find(open)) {
    for (let i = first; i < end; i++) open[i] = blanked(open[i]!);
  }
  return open;
}

const blanked = (token: Token): Token => ({ ...token, text: BLANK, lower: BLANK, kind: 'mark' });

/**
 * Finds the polar phrases of a text, from left to right, without overlaps (the longest phrase wins). Skips false
 * friends and text in quotes, tags or round brackets.
 */
export const polarPhrases = (text: string): readonly PolarPhrase[] => phrasesIn(text, new Text(text).words);

export function phrasesIn(text: string, words: readonly Token[]): PolarPhrase[] {
  const tokens = withoutFalseFriends(text, words);
  const phrases = RULES.find(tokens).flatMap(({ rule, ...match }) => {
    const { axis, pole, form, order, turn } = rule;
    // Skip identifiers ("left_of", "leftOf"), because they are names.
    if (isIdentifier(text, words, match)) return [];
    const [start, end] = [words[match.first]!.start, words[match.end - 1]!.end];
    const from = words[match.target.first]!.start - start;
    const to = words[match.target.end - 1]!.end - start;
    const phraseText = text.slice(start, end);
    const turned = turn(phraseText, { from, to }, tokens, match);
    if (turned === null) return [];
    const phrase = { axis, pole, form, start, end, text: phraseText, opposite: inCaseOf(phraseText, turned) };
    return [{ order, phrase }];
  });
  phrases.sort((a, b) => a.phrase.start - b.phrase.start || b.phrase.end - a.phrase.end || a.order - b.order);
  let last = 0;
  const apart = phrases.flatMap(({ phrase }) => {
    if (phrase.start < last) return [];
    last = phrase.end;
    return [phrase];
  });
  return LONG_THINGS.in(tokens) ? apart.map(asLength) : apart;
}

/**
 * Returns whether a phrase is part of an identifier or a compound: "left_of", "leftOf", "left-to-right", but not
 * "left-hand" and "front-most".
 */
const isIdentifier = (text: string, tokens: readonly Token[], { first, end }: Match): boolean =>
  tokens.slice(Math.max(first, 1), end + 1).some(({ joined, start, lower }, i) => {
    const hyphen = /[-‐‑]/.test(text[start - 1]!);
    const inside = i > 0 || first === 0;
    const last = i === end - Math.max(first, 1);
    return joined && (!hyphen || (inside && !last && !/^(?:hand|most)$/.test(lower)));
  });

function asLength(phrase: PolarPhrase): PolarPhrase {
  if (!/^short/i.test(phrase.text) || phrase.axis !== 'height') return phrase;
  return {
    ...phrase,
    axis: 'length',
    opposite: phrase.opposite.replace('tall', 'long').replace('Tall', 'Long'),
  };
}
