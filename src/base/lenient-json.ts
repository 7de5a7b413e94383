import { jsonrepair } from 'jsonrepair';
import type { Problem } from './problem.ts';

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
const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

interface LenientValue {
  value: unknown;
  /** Position in the text at which reading stopped. */
  end: number;
  repairs: Problem[];
  /** Whether the value is nested too deeply to be read. If so, values that start before `end` cannot be read. */
  tooDeep: boolean;
}

/**
 * Reads one value from `start`, leniently. Returns null if `start` has no JSON.
 *
 * jsonrepair is only the second choice (`mendJson`). Alone, it would report neither its repairs nor the end of a value
 * in prose. It rejects tuples and `+5`, and turns `05`, and everything after a `#`, into text.
 */
export function readLenient(text: string, start: number): LenientValue | null {
  const reader = new Reader(text, start);
  try {
    const value = reader.value(0);
    const { at: end } = reader;
    if (reader.repairs.size === 0 && !parseStrict(text.slice(start, end)))
      reader.repair('syntax', 'Small syntax errors were fixed.');
    return { value, end, repairs: [...reader.repairs.values()], tooDeep: false };
  } catch (error) {
    if (error instanceof TooDeep) return { value: null, end: reader.at, repairs: [], tooDeep: true };
    if (error instanceof NotJson) return null;
    throw error;
  }
}

/** Quotes at positions where JSON allows no quotes. */
const STRAY_QUOTES = /(?<![{[,:]\s*)["'“”‘’`´](?!\s*[}\],:])/g;
/** Maximum length of a text, and maximum number of its stray quotes. Beyond these, jsonrepair can take minutes. */
const [LONGEST, MOST_STRAY_QUOTES] = [50_000, 32];

/**
 * Returns the most likely meaning of a text that contains only JSON, if `readLenient` fails because of missing quotes,
 * colons or brackets, or quotes inside quotes. Returns null if the meaning would be a guess.
 */
export function mendJson(text: string): LenientValue | null {
  if (text.length > LONGEST || !/^(?:\{[^]*\}|\[[^]*\])$/.test(text)) return null;
  if ((text.match(STRAY_QUOTES)?.length ?? 0) > MOST_STRAY_QUOTES) return null;
  let mended: string;
  try {
    mended = jsonrepair(text);
  } catch {
    return null; // jsonrepair also throws an error for text that is nested too deeply.
  }
  // jsonrepair joins several values into a list, so the repaired text must begin with the same bracket as the original.
  const read = mended[0] === text[0] && parseStrict(mended) ? readLenient(mended, 0) : null;
  if (!read || !addsNothing(mended, text)) return null;
  const repair = warning('mended', 'Missing quotes, colons or brackets were added.');
  return { ...read, end: text.length, repairs: [repair] };
}

/**
 * Whether every string, number and word is unchanged and in the same order, and no string absorbed characters around
 * it. jsonrepair reads `'child's'` as `child"s`, includes colons and brackets in a string without end, and inserts null
 * for a missing value.
 */
function addsNothing(mended: string, text: string): boolean {
  let at = 0;
  return (mended.match(/"(?:[^"\\]|\\.)*"|[^\s{}[\]:,"]+/g) ?? []).every((token) => {
    const part = String(JSON.parse(token));
    const unescaped = text.indexOf(part, at);
    at = unescaped >= 0 ? unescaped : text.indexOf(token.replace(/^"|"$/g, ''), at);
    return at >= 0 && !/[{}[\]\\]|^\s*[:,]|[:,]\s*$|^[^(]*\)/.test(part);
  });
}

export function parseStrict(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

const warning = (code: string, message: string): Problem => ({
  severity: 'warning',
  code: `json-${code}`,
  message,
});

const isQuote = (c: string | undefined): boolean => c === '"' || c === "'" || c === '“';

/** Reads a text and records the kinds of repairs in `repairs`. */
class Reader {
  readonly repairs = new Map<string, Problem>();

  constructor(
    private readonly text: string,
    public at: number,
  ) {}

  repair(code: string, message: string): void {
    this.repairs.set(code, warning(code, message));
  }

  value(depth: number): unknown {
    this.skip();
    const c = this.here;
    if (c === '{') return this.object(depth);
    if (c === '[' || c === '(') {
      if (c === '(') this.repair('tuple', 'A tuple in round brackets was read as a list.');
      const out: unknown[] = [];
      this.members(c === '[' ? ']' : ')', depth, (inner) => out.push(this.value(inner)));
      return out;
    }
    if (isQuote(c)) return this.quoted();
    const digits = this.eat(NUMBER);
    if (digits !== undefined) return Number(digits);
    const word = this.bare();
    if (!/^(?:true|false|null)$/.test(word))
      this.repair('literal', 'Words without quotes were read as literals or text.');
    return Object.hasOwn(LITERALS, word) ? LITERALS[word] : word;
  }

  private object(depth: number): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    this.members('}', depth, (inner) => {
      const key = isQuote(this.here) ? this.quoted() : this.bare();
      this.skip();
      if (this.isAtEnd) return;
      if (this.here !== ':') throw new NotJson();
      this.at += 1;
      this.skip();
      if (this.isAtEnd) return;
      // Defines the property, so that a key like __proto__ is treated like any other key.
      Object.defineProperty(out, key, {
        value: this.value(inner),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    });
    return out;
  }

  /** Reads from an opening bracket to the closing bracket. `member` reads the content between two commas. */
  private members(close: string, depth: number, member: (depth: number) => void): void {
    if (depth >= MAX_DEPTH) throw new TooDeep();
    this.at += 1;
    for (;;) {
      this.skip();
      if (this.isAtEnd) return this.cut();
      if (this.here === close) {
        this.at += 1;
        return;
      }
      member(depth + 1);
      this.skip();
      if (this.here === ',') {
        this.at += 1;
        this.skip();
        if (this.here === close) this.repair('comma', 'A comma before a closing bracket was removed.');
      } else if (!this.isAtEnd && this.here !== close) {
        if (!/["'“[{(]/.test(this.here!)) throw new NotJson();
        this.repair('missing-comma', 'A missing comma between two entries was added.');
      }
    }
  }

  private quoted(): string {
    const open = this.here!;
    if (open !== '"') this.repair('quotes', 'Single or curly quotes were read as double quotes.');
    const close = open === '“' ? '”' : open;
    let out = '';
    for (this.at += 1; !this.isAtEnd; this.at++) {
      const c = this.here!;
      if (c === close) {
        this.at += 1;
        return out;
      }
      out += c === '\\' ? this.escaped() : c;
    }
    this.cut();
    return out;
  }

  /** Returns the character of an escape sequence, and moves to the sequence's last character. */
  private escaped(): string {
    this.at += 1;
    const hex = /^u[0-9a-fA-F]{4}/.exec(this.text.slice(this.at, this.at + 5))?.[0];
    if (hex) {
      this.at += 4;
      return String.fromCharCode(parseInt(hex.slice(1), 16));
    }
    const letter = this.here ?? '';
    return ESCAPES[letter] ?? letter;
  }

  private bare(): string {
    const word = this.eat(WORD);
    if (word === undefined) throw new NotJson();
    return word;
  }

  private skip(): void {
    for (;;) {
      this.eat(SPACE);
      if (this.eat(COMMENT) === undefined) return;
      this.repair('comment', 'Comments and "..." were removed.');
    }
  }

  /** Consumes the match of `pattern` (sticky) at the current position. */
  private eat(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text)?.[0];
    this.at += match?.length ?? 0;
    return match;
  }

  private cut(): void {
    this.repair('cut', 'The text ends inside the JSON. Chirality closed open brackets and quotes.');
  }

  private get here(): string | undefined {
    return this.text[this.at];
  }

  private get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }
}
