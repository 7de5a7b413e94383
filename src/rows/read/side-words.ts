import {
  editAt,
  inCaseOf,
  unsureAt,
  type Edit,
  type Finding,
  type Note,
  type Text,
  type Token,
  withoutMarkup,
} from './tokens.ts';
import { remembered } from '../../base/recent-map.ts';
import { misspelt } from './misspelt.ts';
import { ENGLISH, FOREIGN_SIDES, FOREIGN_WORDS, SHARED_WORDS, SHORTHAND } from './words/lists.ts';
import { EXCEPTIONS } from './words/signs.ts';
import { Pattern, Phrases, SAYS } from './patterns.ts';
import { partners, set, words } from './words/sets.ts';
import { SIDE_WORDS } from './words/side-senses.ts';

/**
 * Words and signs for a side: left and right with their forms, words such as port, directions of rotation, arrows and
 * clock bearings. The rules in sides.ts determine which of these words change in a text.
 */

/** Returns the same word for the other side. Keeps letter case, prefix and ending. */
export function swapWord(word: string): string {
  return word.replace(/left|right/i, (side) =>
    inCaseOf(side, side.toLowerCase() === 'left' ? 'right' : 'left'),
  );
}

const BY_WORD = new Map(
  SIDE_WORDS.map(([rule, word, partner, where]) => {
    const lines = where.map(({ patterns, about, or }) => ({
      patterns: patterns.map((source) => new Pattern(source, word)),
      about: about === undefined ? undefined : new Phrases(about),
      or,
    }));
    return [word, { rule, partner, lines }] as const;
  }),
);

/** Swaps a word of `SIDE_WORDS` if the word means a side. */
function sideWordAt(tokens: readonly Token[], at: number, row: readonly Token[]): Finding | null {
  const token = tokens[at]!;
  const word = BY_WORD.get(token.lower);
  const line = word?.lines.find(
    ({ patterns, about }) => patterns.some((p) => p.matchAt(tokens, at)) && (about?.in(row) ?? true),
  );
  if (!word || !line) return null;
  const to = inCaseOf(token.text, word.partner);
  return line.or === undefined
    ? editAt(token, to, word.rule)
    : unsureAt(token, word.rule, `"${token.text}" might be a side or ${line.or}.`, to);
}

/**
 * Returns the opposite of clockwise in the row's spelling, so that a second mirror restores the row's text. Without
 * such a word in the row, `counterclockwise`.
 */
export function counterSpelling(texts: readonly Text[]): string {
  for (const { text, tokens } of texts) {
    const spelling = SAYS.counter.find(tokens);
    if (spelling)
      return text.slice(tokens[spelling.first]!.start, tokens[spelling.end - 1]!.end).toLowerCase();
  }
  return 'counterclockwise';
}

/** Swaps clockwise with counterclockwise, counter-clockwise, anticlockwise and similar spellings. */
export function rotations(text: string, tokens: readonly Token[], counter: () => string): Edit[] {
  if (!/clockwise/i.test(text)) return [];
  const opposite = SAYS.counter.all(tokens);
  const edit = (first: number, last: number, to: string): Edit => {
    const [{ start }, { end }] = [tokens[first]!, tokens[last]!];
    const from = text.slice(start, end);
    return { start, end, from, to: inCaseOf(from, to), rule: 'rotation' };
  };
  return [
    ...opposite.map(({ first, end }) => edit(first, end - 1, 'clockwise')),
    ...tokens.flatMap(({ lower }, i) =>
      lower === 'clockwise' && !opposite.some(({ end }) => end === i + 1) ? edit(i, i, counter()) : [],
    ),
  ];
}

const ARROWS = new Map(
  partners(
    '← →, ⇐ ⇒, ⟵ ⟶, ⟸ ⟹, ⬅ ➡, ⇦ ⇨, ⇠ ⇢, ⇤ ⇥, ↤ ↦, ↞ ↠, ↢ ↣, ◀ ▶, ◁ ▷, ◄ ►, 👈 👉, ↖ ↗, ↙ ↘, ⇖ ⇗, ⇙ ⇘, ⬉ ⬈, ⬋ ⬊, ↩ ↪, ↰ ↱, ↲ ↳, ↶ ↷, ↺ ↻, ⟲ ⟳, ⤺ ⤻, ↫ ↬, ☚ ☛, ☜ ☞, ⏪ ⏩, ⏮ ⏭, ◂ ▸, 🡐 🡒, 🢀 🢂',
  ),
);

export const ARROW_SIGNS = {
  any: /[\u2190-\u21ff\u27f0-\u27ff\u2900-\u297f\u2b00-\u2b11\u2b30-\u2b4f\u2b60-\u2bb8➔-➾]/u,
  /** Arrows that point only up or down, and therefore have no side. */
  upright: /[↑↓↕⇑⇓⇕⬆⬇⬍↥↧⇧⇩↟↡⇡⇣⟰⟱⇅⇵]/u,
} as const satisfies Record<string, RegExp>;

/** Matches an arrow between words without a reference to a direction. This arrow might be a link in a chain. */
const IN_CHAIN = new Pattern('_ !<pointing> @ !<pointing> _');

/** Reverses an arrow that shows a direction. An arrow between two words might be a sequence instead ("A → B"). */
function arrowAt(tokens: readonly Token[], at: number): Finding | null {
  const token = tokens[at]!;
  const { kind, text } = token;
  if (kind !== 'mark') return null;
  const to = ARROWS.get(text);
  if (to === undefined)
    return ARROW_SIGNS.any.test(text) && !ARROW_SIGNS.upright.test(text)
      ? unsureAt(token, 'arrow', `"${text}" might refer to a side.`)
      : null;
  return IN_CHAIN.matchAt(tokens, at)
    ? unsureAt(token, 'arrow.sequence', `"${text}" might be a sequence.`, to)
    : editAt(token, to, 'arrow');
}

const HOURS = words('twelve one two three four five six seven eight nine ten eleven');

/**
 * Mirrors a clock bearing ("at your 3 o'clock"): hour h ↦ 12 − h. Keeps a time of day. The words of the row distinguish
 * bearings from times.
 */
function bearingAt(tokens: readonly Token[], at: number, row: readonly Token[]): Finding | null {
  const [hour, token] = [tokens[at - 1], tokens[at]!];
  const split = token.lower === 'o' && tokens[at + 1]?.lower === 'clock';
  if (!hour || !(split || /^o'?clock$/.test(token.lower))) return null;
  const h = (hour.kind === 'number' ? Number(hour.text) : HOURS.indexOf(hour.lower)) % 12;
  if (!(h >= 0)) return null;
  const near = tokens.slice(Math.max(0, at - 2), at + (split ? 3 : 2));
  const bearing = SAYS.bearing.in(near) || SAYS.bearingNear.in(row);
  const [time, direction] = [SAYS.time.in(row), SAYS.direction.in(row)];
  const mirrored = (12 - h) % 12;
  const to = hour.kind === 'number' ? String(mirrored || 12) : inCaseOf(hour.text, HOURS[mirrored]!);
  if (bearing || (direction && !time)) return editAt(hour, to, 'clock.bearing');
  if (time && !direction) return editAt(hour, hour.text, 'kept.time');
  return unsureAt(hour, 'clock.bearing', `"${hour.text} ${token.text}" might be a bearing or a time.`, to);
}

/** Mirrors the words and signs for a side, except left and right. */
export const otherSides = (tokens: readonly Token[], row: readonly Token[]): Finding[] =>
  tokens.flatMap(
    (_, at) => sideWordAt(tokens, at, row) ?? bearingAt(tokens, at, row) ?? arrowAt(tokens, at) ?? [],
  );

/*
 * Text in which the rules swap no words: text that stays unchanged (markup, quotations, names of formats), and words
 * that might express an unknown side, which make the row undecided.
 */

/** Range of text in which the rules swap no words, with the rule that protects the range. */
export interface ProtectedSpan {
  start: number;
  end: number;
  rule: string;
  /** Whether the words of the range were chosen for this row, and so can contain a side: `<left>`, `{left_object}`. */
  isOpen?: true;
}

const spanOf = (match: RegExpExecArray) => ({ start: match.index, end: match.index + match[0].length });

/** Matches tags, template placeholders and special tokens. */
// The name of a point describes its object, so it is ordinary language.
const MARKUP = /<points?\s[^<>\n]*?(?:>|\salt=(?="))|<\/?[a-zA-Z|][^<>\n]*>|\{[\w .]+\}/g;
/** Match addresses, file names and LaTeX delimiters. */
// Search for a name only at its start, because a search at each letter would take quadratic time.
const MACHINE: readonly RegExp[] = [
  /\[(?:IMG|IMAGE|INST|MASK)\w*\]/g,
  /\b(?:https?:\/\/|www\.)\S+/g,
  /(?<![\w.-])[\w.-]+@[\w-]+\.\w+/g,
  /(?<![\w./\\-])[\w./\\-]*[\w-]\.(?:jpe?g|png|gif|webp|bmp|tiff?|mp4|json|txt|py)\b/gi,
  /\\(?:left|right)\s*[()[\].{}|<>\\/]/g,
];

/** Every form of markup contains one of these characters. */
const MAY_BE_MACHINE = /[<{[@\\/]|\.\S/;

const QUOTE = /"([^"\n]+)"|“([^”\n]+)”|‘([^’\n]+)’|(?<![\w'])'([^'\n]+)'(?!\w)/g;
/** A quoted value in JSON is ordinary language, unless its key marks it as text in the image. */
const JSON_KEY = /["'](\w+)["']\s*:\s*$/;

/** Names of corners, also in the description of a format: "as top-left x, top-left y, width, height". */
const CORNER = /\b(?:top|upper|bottom|lower)[-\s]?(?:left|right)\b(?:[-\s]?(?:hand\s)?corners?)?/gi;

/** Returns whether the corner at `start`–`end` describes a number format instead of a place. */
function describesFormat(text: string, start: number, end: number): boolean {
  const before = text.slice(0, start);
  const after = text.slice(end);
  if (/^\s*(?:corner)?\s*(?:point)?\s*\(?\s*[xy][12]?\b/i.test(after)) return true;
  if (/\b[xy][12]?\s*\)?\s*(?:of|is|are|=|:|for|denotes|being)?\s*(?:the)?\s*$/i.test(before)) return true;
  const from = Math.max(...['. ', '? ', '! ', '\n'].map((mark) => before.lastIndexOf(mark))) + 1;
  const until = after.search(/[.?!](?:\s|$)|\n/);
  const sentence = text.slice(from, until < 0 ? undefined : end + until);
  const opposite = [...sentence.matchAll(CORNER)].map((m) => m[0].toLowerCase().replace(/[^a-z]/g, ''));
  const pair =
    /^(?:top|upper)left/.test(opposite[0] ?? '') && /^(?:bottom|lower)right/.test(opposite[1] ?? '');
  return EXCEPTIONS.coordinateWord.test(sentence) && (EXCEPTIONS.format.test(sentence) || pair);
}

/**
 * Finds quotations of names, or of text that is visible in the image. All other quotations (referring expressions,
 * lists of options) are ordinary language.
 */
function quotations(text: string): ProtectedSpan[] {
  return [...text.matchAll(QUOTE)].flatMap((match): ProtectedSpan[] => {
    const inner = match[1] ?? match[2] ?? match[3] ?? match[4]!;
    const before = text.slice(Math.max(0, match.index - 40), match.index);
    const key = JSON_KEY.exec(before)?.[1];
    const sign = EXCEPTIONS.signLike.test(inner.trim()) && !EXCEPTIONS.directionOnly.test(inner);
    const after = text.slice(match.index + match[0].length);
    // Quotation marks around the whole text do not make it a quotation.
    if (match[0].length === text.trim().length) return [];
    const visible = key
      ? EXCEPTIONS.textKey.test(key)
      : EXCEPTIONS.read.test(before) || EXCEPTIONS.bearer.test(after) || sign;
    return visible ? [{ ...spanOf(match), rule: 'kept.quote' }] : [];
  });
}

/** Returns all ranges of a text that must not change, in no particular order. */
export function protectedSpans(text: string): ProtectedSpan[] {
  const bare = withoutMarkup(text);
  const mayBe = MAY_BE_MACHINE.test(bare);
  const machine = (mayBe ? MACHINE : []).flatMap((pattern) =>
    [...bare.matchAll(pattern)].map((match): ProtectedSpan => ({ ...spanOf(match), rule: 'kept.markup' })),
  );
  const markup = (mayBe ? [...bare.matchAll(MARKUP)] : [])
    .filter(([words]) => !EXCEPTIONS.directionOnly.test(words))
    .map((match): ProtectedSpan => ({ ...spanOf(match), rule: 'kept.markup', isOpen: true }));
  const corners = (/left|right/i.test(text) ? [...text.matchAll(CORNER)] : [])
    .map((match) => ({ ...spanOf(match), rule: 'kept.format' }))
    .filter(({ start, end }) => describesFormat(text, start, end));
  return [...machine, ...markup, ...quotations(bare), ...corners];
}

/*
 * Words that might express a side that the rules cannot swap: compass points, shorthand, other languages, unknown
 * compounds. A text with any of these words does not count as invariant.
 */

/**
 * Returns whether a question is in another language than English. It must contain no words that identify English, and
 * few words that English shares with other languages: fewer than one in three, or with accents fewer than one in two.
 */
const isForeignQuestion = (text: string, tokens: readonly Token[]): boolean => {
  if (!/^\s*¿|[^\s?]\s*\?\s*$/u.test(text)) return false;
  const words = tokens.filter((t) => t.kind === 'word');
  const shared = words.filter((t) => SHARED_WORDS.has(t.lower)).length;
  const least = /[^ -~\s‘’“”]/.test(text) ? 2 : 3;
  return (
    words.length >= least &&
    !words.some((t) => (ENGLISH.has(t.lower) && !SHARED_WORDS.has(t.lower)) || isSideWord(t.lower)) &&
    // Names such as "Anna Maria" do not identify a language, so exclude them from the count.
    least * shared < words.filter((t, i) => i === 0 || t.text === t.lower).length
  );
};

/**
 * Finds the words that make a text unsafe to rewrite by rules, such as compass points, shorthand and other languages,
 * with their positions.
 */
export function doubts(text: string, tokens: readonly Token[]): Note[] {
  const notes: Note[] = [];
  const note = (level: Note['level'], rule: string, message: string, { start, end }: Token, to?: string) =>
    notes.push({ level, rule, message, start, end, ...(to !== undefined && { to }) });
  const foreign = new Set<string>();
  for (const { lower } of tokens) if (FOREIGN_WORDS.has(lower)) foreign.add(lower);
  tokens.forEach((token, i) => {
    const { lower } = token;
    if (isPlain(lower)) return;
    const after = tokens[i + 1];
    const meant = token.kind === 'word' ? misspelt(lower, 'x') : null;
    if (
      (EXCEPTIONS.compass.test(lower) || isCompassLetters(tokens, i)) &&
      !EXCEPTIONS.compassPhrase.test(`${after?.lower} ${tokens[i + 2]?.lower}`) &&
      !isName(tokens, i)
    ) {
      note('review', 'compass', `"${token.text}" depends on where north is.`, token);
    } else if (SHORTHAND.has(lower)) {
      const partner = SHORTHAND.get(lower);
      const to = partner && inCaseOf(token.text, partner);
      note('llm', 'shorthand', `"${token.text}" might abbreviate a side.`, token, to);
    } else if (/^[lr]$/.test(lower) && standsForSide(tokens, i)) {
      note('review', 'shorthand', `"${token.text}" might abbreviate a side.`, token);
    } else if (FOREIGN_SIDES.has(lower) && (lower !== 'links' || foreign.size > 0)) {
      note('llm', 'language', `"${token.text}" is a side in another language.`, token);
    } else if (/left|right/.test(lower) && !isSideWord(lower) && !EXCEPTIONS.unsided.test(lower)) {
      note('llm', 'unknown', `"${token.text}" might contain a side.`, token, swapWord(token.text));
    } else if (meant !== null && !isSideWord(lower)) {
      const to = inCaseOf(token.text, SENSES.get(meant) ?? swapWord(meant));
      note('llm', 'spelling', `"${token.text}" might be a misspelling of "${meant}".`, token, to);
    } else if (lower === '\\' && /^(?:left|right)\w*arrow/.test(after?.lower ?? '')) {
      note('llm', 'arrow.latex', 'The text contains a LaTeX arrow.', token);
    }
  });
  const isForeign = /[^\0-\x7f]/.test(text) && EXCEPTIONS.nonLatin.test(text);
  if (isForeign || foreign.size >= 2 || isForeignQuestion(text, tokens)) {
    notes.push({ level: 'llm', rule: 'language', message: 'The text is not in English.' });
  }
  if (EXCEPTIONS.asciiArrow.test(text)) {
    notes.push({ level: 'llm', rule: 'arrow', message: 'An arrow might point to a side.' });
  }
  return notes;
}

/** Returns whether a word is irrelevant to `doubts`. Most words are irrelevant, and texts repeat their words. */
const isPlain = remembered(
  5000,
  (lower: string) =>
    !EXCEPTIONS.compass.test(lower) &&
    !EXCEPTIONS.compassLetters.test(lower.toUpperCase()) &&
    !SHORTHAND.has(lower) &&
    !FOREIGN_SIDES.has(lower) &&
    !/^[lr\\]$|left|right/.test(lower) &&
    misspelt(lower, 'x') === null,
);

const SENSES = new Map(partners('anticlockwise clockwise, clockwise counterclockwise'));

/** Returns whether a word is NE, NW, SE or SW and not part of a code such as "SW1A". */
const isCompassLetters = (tokens: readonly Token[], at: number): boolean => {
  const [before, token, after] = [tokens[at - 1], tokens[at]!, tokens[at + 1]];
  const isGlued = (one: Token | undefined, other: Token | undefined) =>
    one !== undefined && one.end === other?.start && (one.kind === 'number' || other.kind === 'number');
  return EXCEPTIONS.compassLetters.test(token.text) && !isGlued(before, token) && !isGlued(token, after);
};

export const isSideWord = (lower: string): boolean => EXCEPTIONS.sideWord.test(lower);

/** Whether a capitalised word inside a sentence is next to another capitalised word: "North Face", "West Virginia". */
export function isName(tokens: readonly Token[], at: number): boolean {
  const capital = (token: Token | undefined) => token?.kind === 'word' && /^\p{Lu}\p{Ll}/u.test(token.text);
  const [before, token, after] = [tokens[at - 1], tokens[at]!, tokens[at + 1]];
  // In a heading, every word can have a capital.
  if (!capital(token) || ENGLISH.has(after?.lower ?? '')) return false;
  return (
    capital(after) || (capital(before) && tokens[at - 2] !== undefined && tokens[at - 2]!.kind !== 'mark')
  );
}

const ACTIONS = set('turn move rotate step strafe go pan look lean shift slide side hand');

/** Whether a single L or R can be a side: no unit (litres), initial or shape, and no part of a name such as "R2". */
function standsForSide(tokens: readonly Token[], at: number): boolean {
  const [before, token, after] = [tokens[at - 1], tokens[at]!, tokens[at + 1]];
  // "strafe-L" contains a side, but "T-L" does not.
  if (token.joined && ACTIONS.has(before!.lower)) return true;
  if (token.joined || after?.joined || before?.kind === 'number') return false;
  const glued =
    after?.start === token.end && /^[\p{N}.&'’]$/u.test(after.text[0]!) && tokens[at + 2] !== undefined;
  return (
    !glued &&
    before?.text !== '&' &&
    !/^(?:letter|letters|plan|size|vitamin|option)$/.test(before?.lower ?? '')
  );
}
