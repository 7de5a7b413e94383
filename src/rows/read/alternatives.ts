import { sign } from './words/sets.ts';
import { bareName, nameKey } from './names.ts';
import { Phrases } from './patterns.ts';
import { polarPhrases } from './polar-phrases.ts';
import { Text, type Token } from './tokens.ts';
import { verdictOf } from './clause.ts';
import { ALTERNATIVES, AROUND_NAMES, MENU_POLES } from './words/signs.ts';

/** Alternative in a question, with its range (start = end if the question does not contain the alternative). */
export interface Alternative {
  text: string;
  start: number;
  end: number;
}

/**
 * Finds the alternatives in a question: "…, the cup or the plate?", "Between A and B, which …", "Which of A, B and C is
 * …", "Is A or B closer …", "Is it closer to A or to B?". Brackets belong to the name before them. Empty for fewer than
 * two alternatives. `cut`: range of the main phrase, if known; a list without commas can be on either side of it.
 */
export function alternativesOf(question: string, cut: { start: number; end: number } | null): Alternative[] {
  // Commas inside brackets do not separate alternatives. The replacement keeps the offsets.
  const text = question.replace(/\([^()]*\)/g, (remark) => '\u0001'.repeat(remark.length));
  const item = (start: number, end: number): Alternative => {
    const raw = question.slice(start, end);
    const lead = AROUND_NAMES.lead.exec(raw)![0].length;
    const trail = AROUND_NAMES.trail.exec(raw.slice(lead))![0].length;
    const [from, to] = [start + lead, end - trail];
    return { text: question.slice(from, Math.max(from, to)), start: from, end: Math.max(from, to) };
  };
  const list = (start: number, end: number, joint: 'and' | 'or'): Alternative[] => {
    const out: Alternative[] = [];
    const last = text.slice(start, end).search(sign`\s${joint}\s(?!.*\s${joint}\s)`);
    if (last < 0) return [];
    let from = start;
    for (const comma of text.slice(start, start + last).matchAll(/,/g)) {
      out.push(item(from, start + comma.index));
      from = start + comma.index + 1;
    }
    out.push(item(from, start + last), item(start + last + joint.length + 1, end));
    return out.filter((alternative) => alternative.text !== '');
  };
  for (const pattern of [ALTERNATIVES.listBefore, ALTERNATIVES.listWithin, ALTERNATIVES.listAfter]) {
    const range = pattern.exec(text)?.indices?.[1];
    const joined = range ? list(range[0], range[1], 'and') : [];
    const listed = range && joined.length < 2 ? list(range[0], range[1], 'or') : joined;
    if (distinct(listed)) return listed;
  }
  const spread = commaList(text, item);
  if (distinct(spread)) return spread;
  const plain = cut ? withoutComma(text, cut, item) : [];
  return distinct(plain) ? plain : [];
}

/** Returns whether a text is a name. "Left of the lamp or near the plate" is not, because it joins predicates. */
const isName = (text: string) =>
  nameKey(text) !== '' && !ALTERNATIVES.verb.test(text) && polarPhrases(text)[0]?.start !== 0;

const distinct = (list: readonly Alternative[]) =>
  list.length >= 2 &&
  list.every(({ text }) => isName(text)) &&
  new Set(list.map((a) => a.text.toLowerCase())).size === list.length;

/** Splits a text at commas, colons and dashes. Returns the segment with the last "or", and the bare names before. */
function commaList(text: string, item: (start: number, end: number) => Alternative): Alternative[] {
  const segments: [number, number][] = [];
  let start = 0;
  for (const stop of text.matchAll(/[,:;?]|\s-+\s|\s?[–—]+(?!\d)|$/g)) {
    segments.push([start, stop.index]);
    start = stop.index + stop[0].length;
  }
  const part = ([from, to]: [number, number]) => text.slice(from, to);
  const at = segments.findLastIndex((segment) => /(?:^|\s)or\s/i.test(part(segment)));
  if (at < 0) return [];
  const mayName = (segment: [number, number]) =>
    part(segment).trim() !== '' &&
    !ALTERNATIVES.orderWord.test(part(segment)) &&
    !ALTERNATIVES.noName.test(part(segment));
  if (!mayName(segments[at]!)) return [];
  const [from, to] = segments[at]!;
  const or = from + /(?:^|\s)or\s/i.exec(part(segments[at]!))!.index;
  const out = [item(or, to)];
  if (part([from, or]).trim() !== '') out.unshift(item(from, or));
  for (
    let i = at - 1;
    i >= 0 && mayName(segments[i]!) && !ALTERNATIVES.adverbial.test(part(segments[i]!));
    i--
  )
    out.unshift(item(...segments[i]!));
  return out;
}

/** Finds alternatives in "Is A or B PHRASE …?" and "Is X PHRASE A or B?". */
function withoutComma(
  text: string,
  cut: { start: number; end: number },
  item: (start: number, end: number) => Alternative,
): Alternative[] {
  const before = ALTERNATIVES.subjects.exec(text.slice(0, cut.start));
  if (before?.indices) {
    const [a, b] = [before.indices[1]!, before.indices[2]!];
    const tail = ALTERNATIVES.trailingVerb.exec(text.slice(...b));
    return [item(...a), item(b[0], tail ? b[0] + tail.index : b[1])];
  }
  const after = ALTERNATIVES.references.exec(text.slice(cut.end));
  if (!after?.indices || /\bthan\b/i.test(text.slice(cut.end))) return [];
  return [after.indices[1]!, after.indices[2]!].map(([from, to]) => item(cut.end + from, cut.end + to));
}

/** Returns whether an option identifies no single object, such as "both", "the same" or "cannot be determined". */
export function isOpenOption(option: string): boolean {
  return ALTERNATIVES.openOption.test(bareName(option));
}

/**
 * Returns the pattern for one pole, "or", and the other pole. A pole before a noun ("the left chair or the right
 * chair") does not count, because the pole only identifies the noun's object.
 */
const offer = (one: string[], other: string[]) =>
  `{ ${one.join(' / ')} } hand? side? { ,? of|to|from|than|the|it _? _? _? }? ,? @or|/ <menulead>* { ${other.join(' / ')} } ` +
  '{ hand / ,? side|of|to|from|than|the|it|him|her|them|me|you / ?|.|,|;|:|) / $$ }';

const MENUS = Object.entries(MENU_POLES).map(([axes, [low, high]]) => ({
  axes: axes.split(' '),
  low: new Phrases(...low),
  high: new Phrases(...high),
  either: new Phrases(offer(low, high), offer(high, low)),
}));

/** Returns the axes for which a question or its options contain both poles. */
export function axesOffered(words: readonly Token[], options: readonly string[]): string[] {
  const read = options.map((option) => new Text(option).words);
  return MENUS.flatMap(({ axes, low, high, either }) => {
    const listed =
      read.some((option) => low.in(option)) &&
      read.some((option) => high.in(option)) &&
      options.every(
        (option, i) => low.in(read[i]!) || high.in(read[i]!) || isOpenOption(option) || verdictOf(option),
      );
    return listed || either.in(words) ? axes : [];
  });
}
