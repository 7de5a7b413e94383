import { clausesOf, contentWords, plainWords, type Phrase } from './clauses.ts';
import {
  NOT_JUDGED,
  NO_ANSWER,
  abstains,
  namesNothing,
  withoutGloss,
  type FreeReading,
} from './free-reading.ts';
import { LEADING_PREPOSITION, allowedWith, askedBy, likeness, offers } from './offers.ts';
import { answerSentences } from './sentences.ts';
import { isPole } from './poles.ts';
import { NEGATION, SAME_PLACES } from './words.ts';

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

/** "The vase is on the floor.", asked about the vase: what such a sentence says of it, without the question's preposition. */
export function saidOfSubject(reference: string, question: string): string | null {
  const [, subject, said] =
    /^\W*(it|they|he|she|the [\p{L} ]{1,40}?) (?:is|are) (?:(?:located|positioned|placed|situated) )?([^.;]+)\.\s*$/iu.exec(
      reference,
    ) ?? [];
  if (subject === undefined || said === undefined) return null;
  const asked = askedBy(question);
  if (!contentWords(subject).every((word) => asked.content.has(word))) return null;
  const [lead, ...rest] = said.split(' ');
  return asked.prepositions.has(lead!) ? rest.join(' ') : said;
}

/** "The dog is lying under the table.", asked what lies there: what a reference that is a sentence names; else null. */
export function nameOfSentence(reference: string, question: string): string | null {
  const said = saidOfSubject(reference, question);
  if (said !== null && (namesIn(said) || /\bdoing\b/i.test(question))) return said;
  if (!/^\W*(?:what|which|who)\b/i.test(question)) return null;
  const asked = askedBy(question);
  const named = offers(reference, asked, allowedWith(asked), new Set());
  const [only, ...others] = named;
  return only && others.length === 0 && !only.isNegated ? only.words.join(' ') : null;
}

/** Reads the name of a thing, a colour or the like out of an answer. */
export function readName(text: string, reference: string, question: string): FreeReading {
  const bare = withoutGloss(text);
  const read = readBareName(bare, reference, question);
  const whole = bare === text || read.correct !== null ? read : readBareName(text, reference, question);
  // "Twice as long" is no name, so that others may mean it.
  const isDoubtful =
    NO_NAME.test(reference) || (ORDINAL.test(reference) && CARDINAL.test(bare)) || isThere(bare, reference);
  if (whole.correct && isOtherNumber(bare, reference, contentWords(reference))) return NOT_JUDGED;
  return whole.correct === false && whole !== NO_ANSWER && isDoubtful ? NOT_JUDGED : whole;
}

/** "On a blanket on the sofa", asked where the cat is, which is on the sofa. */
function isThere(text: string, reference: string): boolean {
  const [place] = placesOf(reference);
  return (
    place !== undefined &&
    placesOf(text).some(({ of, kind }) => of === place.of && kind === place.kind && kind >= 0)
  );
}

const ORDINAL =
  /\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d+(?:st|nd|rd|th))\b/i;
const CARDINAL = /\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|level)\b/i;
const NO_NAME = /\b(?:as|than|more|less|fewer|times|twice|half|double|same|o'clock)\b|\d/i;

function readBareName(text: string, reference: string, question: string): FreeReading {
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
  const isBare = ({ phrase, is }: (typeof read)[number]) => is === 'same' && phrase.preposition === null;
  // "A small kitchen in a flat": the second only tells of the first.
  const told = named.some(isBare) ? named.filter(({ phrase }) => phrase.preposition === null) : named;
  const [same, other] = (['same', 'other'] as const).map((kind) => told.filter(({ is }) => is === kind));
  const denied = read.some(({ phrase, is }) => phrase.isNegated && is === 'same');
  const nameOf = ({ phrase }: (typeof read)[number]) => phrase.words.join(' ');
  if (same!.length > 0) {
    const isOfKind =
      /\b(?:which|what|whose) (?!(?:is|are|was|were|does|do|did|has|have|can|could|will|would)\b)\p{L}/iu.test(
        question,
      );
    if (!isOfKind && asked.owner.length === 0 && same!.every(({ phrase }) => phrase.isCut)) return NOT_JUDGED;
    if (isRelatedElse(text, question)) return NOT_JUDGED;
    if (same!.every(({ phrase }) => isLikeness(phrase.words, wanted)) || bears(text, wanted))
      return NOT_JUDGED;
    if (named.some(({ phrase }) => phrase.joint === 'or')) return NO_ANSWER;
    // "The bird is looking at the cat", asked what the cat is looking at.
    const isExchanged =
      /ing (?:at|on|to|towards?|under|in|behind|over|into|for)\W*$/i.test(question) &&
      same!.every(({ phrase }) => phrase.isSubject);
    // "Standing on a table, holding a chair", asked what he is standing on.
    const isBeside =
      same!.every(isBare) && named.some(({ phrase, is }) => is === 'other' && phrase.preposition !== null);
    if (isExchanged || isBeside) return NOT_JUDGED;
    if (other!.length === 0) return { parsed: nameOf(same![0]!), correct: true };
    return NOT_JUDGED;
  }
  if (isElsewhereThan(text, reference, wanted)) return { parsed: null, correct: false };
  // "Taking a nap" for sleeping.
  if (/\bdoing\b/i.test(question) && contentWords(text).length > 1) return NOT_JUDGED;
  if (other!.length > 0 && named.every(({ is }) => is === 'other'))
    return isPlain(
      text,
      named.map(({ phrase }) => phrase),
      asked.content,
    )
      ? { parsed: nameOf(other![0]!), correct: false }
      : NOT_JUDGED;
  if (named.length > 0) return NOT_JUDGED;
  return denied || isAnotherPlace(text, reference, wanted, question) ? NO_ANSWER : NOT_JUDGED;
}

/** "Glasses", asked for a glass. */
const isOtherNumber = (text: string, reference: string, name: readonly string[]): boolean => {
  if (!/^\W*(?:a|an|one)\b/i.test(reference)) return false;
  const said: readonly string[] = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const head = name.at(-1)!;
  const isPlural = (word: string) => word === `${head}s` || word === `${head}es`;
  return !said.includes(head) && said.some(isPlural) && !(reference.match(/\p{L}+/gu) ?? []).some(isPlural);
};

/** "The dog has a table on it": exchanged. */
const BEARS =
  /\b(?:has|have) (?:the|an?) [\p{L} ]{1,40} (?:on|under|above|below|in|inside|behind|beside) (?:it|him|her|them)\b(?! \p{L})/iu;
const bears = (text: string, name: readonly string[]): boolean => {
  const at = text.search(BEARS);
  return at >= 0 && plainWords(text.slice(0, at)).includes(name.at(-1)!);
};

/** A toy dog or a hot dog may be none. */
const isLikeness = (words: readonly string[], name: readonly string[]): boolean =>
  words
    .slice(0, -name.length)
    .some((word) =>
      /^(?:table|american|ice|beach|toy|stuffed|plush|fake|artificial|imaginary|magnifying|hot|guinea|prairie|sea|rocking)$/.test(
        word,
      ),
    );

const placesOf = (text: string) =>
  answerSentences(text)
    .flatMap((sentence) => clausesOf(sentence))
    .flatMap(({ phrases, isNegated }) =>
      phrases.flatMap(({ words, preposition, isNegated: denied }) =>
        preposition === null || isNegated || denied || NO_PLACE.test(preposition)
          ? []
          : { of: words.at(-1)!, kind: kindOf(preposition) },
      ),
    );
/** "At the edge of the table": prepositions that tell no other place. */
const NO_PLACE = /^(?:of|with|from|at|than|for|about|across|along|against|around|for|next|into|onto)$|ing$/;
const kindOf = (preposition: string): number => SAME_PLACES.findIndex((kind) => kind.includes(preposition));

/** "The dog lies on the table", asked what lies under it. */
function isRelatedElse(text: string, question: string): boolean {
  const asked = placesOf(question).filter(({ kind }) => kind >= 0);
  const told = placesOf(text);
  return asked.some(({ of, kind }) => {
    const same = told.filter((place) => place.of === of);
    return same.length > 0 && same.every((place) => place.kind !== kind);
  });
}

/** Whether an answer puts a thing under what the reference puts it on, and the like. */
function isElsewhereThan(text: string, reference: string, name: readonly string[]): boolean {
  const lead = LEADING_PREPOSITION.exec(reference)?.[1]!.toLowerCase();
  const own = lead === undefined ? -1 : kindOf(lead);
  if (own < 0) return false;
  const placed = answerSentences(text)
    .flatMap((sentence) => clausesOf(sentence))
    .flatMap(({ phrases, isNegated }) => phrases.filter((phrase) => !isNegated && !phrase.isNegated))
    .filter(({ words, preposition }) => preposition !== null && likeness(words, name) === 'same');
  const isLoose = (preposition: string) => [preposition, lead!].every((one) => /^(?:in|on)$/.test(one));
  return (
    placed.length > 0 &&
    placed.every(({ preposition }) => !isLoose(preposition!) && ![-1, own].includes(kindOf(preposition!)))
  );
}

/** Whether an answer to "Where is it?" names another thing than the place of the reference does: "On the desk." */
function isAnotherPlace(text: string, reference: string, name: readonly string[], question: string): boolean {
  if (!/^\W*where\b/i.test(question) || !LEADING_PREPOSITION.test(reference)) return false;
  const places = answerSentences(text)
    .flatMap((sentence) => clausesOf(sentence))
    .filter(({ isNegated }) => !isNegated)
    .flatMap(({ phrases }) => phrases.filter(({ preposition }) => preposition !== null));
  return places.length > 0 && places.every(({ words }) => likeness(words, name) === 'other');
}

function isPlain(text: string, phrases: readonly Phrase[], asked: ReadonlySet<string>): boolean {
  const said = new Set(phrases.flatMap(({ words }) => words));
  return contentWords(text).every((word) => said.has(word) || asked.has(word));
}

/** How many names a list may have, and how many words a name of a list. */
const MOST_NAMES = 8;
const MOST_WORDS = 3;

/** The names of a reference that lists several: "a laptop, a mug and a notebook"; null if it is no such list. */
export function namesIn(reference: string): string[] | null {
  const names = reference
    .trim()
    .replace(/\.$/, '')
    .split(/, (?:and )?|,| and | & /i);
  const isName = (name: string) => {
    const words = plainWords(name);
    const content = contentWords(name);
    return content.length > 0 && content.length <= MOST_WORDS && words.length <= MOST_WORDS + 1;
  };
  return names.length > 1 && names.length <= MOST_NAMES && names.every(isName) ? names : null;
}

/**
 * Reads an answer that must name several things, in any order: each of them and no other one. An answer that does not
 * name all of them is wrong, if what it names is clear.
 */
export function readNames(text: string, names: readonly string[], question: string): FreeReading {
  if (abstains(text) || namesNothing(text)) return NO_ANSWER;
  const asked = askedBy(question);
  const wanted = names.map((name) => contentWords(name));
  const parsed = names.join(', ');
  const plain = contentWords(text);
  const keys = wanted.map((words) => words.join(' '));
  // "notebook, laptop, mug"
  const listed = /^\W*(?:not|no|neither|without)\b/i.test(text)
    ? undefined
    : namesIn(text)?.map((name) => contentWords(name).join(' '));
  if (!isOrdered(question) && listed && [...listed].sort().join() === [...keys].sort().join())
    return { parsed, correct: true };
  const sentences = answerSentences(text);
  const isDenied = sentences.some(
    (sentence) => NEGATION.test(sentence) || /\b(?:or|only|instead)\b/i.test(sentence),
  );
  const hasPlaces = sentences.some((sentence) =>
    plainWords(sentence).some((word) => isPole(word) && !asked.words.includes(word)),
  );
  const offered = offers(text, asked, allowedWith(asked), new Set(wanted.flat())).filter(
    ({ isNegated }) => !isNegated,
  );
  const kindsOf = (words: readonly string[]) => wanted.map((name) => likeness(words, name));
  const isOther = offered.filter(({ words }) => kindsOf(words).every((kind) => kind === 'other'));
  const lacks = wanted.some((words) => !plain.includes(words.at(-1)!));
  if (lacks)
    return offered.length > 0 && offered.every(({ words }) => !kindsOf(words).includes('unknown'))
      ? { parsed: offered.map(({ words }) => words.join(' ')).join(', '), correct: false }
      : NOT_JUDGED;
  if (isOrdered(question)) return inOrder(text, wanted, question) ?? NOT_JUDGED;
  const isEach = wanted.every((name) => offered.some(({ words }) => likeness(words, name) === 'same'));
  return isEach && isOther.length === 0 && !isDenied && !hasPlaces ? { parsed, correct: true } : NOT_JUDGED;
}

/** "From left to right", "sort them by size". */
const DIRECTION = /\bfrom (?:the )?(\p{L}+) to (?:the )?\p{L}+/iu;
const isOrdered = (question: string): boolean =>
  DIRECTION.test(question) || /\b(?:order|sort|rank|sequence|arrange)/i.test(question);

/** Whether a list gives the names in the reference's order; null if it says anything else. */
function inOrder(text: string, names: readonly string[][], question: string): FreeReading | null {
  const plain = contentWords(text).filter((word) => !/^\d+$/.test(word));
  const words = names.flat();
  const asked = new Set(contentWords(question));
  const others = plain.filter((word) => !words.includes(word) && !asked.has(word));
  const [told, wanted] = [text, question].map((of) => DIRECTION.exec(of)?.[1]?.toLowerCase());
  const said = plain.filter((word) => words.includes(word)).join(' ');
  const isList = [...said.split(' ')].sort().join() === [...words].sort().join();
  if (others.length > 0 || !isList || (told !== undefined && told !== wanted)) return null;
  return { parsed: said, correct: said === words.join(' ') };
}
