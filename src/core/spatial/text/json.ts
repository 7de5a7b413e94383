import type { Problem } from '../../problem.ts';

/** Where in a model's text the JSON stood; `raw`: nowhere. */
export type JsonSource = 'whole' | 'code_block' | 'braces' | 'code_tag' | 'raw';

/** JSON that was found in a text. `repairs` is empty when it was valid as written. */
export interface FoundJson {
  source: JsonSource;
  value: unknown;
  repairs: Problem[];
}

/** A JSON object, not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Finds the JSON that a model meant: the whole text, else the last fenced block, else the longest balanced braces,
 * else what stands in a `<code>` tag (JSON that stands only inside such a tag is reported under its name). Each place
 * is read strictly first, then with repairs (comments, trailing commas, single quotes, Python literals and tuples, a
 * cut end). Null when no place holds JSON that `accept` takes. Never throws; time is linear in the text.
 */
export function findJson(text: string, accept: (value: unknown) => boolean = isRecord): FoundJson | null {
  const whole = text.trim();
  const found = /^[[{]/.test(whole) ? readAll(whole, 'whole', accept) : null;
  if (found) return found;
  for (const block of [...text.matchAll(/```[^\S\n]*\w*\s*([^]*?)(?:```|$)/g)].reverse()) {
    const inBlock =
      readAll(block[1]!.trim(), 'code_block', accept) ?? longest(block[1]!, 'code_block', accept);
    if (inBlock) return inBlock;
  }
  const tags = [...text.matchAll(/<code[^>]*>([^]*?)(?:<\/code>|$)/gi)];
  const outside = tags.reduce((rest, tag) => rest.replace(tag[0], ' '), text);
  const inBraces = longest(outside, 'braces', accept);
  if (inBraces) return inBraces;
  for (const tag of tags.reverse()) {
    const inTag = longest(tag[1]!, 'code_tag', accept);
    if (inTag) return inTag;
  }
  return null;
}

function readAll(text: string, source: JsonSource, accept: (value: unknown) => boolean): FoundJson | null {
  const strict = parseStrict(text);
  if (strict && accept(strict.value)) return { source, value: strict.value, repairs: [] };
  const read = readLenient(text, 0);
  if (!read || read.tooDeep || text.slice(read.end).trim() !== '' || !accept(read.value)) return null;
  return { source, value: read.value, repairs: read.repairs };
}

/** The longest value that opens with a brace or bracket anywhere in the text. */
function longest(text: string, source: JsonSource, accept: (value: unknown) => boolean): FoundJson | null {
  let best: { length: number; found: FoundJson } | null = null;
  for (let at = text.search(/[[{]/); at >= 0 && at < text.length;) {
    const read = readLenient(text, at);
    if (read && !read.tooDeep && accept(read.value) && read.end - at > (best?.length ?? 0)) {
      const strict = parseStrict(text.slice(at, read.end));
      const found = { source, value: (strict ?? read).value, repairs: strict ? [] : read.repairs };
      best = { length: read.end - at, found };
    }
    const from = read ? Math.max(read.end, at + 1) : at + 1;
    const next = text.slice(from).search(/[[{]/);
    at = next < 0 ? -1 : from + next;
  }
  return best?.found ?? null;
}

function parseStrict(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

const MAX_DEPTH = 64;
const LITERALS: Record<string, unknown> = {
  true: true,
  false: false,
  null: null,
  True: true,
  False: false,
  None: null,
  NaN: null,
  undefined: null,
};

class NotJson extends Error {}
class TooDeep extends NotJson {}

const SPACE = /[\s\u00a0]*/y;
const COMMENT = /\/\/[^\n]*|\/\*[^]*?\*\/|#[^\n]*|\.\.\.|…/y;
const WORD = /[\p{L}_$][\p{L}\p{N}_$-]*/uy;
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;

interface Read {
  value: unknown;
  /** Where reading stopped. */
  end: number;
  repairs: Problem[];
  /** Nested beyond any graph: nothing that starts before `end` can be read. */
  tooDeep: boolean;
}

/** Reads one value from `start`, forgiving. Null when it is not JSON even with goodwill. */
function readLenient(text: string, start: number): Read | null {
  const repairs = new Map<string, Problem>();
  let at = start;

  const repair = (code: string, message: string) =>
    repairs.set(code, { severity: 'warning', code: `json-${code}`, message });

  /** Consumes what `pattern` (sticky) matches here. */
  const eat = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(text)?.[0];
    at += match?.length ?? 0;
    return match;
  };

  const skip = () => {
    for (;;) {
      eat(SPACE);
      if (eat(COMMENT) === undefined) return;
      repair('comment', 'Comments and "..." were left out.');
    }
  };

  const string = (quote: string): string => {
    let out = '';
    for (at += 1; at < text.length; at++) {
      const c = text[at]!;
      if (c === quote) {
        at += 1;
        return out;
      }
      if (c !== '\\') {
        out += c;
        continue;
      }
      at += 1;
      const escape = text[at] ?? '';
      const hex = /^u[0-9a-fA-F]{4}/.exec(text.slice(at, at + 5))?.[0];
      if (hex) {
        out += String.fromCharCode(parseInt(hex.slice(1), 16));
        at += 4;
      } else out += { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }[escape] ?? escape;
    }
    repair('cut', 'The text ends inside the JSON; what was open was closed.');
    return out;
  };

  const bare = (): string => {
    const word = eat(WORD);
    if (word === undefined) throw new NotJson();
    return word;
  };

  const isQuote = (c: string | undefined) => c === '"' || c === "'" || c === '“';
  const quoted = (): string => {
    const open = text[at]!;
    if (open !== '"') repair('quotes', 'Single or curly quotes were read as double quotes.');
    return string(open === '“' ? '”' : open);
  };

  const members = (close: string, depth: number, member: (depth: number) => void) => {
    if (depth >= MAX_DEPTH) throw new TooDeep();
    at += 1;
    for (;;) {
      skip();
      if (at >= text.length) {
        repair('cut', 'The text ends inside the JSON; what was open was closed.');
        return;
      }
      if (text[at] === close) {
        at += 1;
        return;
      }
      member(depth + 1);
      skip();
      if (text[at] === ',') {
        at += 1;
        skip();
        if (text[at] === close) repair('comma', 'A comma before a closing bracket was left out.');
      } else if (at < text.length && text[at] !== close) {
        if (!/["'“[{(]/.test(text[at]!)) throw new NotJson();
        repair('missing-comma', 'A missing comma between two entries was added.');
      }
    }
  };

  const value = (depth: number): unknown => {
    skip();
    const c = text[at];
    if (c === '{') {
      const out: Record<string, unknown> = {};
      members('}', depth, (inner) => {
        const key = isQuote(text[at]) ? quoted() : bare();
        skip();
        if (at >= text.length) return;
        if (text[at] !== ':') throw new NotJson();
        at += 1;
        skip();
        if (at >= text.length) return;
        Object.defineProperty(out, key, {
          value: value(inner),
          enumerable: true,
          writable: true,
          configurable: true,
        });
      });
      return out;
    }
    if (c === '[' || c === '(') {
      if (c === '(') repair('tuple', 'A tuple in round brackets was read as a list.');
      const out: unknown[] = [];
      members(c === '[' ? ']' : ')', depth, (inner) => out.push(value(inner)));
      return out;
    }
    if (isQuote(c)) return quoted();
    const digits = eat(NUMBER);
    if (digits !== undefined) return Number(digits);
    const word = bare();
    if (!/^(?:true|false|null)$/.test(word))
      repair('literal', 'Words without quotes were read as literals or text.');
    return Object.hasOwn(LITERALS, word) ? LITERALS[word] : word;
  };

  try {
    const out = value(0);
    if (repairs.size === 0 && !parseStrict(text.slice(start, at)))
      repair('syntax', 'Small syntax errors were mended.');
    return { value: out, end: at, repairs: [...repairs.values()], tooDeep: false };
  } catch (error) {
    if (error instanceof TooDeep) return { value: null, end: at, repairs: [], tooDeep: true };
    if (error instanceof NotJson) return null;
    throw error;
  }
}
