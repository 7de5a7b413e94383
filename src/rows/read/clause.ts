import { choose, isReferring, rankBefore, type Refers, refersTo, type Sentence } from './sentence.ts';
import { isNounPhrase, isPlural, nameKey, referent, subjectLength } from './names.ts';
import type { PolarPhrase } from './polar-phrases.ts';
import { Text, type Token } from './tokens.ts';
import { CLASSES, Phrases, SAYS } from './patterns.ts';
import { FUNCTION_WORDS, NO, OPPOSITES, YES } from './words/lists.ts';
import { sign } from './words/sets.ts';

/** Yes/no statement: the subject is at the pole of the main phrase, compared with `other`. */
export interface Clause {
  main: PolarPhrase;
  rank: number;
  subject: string;
  /** Reference of a distance, such as "the camera" in "closer to the camera than the plate". */
  anchor: string;
  /** Object with which the subject is compared, or relative to which it is located, such as "the plate". */
  other: string;
  /** Whether the subject is "some cup" or "any plate". The opposite can then be true of another object. */
  existential: boolean;
  /** Whether the statement contains only the order, and neither an adverb ("directly") nor an action ("sitting"). */
  plain: boolean;
  /** Whether the statement compares exactly two objects. If so, "no" can only imply a tie or the other pole. */
  single: boolean;
}

const FINITE = CLASSES.get('finite')!.words;

/**
 * Reads a yes/no question or statement. If it is unreadable, returns a text with the reason. `knownSubject` is the
 * subject in the answer, if any; it determines the end of the subject in an inverted question.
 */
export function verdictClause(sentence: Sentence, knownSubject?: string): Clause | Refers | string {
  const { text: question, end } = sentence;
  const afterMatch = (start: number, phrases: Phrases) => {
    const words = sentence.part(start);
    const match = phrases.find(words);
    return match ? (words[match.end]?.start ?? end) : null;
  };
  // Skip the beginning of a question such as "Among the cups, is the red one …?"
  const among = afterMatch(sentence.core, SAYS.among) ?? sentence.core;
  const confirmed = afterMatch(among, SAYS.confirm);
  const start = confirmed ?? among;
  const words = sentence.part(start);

  const aux =
    confirmed === null && FUNCTION_WORDS.auxiliaries.has(words[0]?.lower ?? '') ? words[0]!.lower : null;
  const seeing = aux !== null && SAYS.seeing.in(words);
  if (aux && !seeing && /^(?:can|could|should)$/.test(aux)) return 'hedges';
  const open = sentence.phrases.filter((p) => p.start >= start && !isReferring(p, sentence, start));

  if (seeing) {
    const [main, second] = open;
    // "Can you see a cup left of the plate?" can be true of both sides.
    if (main?.axis !== 'quantity' || second) return 'asks what can be seen';
    return clauseOf(sentence, main, 'there', []);
  }
  const subjectStart = (aux === null ? words[0] : words[1])?.start ?? end;
  if (aux === null || !/^(?:is|are|was|were)$/.test(aux))
    return (
      placedByVerb(sentence, open, subjectStart, aux ? FUNCTION_WORDS.locatives : FINITE) ??
      refersTo(sentence, start)
    );
  const subjectBefore = (p: PolarPhrase): [subject: string, between: readonly Token[]] => {
    const before = sentence.part(subjectStart, p.start);
    const length = subjectLength(before);
    const subject = length > 0 ? question.slice(subjectStart, before[length - 1]!.end) : '';
    return [subject, before.slice(length)];
  };
  const startsWithKnown =
    knownSubject && nameKey(question.slice(subjectStart, end)).startsWith(nameKey(knownSubject));
  const first = startsWithKnown && open.find((p) => nameKey(subjectBefore(p)[0]) === nameKey(knownSubject));
  const main = first || choose(open, sentence, false);
  if (main === null) return refersTo(sentence, start);
  if (typeof main === 'string') return main;
  const [subject, between] = subjectBefore(main);
  // For example, "Are more people sitting than standing?"
  if (subject === '' && main.axis === 'quantity' && main.form === 'comparative')
    return clauseOf(sentence, main, 'there', []);
  if (subject === '') return refersTo(sentence, start);
  if (!first && isPlace(main)) {
    if (!isNounPhrase(subject, 'subject')) return 'has more than a noun before the place';
    if (!isNounPhrase(question.slice(main.end, end), 'other'))
      return 'goes on after the place with more than its noun';
  }
  return clauseOf(sentence, main, subject, between);
}

/** Reads "The subject [verb] phrase". The verb before the main phrase marks the end of the subject. */
function placedByVerb(
  sentence: Sentence,
  open: readonly PolarPhrase[],
  subjectStart: number,
  verbs: ReadonlySet<string>,
): Clause | string | null {
  const placing = sentence.part(subjectStart).filter(({ lower }) => verbs.has(lower));
  const [first] = placing;
  if (!first) return 'has no verb that places its subject';
  if (open.some((p) => p.axis === 'quantity' && p.start < first.start))
    return 'compares numbers in its subject';
  const main = choose(
    open.filter((p) => p.start >= first.end),
    sentence,
    true,
  );
  if (main === null || typeof main === 'string') return main;
  const verb = placing.findLast((v) => v.end <= main.start)!;
  // In "The man looks at the dog behind the car", the verb locates another object than the subject, or no object.
  let between = sentence.part(verb.end, main.start);
  for (let empty = SAYS.noWords.find(between); empty; empty = SAYS.noWords.find(between)) {
    const { first: from, end: to } = empty;
    between = between.filter((_, i) => i < from || i >= to);
  }
  if (isPlace(main) && subjectLength(between) > 0) return 'has words between its verb and the place';
  const subject = sentence.text.slice(subjectStart, verb.start);
  return clauseOf(sentence, main, subject, sentence.part(verb.start, main.start));
}

const isPlace = ({ form }: PolarPhrase) => form === 'position' || form === 'contrary';

const NUMBER_OF = /^(?:the )?(?:number|amount|quantity|count) of\s+/i;

function clauseOf(
  sentence: Sentence,
  main: PolarPhrase,
  rawSubject: string,
  between: readonly Token[],
): Clause | string {
  const { text: question, end } = sentence;
  if (SAYS.inPart.in(sentence.part(0))) return 'says it of a part only';
  const rank = rankBefore(sentence, main.start);
  if (rank === null) return 'counts its rank from the end';
  if (
    main.axis === 'quantity' &&
    main.form === 'comparative' &&
    !SAYS.comparing.in(sentence.part(main.start))
  )
    return 'may ask for further things rather than compare';
  const tail = sentence.part(main.end);
  const compared = SAYS.compared.find(tail);
  const headEnd = compared ? tail[compared.first]!.start : end;
  const rest = compared ? tail.slice(compared.end) : [];
  const near = main.axis === 'near_far';
  const place = isPlace(main);
  const head = question.slice(main.end, headEnd);
  const anchor = near ? referent(head.split(/[,;?]/)[0]!) : '';
  // "Closer to the plate than to the bowl" compares two distances of the same subject.
  const isOwn = near && /^(?:to|from)$/.test(rest[0]?.lower ?? '');
  const reached = place && !near ? head : question.slice(rest[0]?.start ?? end, end);
  const other = isOwn ? '' : referent(reached.split(/[,;?]/)[0]!).replace(NUMBER_OF, '');
  // "Are there more cups than plates?" compares cups with plates.
  const counted = main.axis === 'quantity' && /^there$/i.test(rawSubject.trim());
  const subject = referent(
    counted ? head : rawSubject.replace(/^(?:the )?position of\s+/i, '').replace(NUMBER_OF, ''),
  );
  if (!near && SAYS.eachOther.in(tail)) return 'places things by one another';
  const [subjectWords, otherWords] = [new Text(subject).words, new Text(other).words];
  const reference = near && !compared ? new Text(anchor).words : otherWords;
  return {
    main,
    rank,
    subject,
    anchor,
    other,
    existential:
      main.axis !== 'quantity' &&
      (SAYS.indefinite.in(subjectWords) ||
        (place && SAYS.indefinite.in(reference)) ||
        SAYS.indefiniteArticle.in(otherWords)),
    plain: !SAYS.moreThanOrder.in(between) && !(place && SAYS.stance.in(between)) && !SAYS.measured.in(tail),
    single:
      !SAYS.several.in(subjectWords) &&
      !SAYS.several.in(otherWords) &&
      (main.axis === 'quantity' || (!isPlural(subject) && !isPlural(other))),
  };
}

/** Yes or no at the beginning of an answer. */
export interface YesNo {
  value: boolean;
  /** Words of the yes or no as written, without the punctuation that follows. */
  head: string;
  /** Punctuation and spaces between the yes or no and the explanation. */
  joint: string;
  /** Text after the yes or no; '' without further text. */
  explanation: string;
}

const HEAD = sign`^\s*(${[...YES, ...NO].sort((a, b) => b.length - a.length).join('|')})(?![\w-])(\s*[,.!:;–—-]*\s*)`;

/**
 * Reads the yes or no at the start of an answer. "In fact" and "Actually" begin denials in the templates of many
 * spatial datasets; without a comma after them, the two phrases do not count.
 */
export function verdictOf(answer: string): YesNo | null {
  const match = HEAD.exec(answer.replaceAll('’', "'"));
  if (!match) return null;
  const [all, head, joint] = match as unknown as [string, string, string];
  const explanation = answer.slice(all.length);
  const plain =
    /^(?:yes|no)$/i.test(head) && /^(?:it|they|there|he|she|the|this|that|because)\b/i.test(explanation);
  if (joint.trim() === '' && explanation !== '' && !plain) return null;
  return { value: YES.includes(head.toLowerCase()), head, joint, explanation };
}

/** Returns the opposite word in the same style: Yes ↔ No, True ↔ False, TRUE ↔ FALSE. */
export function oppositeHead(head: string): string {
  const lower = head.toLowerCase().replace(/^that'?s? (?:is )?/, '');
  const word = OPPOSITES.get(lower) ?? (YES.includes(head.toLowerCase()) ? 'no' : 'yes');
  const whole =
    /^that/i.test(head) && OPPOSITES.has(lower)
      ? head.replace(/(true|false|correct|incorrect)$/i, word)
      : word;
  if (head.length > 1 && head === head.toUpperCase()) return whole.toUpperCase();
  return /^\p{Lu}/u.test(head) ? whole[0]!.toUpperCase() + whole.slice(1) : whole;
}
