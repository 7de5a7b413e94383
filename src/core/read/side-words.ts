import { type Edit, type Findings, inCaseOf, type Note, type Text, type Token } from './tokens.ts';
import { Pattern, matchAt } from './patterns.ts';
import { Phrases, SAYS } from './rules.ts';
import { partners, words } from './words/sets.ts';
import { SIDE_WORDS } from './words/sides.ts';

/**
 * Words and signs for a side: left and right with their forms, and words such as port, directions of rotation, arrows,
 * clock bearings. Which of them to exchange in a text is decided in sides.ts.
 */

/** Returns the same word for the other side; case, prefix and ending stay. */
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

/** Swaps the words of `SIDE_WORDS` where they are sides. */
export function sideWords(tokens: readonly Token[], row: readonly Token[]): Findings {
  const edits: Edit[] = [];
  const notes: Note[] = [];
  tokens.forEach(({ lower, start, end, text: from }, at) => {
    const word = BY_WORD.get(lower);
    const line = word?.lines.find(
      ({ patterns, about }) => patterns.some((p) => matchAt(p, tokens, at)) && (about?.in(row) ?? true),
    );
    if (!word || !line) return;
    const edit = { start, end, to: inCaseOf(from, word.partner), rule: word.rule };
    if (line.or === undefined) edits.push({ ...edit, from });
    else notes.push({ ...edit, level: 'llm', message: `"${from}" may be a side or ${line.or}.` });
  });
  return { edits, notes };
}

/**
 * Returns the opposite of clockwise as this row spells it, so that a second mirror restores it; else
 * `counterclockwise`.
 */
export function counterSpelling(texts: readonly Text[]): string {
  for (const { text, tokens } of texts) {
    const spelling = SAYS.counter.find(tokens);
    if (spelling)
      return text.slice(tokens[spelling.first]!.start, tokens[spelling.end - 1]!.end).toLowerCase();
  }
  return 'counterclockwise';
}

/** Swaps clockwise with counterclockwise, counter-clockwise, anticlockwise … */
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
  /** Arrows that point up or down, which have no side. */
  upright: /[↑↓↕⇑⇓⇕⬆⬇⬍↥↧⇧⇩↟↡⇡⇣⟰⟱⇅⇵]/u,
} as const satisfies Record<string, RegExp>;

/** An arrow between words which do not say that it is a direction: it may be a link in a chain. */
const IN_CHAIN = new Pattern('_ !<pointing> @ !<pointing> _');

/** Reverses arrows that show a direction; an arrow between two words may be a sequence ("A → B"). */
export function arrows(tokens: readonly Token[]): Findings {
  const edits: Edit[] = [];
  const notes: Note[] = [];
  tokens.forEach(({ start, end, text: from }, i) => {
    const to = ARROWS.get(from);
    if (to === undefined) {
      if (!ARROW_SIGNS.any.test(from) || ARROW_SIGNS.upright.test(from)) return;
      notes.push({ level: 'llm', rule: 'arrow', message: `"${from}" may point to a side.`, start, end });
    } else if (matchAt(IN_CHAIN, tokens, i)) {
      const message = `"${from}" may be a sequence.`;
      notes.push({ level: 'llm', rule: 'arrow.sequence', message, start, end, to });
    } else {
      edits.push({ start, end, from, to, rule: 'arrow' });
    }
  });
  return { edits, notes };
}

const HOURS = words('twelve one two three four five six seven eight nine ten eleven');

/**
 * Mirrors clock bearings, "at your 3 o'clock": hour h ↦ 12 − h. A time of day stays; the words of the row distinguish
 * the two.
 */
export function bearings(tokens: readonly Token[], row: readonly Token[]): Findings {
  const edits: Edit[] = [];
  const notes: Note[] = [];
  tokens.forEach((token, i) => {
    const split = token.lower === 'o' && tokens[i + 1]?.lower === 'clock';
    if (!split && !/^o'?clock$/.test(token.lower)) return;
    const hour = tokens[i - 1];
    const h = hour ? (hour.kind === 'number' ? Number(hour.text) : HOURS.indexOf(hour.lower)) % 12 : NaN;
    if (!hour || !(h >= 0)) return;
    const bearing =
      SAYS.bearing.in(tokens.slice(Math.max(0, i - 2), i + (split ? 3 : 2))) || SAYS.bearingNear.in(row);
    const [time, direction] = [SAYS.time.in(row), SAYS.direction.in(row)];
    const { start, end, text: from } = hour;
    const mirrored = (12 - h) % 12;
    const word = mirrored === 0 ? 'twelve' : HOURS[mirrored]!;
    const to = hour.kind === 'number' ? String(mirrored || 12) : inCaseOf(from, word);
    if (bearing || (direction && !time)) edits.push({ start, end, from, to, rule: 'clock.bearing' });
    else if (time && !direction) edits.push({ start, end, from, to: from, rule: 'kept.time' });
    else {
      const message = `"${from} ${token.text}" may be a bearing or a time.`;
      notes.push({ level: 'llm', rule: 'clock.bearing', message, start, end, to });
    }
  });
  return { edits, notes };
}
