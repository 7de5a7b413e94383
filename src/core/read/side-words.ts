import { editAt, type Edit, type Finding, inCaseOf, type Text, type Token, unsureAt } from './tokens.ts';
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
export const sideWords = (tokens: readonly Token[], row: readonly Token[]): Finding[] =>
  tokens.flatMap((token, at) => {
    const word = BY_WORD.get(token.lower);
    const line = word?.lines.find(
      ({ patterns, about }) => patterns.some((p) => matchAt(p, tokens, at)) && (about?.in(row) ?? true),
    );
    if (!word || !line) return [];
    const to = inCaseOf(token.text, word.partner);
    return line.or === undefined
      ? editAt(token, to, word.rule)
      : unsureAt(token, word.rule, `"${token.text}" may be a side or ${line.or}.`, to);
  });

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
export const arrows = (tokens: readonly Token[]): Finding[] =>
  tokens.flatMap((token, i) => {
    const { text } = token;
    const to = ARROWS.get(text);
    if (to === undefined)
      return ARROW_SIGNS.any.test(text) && !ARROW_SIGNS.upright.test(text)
        ? unsureAt(token, 'arrow', `"${text}" may point to a side.`)
        : [];
    return matchAt(IN_CHAIN, tokens, i)
      ? unsureAt(token, 'arrow.sequence', `"${text}" may be a sequence.`, to)
      : editAt(token, to, 'arrow');
  });

const HOURS = words('twelve one two three four five six seven eight nine ten eleven');

/**
 * Mirrors clock bearings, "at your 3 o'clock": hour h ↦ 12 − h. A time of day stays; the words of the row distinguish
 * the two.
 */
export const bearings = (tokens: readonly Token[], row: readonly Token[]): Finding[] =>
  tokens.flatMap((token, i) => {
    const split = token.lower === 'o' && tokens[i + 1]?.lower === 'clock';
    const hour = tokens[i - 1];
    if (!hour || !(split || /^o'?clock$/.test(token.lower))) return [];
    const h = (hour.kind === 'number' ? Number(hour.text) : HOURS.indexOf(hour.lower)) % 12;
    if (!(h >= 0)) return [];
    const bearing =
      SAYS.bearing.in(tokens.slice(Math.max(0, i - 2), i + (split ? 3 : 2))) || SAYS.bearingNear.in(row);
    const [time, direction] = [SAYS.time.in(row), SAYS.direction.in(row)];
    const mirrored = (12 - h) % 12;
    const to = hour.kind === 'number' ? String(mirrored || 12) : inCaseOf(hour.text, HOURS[mirrored]!);
    if (bearing || (direction && !time)) return editAt(hour, to, 'clock.bearing');
    if (time && !direction) return editAt(hour, hour.text, 'kept.time');
    return unsureAt(hour, 'clock.bearing', `"${hour.text} ${token.text}" may be a bearing or a time.`, to);
  });
