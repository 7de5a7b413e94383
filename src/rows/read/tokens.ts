/** Word, number or mark in a text, with its position. */
export interface Token {
  text: string;
  /** Text of the token in lower case, with straight apostrophes. */
  lower: string;
  start: number;
  end: number;
  kind: 'word' | 'number' | 'mark';
  /** Whether a hyphen or underscore (no token itself) joins the token to the previous one ("left-hand", "top_left"). */
  joined: boolean;
}

/** Matches a word, a number, or any other character except a space. */
const TOKEN = /\p{L}+(?:['’]\p{L}+)*|\d+(?:[.,]\d+)*(?:st|nd|rd|th|ST|ND|RD|TH)?|\n|\S/gu;
/** Same pattern for ASCII texts, which are the majority. This pattern takes half the time. */
const ASCII_TOKEN = /[A-Za-z]+(?:'[A-Za-z]+)*|\d+(?:[.,]\d+)*(?:st|nd|rd|th|ST|ND|RD|TH)?|\n|\S/g;
const ASCII = /^[\0-\x7f]*$/;
const JOINERS = new Set('-‐‑_');
const LETTER = /[\p{L}\p{N}]/u;
/** Matches the positions that split identifiers in camel case into words: `topLeft`, `LeftOf`. */
const CAMEL = /(?<=\p{Ll})(?=\p{Lu})/u;

/** Matches LaTeX commands around a word, each with its opening brace. */
const AROUND = /\\(?:boxed|fbox|mbox|text[a-z]*|math[a-z]+|emph|underline)\s*\{/g;
/** Matches signs of mathematics, emphasis, code and templates. A dollar before a number is a price. */
const SIGNS = /\\[()[\]]|\${1,2}(?!\s?\d)|\*\*|(?<!`)`(?!`)|\{\{(?=[\w .-]+\}\})|(?<=\{\{[\w .-]+)\}\}/g;

/** Replaces markup that only wraps words with spaces: `\boxed{\text{left}}`, `$left$`, `**left**`. */
export function withoutMarkup(text: string): string {
  if (!/[\\$*`]|\{\{/.test(text)) return text;
  const blank = (quoted: string) => ' '.repeat(quoted.length);
  const commands = [...text.matchAll(AROUND)];
  const openings = new Map(
    commands.map(({ index, 0: command }) => [index + command.length - 1, command.startsWith('\\boxed')]),
  );
  const characters = text.replace(AROUND, (command) => `${blank(command.slice(1))}{`).split('');
  const open: number[] = [];
  for (let at = 0; commands.length > 0 && at < characters.length; at++) {
    if (characters[at] === '{') open.push(at);
    const opening = characters[at] === '}' ? open.pop() : undefined;
    // Boxed text is separate, like text after a colon. Its braces are the edges of a clause.
    if (opening !== undefined && openings.get(opening) === false) characters[opening] = characters[at] = ' ';
  }
  return characters.join('').replace(SIGNS, blank);
}

/** Tokenised text. Removes markup around words, so that the rules read text with and without markup alike. */
export class Text {
  readonly tokens: readonly Token[];
  private bare: readonly Token[] | undefined;

  constructor(readonly text: string) {
    this.tokens = tokenise(withoutMarkup(text));
  }

  /** Returns the tokens for rules about single words: "what's" becomes *what*, and "country's" becomes *country*. */
  get words(): readonly Token[] {
    this.bare ??= withoutEndings(this.tokens);
    return this.bare;
  }
}

const ENDING = /'(?:s|re|ll|d|ve|m)$/;
function withoutEndings(tokens: readonly Token[]): readonly Token[] {
  if (!tokens.some(({ lower }) => lower.includes("'"))) return tokens;
  return tokens.map((token) => {
    const lower = token.lower.replace(ENDING, '');
    return lower === token.lower ? token : { ...token, lower, end: token.start + lower.length };
  });
}

/** Returns the kind of a piece from its first character, or from the one after a decimal point. Uses no regexes. */
function kindOf(piece: string): Token['kind'] {
  const code = piece.charCodeAt(piece.length > 1 && piece[0] === '.' ? 1 : 0);
  if (code >= 0x30 && code <= 0x39) return 'number';
  const letter = code < 0x80 ? (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a : LETTER.test(piece);
  return letter ? 'word' : 'mark';
}

/**
 * Splits a text into tokens in order. Spaces are not tokens; a line break is a mark. `pieces` matches other tokens than
 * the tokens of language: for amounts, "1/2" and ".5" are numbers.
 */
export function tokenise(text: string, pieces?: RegExp): Token[] {
  const tokens: Token[] = [];
  let joined = false;
  const isLetter = (i: number) => LETTER.test(text[i] ?? '');
  let at = 0;
  const ascii = ASCII.test(text);
  const add = (part: string, form: string, kind: Token['kind'], start: number) => {
    const lower = ascii ? form : form.replace('’', "'");
    tokens.push({ text: part, lower, start, end: start + part.length, kind, joined });
  };
  for (const piece of text.match(pieces ?? (ascii ? ASCII_TOKEN : TOKEN)) ?? []) {
    let start = text.indexOf(piece, at);
    at = start + piece.length;
    if (piece.length === 1 && JOINERS.has(piece) && isLetter(start - 1) && isLetter(at)) {
      joined = true;
      continue;
    }
    const kind = kindOf(piece);
    const lower = piece.toLowerCase();
    // In camel case, a word has a capital after its first letter.
    if (kind === 'word' && piece !== lower && piece.slice(1) !== lower.slice(1)) {
      for (const part of piece.split(CAMEL)) {
        add(part, part.toLowerCase(), kind, start);
        start += part.length;
        joined = true;
      }
    } else {
      add(piece, lower, kind, start);
    }
    joined = false;
  }
  return tokens;
}

/**
 * Returns `to` in the letter case of `from`: LEFT → RIGHT, Left → Right, left → right. In phrases, each word counts:
 * "CLOSER to" → "FARTHER from".
 */
export function inCaseOf(from: string, to: string): string {
  const oldWords = from.includes(' ') ? from.split(' ') : [from];
  if (oldWords.length > 1) {
    const turned = to.split(' ');
    if (oldWords.length === turned.length)
      return turned.map((word, i) => inCaseOf(oldWords[i]!, word)).join(' ');
  }
  // For example, "in FRONT of" → "BEHIND"
  if (oldWords.some((word) => word.length > 1 && word === word.toUpperCase())) return to.toUpperCase();
  const first = from[0] ?? '';
  return first !== first.toLowerCase() ? to[0]!.toUpperCase() + to.slice(1) : to;
}

/** Token that a rule handled: replaced, or kept on purpose (`to` equals the token's text). */
export interface Edit {
  start: number;
  end: number;
  from: string;
  to: string;
  rule: string;
}

/**
 * Words that the rules cannot decide. `llm`: ambiguous words; `review`: a reviewer must decide; `discard`: no mirror
 * exists.
 */
export interface Note {
  level: 'llm' | 'review' | 'discard';
  rule: string;
  /** Message for people, in one sentence. */
  message: string;
  start?: number;
  end?: number;
  /** Replacement for the words if they are a side. */
  to?: string;
}

export type Finding = Edit | Note;
export const isEdit = (finding: Finding): finding is Edit => 'from' in finding;

/** Returns an edit of a token. If `to` is the token's text, the edit has no effect. */
export const editAt = ({ start, end, text: from }: Token, to: string, rule: string): Edit => ({
  start,
  end,
  from,
  to,
  rule,
});

/** Returns a note on a token that the language model can decide. `to` replaces the token if the token is a side. */
export const unsureAt = ({ start, end }: Token, rule: string, message: string, to?: string): Note => ({
  level: 'llm',
  rule,
  message,
  start,
  end,
  ...(to !== undefined && { to }),
});

/** Replaces the ranges of the edits. The edits can be in any order, but must not overlap. */
export function applyEdits(text: string, edits: readonly Pick<Edit, 'start' | 'end' | 'to'>[]): string {
  let out = '';
  let at = 0;
  for (const { start, end, to } of [...edits].sort((a, b) => a.start - b.start)) {
    out += text.slice(at, start) + to;
    at = end;
  }
  return out + text.slice(at);
}
