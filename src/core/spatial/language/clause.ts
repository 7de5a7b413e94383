import { choose, isReferring, refersTo, type Range, type Refers } from './main-phrase.ts';
import { isPlural, nameKey } from './names.ts';
import { DEGREE, FINITE, isNounPhrase, POSTURE, splitSubject } from './noun-phrase.ts';
import type { PolarPhrase } from './polar.ts';
import { afterPreamble, rankBefore, referent } from './sentence.ts';

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
  /** Nothing but the order is said: no adverb ("directly"), no action ("sitting"). */
  plain: boolean;
  /** One thing against one other. A "no" about a plain, single order can only mean a tie or the other pole. */
  single: boolean;
}

const CONFIRM =
  /^(?:(?:can|could|would) you (?:please )?(?:confirm|verify|tell(?: me)?|say|check|determine)(?: if| whether| that)?|do you (?:think|believe|agree)(?: that)?|would you say(?: that)?|is it (?:true|correct|right|the case|accurate)(?: to say)? that|tell me (?:if|whether)|(?:please )?(?:determine|verify|check|confirm|decide|say) (?:if|whether|that)|true or false\s*[:,-]?|i (?:think|believe)(?: that)?|is (?:the|this)(?: following)? (?:statement|claim|sentence|caption) (?:true|correct)(?: or false)?\s*[:,-]?)\s*/i;
/** "May", "possible" and "enough" weaken the predicate, so that its opposite does not follow. */
export const HEDGE =
  /\b(?:possible|possibly|likely|probably|probable|perhaps|maybe|might|may|should|able|enough|too|always|ever|usually|sometimes)\b/i;
const SEEING =
  /^(?:can|could|do|does|did) (?:you|we|i|one|the (?:image|picture|photo)|this (?:image|picture|photo)) (?:see|find|spot|notice|observe|show|identify|contain|have)\b/i;
const LOCATIVE = 'appear|look|seem|lie|come|stand|sit|have|rest|hang|occupy|remain|stay|contain|hold|be';

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
  // "Among the cups, is the red one …?"
  start +=
    /^(?:among|amongst|of|out of|between)\b[^?]*?,\s*(?=(?:is|are|does|do)\b)/i.exec(
      question.slice(start, end),
    )?.[0].length ?? 0;
  const confirm = CONFIRM.exec(question.slice(start, end));
  start += confirm?.[0].length ?? 0;
  const core = question.slice(start, end);

  const aux = confirm
    ? null
    : /^(is|are|was|were|does|do|did|would|will|can|could|should|has|have)\b\s*/i.exec(core);
  const seeing = aux && SEEING.test(core);
  if (aux && !seeing && /^(?:can|could|should)$/i.test(aux[1]!)) return 'hedges';
  const be = aux !== null && /^(?:is|are|was|were)$/i.test(aux[1]!);
  const open = phrases.filter((p) => p.start >= start && !isReferring(p, question, start));

  if (seeing) {
    const [main, second] = open;
    // "Can you see a cup left of the plate?" may be true of both sides.
    if (main?.axis !== 'quantity' || second) return 'asks what can be seen';
    return clauseOf(range, main, 'there', '');
  }
  const subjectStart = start + (aux?.[0].length ?? 0);
  if (!be)
    return (
      placedByVerb(range, open, subjectStart, aux ? LOCATIVE : FINITE) ?? refersTo(phrases, question, start)
    );
  const known = knownSubject && nameKey(question.slice(subjectStart, end)).startsWith(nameKey(knownSubject));
  const first =
    known &&
    open.find(
      (p) => nameKey(splitSubject(question.slice(subjectStart, p.start))[0]) === nameKey(knownSubject),
    );
  const main = first || choose(open, question, false);
  if (main === null) return refersTo(phrases, question, start);
  if (typeof main === 'string') return main;
  const before = question.slice(subjectStart, main.start);
  const [subject, between] = splitSubject(before);
  // "Are more people sitting than standing?"
  if (subject === '' && main.axis === 'quantity' && main.form === 'comparative')
    return clauseOf(range, main, 'there', '');
  if (subject === '') return refersTo(phrases, question, start);
  if (!first && isPlace(main)) {
    if (!isNounPhrase(subject, 'subject')) return 'has more than a noun before the place';
    if (!isNounPhrase(question.slice(main.end, end), 'other'))
      return 'goes on after the place with more than its noun';
  }
  return clauseOf(range, main, subject, between);
}

/** "The subject [verb] phrase": the verb that stands before the main phrase tells where the subject ends. */
function placedByVerb(
  range: Range,
  open: readonly PolarPhrase[],
  subjectStart: number,
  verbs: string,
): Clause | string | null {
  const { question, end } = range;
  const found = [...question.slice(subjectStart, end).matchAll(new RegExp(`\\b(?:${verbs})\\b`, 'gi'))].map(
    (match) => ({ start: subjectStart + match.index, end: subjectStart + match.index + match[0].length }),
  );
  const [first] = found;
  if (!first) return 'has no verb that places its subject';
  if (open.some((p) => p.axis === 'quantity' && p.start < first.start))
    return 'compares numbers in its subject';
  const main = choose(
    open.filter((p) => p.start >= first.end),
    question,
    true,
  );
  if (main === null || typeof main === 'string') return main;
  const verb = found.findLast((v) => v.end <= main.start)!;
  // "The man looks at the dog behind the car": the verb places something else, or nothing.
  const between = question.slice(verb.end, main.start).replace(/\b(?:not|either|to be)\b/gi, '');
  if (isPlace(main) && splitSubject(between)[0] !== '') return 'has words between its verb and the place';
  return clauseOf(
    range,
    main,
    question.slice(subjectStart, verb.start),
    question.slice(verb.start, main.start),
  );
}

const isPlace = ({ form }: PolarPhrase) => form === 'position' || form === 'contrary';

const NUMBER_OF = /^(?:the )?(?:number|amount|quantity|count) of\s+/i;
function clauseOf(
  { question, end }: Range,
  main: PolarPhrase,
  rawSubject: string,
  between: string,
): Clause | string {
  const rank = rankBefore(question, main.start);
  if (rank === null) return 'counts its rank from the end';
  const bare =
    main.axis === 'quantity' &&
    main.form === 'comparative' &&
    !/\b(?:than|or|compared)\b/i.test(main.text + question.slice(main.end, end));
  if (bare) return 'may ask for further things rather than compare';
  const tail = question.slice(main.end, end);
  const compared =
    /\s*\b(?:than|as compared (?:to|with)|compared (?:to|with)|in comparison (?:to|with))\s+(?:that of |the one of )?/i.exec(
      tail,
    );
  const near = main.axis === 'near_far';
  const place = isPlace(main);
  const [head, rest] = compared
    ? [tail.slice(0, compared.index), tail.slice(compared.index + compared[0].length)]
    : [tail, ''];
  const anchor = near ? referent(head.split(/[,;?]/)[0]!) : '';
  // "Closer to the plate than to the bowl" compares two distances of the subject's own.
  const own = near && /^(?:to|from)\b/i.test(rest);
  const other = own ? '' : referent((place && !near ? head : rest).split(/[,;?]/)[0]!).replace(NUMBER_OF, '');
  // "Are there more cups than plates?" compares cups with plates.
  const counted = main.axis === 'quantity' && /^there$/i.test(rawSubject.trim());
  const subject = referent(
    counted ? head : rawSubject.replace(/^(?:the )?position of\s+/i, '').replace(NUMBER_OF, ''),
  );
  const indefinite =
    /^(?:an?|any|anyone|anything|anybody|some|someone|something|somebody|one|another|there|no|none|one of the|one of)\b/i;
  if (main.axis !== 'near_far' && /\b(?:each other|one another)\b/i.test(tail))
    return 'places things by one another';
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
        (place && indefinite.test(reference)) ||
        /^(?:an?|any|another) /i.test(other)),
    plain:
      !new RegExp(`\\b(?:${DEGREE}${place ? `|${POSTURE}|stands?|sits?|hangs?|rests?` : ''})\\b`, 'i').test(
        between,
      ) && !/\b(?:by|at least|twice|times|more than)\b/i.test(tail),
    single:
      !several.test(subject) &&
      !several.test(other) &&
      (main.axis === 'quantity' || (!isPlural(subject) && !isPlural(other))),
  };
}
