import type { Token } from './tokens.ts';
import { NO_DEEDS, NOT_POSSESSIVE, SETS } from './words/sets.ts';

/** The sets of words that patterns refer to as `<set>`. */

const CONTRACTED = new Set(NOT_POSSESSIVE);
const possessive = (token: Token): boolean => token.lower.endsWith("'s") && !CONTRACTED.has(token.lower);

const NO_DEED = new Set(NO_DEEDS);

const digits = ({ text }: Token) => /^\d+$/.test(text);
const adverb = ({ lower }: Token) => lower.endsWith('ly');

/** Sets that cannot be listed completely: "driver's", "12", "left unoccupied". */
const OPEN: Record<string, (token: Token) => boolean> = {
  possessive,
  det: possessive,
  lead: possessive,
  num: digits,
  particle: (token) => /^un\w{3,}(?:ed|en|ble)$/.test(token.lower),
  mark: (token) => token.kind === 'mark',
  integer: digits,
  hour: (token) => /^\d\d?$/.test(token.text),
  minute: (token) => /^[0-5]\d$/.test(token.text),
  capitals: (token) => /^[A-Z]{3,}$/.test(token.text),
  code: (token) => /^[A-Z\d]+$/.test(token.text),
  /** The letter of an option. */
  lone: (token) => /^[a-z]$/.test(token.lower),
  capitalised: (token) => /^[A-Z]/.test(token.text),
  doing: (token) => /^\p{L}{2,}(?:ing|ed)$/u.test(token.lower) && !NO_DEED.has(token.lower),
  name: (token) => /^\p{Lu}\p{Ll}+/u.test(token.text),
  determiner: (token) => /['’]s$/.test(token.text),
  ordinals: (token) => /^\d+(?:st|nd|rd|th)$/.test(token.lower),
  negated: (token) => /n't$/.test(token.lower),
  placed: adverb,
  facing: (token) => /^\p{L}+'s$/u.test(token.lower),
  nth: (token) => /^\d(?:st|nd|rd|th)$/.test(token.lower),
  manner: adverb,
  /** The coordinate, not a capital X. */
  x: (token) => token.text === 'x',
};

/** A set of the pattern language: the words in its list, and tokens that a test accepts. */
export interface WordClass {
  words: ReadonlySet<string>;
  also?: ((token: Token) => boolean) | undefined;
}

export const CLASSES: ReadonlyMap<string, WordClass> = new Map(
  [...new Set([...Object.keys(SETS), ...Object.keys(OPEN)])].map((name) => [
    name,
    { words: new Set(SETS[name]), also: OPEN[name] },
  ]),
);
