import { isPlural } from './names.ts';
import { Pattern, matchAt } from './patterns.ts';
import type { PolarRule } from './polar.ts';
import type { Form } from './words/axes.ts';
import type { Token } from './tokens.ts';
import { CLASSES } from './words.ts';
import { FUNCTION_WORDS } from './words/function-words.ts';

const STOP = new Set<string>(FUNCTION_WORDS.uncounted);
const MASS = CLASSES.get('mass')!.words;
const HAVING = new Pattern('<having> is|are? the? @');
const TAKES_UP = new Pattern('take|takes up the? @');

/** Up to three words from a token on; hyphenated words are joined. */
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
 * Whether the noun that `more` or `most` counts, within three words, is a plural or a mass noun. Null if there is none,
 * or if `more` may modify an adjective ("more colourful clothes").
 */
function countedNoun(tokens: readonly Token[], at: number): 'plural' | 'mass' | null {
  const words = wordsAfter(tokens, at + 1);
  const stop = words.findIndex((word) => STOP.has(word));
  const nouns = stop < 0 ? words : words.slice(0, stop);
  const noun = nouns.findIndex((word) => isPlural(word) || MASS.has(word));
  const isHad = matchAt(HAVING, tokens, at) ?? matchAt(TAKES_UP, tokens, at);
  const graded = /(?:ful|ous|ive|al|ic|ing|ed|able|ible|ant|ent|ly|less|ish)$/.test(nouns[0] ?? '');
  if (isHad ? nouns.length === 0 : noun < 0 || (noun > 0 && graded)) return null;
  return noun >= 0 && isPlural(nouns[noun]!) ? 'plural' : 'mass';
}

/** Rules for "more cups": `many` becomes `few` before plurals and `little` before mass nouns; both become `many`. */
function quantifiers(form: Form, many: string, few: string, little: string): PolarRule[] {
  const of = (word: string, pole: 0 | 1): PolarRule => ({
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
  return [of(many, 1), of(few, 0), of(little, 0)];
}

export const QUANTIFIERS: readonly PolarRule[] = [
  ...quantifiers('comparative', 'more', 'fewer', 'less'),
  ...quantifiers('superlative', 'most', 'fewest', 'least'),
];
