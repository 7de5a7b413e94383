import type { Alternative } from './alternatives.ts';
import { FINITE, OWNER, PREPOSITION } from './noun-phrase.ts';
import type { PolarPhrase } from './polar.ts';
import { afterPreamble, rankBefore } from './sentence.ts';

/** A sentence inside a question. */
export interface Range {
  question: string;
  start: number;
  end: number;
}

/** Why a question whose polar words only say which thing is meant has no main phrase. */
export const REFERENCE_ONLY = 'has polar words only in a referring phrase';

/** The sentence's only polar words say which thing is meant; with `phrase`, they rank it among others. */
export interface Refers {
  refers: PolarPhrase;
  rank: number;
}

/**
 * The main phrase of a question that asks which, who or what. `asksAbout`: the thing that the phrase picks out is not
 * the answer, but has the colour, count or box that is asked for.
 */
export function mainPhrase(
  range: Range,
  phrases: readonly PolarPhrase[],
  blocked: readonly Alternative[],
): { phrase: PolarPhrase; rank: number; asksAbout: boolean } | string {
  const { question, end } = range;
  const start = end - afterPreamble(question.slice(range.start, end)).length;
  const free = phrases.filter(
    (p) => !blocked.some((a) => p.start >= a.start && p.end <= a.end && a.end > a.start),
  );
  const core = question.slice(start, end);
  const wh = /\b(?:which|who|what|whose)\b/i.exec(core);
  const open = free.filter((p) => p.start >= start && !isReferring(p, question, start));
  const done = (p: PolarPhrase, asksAbout: boolean) => {
    const rank = rankBefore(question, p.start);
    return rank === null ? 'counts its rank from the end' : { phrase: p, rank, asksAbout };
  };
  const about =
    ATTRIBUTE.test(core) ||
    /^(?:how many|count|describe|locate|point|draw|mark|segment|detect|give|provide|show|find|predict|output|return|what (?:is|are|was) (?:written|printed|shown|depicted|painted|drawn|displayed|happening)|what does|what (?:is|are) the (?:coordinates|bounding box|box|location|position))\b/i.test(
      core,
    ) ||
    /\b(?:doing|wearing|holding|carrying|looking at|made of|called|used for|facing)\s*\?*\s*$/i.test(core);
  const verb = wh
    ? new RegExp(`\\b(?:${FINITE}|would|will|be)\\b`, 'i').exec(
        blot(question, blocked).slice(start + wh.index, end),
      )
    : null;
  const verbAt = verb && wh ? start + wh.index + verb.index : start;
  const after = wh ? open.filter((p) => p.start >= verbAt) : open;
  const main = choose(after, question, wh !== null);
  if (typeof main === 'string') return main;
  if (main) {
    const counts = /^how many\b/i.test(core);
    if (about && !counts && (main.form === 'position' || main.form === 'contrary')) return REFERENCE_ONLY;
    return done(main, about);
  }
  const ranked = free.find((p) => p.start >= start && p.form === 'superlative');
  return ranked ? done(ranked, true) : REFERENCE_ONLY;
}

/** "What colour is the …", "What is the colour of the …": the phrase only says of what. */
const ATTRIBUTE =
  /^(?:what|which) (?:is the |are the )?(?:colou?rs?|shape|material|pattern|texture|brand|number|letter|word|text|kind|type|sort|time|day) (?:of|do|does|(?:is|are|was|were) (?:the|an?|this|that|his|her|its|on))\b/i;

/** The main one of several phrases that are no references; null for none, a text when it cannot be told. */
export function choose(
  phrases: readonly PolarPhrase[],
  question: string,
  inOrder: boolean,
): PolarPhrase | null | string {
  // "the second chair from the left" only says which, beside another predicate.
  const others = phrases.filter((p) => !/^from the /i.test(p.text));
  const open = others.length > 0 ? others : phrases;
  const [first] = open;
  if (!first) return null;
  const compared = open.filter((p) => p.form === 'comparative' || p.form === 'superlative');
  const relational = open.filter((p) => p.form === 'contrary' || isRelational(p));
  let main = first;
  // "Which is behind the counter closer to …": no order of words tells.
  if (inOrder && compared.some((p) => p !== first)) return 'has several predicates';
  if (!inOrder && open.length > 1) {
    const strongest = compared.length > 0 ? compared : relational.length > 0 ? relational : open;
    if (strongest.length > 1) return 'has several predicates';
    main = strongest[0]!;
  }
  const joined = open.some((p) => {
    if (p === main) return false;
    // "more to the left than to the right"
    if (p.axis === main.axis && p.form === main.form && p.pole !== main.pole) return true;
    const gap = question.slice(Math.min(p.end, main.end), Math.max(p.start, main.start));
    return /\b(?:and|but|while|yet|or|as well as)\b|,\s*(?:(?:it )?(?:is|are) )?$/i.test(gap);
  });
  return joined ? 'has several predicates' : main;
}

/** "to the left of" and "behind" need a second thing; "on the left" stands alone. */
const isRelational = (p: PolarPhrase) =>
  p.form === 'position' && !/\b(?:left|right|top|bottom|front|back|rear|side|half|part)$/i.test(p.text);

/** The phrase belongs to a noun phrase or relative clause that only says which thing is meant. */
export function isReferring(p: PolarPhrase, question: string, start: number): boolean {
  const before = question.slice(start, p.start);
  // "Is it the cup that is closer?", "Choose the object that is closer": here the clause is the point.
  if (/^(?:(?:is|was) it|choose|pick|select|name|identify|state|indicate)\b/i.test(question.slice(start)))
    return false;
  if (
    new RegExp(
      `\\w(?<!\\b(?:and|but|or))\\s+(?:that|which|who)\\s+(?:(?:${FINITE})\\s+)?(?:\\w+ly\\s+|(?:located|positioned|placed|situated|standing|sitting|the|a|more)\\s+)*$`,
      'i',
    ).test(before)
  )
    return true;
  if (p.form === 'position' || p.form === 'contrary') return false;
  const nounAhead =
    !/ (?:to|from|of|than)$/i.test(p.text) &&
    /^[- ]*(?!(?:the|an?|my|your|this|that|to|from|than|of|or|and|in|on|at|is|are|does|do|compared|when|if|as|away|among|amongst|between|out|with|by|for|that|which|who)\b)\p{L}/iu.test(
      question.slice(p.end),
    );
  // "Is the closest window …": the subject has only begun.
  if (
    nounAhead &&
    new RegExp(`^(?:is|are|was|were|does|do|did|would|will)\\s+(?:${OWNER})\\s+$`, 'i').test(before)
  )
    return true;
  return (
    new RegExp(`\\b(?:${PREPOSITION})\\s+(?:${OWNER})\\s+(?:(?!(?:${FINITE})\\b)\\w+\\s+)?$`, 'i').test(
      before,
    ) &&
    (nounAhead || (p.form === 'superlative' && !/\band the $/i.test(before)))
  );
}

export function refersTo(phrases: readonly PolarPhrase[], question: string, start: number): Refers | string {
  const ranked = phrases.find((p) => p.start >= start && p.form === 'superlative');
  if (!ranked) return REFERENCE_ONLY;
  const rank = rankBefore(question, ranked.start);
  return rank === null ? 'counts its rank from the end' : { refers: ranked, rank };
}

function blot(text: string, spans: readonly Alternative[]): string {
  return spans.reduce(
    (out, { start, end }) => out.slice(0, start) + '\uE000'.repeat(end - start) + out.slice(end),
    text,
  );
}
