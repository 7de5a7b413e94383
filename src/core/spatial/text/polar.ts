import { inCaseOf } from './case.ts';
import type { Axis, Form } from './axes.ts';
import { withoutFalseFriends } from './false-friends.ts';
import { MEASURE_RULES } from './measure-axes.ts';
import { PLACE_RULES } from './place-axes.ts';

export type { Axis, Form } from './axes.ts';

/** The axis table (docs/polarity.md). Of two rules that match the same words, the first counts. */
const RULES = [...PLACE_RULES, ...MEASURE_RULES];

/** A phrase that names one pole of an axis. */
export interface PolarPhrase {
  axis: Axis;
  /** 0 is the pole with the smaller coordinate: near, left, above, in front, small, few, inside. */
  pole: 0 | 1;
  form: Form;
  /** Character range in the text. */
  start: number;
  end: number;
  text: string;
  /** The phrase of the other pole, in the same case, with its own particle. */
  opposite: string;
}

/** Things whose "shorter" means length. */
const LONG_THINGS =
  /\b(?:length|rope|string|ribbon|pencil|pen|road|street|path|route|river|line|rod|stick|cable|wire|hair|hallway|corridor|bridge|train|snake|scarf|sleeves?|queue|ruler|knife|worm|tail|belt|hose|track|trip|arrow|noodle|banana|cucumber|carrot|shadow|chain|cord|thread|needle|skirt|side|segment|edge|cigarette|straw|boat|ship|airplane)s?\b/i;

/**
 * The polar phrases of a text, from left to right, without overlaps (the longest wins). False friends and what stands
 * in quotes, tags or round brackets are passed over.
 */
export function polarPhrases(text: string): readonly PolarPhrase[] {
  const known = recent.get(text);
  if (known) return known;
  if (recent.size >= RECENT) recent.clear();
  const phrases = findPhrases(text);
  recent.set(text, phrases);
  return phrases;
}

/** One row asks for the phrases of the same few texts dozens of times; the table has a hundred patterns. */
const RECENT = 64;
const recent = new Map<string, readonly PolarPhrase[]>();

function findPhrases(text: string): PolarPhrase[] {
  const clean = withoutFalseFriends(text);
  const found: PolarPhrase[] = [];
  for (const { axis, form, pole, pattern, opposite } of RULES) {
    for (const match of clean.matchAll(pattern)) {
      const start = match.index;
      const end = start + match[0].length;
      const other = opposite(match as RegExpExecArray, clean.slice(0, start), clean.slice(end));
      if (other === null) continue;
      found.push({
        axis,
        pole,
        form,
        start,
        end,
        text: text.slice(start, end),
        opposite: inCaseOf(match[0], other),
      });
    }
  }
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  let last = 0;
  const apart = found.filter((phrase) => {
    if (phrase.start < last) return false;
    last = phrase.end;
    return true;
  });
  return LONG_THINGS.test(clean) ? apart.map(asLength) : apart;
}

function asLength(phrase: PolarPhrase): PolarPhrase {
  if (!/^short/i.test(phrase.text) || phrase.axis !== 'height') return phrase;
  return {
    ...phrase,
    axis: 'length',
    opposite: phrase.opposite.replace('tall', 'long').replace('Tall', 'Long'),
  };
}
