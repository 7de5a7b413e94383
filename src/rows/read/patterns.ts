import type { Token } from './tokens.ts';
import { PHRASES } from './words/phrases.ts';
import { lines, SETS } from './words/sets.ts';

/**
 * The pattern language of all English rules. A pattern describes neighbouring tokens:
 *
 *     which|what … says|reads          a word of each, in one sentence
 *     on|at the @ $                    "on the left" at the end of a clause; `@` is the word in question
 *     !<be> he|she @                   "he left", but not "is he left of …"
 *     !the [ @ side of ]               the phrase is what stands between the brackets
 *
 * | element      | stands for                                                                                 |
 * | ------------ | ------------------------------------------------------------------------------------------ |
 * | `word`       | that word in any case, or with a capital only as written; `word*` its beginning            |
 * | `@word`      | like `word`; the pattern is anchored here, so that `!x` before it looks backwards          |
 * | `a|b`        | alternatives for one token                                                                 |
 * | `<class>`    | a set of words (sets.ts)                                                                   |
 * | `_` `#`      | any word or number; a number                                                               |
 * | `~` `..` `…` | up to four words without a mark; up to eight tokens, or anything, in a sentence            |
 * | `^` `$`      | the edge of a clause (a mark or the end of the text), also among alternatives               |
 * | `^^` `$$`    | the edge of the text                                                                       |
 * | `{ a b / c }`| either sequence                                                                            |
 * | `x?` `{ … }?`| optional; `<class>*` any number of them                                                    |
 * | `!x` `!{ … }`| anything but this, or nothing at all; consumes nothing                                     |
 * | `-x` `=x`    | joined to the previous token by a hyphen; directly after it, without a space               |
 * | `\x`         | the mark itself, if it has a meaning above                                                 |
 *
 * It is compiled when it is first asked for: to compile all of them took a third of the time in which a command starts.
 */
export class Pattern {
  private made: Compiled | undefined;

  /** @param target words of the phrase that `@` stands for; without it, `@` marks the word that the rules are about */
  constructor(
    readonly source: string,
    private readonly target?: string,
  ) {}

  /** @throws for an unknown word class, a malformed element, or a pattern without a possible anchor word */
  get compiled(): Compiled {
    return (this.made ??= compile(this.source, this.target));
  }

  /** Words at which the pattern can match; null if a test determines the words. */
  get words(): ReadonlySet<string> | null {
    const { words, tests } = this.compiled.anchor;
    return tests.length === 0 ? words : null;
  }

  /** Matches the pattern around the token at `at`; null if the pattern does not match. */
  matchAt(tokens: readonly Token[], at: number): Match | null {
    const { anchor, before, after } = this.compiled;
    if (!has(anchor, tokens[at]!) || !isBound(anchor, tokens, at)) return null;
    passed.open = passed.target = -1;
    const start = before(tokens, at);
    if (start === null) return null;
    const open = passed.open;
    passed.close = -1;
    const last = after(tokens, at);
    if (last === null) return null;
    return {
      first: open < 0 ? start : open,
      end: passed.close < 0 ? last + 1 : passed.close,
      target: { first: at, end: passed.target < 0 ? at + 1 : passed.target },
    };
  }
}

/** Position of a match, in token indices. Ends are exclusive. */
export interface Match {
  first: number;
  end: number;
  /** Position of the word or phrase that the rule is about. */
  target: { first: number; end: number };
}

interface Compiled {
  anchor: Element;
  before: Walk;
  after: Walk;
  /** Words of which one must precede the anchor, and of which one must follow. Null if any word is possible. */
  previous: ReadonlySet<string> | null;
  next: ReadonlySet<string> | null;
}

/** Continues a match from the token at `at`. Returns the last token of the match; null if later tokens do not fit. */
type Walk = (tokens: readonly Token[], at: number) => number | null;
type Step = 1 | -1;

const ACCEPT: Walk = (_, at) => at;

/** Token indices from the current walk: the brackets of the phrase and the end of its words. */
const passed = { open: 0, close: 0, target: 0 };

/** Word set of the pattern language: the words in its list, and tests for other tokens. */
interface WordClass {
  words: ReadonlySet<string>;
  tests: readonly ((token: Token) => boolean)[];
}

interface Element extends WordClass {
  /** Whether the element also matches a clause edge, without consuming a token. */
  edge: boolean;
  optional: boolean;
  /** Whether the element can match any number of tokens. */
  many: boolean;
  negative: boolean;
  bound: string;
  /** Possible words in lower case, and whether numbers also match; null if words outside this set can match. */
  keys: { words: ReadonlySet<string>; numbers: boolean } | null;
}

function has({ words, tests }: WordClass, token: Token): boolean {
  if (words.has(token.lower)) return true;
  for (const test of tests) if (test(token)) return true;
  return false;
}

/** Whether the token at `i` is joined to the previous token in the way that the element requires. */
function isBound({ bound }: Element, tokens: readonly Token[], i: number): boolean {
  if (bound === '') return true;
  return bound === '-' ? tokens[i]!.joined : tokens[i]!.start === tokens[i - 1]?.end;
}

/** Returns whether a token is a mark, or the edge of the text. Only patterns with a comma match across a comma. */
const isMark = (token: Token | undefined): boolean => !token || token.kind === 'mark';
const STOP = /^[.?!]$/;

/** Maximum number of tokens between two elements, and the token that ends the gap. */
const GAPS: Readonly<Record<string, { most: number; ends: (token: Token) => boolean }>> = {
  '~': { most: 4, ends: isMark },
  '..': { most: 8, ends: ({ text }) => STOP.test(text) },
  // Longer sentences are lists, or texts without full stops.
  '…': { most: 200, ends: ({ text }) => STOP.test(text) },
};
const BRACKETS: Readonly<Record<string, keyof typeof passed>> = { '[': 'open', ']': 'close', ']@': 'target' };
const TEXT_EDGE = /^(!?)(?:\^\^|\$\$)$/;

/** Compiles a pattern. The anchor of a pattern without `@` is the pattern's first plain list of words. */
function compile(source: string, target: string | undefined): Compiled {
  const parts = source.trim().split(/\s+/);
  let at = parts.findIndex((part) => /^[-=]?@/.test(part));
  if (at >= 0 && target !== undefined) {
    const words = target.split(' ');
    parts.splice(at, 1, ...words, ']@');
    if (!parts.includes('[')) {
      parts.splice(at + words.length + 1, 0, ']');
      parts.splice(at++, 0, '[');
    }
  }
  try {
    if (at < 0) at = firstPlain(parts);
    const part = parts[at]!;
    return {
      anchor: /^[-=]?@$/.test(part)
        ? { ...elementOf(`${part.slice(0, -1)}_`), tests: [() => true], keys: null }
        : elementOf(part.replace('@', '')),
      before: sequence(parts.slice(0, at), -1),
      after: sequence(parts.slice(at + 1), 1),
      previous: wordsOf(parts[at - 1]),
      next: wordsOf(parts[at + 1]),
    };
  } catch (error) {
    throw new Error(`The pattern "${source}" ${(error as Error).message}.`, { cause: error });
  }
}

/** Returns the first required element outside of groups, preferably a plain list of words. */
function firstPlain(parts: readonly string[]): number {
  let depth = 0;
  const must = parts.flatMap((part, i) => {
    if (isOpening(part)) depth++;
    if (isClosing(part)) depth--;
    if (depth > 0 || isStructure(part)) return [];
    const { optional, negative, edge, tests } = elementOf(part);
    return optional || negative || edge ? [] : [{ i, isClosed: tests.length === 0 }];
  });
  const anchor = must.find(({ isClosed }) => isClosed) ?? must[0];
  if (!anchor) throw new Error('has no required word to search for');
  return anchor.i;
}

/** Returns the words of an element that is only a list of words. */
function wordsOf(part: string | undefined): ReadonlySet<string> | null {
  if (part === undefined || isStructure(part)) return null;
  const { words, tests, edge, optional, negative } = elementOf(part);
  return tests.length === 0 && !edge && !optional && !negative ? words : null;
}

/** Returns whether a part of a pattern is structure, which matches no token. */
const isStructure = (part: string): boolean =>
  isOpening(part) || isClosing(part) || part in GAPS || part in BRACKETS || TEXT_EDGE.test(part);

const isOpening = (part: string): boolean => part === '{' || part === '!{';
const isClosing = (part: string): boolean => part === '}' || part === '}?';

/** Links the elements of a list in the direction of the walk. */
function sequence(parts: readonly string[], step: Step, last: Walk = ACCEPT): Walk {
  const links: ((next: Walk) => Walk)[] = [];
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (!isOpening(part)) {
      links.push((next) => walkOf(part, step, next));
      continue;
    }
    const lists: string[][] = [[]];
    let depth = 1;
    for (i++; depth > 0; i++) {
      const inner = parts[i];
      if (inner === undefined) throw new Error('has a group that is not closed');
      if (isOpening(inner)) depth++;
      if (isClosing(inner)) depth--;
      if (depth === 1 && inner === '/') lists.push([]);
      else if (depth > 0) lists.at(-1)!.push(inner);
    }
    i--;
    const isOptional = parts[i] === '}?';
    links.push((next) =>
      part === '!{' ? without(lists, step, next) : either(lists, step, next, isOptional),
    );
  }
  if (step === 1) links.reverse();
  return links.reduce((next, link) => link(next), last);
}

function either(lists: readonly string[][], step: Step, next: Walk, isOptional: boolean): Walk {
  const walks = lists.map((list) => sequence(list, step, next));
  if (isOptional) walks.push(next);
  return (tokens, at) => {
    for (const walk of walks) {
      const reached = walk(tokens, at);
      if (reached !== null) return reached;
    }
    return null;
  };
}

function without(lists: readonly string[][], step: Step, next: Walk): Walk {
  const walks = lists.map((list) => sequence(list, step));
  return (tokens, at) => (walks.some((walk) => walk(tokens, at) !== null) ? null : next(tokens, at));
}

function walkOf(part: string, step: Step, next: Walk): Walk {
  const gap = GAPS[part];
  if (gap)
    return (tokens, at) => {
      for (let n = 0; n <= gap.most; n++) {
        const reached = next(tokens, at + n * step);
        if (reached !== null) return reached;
        const token = tokens[at + (n + 1) * step];
        if (!token || gap.ends(token)) return null;
      }
      return null;
    };
  const bracket = BRACKETS[part];
  if (bracket)
    return (tokens, at) => {
      const reached = next(tokens, at);
      if (reached !== null) passed[bracket] = step === 1 ? at + 1 : at;
      return reached;
    };
  const edge = TEXT_EDGE.exec(part);
  if (edge) {
    const isEdge = edge[1] === '';
    return (tokens, at) => ((tokens[at + step] === undefined) === isEdge ? next(tokens, at) : null);
  }
  return walkOver(elementOf(part), step, next);
}

function walkOver(element: Element, step: Step, next: Walk): Walk {
  const walk: Walk = (tokens, at) => {
    const i = at + step;
    const token = tokens[i];
    const isWord =
      token !== undefined && has(element, token) && isBound(element, tokens, step === 1 ? i : at);
    const isEdge = element.edge && isMark(token);
    if (element.negative) return isWord || isEdge ? null : next(tokens, at);
    const reached = isWord ? ((element.many ? walk(tokens, i) : null) ?? next(tokens, i)) : null;
    return reached ?? (isEdge || element.optional ? next(tokens, at) : null);
  };
  return walk;
}

/** Matches a word or its beginning, a mark, or an escaped mark. */
const PLAIN = /^(?:[\p{L}\p{N}'’]+\*?|\\.|[^\p{L}\p{N}\s\\~…@{}[\]])$/u;

function elementOf(source: string): Element {
  const [, bang, bound = '', body = '', often] = /^(!?)([-=]?)(.+?)((?:\?|(?<=>)\*)?)$/.exec(source)!;
  const words = new Set<string>();
  const tests: ((token: Token) => boolean)[] = [];
  let edge = false;
  const options = body.split('|');
  for (const option of options) {
    const name = /^<(.+)>$/.exec(option)?.[1];
    if (name) {
      const listed = CLASSES.get(name);
      if (!listed) throw new Error(`has an unknown class <${name}>`);
      for (const word of listed.words) words.add(word);
      tests.push(...listed.tests);
      continue;
    }
    if (!PLAIN.test(option)) throw new Error(`has a malformed element "${source}"`);
    if (option === '^' || option === '$') edge = true;
    else if (option === '_') tests.push((token) => token.kind !== 'mark');
    else if (option === '#') tests.push((token) => token.kind === 'number');
    else if (/^[^\\].*\*$/.test(option)) tests.push((token) => token.lower.startsWith(option.slice(0, -1)));
    else if (/[A-Z]/.test(option)) tests.push((token) => token.text === option);
    else words.add(option === '\\n' ? '\n' : option.replace('\\', ''));
  }
  const numbers = options.includes('#');
  const keyed = options.filter((option) => option === '#' || /^[^*<\\]*[A-Z][^*]*$/.test(option));
  // A number that is also one of the words would match twice, so this element counts as open.
  const isOpen = tests.length > keyed.length || (numbers && [...words].some((word) => /\d/.test(word)));
  const keys = isOpen
    ? null
    : { words: new Set([...words, ...keyed.map((key) => key.toLowerCase())]), numbers };
  const many = often === '*';
  return { words, tests, edge, bound, many, negative: bang === '!', optional: often !== '', keys };
}

/** Word sets that patterns refer to as `<set>`, with tests for further members: "driver's", "12", "left unoccupied". */
export const CLASSES: ReadonlyMap<string, WordClass> = new Map(
  Object.entries(SETS).map(([name, members]) => {
    const tests = members.flatMap((member) => testOf(member) ?? []);
    return [name, { words: new Set(members.filter((member) => !testOf(member))), tests }];
  }),
);

/** Returns the test in a set member, if any: "/ly$/" tests the lower-case word, "/^[A-Z]/c" the word as written. */
function testOf(member: string): ((token: Token) => boolean) | null {
  const [, body, written] = /^\/(.+)\/(c?)$/.exec(member) ?? [];
  if (body === undefined) return null;
  const pattern = new RegExp(body, 'u');
  return written ? ({ text }) => pattern.test(text) : ({ lower }) => pattern.test(lower);
}

/** Rules indexed by a required word or its neighbours, so that one pass over a text tries few rules. */
export class Rules<T> {
  private made: RuleIndex | undefined;

  constructor(private readonly rules: readonly (readonly [Pattern, T])[]) {}

  private get index(): RuleIndex {
    return (this.made ??= indexOf(this.rules.map(([{ compiled }]) => compiled)));
  }

  /** Returns the matches of all rules at a token, in the order of the rules. */
  at(tokens: readonly Token[], at: number): (Match & { rule: T })[] {
    const matches: Placed<T>[] = [];
    this.collect(this.index, tokens, at, matches);
    return matches;
  }

  /** Returns the matches of all rules, from left to right. Stops after the word with the match number `enough`. */
  find(tokens: readonly Token[], enough = Infinity): (Match & { rule: T })[] {
    const matches: Placed<T>[] = [];
    const { index } = this;
    for (let at = 0; at < tokens.length && matches.length < enough; at++)
      this.collect(index, tokens, at, matches);
    return matches;
  }

  /** Adds the matches at a token. Runs for every word of every text, so it allocates no memory without a match. */
  private collect(
    { byWord, byNext, byPrevious, numbers, open }: RuleIndex,
    tokens: readonly Token[],
    at: number,
    matches: Placed<T>[],
  ): void {
    const before = matches.length;
    if (open.length > 0) this.tryEach(open, tokens, at, matches);
    if (numbers.length > 0 && tokens[at]!.kind === 'number') this.tryEach(numbers, tokens, at, matches);
    const here = byWord.get(tokens[at]!.lower);
    if (here) this.tryEach(here, tokens, at, matches);
    const next = byNext.size > 0 && at + 1 < tokens.length && byNext.get(tokens[at + 1]!.lower);
    if (next) this.tryEach(next, tokens, at, matches);
    const previous = byPrevious.size > 0 && at > 0 && byPrevious.get(tokens[at - 1]!.lower);
    if (previous) this.tryEach(previous, tokens, at, matches);
    if (matches.length - before > 1)
      matches.push(...matches.splice(before).sort((a, b) => a.place - b.place));
  }

  private tryEach(
    places: readonly number[],
    tokens: readonly Token[],
    at: number,
    matches: Placed<T>[],
  ): void {
    for (const place of places) {
      const [pattern, rule] = this.rules[place]!;
      const match = pattern.matchAt(tokens, at);
      if (match) matches.push(Object.assign(match, { rule, place }));
    }
  }
}

type Placed<T> = Match & { rule: T; place: number };

/**
 * Positions in a list of rules, by the required word: the token itself, the next token or the previous token.
 * `numbers`: rules that require a number. `open`: rules without a required word.
 */
interface RuleIndex {
  byWord: Map<string, number[]>;
  byNext: Map<string, number[]>;
  byPrevious: Map<string, number[]>;
  numbers: number[];
  open: number[];
}

function indexOf(rules: readonly Compiled[]): RuleIndex {
  const [byWord, byNext, byPrevious] = [new Map(), new Map(), new Map()];
  const index: RuleIndex = { byWord, byNext, byPrevious, numbers: [], open: [] };
  rules.forEach(({ anchor, next, previous }, i) => {
    const add = (lists: Map<string, number[]>, words: ReadonlySet<string>) => {
      for (const word of words) lists.set(word, [...(lists.get(word) ?? []), i]);
    };
    const { keys } = anchor;
    if (keys && (!keys.numbers || (!next && !previous))) {
      add(index.byWord, keys.words);
      if (keys.numbers) index.numbers.push(i);
    } else if (next) add(index.byNext, next);
    else if (previous) add(index.byPrevious, previous);
    else index.open.push(i);
  });
  return index;
}

/** Several phrases that one search finds together. */
export class Phrases {
  private readonly rules: Rules<null>;

  constructor(...sources: string[]) {
    this.rules = new Rules(sources.map((source) => [new Pattern(source), null] as const));
  }

  /** Returns the first match of any phrase. */
  find(tokens: readonly Token[]): Match | null {
    return this.rules.find(tokens, 1)[0] ?? null;
  }

  in(tokens: readonly Token[]): boolean {
    return this.find(tokens) !== null;
  }

  /** Returns every match of every phrase, from left to right. */
  all(tokens: readonly Token[]): Match[] {
    return this.rules.find(tokens);
  }
}

/** Phrases of ./words/phrases.ts, compiled for searching. */
export const SAYS = Object.fromEntries(
  Object.entries(PHRASES).map(([name, text]) => [name, new Phrases(...lines(text))]),
) as Readonly<Record<keyof typeof PHRASES, Phrases>>;
