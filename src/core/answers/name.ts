import {
  answerSentences,
  clausesOf,
  contentWords,
  isContent,
  plainWords,
  type Clause,
  type Phrase,
} from './clauses.ts';

/** What an answer of free text comes to: the text that was read, and whether it is right (null: rules cannot tell). */
export interface FreeReading {
  parsed: string | null;
  correct: boolean | null;
}

/** No answer, or one that does not commit itself; it is wrong. */
export const NO_ANSWER: FreeReading = { parsed: null, correct: false };
export const NOT_JUDGED: FreeReading = { parsed: null, correct: null };

/** "I don't know", and answers without a word. */
export const abstains = (text: string): boolean =>
  !/[\p{L}\p{N}]/u.test(text) ||
  /\b(?:not|n't|cannot|can't|unable to|impossible to|hard to|difficult to) (?:be |quite |really )?(?:sure|certain|clear|know|tell|say|see|determined?|judged?|answer(?:ed)?)\b|\b(?:unsure|unclear|unknown|no idea|undetermined)\b/i.test(
    text,
  );

/** Words that hold of so many things that another name may mean the same. */
const WIDE = new Set(
  (
    'person human man woman boy girl child adult baby animal pet bird creature fruit vegetable food meal dish plant tree flower ' +
    'vehicle machine device tool toy furniture container structure building clothing garment utensil instrument ' +
    'something anything stuff one figure shape'
  ).split(' '),
);
/** These exclude each other, wide as they are. */
const RIVALS: readonly ReadonlySet<string>[] = [
  new Set(['man', 'woman', 'boy', 'girl']),
  new Set(['adult', 'child', 'baby']),
];

const ANTONYMS: readonly (readonly [string, string])[] = [
  ['left leftmost', 'right rightmost'],
  ['above over upper top higher highest', 'below under underneath beneath lower lowest bottom'],
  ['front', 'behind back'],
  ['closer closest nearer nearest close near', 'farther farthest further furthest far'],
  ['taller tallest tall', 'shorter shortest short'],
  ['bigger biggest larger largest big large', 'smaller smallest small'],
  ['longer longest', 'shorter shortest'],
  ['wider widest wide', 'narrower narrowest narrow'],
  ['thicker thickest', 'thinner thinnest'],
  ['heavier heaviest', 'lighter lightest'],
  ['more most', 'fewer less fewest least'],
  ['inside', 'outside'],
  ['first', 'last'],
  ['open', 'closed'],
].map(([low, high]) => [` ${low!} `, ` ${high!} `] as const);

/** Whether a text says the opposite of what a question asks about, such as "farther" for "closer". */
function isOpposite(words: readonly string[], asked: readonly string[]): boolean {
  const has = (of: readonly string[], pole: string) => of.some((word) => pole.includes(` ${word} `));
  return ANTONYMS.some(([one, other]) =>
    [
      [one, other],
      [other, one],
    ].some(([p, q]) => has(asked, p!) && !has(asked, q!) && has(words, q!) && !has(words, p!)),
  );
}

/** Whether a word has an opposite among them. */
const isPole = (word: string): boolean =>
  ANTONYMS.some((poles) => poles.some((pole) => pole.includes(` ${word} `)));

/** What a question leaves open, and what it is about. */
interface Asked {
  /** Every word, and those that say something. */
  words: string[];
  content: ReadonlySet<string>;
  /** What is being described, as the cup in "What colour is the cup?"; null if that is the answer itself. */
  subject: string[] | null;
  /** Prepositions left without their noun ("What is it made of?"), which an answer may begin with. */
  prepositions: ReadonlySet<string>;
}

const AUXILIARY = /^(?:is|are|was|were|do|does|did|has|have|can)$/;
const PREPOSITION_END = /\b(of|on|in|at|with|from|to|under|behind|beside|near|above|below|by|for)\s*\?*\s*$/i;
const PREPOSITION_START = /^\s*(on|in|at|under|behind|with|from|to) (?:what|which)\b/i;

function askedBy(question: string): Asked {
  const words = plainWords(question);
  const at = words.findIndex((word) => AUXILIARY.test(word));
  const after = words[at + 1] ?? '';
  const described =
    at >= 0 && /^(?:the|a|an|this|that|these|those|his|her|its|their|it|he|she|they)$/.test(after);
  const rest = words.slice(at + 2);
  const end = rest.findIndex((word) => !isContent(word));
  const prepositions = [PREPOSITION_END, PREPOSITION_START].flatMap(
    (p) => p.exec(question)?.[1]!.toLowerCase() ?? [],
  );
  return {
    words,
    content: new Set(words.filter(isContent)),
    subject: described ? rest.slice(0, end < 0 ? undefined : end) : null,
    // "What is the man wearing?" asks for what "a man wearing a hat" mentions.
    prepositions: new Set([...prepositions, ...words.filter((word) => /ing$/.test(word))]),
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
  });
  const stands = ({ preposition }: Phrase) => preposition === null || allowed.has(preposition);
  const flip = asked.subject === null && isOpposite(clause.words, asked.words);
  const told = (phrases: readonly Phrase[]) =>
    phrases
      .map(trimmed)
      .filter(({ words }) => words.length > 0)
      .map((phrase) => ({
        ...phrase,
        isNegated: (phrase.isNegated || (phrase.isSubject && clause.isNegated)) !== flip,
      }));
  if (!clause.hasVerb) {
    const first = clause.phrases.findIndex((phrase) => stands(phrase));
    if (first !== 0 && allowed.size === 0) return [];
    return told(
      clause.phrases.filter(
        (phrase, i) => i === first || (i > first && phrase.joint !== null && stands(phrase)),
      ),
    );
  }
  const subjects = clause.phrases.filter(({ isSubject, preposition }) => isSubject && preposition === null);
  const predicates = clause.phrases.filter((phrase) => !phrase.isSubject && stands(phrase));
  // "The person on the right is a woman": the subject only says what kind of thing is named.
  const isKind = IS_A.test(clause.words.join(' ')) && subjects.every(({ words }) => WIDE.has(words.at(-1)!));
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
  if (isAbout) return told(predicates);
  // "Red is the colour of the cup."
  return clause.words.some((word) => asked.subject!.includes(word)) &&
    predicates.every(({ words }) => words.every((word) => asked.content.has(word)))
    ? named
    : [];
}

/** The phrases that a text offers as its answer, sentence by sentence. */
function offers(
  text: string,
  asked: Asked,
  allowed: ReadonlySet<string>,
  keep: ReadonlySet<string>,
): Phrase[] {
  return answerSentences(withVerbsOf(asked, text)).flatMap((sentence) =>
    clausesOf(sentence).flatMap((clause) => offered(clause, asked, allowed, keep)),
  );
}

/** "He rides a scooter" as "He is riding a scooter", if that is how the question has it. */
const withVerbsOf = ({ words }: Asked, text: string): string =>
  words.reduce((said, word) => {
    const stem = /^(\p{L}{3,})ing$/u.exec(word)?.[1];
    if (stem === undefined) return said;
    const single = stem.replace(/(\p{L})\1$/u, '$1');
    return said.replace(new RegExp(`\\b(?:${stem}|${stem}e|${single})s\\b`, 'gi'), `is ${word}`);
  }, text);

const LEADING_PREPOSITION =
  /^\s*(on|in|at|under|behind|beside|near|above|below|inside|by|with|from|against|over|outside)\b/i;

/** The prepositions with which a name may stand: the question's, and the reference's own. */
const allowedWith = (asked: Asked, ...names: string[]): ReadonlySet<string> =>
  new Set([
    ...asked.prepositions,
    ...names.flatMap((name) => LEADING_PREPOSITION.exec(name)?.[1]!.toLowerCase() ?? []),
  ]);

/** "Nothing", "both" and the like. */
export const namesNothing = (text: string): boolean =>
  /^\W*(?:nothing|nobody|no one|none|neither|both)\b/i.test(text);

const COLORS = new Set(
  'red orange yellow green blue purple violet pink brown black white gray beige cream tan gold silver turquoise teal cyan magenta maroon dark light pale bright deep'.split(
    ' ',
  ),
);

/** "A dark blue sedan" names a colour as "dark blue" does, if a colour is asked for. */
const colorsIn = (words: readonly string[], asked: readonly string[]): readonly string[] => {
  const colors = words.filter((word) => COLORS.has(word));
  return asked.includes('color') && colors.length > 0 ? colors : words;
};

type Likeness = 'same' | 'other' | 'unknown';

/** Whether two names are the same: modifiers may come before ("a red apple"), but none may be missing. */
function likeness(name: readonly string[], reference: readonly string[]): Likeness {
  const endsWith = (long: readonly string[], short: readonly string[]) =>
    short.length <= long.length && short.every((word, i) => long[long.length - short.length + i] === word);
  if (endsWith(name, reference)) return 'same';
  // "window sill", "windowsill"
  if (name.some((_, i) => name.slice(i).join('') === reference.join(''))) return 'same';
  // "A bright red double-decker" for red: what it describes may or may not be what was asked.
  if (endsWith(reference, name) || reference.every((word) => name.includes(word))) return 'unknown';
  const [head, wanted] = [name.at(-1)!, reference.at(-1)!];
  if (RIVALS.some((rivals) => rivals.has(head) && rivals.has(wanted))) return 'other';
  return WIDE.has(head) || WIDE.has(wanted) ? 'unknown' : 'other';
}

/** Reads the name of a thing, a colour or the like out of an answer. */
export function readName(text: string, reference: string, question: string): FreeReading {
  const asked = askedBy(question);
  // "Which car is it?" has named what "the red car" is, so that "the red one" says as much.
  const whole = contentWords(reference);
  const own = whole.filter((word) => !asked.content.has(word));
  const wanted = own.length > 0 && asked.content.has(whole.at(-1)!) ? own : whole;
  if (plainWords(text).join(' ') === plainWords(reference).join(' '))
    return { parsed: reference, correct: true };
  if (abstains(text) || wanted.length === 0 || namesNothing(text)) return NO_ANSWER;
  const phrases = offers(text, asked, allowedWith(asked, reference), new Set(wanted));
  const read = phrases.map((phrase) => ({
    phrase,
    is: likeness(colorsIn(phrase.words, asked.words), wanted),
  }));
  const named = read.filter(({ phrase }) => !phrase.isNegated);
  const [same, other] = (['same', 'other'] as const).map((kind) => named.filter(({ is }) => is === kind));
  const denied = read.some(({ phrase, is }) => phrase.isNegated && is === 'same');
  const nameOf = ({ phrase }: (typeof read)[number]) => phrase.words.join(' ');
  if (same!.length > 0) {
    if (denied || named.some(({ phrase }) => phrase.joint === 'or')) return NO_ANSWER;
    if (other!.length === 0) return { parsed: nameOf(same![0]!), correct: true };
    return other!.some(({ phrase }) => phrase.joint === 'and') ? NO_ANSWER : NOT_JUDGED;
  }
  if (other!.length > 0 && named.every(({ is }) => is === 'other'))
    return { parsed: nameOf(other![0]!), correct: false };
  if (named.length > 0) return NOT_JUDGED;
  return denied ? NO_ANSWER : NOT_JUDGED;
}

/**
 * Reads which of the question's alternatives an answer names. With two, saying the opposite of the question of one of
 * them ("The bottle is farther away") names the other. @returns the index of each, or what the answer comes to
 */
export function readChoice(text: string, options: readonly string[], question: string): number | FreeReading {
  const asked = askedBy(question);
  const wanted = options.map((option) => contentWords(option));
  const exact = options.findIndex((option) => plainWords(option).join(' ') === plainWords(text).join(' '));
  if (exact >= 0) return exact;
  if (abstains(text) || namesNothing(text)) return NO_ANSWER;
  const named = new Set<number>();
  if (wanted.some((words) => words.length === 0)) {
    // "Is the light on or off?"
    const words = answerSentences(text)
      .flatMap((sentence) => plainWords(sentence))
      .join(' ');
    options.forEach((option, i) => {
      if (` ${words} `.includes(` ${plainWords(option).join(' ')} `)) named.add(i);
    });
    if (named.size !== 1 || /\bnot\b|n't\b/.test(words)) return NOT_JUDGED;
    return [...named][0]!;
  }
  if (wanted.every((words) => words.join(' ') === wanted[0]!.join(' '))) return readRelation(text, options);
  const phrases = offers(text, asked, allowedWith(asked, ...options), new Set(wanted.flat()));
  let others = false;
  for (const { words, isNegated } of phrases) {
    const index = wanted.findIndex(
      (option) => likeness(words, option) === 'same' || likeness(option, words) === 'same',
    );
    if (index < 0) others ||= !isNegated;
    else if (!isNegated) named.add(index);
    else if (options.length === 2) named.add(1 - index);
  }
  if (named.size === 1) return [...named][0]!;
  return named.size > 1 || others ? NO_ANSWER : NOT_JUDGED;
}

/** The words of relations that mean the same. */
const RELATIONS: readonly RegExp[] = [
  /\b(?:under|underneath|beneath|below)\b/,
  /\b(?:on|onto|atop|upon|top of)\b(?! the (?:left|right|side|other))/,
  /\b(?:above|over)\b/,
  /\b(?:inside|in|within|into)\b(?! (?:front|back)\b)/,
  /\boutside\b/,
  /\b(?:behind|in back of)\b/,
  /\bin front of\b/,
  /\b(?:beside|next to|near|by|alongside)\b/,
  /\bleft\b/,
  /\bright\b/,
];
const relationsIn = (words: string): number[] =>
  RELATIONS.flatMap((relation, i) => (relation.test(words) ? [i] : []));

/** Reads which option an answer names where options differ in their relation alone: "on the chair or under the chair". */
function readRelation(text: string, options: readonly string[]): number | FreeReading {
  const wanted = options.map((option) => relationsIn(plainWords(option).join(' ')));
  const found = answerSentences(text)
    .flatMap((sentence) => sentence.split(/, |[:;]| but | and /))
    .flatMap((part) => {
      const words = plainWords(part).join(' ');
      const isNegated = /\b(?:not|never|rather than|instead of)\b|n't\b/.test(words);
      return relationsIn(words).map((relation) => ({ relation, isNegated }));
    });
  const said = found.filter(({ isNegated }) => !isNegated).map(({ relation }) => relation);
  const named = wanted.flatMap((relations, i) => (relations.some((one) => said.includes(one)) ? [i] : []));
  return named.length === 1 && wanted.every((relations) => relations.length === 1) ? named[0]! : NOT_JUDGED;
}

/**
 * Reads a statement that repeats a question word for word as yes ("The mug is left of the laptop."), with "not" or the
 * opposite word or both things exchanged ("The laptop is left of the mug") as no; null if it says anything else.
 */
export function restated(text: string, question: string): 'yes' | 'no' | null {
  // What comes after the first sentence elaborates, unless it says another thing of the same.
  const said = answerSentences(text)
    .filter((sentence) => !/\?\s*$/.test(sentence))
    .map((sentence) => restatedBy(sentence, question));
  return said.slice(1).some((one) => one !== null && one !== said[0]) ? null : (said[0] ?? null);
}

function restatedBy(said: string, question: string): 'yes' | 'no' | null {
  // "the blue one": what the question calls by its name.
  const sentence = said.replace(
    /\b(\p{L}+) ones?\b/giu,
    (_, kind: string) => `${kind} ${new RegExp(`\\b${kind} (\\p{L}+)`, 'iu').exec(question)?.[1] ?? 'one'}`,
  );
  const plain = (of: string) => plainWords(of).filter((word) => isContent(word) || isPole(word));
  const whole = plain(question);
  // "There are more bottles than glasses": where they stand need not be said again.
  const end = /\bthan\b/i.test(sentence) && /\bthan\b/i.test(question) ? plain(sentence).length : undefined;
  const asked = whole.slice(0, end);
  const isExchanged = exchanged(question).join(' ') === plain(sentence).join(' ');
  const words = isExchanged ? asked : plain(sentence);
  if (words.length === 0 || words.length !== asked.length) return null;
  const differing = words.flatMap((word, i) => (word === asked[i] ? [] : [[word, asked[i]!] as const]));
  if (differing.length > 1) return null;
  if (differing.length === 1 && !isOpposite([differing[0]![0]], [differing[0]![1]])) return null;
  const isNegated = /\bnot\b|n't\b|\bno\b|\bnever\b/i.test(sentence);
  // "The laptop is not left of the mug": the mug need not be.
  if (isExchanged) return isNegated ? null : 'no';
  return isNegated === (differing.length === 1) ? 'yes' : 'no';
}

/** Sides of which no two things are on each other's, unlike "near". */
const ONE_WAY = /^(?:left|right|above|below|over|under|underneath|beneath|behind|front)$/;

/**
 * The content words of a question with the two things that it relates exchanged ("Is the mug left of the laptop?", "Is
 * the mug closer to the door than the laptop?"); none if it relates no two, or a relation holds both ways.
 */
function exchanged(question: string): string[] {
  const words = plainWords(question).filter((word) => word === 'than' || isContent(word) || isPole(word));
  const than = words.indexOf('than');
  const at = words.findIndex((word) => (than < 0 ? ONE_WAY.test(word) : isPole(word)));
  if (at <= 0 || words.filter(isPole).length > 1) return [];
  const [first, middle] = [words.slice(0, at), words.slice(at, than < 0 ? at + 1 : than)];
  const second = words.slice(at + middle.length + (than < 0 ? 0 : 1));
  return second.length > 0 ? [...second, ...middle, ...first] : [];
}
