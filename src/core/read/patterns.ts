import type { Token } from './tokens.ts';
import { SETS } from './words/sets.ts';

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

  /** @param target the phrase that `@` stands for; without it, `@` is any word that the rules are asked about */
  constructor(
    private readonly source: string,
    private readonly target?: string,
  ) {}

  /** @throws for an unknown class, or if no word can serve as anchor. */
  get compiled(): Compiled {
    return (this.made ??= compile(this.source, this.target));
  }
}

interface Compiled {
  /** The words at which the pattern can match; null if a test decides. */
  words: ReadonlySet<string> | null;
  anchor: Node;
  before: Node;
  after: Node;
}

/** A step of a pattern, and the steps after it in the direction away from the anchor. */
export interface Node {
  kind: 'accept' | 'set' | 'gap' | 'few' | 'sentence' | 'end' | 'group' | 'open' | 'close' | 'target';
  words: ReadonlySet<string>;
  /** Tests for tokens that match besides the words. */
  tests: readonly ((token: Token) => boolean)[];
  /** True if a clause edge matches too, without being consumed. */
  edge: boolean;
  optional: boolean;
  /** True if any number of them may follow each other. */
  many: boolean;
  negative: boolean;
  bound: '' | '-' | '=';
  alternatives: readonly Node[];
  next: Node | null;
}

/** Where a pattern matches: token indices, ends exclusive. */
export interface Match {
  first: number;
  end: number;
  /** The word or phrase that the rule is about. */
  target: { first: number; end: number };
}

const GAP = 4;
const FEW = 8;
/** Longer sentences are lists or texts without full stops. */
const SENTENCE = 200;
/** A comma inside a clause is an edge too; patterns that reach across one must name it. */
const isMark = (token: Token | undefined): boolean => !token || token.kind === 'mark';
const STOP = /^[.?!]$/;

const ACCEPT: Node = {
  kind: 'accept',
  words: new Set(),
  tests: [],
  edge: false,
  optional: false,
  many: false,
  negative: false,
  bound: '',
  alternatives: [],
  next: null,
};

/** A pattern without `@` is anchored at its first plain words. */
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
  if (at < 0) at = firstPlain(parts);
  const own = parts[at]!;
  const anchor = /^[-=]?@$/.test(own)
    ? { ...ACCEPT, kind: 'set' as const, bound: own.slice(0, -1) as Node['bound'], tests: [() => true] }
    : element(own.replace('@', ''), ACCEPT);
  return {
    words: anchor.tests.length === 0 ? anchor.words : null,
    anchor,
    before: sequence(parts.slice(0, at), -1),
    after: sequence(parts.slice(at + 1), 1),
  };
}

/** The first required element outside of groups, preferably one that is only a list of words. */
function firstPlain(parts: readonly string[]): number {
  let depth = 0;
  const must = parts.flatMap((part, i) => {
    if (/^!?\{$/.test(part)) depth++;
    if (/^\}\??$/.test(part)) depth--;
    const { kind, optional, negative, edge, tests } = element(part, ACCEPT);
    return depth === 0 && !/^\}/.test(part) && kind === 'set' && !optional && !negative && !edge
      ? [{ i, closed: tests.length === 0 }]
      : [];
  });
  const anchor = must.find(({ closed }) => closed) ?? must[0];
  if (!anchor) throw new Error(`No word tells where to look for the pattern "${parts.join(' ')}".`);
  return anchor.i;
}

/** Links the elements of a list in the direction in which they are walked. */
function sequence(parts: readonly string[], step: 1 | -1, last: Node = ACCEPT): Node {
  const items: ((next: Node) => Node)[] = [];
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (part !== '{' && part !== '!{') {
      items.push((next) => element(part, next));
      continue;
    }
    const lists: string[][] = [[]];
    let depth = 1;
    for (i++; depth > 0; i++) {
      const inner = parts[i];
      if (inner === undefined) throw new Error(`A group is not closed: ${parts.join(' ')}`);
      if (/^!?\{$/.test(inner)) depth++;
      if (/^\}\??$/.test(inner)) depth--;
      if (depth === 1 && inner === '/') lists.push([]);
      else if (depth > 0) lists.at(-1)!.push(inner);
    }
    i--;
    const optional = parts[i] === '}?';
    const negative = part === '!{';
    items.push((next) => ({
      ...ACCEPT,
      kind: 'group',
      optional,
      negative,
      alternatives: lists.map((list) => sequence(list, step, negative ? ACCEPT : next)),
      next,
    }));
  }
  return step === 1
    ? items.reduceRight((next, make) => make(next), last)
    : items.reduce((next, make) => make(next), last);
}

const KINDS: Readonly<Record<string, Node['kind']>> = {
  '~': 'gap',
  '..': 'few',
  '…': 'sentence',
  '^^': 'end',
  $$: 'end',
  '[': 'open',
  ']': 'close',
  ']@': 'target',
};

/** A set of the pattern language: the words in its list, and tests for other tokens. */
type WordClass = Pick<Node, 'words' | 'tests'>;

function unknownClass(name: string): never {
  throw new Error(`Unknown class <${name}> in a pattern.`);
}

function element(source: string, next: Node): Node {
  const [, bang, bound, body = '', often] = /^(!?)([-=]?)(.+?)((?:\?|(?<=>)\*)?)$/.exec(source)!;
  const kind = KINDS[body];
  if (kind) return { ...ACCEPT, kind, negative: bang === '!', next };
  const words = new Set<string>();
  const tests: ((token: Token) => boolean)[] = [];
  let edge = false;
  for (const option of body.split('|')) {
    const name = /^<(.+)>$/.exec(option)?.[1];
    if (name) {
      const { words: listed, tests: also } = CLASSES.get(name) ?? unknownClass(name);
      for (const word of listed) words.add(word);
      tests.push(...also);
    } else if (option === '^' || option === '$') edge = true;
    else if (option === '_') tests.push((token) => token.kind !== 'mark');
    else if (option === '#') tests.push((token) => token.kind === 'number');
    else if (/^[^\\].*\*$/.test(option)) tests.push((token) => token.lower.startsWith(option.slice(0, -1)));
    else if (/[A-Z]/.test(option)) tests.push((token) => token.text === option);
    else words.add(option === '\\n' ? '\n' : option.replace(/^\\/, ''));
  }
  return {
    ...ACCEPT,
    kind: 'set',
    words,
    tests,
    edge,
    negative: bang === '!',
    bound: bound as Node['bound'],
    optional: often !== '',
    many: often === '*',
    next,
  };
}

/** Token indices passed by the current walk: the brackets of the phrase and the end of its words. */
const passed = { open: 0, close: 0, target: 0 };

/**
 * Matches on from the token at `at`. Returns the index of the last token matched, or null if the pattern does not fit.
 */
function walk(node: Node, tokens: readonly Token[], at: number, step: 1 | -1): number | null {
  const { kind, next } = node;
  if (!next) return at;
  if (kind === 'set') {
    const i = at + step;
    const token = tokens[i];
    const word = token !== undefined && has(node, token) && isBound(node, tokens, step === 1 ? i : at);
    const edge = node.edge && isMark(token);
    if (node.negative) return word || edge ? null : walk(next, tokens, at, step);
    return (
      (word && node.many ? walk(node, tokens, i, step) : null) ??
      (word ? walk(next, tokens, i, step) : null) ??
      (edge || node.optional ? walk(next, tokens, at, step) : null)
    );
  }
  if (kind === 'group') {
    const reached = first(node.alternatives, (alternative) => walk(alternative, tokens, at, step));
    if (node.negative) return reached === null ? walk(next, tokens, at, step) : null;
    return reached ?? (node.optional ? walk(next, tokens, at, step) : null);
  }
  if (kind === 'gap' || kind === 'few' || kind === 'sentence') {
    const most = kind === 'gap' ? GAP : kind === 'few' ? FEW : SENTENCE;
    for (let n = 0; n <= most; n++) {
      const reached = walk(next, tokens, at + n * step, step);
      if (reached !== null) return reached;
      const token = tokens[at + (n + 1) * step];
      if (!token || (kind === 'gap' ? isMark(token) : STOP.test(token.text))) return null;
    }
    return null;
  }
  if (kind === 'end') {
    const end = tokens[at + step] === undefined;
    return end !== node.negative ? walk(next, tokens, at, step) : null;
  }
  const reached = walk(next, tokens, at, step);
  if (reached !== null) passed[kind as keyof typeof passed] = step === 1 ? at + 1 : at;
  return reached;
}

function first<T>(list: readonly T[], of: (item: T) => number | null): number | null {
  for (const item of list) {
    const node = of(item);
    if (node !== null) return node;
  }
  return null;
}

const has = ({ words, tests }: Node, token: Token): boolean =>
  words.has(token.lower) || tests.some((test) => test(token));

/** Whether the token at `i` is joined to the previous one as the element requires. */
function isBound({ bound }: Node, tokens: readonly Token[], i: number): boolean {
  if (bound === '') return true;
  return bound === '-' ? tokens[i]!.joined : tokens[i]!.start === tokens[i - 1]?.end;
}

/** Matches the pattern around the token at `at`; null if it does not fit. */
export function matchAt(pattern: Pattern, tokens: readonly Token[], at: number): Match | null {
  const { anchor, before, after } = pattern.compiled;
  if (!has(anchor, tokens[at]!) || !isBound(anchor, tokens, at)) return null;
  passed.open = passed.target = -1;
  const start = walk(before, tokens, at, -1);
  if (start === null) return null;
  const open = passed.open;
  passed.close = -1;
  const last = walk(after, tokens, at, 1);
  if (last === null) return null;
  return {
    first: open < 0 ? start : open,
    end: passed.close < 0 ? last + 1 : passed.close,
    target: { first: at, end: passed.target < 0 ? at + 1 : passed.target },
  };
}

/** The sets that patterns refer to as `<set>`, and what else belongs to one: "driver's", "12", "left unoccupied". */
export const CLASSES: ReadonlyMap<string, WordClass> = new Map(
  Object.entries(SETS).map(([name, members]) => {
    const tests = members.flatMap((member) => testOf(member) ?? []);
    return [name, { words: new Set(members.filter((member) => !testOf(member))), tests }];
  }),
);

/** The test of a set, if a member is one: "/ly$/" is about the word in small letters, "/^[A-Z]/c" about the word as it is written. */
function testOf(member: string): ((token: Token) => boolean) | null {
  const [, body, written] = /^\/(.+)\/(c?)$/.exec(member) ?? [];
  if (body === undefined) return null;
  const pattern = new RegExp(body, 'u');
  return written ? ({ text }) => pattern.test(text) : ({ lower }) => pattern.test(lower);
}
