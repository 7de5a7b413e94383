import { clausesOf, isContent, plainWords, type Clause, type Phrase } from './clauses.ts';
import { hasPoleOf, isOfLess, isOpposite, isPole, withDepth } from './poles.ts';
import { answerSentences } from './sentences.ts';
import { AUXILIARY, KINDS, NEAR, RIVALS, SAME_PLACES, WIDE } from './words.ts';

/** What a question leaves open, and what it is about. */
export interface Asked {
  /** Every word, and those that say something. */
  words: string[];
  content: ReadonlySet<string>;
  /** What is being described, as the cup in "What colour is the cup?"; null if that is the answer itself. */
  subject: string[] | null;
  /** Prepositions left without their noun ("What is it made of?"), which an answer may begin with. */
  prepositions: ReadonlySet<string>;
  /** Whose colour, material or the like it is: the cup's in "the colour of the cup". */
  owner: string[];
  /** The words of "Which player …?" */
  kind: string[];
  /** The verb of "What does the arrow point to?"; null if "is" or the like is all there is. */
  verb: string | null;
}

const VERB_END = /\b(?:do|does|did) .* (\p{L}{3,}?)(?: (?:to|at|on|in|of|with|from|for))?\W*$/iu;

const PREPOSITION_END =
  /\b(between|of|on|in|at|with|from|to|under|behind|beside|near|above|below|by|for)\s*\?*\s*$/i;
const PREPOSITION_START = /^\s*(on|in|at|under|behind|with|from|to) (?:what|which)\b/i;

export function askedBy(question: string): Asked {
  const words = plainWords(question);
  const at = words.findIndex((word) => AUXILIARY.test(word));
  const after = words[at + 1] ?? '';
  // "Which player has the ball?" describes no ball.
  const isOwned = /^(?:has|have)$/.test(words[at] ?? '') && /^(?:which|who)$/.test(words[0] ?? '');
  const described =
    at >= 0 &&
    !isOwned &&
    /^(?:the|a|an|this|that|these|those|his|her|its|their|it|he|she|they)$/.test(after);
  const rest = words.slice(at + 2);
  const end = rest.findIndex((word) => !isContent(word));
  const prepositions = [PREPOSITION_END, PREPOSITION_START].flatMap(
    (p) => p.exec(question)?.[1]!.toLowerCase() ?? [],
  );
  return {
    words,
    content: new Set(words.filter(isContent)),
    subject: described ? rest.slice(0, end < 0 ? undefined : end) : null,
    owner: plainWords(
      /\bof (?:(?:the|an?|his|her|its|their|this|that) )?((?:\p{L}+ ?){1,3})/iu.exec(question)?.[1] ?? '',
    ),
    kind: plainWords(
      /\b(?:which|what) ((?:\p{L}+ )*?)(?:is|are|was|were|does|do|did|has|have|can)\b/iu.exec(
        question,
      )?.[1] ?? '',
    ),
    verb: VERB_END.exec(question)?.[1]!.toLowerCase() ?? null,
    // "What is the man wearing?" asks for what "a man wearing a hat" mentions.
    // "It is painted in red", "It was taken in a kitchen."
    prepositions: new Set([
      ...prepositions,
      ...(/\bon top of\W*$/i.test(question) ? ['on'] : []),
      ...words.filter((word) => /ing$/.test(word)),
      ...(/\b(?:colou?r|room|place|setting)\b/i.test(question) ? ['in'] : []),
    ]),
  };
}

const IS_A = /\b(?:is|are|was|were) (?:a|an|the) /;

/** The phrases that a clause offers as the answer, without the question's own words unless `keep` has them. */
function offered(
  clause: Clause,
  asked: Asked,
  allowed: ReadonlySet<string>,
  keep: ReadonlySet<string>,
): Phrase[] {
  const trimmed = (phrase: Phrase): Phrase => ({
    ...phrase,
    words: phrase.words.filter((word) => keep.has(word) || !asked.content.has(word)),
    isCut:
      phrase.words.length > 1 && !keep.has(phrase.words.at(-1)!) && asked.content.has(phrase.words.at(-1)!),
  });
  const stands = ({ preposition }: Phrase) => preposition === null || allowed.has(preposition);
  const compared = clause.words.filter((word) => !/^(?:less|least)$/.test(word));
  const isLess = hasPoleOf(compared, asked.words) && isOfLess(clause.words) !== isOfLess(asked.words);
  const isFarther = isOpposite(withDepth(clause.words, asked.words), asked.words);
  const flip = asked.subject === null && isFarther !== isLess;
  const told = (phrases: readonly Phrase[]) =>
    phrases
      .map(trimmed)
      .filter(({ words }) => words.length > 0)
      .map((phrase) => ({
        ...phrase,
        isNegated: (phrase.isNegated || (phrase.isSubject && clause.isNegated)) !== flip,
      }));
  const subjects = clause.phrases.filter(({ isSubject, preposition }) => isSubject && preposition === null);
  const predicates = clause.phrases.filter((phrase) => !phrase.isSubject && stands(phrase));
  // "The person on the right is a woman": the subject only says what kind of thing is named.
  const repeats = ({ words }: Phrase) =>
    words.every((word) => !keep.has(word) && (asked.content.has(word) || hasPoleOf([word], asked.words)));
  const isKind =
    IS_A.test(clause.words.join(' ')) &&
    subjects.every((subject) => WIDE.has(subject.words.at(-1)!) || repeats(subject));
  const named = isKind ? [] : told(subjects);
  if (asked.subject === null) {
    const own = named.length > 0 ? named : told(predicates);
    const isDirected = asked.words.some(isPole);
    if (own.length > 0 || subjects.length === 0 || !isDirected) return own;
    // "The plate is left of the apple": the other way round, unless it says the opposite, too.
    return told(clause.phrases.filter(({ isSubject }) => !isSubject)).map((phrase) => ({
      ...phrase,
      isNegated: !phrase.isNegated,
    }));
  }
  const isAbout = subjects.every(({ words }) => words.every((word) => asked.content.has(word)));
  // "The taxi is blue", asked about the bus behind the taxi.
  const isOfOther = ({ words }: Phrase) =>
    !words.some((word) => asked.subject!.includes(word) || asked.owner.includes(word));
  if (isAbout && asked.subject.length > 0 && subjects.length > 0 && subjects.every(isOfOther)) return [];
  if (isAbout) return told(predicates);
  // "Red is the colour of the cup."
  return clause.words.some((word) => asked.subject!.includes(word)) ? named : [];
}

/** The phrases that a text offers as its answer, sentence by sentence. */
export function offers(
  text: string,
  asked: Asked,
  allowed: ReadonlySet<string>,
  keep: ReadonlySet<string>,
): Phrase[] {
  const clauses = answerSentences(withVerbsOf(asked, text)).flatMap((sentence) => clausesOf(sentence));
  // "The van is large, but the taxi is nearer": if one says what was asked about, the others do not answer.
  const compares = ({ hasVerb, words }: Clause) =>
    hasVerb && hasPoleOf(withDepth(words, asked.words), asked.words);
  const telling = asked.subject === null && clauses.some(compares) ? clauses.filter(compares) : clauses;
  return telling.flatMap((clause) => offered(clause, asked, allowed, keep));
}

/**
 * "He rides a scooter" as "He is riding a scooter", if that is how the question has it; the verb of "What does it point
 * to?" as "is".
 */
const withVerbsOf = ({ words, verb }: Asked, text: string): string =>
  words.reduce(
    (said, word) => {
      const stem = /^(\p{L}{3,})ing$/u.exec(word)?.[1];
      if (stem === undefined) return said;
      const single = stem.replace(/(\p{L})\1$/u, '$1');
      return said.replace(new RegExp(`\\b(?:${stem}|${stem}e|${single})s\\b`, 'gi'), `is ${word}`);
    },
    verb === null
      ? text
      : text.replace(new RegExp(`\\b${verb}(?:s|es)\\b|(?<=\\b(?:is|are|'s|'re) )${verb}ing\\b`, 'gi'), 'is'),
  );

export const LEADING_PREPOSITION =
  /^\s*(next(?= to\b)|close(?= to\b)|adjacent(?= to\b)|on|in|at|under|behind|beside|near|above|below|inside|by|with|from|against|over|outside|towards?|across|between|around|along|beneath|underneath)\b/i;

/** The prepositions with which a name may stand: the question's, and the reference's own. */
export const allowedWith = (asked: Asked, ...names: string[]): ReadonlySet<string> =>
  new Set([
    ...asked.prepositions,
    ...names.flatMap((name) => {
      const lead = LEADING_PREPOSITION.exec(name)?.[1]!.toLowerCase().replace('towards', 'toward') ?? [];
      return SAME_PLACES.find((same) => same.some((one) => one === lead)) ?? lead;
    }),
  ]);

export const isRivalKind = (name: readonly string[], reference: readonly string[]): boolean =>
  KINDS.some((kind) => {
    const [said, wanted] = [name, reference].map((words) => words.filter((word) => kind.test(word)));
    return said!.length > 0 && wanted!.length > 0 && !said!.some((word) => wanted!.includes(word));
  });

const isAkin = (one: string, other: string): boolean => {
  const stems = [one, other].map((word) => word.replace(/(?:ing|ed|er|y|e)$/, ''));
  const [stem, long] = stems[0]!.length < stems[1]!.length ? [stems[0]!, stems[1]!] : [stems[1]!, stems[0]!];
  // Also misspelt: "umbrela", "retreiver".
  const same = [...stem].findIndex((letter, i) => letter !== long[i]);
  if (same >= 5) return true;
  return stem.length >= 4 && long.includes(stem)
    ? true
    : NEAR.some((words) => [one, other].every((word) => words.has(word)));
};

type Likeness = 'same' | 'other' | 'unknown';

/** Whether two names are the same: modifiers may come before ("a red apple"), but none may be missing. */
export function likeness(name: readonly string[], reference: readonly string[]): Likeness {
  const endsWith = (long: readonly string[], short: readonly string[]) =>
    short.length <= long.length && short.every((word, i) => long[long.length - short.length + i] === word);
  if (endsWith(name, reference)) return 'same';
  // "window sill", "windowsill"
  if (name.some((_, i) => name.slice(i).join('') === reference.join(''))) return 'same';
  // "A bright red double-decker" for red: what it describes may or may not be what was asked.
  if (endsWith(reference, name) || reference.every((word) => name.includes(word))) return 'unknown';
  const [head, wanted] = [name.at(-1)!, reference.at(-1)!];
  // "Four of them", "nearest": no names.
  if (name.every((word) => /^\d+$/.test(word) || isPole(word))) return 'unknown';
  if (name.every((word) => reference.includes(word))) return 'unknown';
  if (head === wanted) return isRivalKind(name, reference) ? 'other' : 'unknown';
  // "Raining" for rainy, "hardwood" for wood, "skateboarding" for riding a skateboard.
  if (name.some((word) => reference.some((one) => isAkin(word, one)))) return 'unknown';
  if (RIVALS.some((rivals) => rivals.has(head) && rivals.has(wanted))) return 'other';
  return WIDE.has(head) || WIDE.has(wanted) ? 'unknown' : 'other';
}
