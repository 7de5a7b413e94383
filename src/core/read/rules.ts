import { matchAt, Pattern, type Match, type Node } from './patterns.ts';
import type { Token } from './tokens.ts';
import { PHRASES } from './words/phrases.ts';
import { lines } from './words/sets.ts';

/** Finds many patterns in a text at once; patterns.ts describes the pattern language. */

const NONE: readonly never[] = [];

/** Rules indexed by the words at which they can match, so that one walk over a text tries all of them. */
export class Rules<T> {
  private made: { byWord: Map<string, [Pattern, T][]>; open: [Pattern, T][] } | undefined;

  constructor(private readonly rules: readonly (readonly [Pattern, T])[]) {}

  private get index() {
    return (this.made ??= this.makeIndex());
  }

  private makeIndex() {
    const byWord = new Map<string, [Pattern, T][]>();
    const open: [Pattern, T][] = [];
    for (const [pattern, rule] of this.rules) {
      const { words } = pattern.compiled;
      if (words) addUnder(byWord, words, [pattern, rule]);
      else open.push([pattern, rule]);
    }
    return { byWord, open };
  }

  /** The matches of all rules, from left to right, up to the word at which there are `enough`. */
  find(tokens: readonly Token[], enough = Infinity): (Match & { rule: T })[] {
    const { byWord, open } = this.index;
    const matches: (Match & { rule: T })[] = [];
    for (let at = 0; at < tokens.length && matches.length < enough; at++) {
      const own = byWord.get(tokens[at]!.lower);
      if (own) addMatches(matches, own, tokens, at);
      if (open.length > 0) addMatches(matches, open, tokens, at);
    }
    return matches;
  }
}

function addMatches<T>(
  found: (Match & { rule: T })[],
  list: readonly (readonly [Pattern, T])[],
  tokens: readonly Token[],
  at: number,
): void {
  for (const [pattern, rule] of list) {
    const match = matchAt(pattern, tokens, at);
    if (match) found.push({ ...match, rule });
  }
}

function addUnder<T>(lists: Map<string, T[]>, words: ReadonlySet<string>, item: T): void {
  for (const word of words) {
    const list = lists.get(word);
    if (list) list.push(item);
    else lists.set(word, [item]);
  }
}

/** The set of words one of which must directly follow, or precede, the anchor; null if there is no such restriction. */
function neighbour({ kind, words, tests, edge, optional, negative }: Node): ReadonlySet<string> | null {
  return kind === 'set' && tests.length === 0 && !edge && !optional && !negative ? words : null;
}

/** Rules about one word, indexed by its neighbours, so that few of them are tried. */
export class RulesBeside<T extends { pattern: Pattern }> {
  private made: { next: Map<string, number[]>; previous: Map<string, number[]>; open: number[] } | undefined;

  constructor(private readonly rules: readonly T[]) {}

  private get index() {
    return (this.made ??= this.makeIndex());
  }

  private makeIndex() {
    const [next, previous] = [new Map<string, number[]>(), new Map<string, number[]>()];
    const open: number[] = [];
    this.rules.forEach(({ pattern: { compiled } }, i) => {
      const after = neighbour(compiled.after);
      const words = after ?? neighbour(compiled.before);
      if (words) addUnder(after ? next : previous, words, i);
      else open.push(i);
    });
    return { next, previous, open };
  }

  /** The rules that match at a token, in their order. */
  at(tokens: readonly Token[], at: number): T[] {
    const { next, previous, open } = this.index;
    const before = previous.get(tokens[at - 1]?.lower ?? '') ?? NONE;
    const after = next.get(tokens[at + 1]?.lower ?? '') ?? NONE;
    const indices: number[] = [];
    for (const list of [open, before, after])
      for (const i of list) if (matchAt(this.rules[i]!.pattern, tokens, at)) indices.push(i);
    return indices.sort((a, b) => a - b).map((i) => this.rules[i]!);
  }
}

/** Several phrases that are searched for together. */
export class Phrases {
  private readonly rules: Rules<null>;

  constructor(...sources: string[]) {
    this.rules = new Rules(sources.map((source) => [new Pattern(source), null] as const));
  }

  /** The first match of any phrase. */
  find(tokens: readonly Token[]): Match | null {
    return this.rules.find(tokens, 1)[0] ?? null;
  }

  in(tokens: readonly Token[]): boolean {
    return this.find(tokens) !== null;
  }

  /** Every match of every phrase, from left to right. */
  all(tokens: readonly Token[]): Match[] {
    return this.rules.find(tokens);
  }
}

/** The phrases of ./words/phrases.ts, ready to be searched for. */
export const SAYS = Object.fromEntries(
  Object.entries(PHRASES).map(([name, text]) => [name, new Phrases(...lines(text))]),
) as Readonly<Record<keyof typeof PHRASES, Phrases>>;

/** Phrases with an example that contains one of them, and a similar counter-example that contains none. */
export interface PhraseSign {
  phrases: Phrases;
  example: string;
  counterExample: string;
}
