import type { Alternative } from './alternatives.ts';
import { isPlural, nameKey } from './names.ts';
import type { PolarPhrase } from './polar.ts';
import { afterPreamble, rankBefore, referent } from './sentence.ts';

/** A sentence inside a question. */
export interface Range {
  question: string;
  start: number;
  end: number;
}

/** A yes/no predication: the subject lies at the pole of the main phrase, as compared with `other`. */
export interface Clause {
  main: PolarPhrase;
  rank: number;
  subject: string;
  /** What a distance is measured to: "the camera" in "closer to the camera than the plate". */
  anchor: string;
  /** What the subject is compared with or placed by: "the plate". */
  other: string;
  /** Some cup, any plate: the opposite may hold of another one. */
  existential: boolean;
  /** "No" can only mean a tie or the other pole: no adverb, no action, one subject, one other. */
  strict: boolean;
}

/** The sentence's only polar words say which thing is meant; with `phrase`, they rank it among others. */
export interface Refers {
  refers: PolarPhrase;
  rank: number;
}

const CONFIRM =
  /^(?:(?:can|could|would) you (?:please )?(?:confirm|verify|tell(?: me)?|say|check|determine)(?: if| whether| that)?|do you (?:think|believe|agree)(?: that)?|would you say(?: that)?|is it (?:true|correct|right|the case|accurate)(?: to say)? that|tell me (?:if|whether)|(?:please )?(?:determine|verify|check|confirm|decide|say) (?:if|whether|that)|true or false\s*[:,-]?|is (?:the|this)(?: following)? (?:statement|claim|sentence|caption) (?:true|correct)(?: or false)?\s*[:,-]?)\s*/i;
const LOCATIVE =
  'appear|look|seem|lie|come|stand|sit|have|rest|hang|occupy|reach|extend|remain|stay|contain|hold|be';
const FINITE =
  'is|are|was|were|has|have|appears?|lies?|stands?|sits?|looks?|seems?|comes?|rests?|hangs?|occupies|contains?|holds?|reaches';
const PREPOSITION =
  'on|in|at|of|to|from|near|by|with|behind|above|below|under|than|beside|inside|outside|between|and|for|towards?|around|against|over';
const OWNER = "the|an?|this|that|these|those|its|his|her|their|my|your|our|[\\w]+['’]s";

/**
 * Reads a yes/no question or statement. A text says why it cannot be read. `knownSubject`, where the answer states it,
 * tells where the subject of an inverted question ends.
 */
export function verdictClause(
  range: Range,
  phrases: readonly PolarPhrase[],
  knownSubject?: string,
): Clause | Refers | string {
  const { question, end } = range;
  const sentence = question.slice(range.start, end);
  let start = end - afterPreamble(sentence).length;
  const confirm = CONFIRM.exec(question.slice(start, end));
  start += confirm?.[0].length ?? 0;
  const core = question.slice(start, end);

  const aux = confirm
    ? null
    : /^(is|are|was|were|does|do|did|would|will|can|could|should|has|have)\b\s*/i.exec(core);
  if (
    aux &&
    /^(?:can|could|do|does|did) (?:you|we|i|one|the (?:image|picture|photo)|this (?:image|picture|photo)) (?:see|find|spot|notice|observe|show|identify)/i.test(
      core,
    )
  )
    return 'asks what can be seen';
  const be = aux !== null && /^(?:is|are|was|were)$/i.test(aux[1]!);
  const open = phrases.filter((p) => p.start >= start && !isReferring(p, question, start));

  let verbEnd = start + (aux?.[0].length ?? 0);
  if (!be) {
    const verb = new RegExp(`\\b(?:${aux ? LOCATIVE : FINITE})\\b`, 'i').exec(question.slice(verbEnd, end));
    if (!verb) return 'has no verb that places its subject';
    const subjectEnd = verbEnd + verb.index;
    const subjectStart = verbEnd;
    verbEnd = subjectEnd + verb[0].length;
    const main = choose(
      open.filter((p) => p.start >= verbEnd),
      question,
      true,
    );
    if (main === null) return refersTo(phrases, question, start);
    if (typeof main === 'string') return main;
    return clauseOf(
      range,
      main,
      question.slice(subjectStart, subjectEnd),
      question.slice(verbEnd, main.start),
    );
  }
  const known = knownSubject && nameKey(question.slice(verbEnd, end)).startsWith(nameKey(knownSubject));
  const first =
    known &&
    open.find((p) => nameKey(splitSubject(question.slice(verbEnd, p.start))[0]) === nameKey(knownSubject));
  const main = first || choose(open, question, false);
  if (main === null) return refersTo(phrases, question, start);
  if (typeof main === 'string') return main;
  const before = question.slice(verbEnd, main.start);
  const [subject, between] = splitSubject(before);
  if (subject === '') return refersTo(phrases, question, start);
  if (!first && (main.form === 'position' || main.form === 'contrary')) {
    const tail = question.slice(main.end, end);
    if (!isNounPhrase(tail)) return 'more follows the place than a noun phrase';
  }
  return clauseOf(range, main, subject, between);
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
  const rankOf = (p: PolarPhrase) => rankBefore(question, p.start);
  const done = (p: PolarPhrase, asksAbout: boolean) => {
    const rank = rankOf(p);
    return rank === null ? 'the rank counts from the end' : { phrase: p, rank, asksAbout };
  };
  const about =
    /^(?:what|which) (?:is the |are the )?(?:colou?rs?|shape|material|pattern|texture|brand|number|letter|word|text|kind|type|sort|time|day)\b/i.test(
      core,
    ) ||
    /^(?:how many|count|describe|locate|point|draw|mark|segment|detect|give|provide|show|find|predict|output|return|what (?:is|are) the (?:coordinates|bounding box|box|location|position))\b/i.test(
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
    if (about && (main.form === 'position' || main.form === 'contrary')) return 'reference only';
    return done(main, about);
  }
  const ranked = free.find((p) => p.start >= start && p.form === 'superlative');
  return ranked ? done(ranked, true) : 'reference only';
}

/** The main one of several phrases that are no references; null for none, a text when it cannot be told. */
function choose(
  open: readonly PolarPhrase[],
  question: string,
  inOrder: boolean,
): PolarPhrase | null | string {
  const [first] = open;
  if (!first) return null;
  const compared = open.filter((p) => p.form === 'comparative' || p.form === 'superlative');
  const relational = open.filter((p) => p.form === 'contrary' || isRelational(p));
  let main: PolarPhrase | undefined = first;
  if (!inOrder && open.length > 1) {
    const strongest = compared.length > 0 ? compared : relational.length > 0 ? relational : open;
    if (strongest.length > 1) return 'has several predicates';
    main = strongest[0];
  }
  const joined = open.some((p) => {
    if (p === main) return false;
    const gap = question.slice(Math.min(p.end, main!.end), Math.max(p.start, main!.start));
    return /\b(?:and|but|while|yet|or|as well as)\b/i.test(gap);
  });
  return joined ? 'has several predicates' : main!;
}

/** "to the left of" and "behind" need a second thing; "on the left" stands alone. */
const isRelational = (p: PolarPhrase) =>
  p.form === 'position' && !/\b(?:left|right|top|bottom|front|back|rear|side|half|part)$/i.test(p.text);

/** The phrase belongs to a noun phrase or relative clause that only says which thing is meant. */
function isReferring(p: PolarPhrase, question: string, start: number): boolean {
  const before = question.slice(start, p.start);
  const cleft = /^(?:is|was) it\b/i.test(question.slice(start));
  if (
    !cleft &&
    new RegExp(
      `\\w\\s+(?:that|which|who)\\s+(?:(?:${FINITE})\\s+)?(?:\\w+ly\\s+|(?:located|positioned|placed|situated|standing|sitting|the|a|more)\\s+)*$`,
      'i',
    ).test(before)
  )
    return true;
  if (p.form === 'position' || p.form === 'contrary') return false;
  const nounAhead =
    /^[- ]*(?!(?:to|from|than|of|or|and|in|on|at|is|are|does|do|compared|when|if|as|away|among|amongst|between|out|with|by|for|that|which|who)\b)\p{L}/iu.test(
      question.slice(p.end),
    );
  return (
    new RegExp(`\\b(?:${PREPOSITION})\\s+(?:${OWNER})\\s+(?:\\w+\\s+)?$`, 'i').test(before) &&
    (nounAhead || p.form === 'superlative')
  );
}

function refersTo(phrases: readonly PolarPhrase[], question: string, start: number): Refers | string {
  const ranked = phrases.find((p) => p.start >= start && p.form === 'superlative');
  if (!ranked) return 'reference only';
  const rank = rankBefore(question, ranked.start);
  return rank === null ? 'the rank counts from the end' : { refers: ranked, rank };
}

const PLACING = 'located|positioned|placed|situated|found|seen|shown|visible|set';
const POSTURE =
  'standing|sitting|lying|resting|hanging|leaning|parked|kneeling|floating|hovering|walking|running|moving|flying';
const DEGREE =
  'directly|immediately|just|right|slightly|far|much|way|exactly|significantly|considerably|clearly|somewhat|even|a lot|a bit|a little|partially|partly|mostly|completely|fully|entirely|noticeably|physically|actually|also|still|well';

/** "the cup positioned directly " → subject and the words between it and the phrase. */
function splitSubject(text: string): [subject: string, between: string] {
  const between = new RegExp(
    `(?:(?:^|\\s+)(?:${PLACING}|${POSTURE}|${DEGREE}|more|the|a|an|one of|have|first|second|third|fourth|fifth|\\d+(?:st|nd|rd|th)))*\\s*$`,
    'i',
  ).exec(text)!;
  return [text.slice(0, between.index).trim(), between[0]];
}

function clauseOf(
  { question, end }: Range,
  main: PolarPhrase,
  rawSubject: string,
  between: string,
): Clause | string {
  const rank = rankBefore(question, main.start);
  if (rank === null) return 'the rank counts from the end';
  const tail = question.slice(main.end, end);
  const compared =
    /\s*\b(?:than|as compared (?:to|with)|compared (?:to|with)|in comparison (?:to|with))\s+(?:that of |the one of )?/i.exec(
      tail,
    );
  const near = main.axis === 'near_far';
  const isPlace = main.form === 'position' || main.form === 'contrary';
  const [head, rest] = compared
    ? [tail.slice(0, compared.index), tail.slice(compared.index + compared[0].length)]
    : [tail, ''];
  const anchor = near ? referent(head.split(/[,;?]/)[0]!) : '';
  const other = referent((isPlace && !near ? head : rest).split(/[,;?]/)[0]!);
  const subject = referent(rawSubject.replace(/^(?:the )?position of\s+/i, ''));
  const indefinite =
    /^(?:an?|any|anyone|anything|anybody|some|someone|something|somebody|one|another|there|no|none|one of the|one of)\b/i;
  const several = /\b(?:and|both|all|each|every|most|either|only|neither)\b/i;
  const reference = near && !compared ? anchor : other;
  return {
    main,
    rank,
    subject,
    anchor,
    other,
    existential:
      main.axis !== 'quantity' &&
      (indefinite.test(subject) ||
        (isPlace && indefinite.test(reference)) ||
        /^(?:an?|any|another) /i.test(other)),
    strict:
      !new RegExp(`\\b(?:${DEGREE}${isPlace ? `|${POSTURE}` : ''})\\b`, 'i').test(between) &&
      !/\b(?:ing|ed)$/.test(subject) &&
      !several.test(subject) &&
      !several.test(other) &&
      (main.axis === 'quantity' || (!isPlural(subject) && !isPlural(other))) &&
      !/\b(?:by|at least|twice|times|more than)\b/i.test(tail),
  };
}

const THING_ING =
  /^(?:building|ceiling|painting|railing|awning|clothing|lighting|wing|ring|king|string|swing|sibling|duckling|wedding|bedding|evening|morning|parking|drawing|opening|landing|crossing|thing|something|covering|frosting|icing|earring|stocking|pudding|dumpling|sling)s?$/i;
const STATE =
  'open|closed|empty|full|red|blue|green|yellow|black|white|brown|orange|purple|pink|gr[ae]y|visible|asleep|awake|broken|clean|dirty|wet|dry|round|square|wooden|metal|plastic|happy|sad|old|young|new|big|small|large|tall|short|long|wide|turned|lit|on|off';

/** Whether what follows a place is one noun phrase, so that the place is the sentence's predicate and not its subject's. */
function isNounPhrase(tail: string): boolean {
  const text = referent(tail.replace(/\([^()]*\)/g, '').split(/[,;?:]/)[0]!);
  if (text === '') return true;
  const words = text.split(/\s+/);
  const last = words.at(-1)!;
  if (new RegExp(`^(?:${STATE})$`, 'i').test(last)) return false;
  if (new RegExp(`\\b(?:${FINITE}|will|can|does|do)\\b`, 'i').test(text)) return false;
  return words.every((word, i) => {
    const next = words[i + 1];
    const participle =
      /(?:ing|ed|worn|held|made|taken|broken|hidden)$/i.test(word) &&
      !THING_ING.test(word) &&
      !/^(?:red|bed|shed|sled|seed|weed|speed|reed)s?$/i.test(word);
    // "the parked car" goes on to a noun; "the woman wearing a hat" is another predicate, or may be one.
    return (
      !participle ||
      (next !== undefined && !new RegExp(`^(?:${PREPOSITION}|${OWNER}|up|down)$`, 'i').test(next))
    );
  });
}

function blot(text: string, spans: readonly Alternative[]): string {
  return spans.reduce(
    (out, { start, end }) => out.slice(0, start) + '\uE000'.repeat(end - start) + out.slice(end),
    text,
  );
}
