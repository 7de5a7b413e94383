import { isName, isSideWord } from './doubts.ts';
import { inCaseOf, type Edit, type Findings, type Note } from './edits.ts';
import { observations, weigh, type Verdict } from './readings.ts';
import type { Surroundings } from './surroundings.ts';
import { CLASSES } from './words.ts';
import type { Token } from './tokens.ts';

/** Bare words need their sentence; longer forms (leftmost, topright) are sides by themselves. */
const BARE = /^(left|right)(s|'s)?$/;

/** The same word on the other side; case, prefix and ending stay. */
export function swapWord(word: string): string {
  return word.replace(/left|right/i, (side) =>
    inCaseOf(side, side.toLowerCase() === 'left' ? 'right' : 'left'),
  );
}

/** Reads every left and right of a text and swaps those that are sides. */
export function sides(tokens: readonly Token[], around: Surroundings): Findings {
  const edits: Edit[] = [];
  const notes: Note[] = [];
  const verdicts = tokens.map((token, at) => (BARE.test(token.lower) ? read(tokens, at, around) : null));
  tokens.forEach((token, at) => {
    const { start, end, text: from } = token;
    const verdict = verdicts[at];
    if (!verdict) {
      if (isSideWord(token.lower))
        edits.push({ start, end, from, to: swapWord(from), rule: 'side.compound' });
      return;
    }
    const settled = settle(verdict, tokens, at, verdicts, around);
    if (settled.reading === 'side') {
      edits.push({ start, end, from, to: swapWord(from), rule: settled.rule });
      if (isName(tokens, at) && inName(tokens, at)) {
        notes.push({ level: 'llm', rule: 'name', message: `"${from}" may belong to a name.`, start, end });
      }
    } else if (settled.reading === 'kept') {
      edits.push({ start, end, from, to: from, rule: settled.rule });
    } else {
      const message =
        settled.reading === 'contested'
          ? `"${from}" can be read as a side and otherwise.`
          : `Nothing tells whether "${from}" is a side.`;
      notes.push({
        level: 'llm',
        rule: `ambiguous.${token.lower.startsWith('l') ? 'left' : 'right'}`,
        message,
        start,
        end,
      });
    }
  });
  return { edits, notes };
}

function read(tokens: readonly Token[], at: number, around: Surroundings): Verdict {
  if (tokens[at]!.lower === 'lefts') return { reading: 'side', rule: 'side.noun' };
  if (around.role === 'label' && tokens.length === 1) return { reading: 'side', rule: 'side.label' };
  return weigh(observations(tokens, at));
}

/** What the sentence leaves open, the rest of the row may tell. */
function settle(
  verdict: Verdict,
  tokens: readonly Token[],
  at: number,
  verdicts: readonly (Verdict | null)[],
  around: Surroundings,
): Verdict {
  if (verdict.reading === 'side' || verdict.reading === 'kept') return verdict;
  const { lower } = tokens[at]!;
  const opposite = swapWord(lower);
  const next = tokens[at + 1];
  // "the left one" somewhere in the row makes "the right one" a side.
  if (next?.kind === 'word' && !CLASSES.target!(next) && around.phrases.has(`${opposite} ${next.lower}`)) {
    return { reading: 'side', rule: 'side.partner' };
  }
  if (verdict.reading === 'contested') return verdict;
  const partner = verdicts.some(
    (v, i) => v && v.reading !== 'kept' && v.reading !== 'contested' && tokens[i]!.lower === opposite,
  );
  if (partner) return { reading: 'side', rule: 'side.partner' };
  if (verdict.reading !== 'open') return verdict;
  if (around.asksSide) return { reading: 'side', rule: 'side.asked' };
  const marker = lower === 'right' && around.yesNo && at === 0 && next?.text === ',';
  if (marker) return { reading: 'kept', rule: 'kept.tag' };
  if (around.sided && (lower === 'left' || !around.yesNo)) return { reading: 'side', rule: 'side.asked' };
  return { reading: 'undecided', rule: 'undecided' };
}

const COMMON =
  /^(?:side|hand|arm|leg|foot|eye|ear|door|corner|half|part|lane|turn|of|front|rear|back|top|bottom|center|middle|and|or|to|edge|wall|window|the|on)$/i;

/** A capital neighbour that is no ordinary word of place: "the Left Bank", but not "Left Side". */
function inName(tokens: readonly Token[], at: number): boolean {
  return [tokens[at - 1], tokens[at + 1]].some(
    (t) =>
      t?.kind === 'word' && /^\p{Lu}\p{Ll}/u.test(t.text) && !COMMON.test(t.text) && !isSideWord(t.lower),
  );
}
