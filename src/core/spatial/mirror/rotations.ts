import { type Edit, type Findings, inCaseOf, type Note, type Text, type Token } from '../language/tokens.ts';
import { Phrases } from '../language/rules.ts';

/**
 * Chirality that is expressed without the words left and right: directions of rotation, arrows, ships, clock bearings.
 */

const COUNTER = new Phrases(
  'counterclockwise|anticlockwise|contraclockwise',
  'counter|anti|contra @clockwise',
);

/**
 * Returns the opposite of clockwise as this row spells it, so that a second mirror restores it; else
 * `counterclockwise`.
 */
export function counterSpelling(texts: readonly Text[]): string {
  for (const { text, tokens } of texts) {
    const found = COUNTER.find(tokens);
    if (found) return text.slice(tokens[found.first]!.start, tokens[found.end - 1]!.end).toLowerCase();
  }
  return 'counterclockwise';
}

/** Swaps clockwise with counterclockwise, counter-clockwise, anticlockwise … */
export function rotations(text: string, tokens: readonly Token[], counter: () => string): Edit[] {
  if (!/clockwise/i.test(text)) return [];
  return tokens.flatMap((token, i): Edit[] => {
    if (!token.lower.endsWith('clockwise')) return [];
    const before = tokens[i - 1];
    if (token.lower === 'clockwise') {
      const start = before && /^(counter|anti|contra)$/.test(before.lower) ? before.start : token.start;
      const from = text.slice(start, token.end);
      const to = start < token.start ? 'clockwise' : counter();
      return [{ start, end: token.end, from, to: inCaseOf(from, to), rule: 'rotation' }];
    }
    if (!/^(counter|anti|contra)clockwise$/.test(token.lower)) return [];
    const { start, end, text: from } = token;
    return [{ start, end, from, to: inCaseOf(from, 'clockwise'), rule: 'rotation' }];
  });
}

const ARROW_PAIRS =
  '←→ ⇐⇒ ⟵⟶ ⟸⟹ ⬅➡ ⇦⇨ ⇠⇢ ⇤⇥ ↤↦ ↞↠ ↢↣ ◀▶ ◁▷ ◄► 👈👉 ↖↗ ↙↘ ⇖⇗ ⇙⇘ ⬉⬈ ⬋⬊ ↩↪ ↰↱ ↲↳ ↶↷ ↺↻ ⟲⟳ ⤺⤻ ↫↬ ☚☛ ☜☞ ⏪⏩ ⏮⏭ ◂▸ 🡐🡒 🢀🢂'.split(
    ' ',
  );
const ARROWS = new Map(
  ARROW_PAIRS.flatMap((pair) => {
    const [a, b] = [...pair] as [string, string];
    return [
      [a, b],
      [b, a],
    ] as const;
  }),
);

/** Arrows that have no partner here. Those that point up or down have no side. */
const OTHER_ARROW = /[\u2190-\u21ff\u27f0-\u27ff\u2900-\u297f\u2b00-\u2b11\u2b30-\u2b4f\u2b60-\u2bb8➔-➾]/u;
const UPRIGHT = /[↑↓↕⇑⇓⇕⬆⬇⬍↥↧⇧⇩↟↡⇡⇣⟰⟱⇅⇵]/u;
/** Words next to which an arrow is a direction and not a link in a chain. */
const POINTING =
  /^(?:and|or|is|are|was|to|the|arrow|arrows|points?|pointing|move|go|turn|press|towards?|of|shows?|direction|symbol|sign|at|with|this|that|which|one)$/;

/** Reverses arrows that show a direction; an arrow between two words may be a sequence ("A → B"). */
export function arrows(tokens: readonly Token[]): Findings {
  const edits: Edit[] = [];
  const notes: Note[] = [];
  tokens.forEach((token, i) => {
    const to = ARROWS.get(token.text);
    const { start, end, text: from } = token;
    if (to === undefined) {
      if (!OTHER_ARROW.test(from) || UPRIGHT.test(from)) return;
      notes.push({ level: 'llm', rule: 'arrow', message: `"${from}" may point to a side.`, start, end });
      return;
    }
    const between = [tokens[i - 1], tokens[i + 1]].every(
      (t) => t && t.kind !== 'mark' && !POINTING.test(t.lower),
    );
    if (between) {
      const message = `"${from}" may be a sequence.`;
      notes.push({ level: 'llm', rule: 'arrow.sequence', message, start, end, to });
    } else {
      edits.push({ start, end, from, to, rule: 'arrow' });
    }
  });
  return { edits, notes };
}

const SHIP = new Phrases(
  'ship|ships|boat|boats|vessel|yacht|yachts|sailboat|sailboats|sailing|ferry|deck|hull|aboard|starboard|bow|stern|lifeboat|canoe|kayak|captain|aircraft|airplane|plane|jet|cockpit|rudder|helm|rower|rowing|anchor|anchors|anchored|anchoring',
);
const STARBOARD = new Phrases('starboard');
const PORT_PARTS = new Set('side bow quarter beam tack engine wing light hand rail and or'.split(' '));

/**
 * Swaps port and starboard. A harbour and a socket are ports, too, so *port* is undecided unless a part of a ship
 * follows.
 */
export function ships(tokens: readonly Token[], row: readonly Token[]): Findings {
  const edits: Edit[] = [];
  const notes: Note[] = [];
  tokens.forEach((token, i) => {
    const { lower, start, end, text: from } = token;
    if (lower === 'starboard')
      edits.push({ start, end, from, to: inCaseOf(from, 'port'), rule: 'side.ship' });
    if (lower !== 'port') return;
    const before = tokens[i - 1]?.lower ?? '';
    const after = tokens[i + 1]?.lower ?? '';
    const ship = SHIP.in(row);
    const named =
      PORT_PARTS.has(after) || (/^(?:to|and|or|\/)$/.test(before) && !/^(?:city|of)$/.test(after));
    if (named && (ship || after === 'side' || after === 'bow')) {
      edits.push({ start, end, from, to: inCaseOf(from, 'starboard'), rule: 'side.ship' });
    } else if (ship && (!/^(?:the|a|of|in|at|this|usb|hdmi)$/.test(before) || STARBOARD.in(row))) {
      const message = '"port" may be a side or a harbour.';
      notes.push({ level: 'llm', rule: 'side.ship', message, start, end, to: inCaseOf(from, 'starboard') });
    }
  });
  return { edits, notes };
}

const HOURS = 'twelve one two three four five six seven eight nine ten eleven'.split(' ');
/** An hour that is a bearing by its own words: "at your 3 o'clock", "towards 11 o'clock", "the 2 o'clock position". */
const BEARING = new Phrases(
  "<facing> _ @o'clock|oclock",
  '<facing> _ @o clock',
  "@o'clock|oclock position|direction|bearing|angle|orientation",
  '@o clock position|direction|bearing|angle|orientation',
);
/** A bearing elsewhere in the row. */
const BEARING_NEAR = new Phrases(
  "my|your|his|her|its|our|their _ @o'clock|oclock",
  'my|your|his|her|its|our|their _ @o clock',
  "@o'clock|oclock position|direction",
  '@o clock position|direction',
);
const TIME = new Phrases(
  'time|am|pm|morning|afternoon|evening|tonight|noon|midnight|opens|closes|dinner|lunch|breakfast|supper|train|will|until|since|meeting|schedule|start|starts|begin|begins|alarm|watch',
  'a|p .? @m',
);
const DIRECTION = new Phrases(
  'direction|bearing|orientation|where|relative|turn|turned',
  'which @way',
  '!o @clock position',
  'you are? @face|facing|stand|standing|look|looking',
  'behind @you',
);

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
    const bearing = BEARING.in(tokens.slice(Math.max(0, i - 2), i + (split ? 3 : 2))) || BEARING_NEAR.in(row);
    const [time, direction] = [TIME.in(row), DIRECTION.in(row)];
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
