/** A word, a number or a mark of a text, with its place in it. */
export interface Token {
  text: string;
  /** Lower case, with straight apostrophes. */
  lower: string;
  start: number;
  end: number;
  kind: 'word' | 'number' | 'mark';
  /** Hung onto the token before by a hyphen or an underscore ("left-hand", "top_left"); that mark is no token. */
  joined: boolean;
}

const TOKEN = /\p{L}+(?:['’]\p{L}+)*|\d+(?:[.,]\d+)*(?:st|nd|rd|th)?|\n|[^\s]/gu;
const JOINER = /^[-‐‑_]$/;
const LETTER = /[\p{L}\p{N}]/u;
/** Where one identifier in camel case falls into words: `topLeft`, `LeftOf`. */
const CAMEL = /(?<=\p{Ll})(?=\p{Lu})/u;

/** The texts of the row at hand are asked for by rules and checks again and again. */
const recent = new Map<string, readonly Token[]>();
const RECENT = 64;

/** Splits a text into tokens in order. Spaces are between them; a line break is a mark. */
export function tokenise(text: string): readonly Token[] {
  let tokens = recent.get(text);
  if (!tokens) {
    if (recent.size >= RECENT) recent.clear();
    tokens = split(text);
    recent.set(text, tokens);
  }
  return tokens;
}

function split(text: string): Token[] {
  const tokens: Token[] = [];
  let joined = false;
  for (const match of text.matchAll(TOKEN)) {
    const [piece] = match;
    const start = match.index;
    const end = start + piece.length;
    if (JOINER.test(piece) && LETTER.test(text[start - 1] ?? '') && LETTER.test(text[end] ?? '')) {
      joined = true;
      continue;
    }
    const kind = /^\d/.test(piece) ? 'number' : LETTER.test(piece) ? 'word' : 'mark';
    let at = start;
    for (const part of kind === 'word' ? piece.split(CAMEL) : [piece]) {
      tokens.push({
        text: part,
        lower: part.toLowerCase().replace('’', "'"),
        start: at,
        end: at + part.length,
        kind,
        joined: joined || at > start,
      });
      at += part.length;
    }
    joined = false;
  }
  return tokens;
}
