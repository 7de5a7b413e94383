import type { Token } from './tokens.ts';
import type { WordClass } from './words.ts';

/**
 * A small language for the surroundings of one word, which stands as `@`:
 *
 *     on|at the @ $        "on the left" at the end of a clause
 *     <det> @ -_           "a left-handed …"
 *     !<be> he|she @       "he left", but not "is he left of …"
 *
 * `a|b` alternatives · `<class>` a named set of words · `_` any word or number · `~` up to four tokens without a mark ·
 * `^` `$` the edge of a clause (a mark or the end of the text), also among alternatives · `^^` `$$` the edge of the
 * text · trailing `?` optional · leading `!` anything but this, also nothing at all, and nothing is consumed · leading
 * `-` hung on by a hyphen.
 */
export interface Pattern {
  before: Element[];
  after: Element[];
  /** `-@`: the word itself must hang on the one before. */
  joined: boolean;
}

interface Element {
  kind: 'set' | 'any' | 'gap' | 'end';
  has: (token: Token) => boolean;
  /** Also satisfied by a clause's edge, which is not consumed. */
  edge: boolean;
  optional: boolean;
  negative: boolean;
  joined: boolean;
}

export type Classes = ReadonlyMap<string, WordClass>;

const GAP = 4;
/** A comma inside a clause is an edge too: patterns that reach over one name it. */
const isMark = (token: Token | undefined): boolean => !token || token.kind === 'mark';

/**
 * Reads a pattern: words and classes, with `@` (or `-@`, joined by a hyphen) for the word that it is about.
 * @throws for a pattern without it.
 */
export function compilePattern(source: string, classes: Classes): Pattern {
  const parts = source.trim().split(/\s+/);
  const at = parts.findIndex((part) => part === '@' || part === '-@');
  if (at < 0) throw new Error(`A pattern needs its word: ${source}`);
  const elements = (list: string[]) => list.map((part) => compileElement(part, classes));
  return {
    before: elements(parts.slice(0, at)).reverse(),
    after: elements(parts.slice(at + 1)),
    joined: parts[at] === '-@',
  };
}

function compileElement(source: string, classes: Classes): Element {
  const [, bang, hyphen, body = '', optional] = /^(!?)(-?)(.+?)(\??)$/.exec(source)!;
  const words = new Set<string>();
  const tests: ((token: Token) => boolean)[] = [];
  for (const option of body.split('|')) {
    const name = /^<(.+)>$/.exec(option)?.[1];
    const known = name ? classes.get(name) : { words: new Set([option]), also: undefined };
    if (!known) throw new Error(`Unknown class <${name}> in a pattern.`);
    for (const word of known.words) words.add(word);
    if (known.also) tests.push(known.also);
  }
  return {
    kind: body === '~' ? 'gap' : body === '_' ? 'any' : body === '^^' || body === '$$' ? 'end' : 'set',
    has: (token) => words.has(token.lower) || tests.some((test) => test(token)),
    edge: words.has('^') || words.has('$'),
    negative: bang === '!',
    joined: hyphen === '-',
    optional: optional === '?',
  };
}

/** Whether the pattern fits the tokens around that at `at`. */
export function matches(pattern: Pattern, tokens: readonly Token[], at: number): boolean {
  if (pattern.joined && !tokens[at]!.joined) return false;
  return walk(pattern.before, 0, tokens, at, -1) && walk(pattern.after, 0, tokens, at, 1);
}

/** Whether the elements from `e` on fit the tokens that follow `at` in this direction. */
function walk(elements: Element[], e: number, tokens: readonly Token[], at: number, step: 1 | -1): boolean {
  const element = elements[e];
  if (!element) return true;
  const next = at + step;
  const token = tokens[next];
  if (element.kind === 'end') return token === undefined && walk(elements, e + 1, tokens, at, step);
  if (element.kind === 'gap') {
    for (let n = 0; n <= GAP; n++) {
      if (walk(elements, e + 1, tokens, at + n * step, step)) return true;
      if (isMark(tokens[next + n * step])) return false;
    }
    return false;
  }
  const hyphen = step === 1 ? token?.joined : tokens[at]?.joined;
  const word = element.kind === 'any' ? !isMark(token) : token !== undefined && element.has(token);
  const edge = element.edge && isMark(token);
  const fits = (word && (!element.joined || hyphen === true)) || edge;
  if (element.negative) return !fits && walk(elements, e + 1, tokens, at, step);
  if ((element.optional || edge) && walk(elements, e + 1, tokens, at, step)) return true;
  return word && fits && walk(elements, e + 1, tokens, next, step);
}
