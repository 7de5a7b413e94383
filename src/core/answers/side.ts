import { clausesOf, contentWords, isContent, plainWords, type Clause } from './clauses.ts';
import {
  NOT_JUDGED,
  NO_ANSWER,
  abstains,
  namesNothing,
  withoutGloss,
  type FreeReading,
} from './free-reading.ts';
import { hasPoleOf, isOfLess, isOpposite } from './poles.ts';
import { answerSentences } from './sentences.ts';
import {
  WORDS_OF_SIDES,
  anchorOf,
  flipped,
  sideOf,
  sideText,
  sidesIn,
  type Axis,
  type Side,
} from './sides.ts';
import { AUXILIARY, NEGATION } from './words.ts';

const FACES =
  /\b(?:fac|point|look|head|mov|driv|turn|walk|run|fly|travel|orient|lean|tilt)(?:e|s|es|ing|ed)?\b|\b(?:front|nose|toward)/i;
const IS_AT = /\b(?:is|are|stands|sits|lies|located|parked) (?:on|at|to) the (?:left|right)/i;
const HAS_BACK_TO =
  / (?:(?:has|have|had|with|turns?|turned|turning) )?(?:(?:his|her|its|their|the) )?backs? (?:is |are )?(?:turned )?(?:to|towards?) /gi;

/** "From right to left" ends on the left; "heading for the left" of a picture. */
const FROM_TO =
  /\bfrom (?:the |its |his |her )?(?:left|right|top|bottom|front|back)(?: hand)?(?: side)?(?: of the (?:image|picture|frame))? (?=(?:in)?to)/gi;

/** "On his left", "from the man's perspective": a frame of somebody's own, in which a place in the picture is no answer. */
const OWN_FRAME =
  /\b(?:patient|x-?ray|radiograph)\b|\b(?:perspective|point of view|viewpoint|facing you|own)\b|\bseen (?:from|by) the (?!(?:viewer|camera|observer)\b)|\bif i (?:sit|stand|am|was|were)\b|\bi(?: am|'m) (?:standing|sitting)\b|\b(?:his|her|its|their|your|\p{L}+'s) (?:left|right|side)\b/iu;
const IN_PICTURE =
  /\b(?:left|right)\b[^,.;]{0,20} (?:of|in) the (?:image|picture|photo|photograph|frame|scene)\b|^\W*in the (?:image|picture|photo|photograph|frame|scene)\b/i;

/** "The upper left part", "toward the camera": words that need not be said again. */
const NO_ANCHOR =
  /^(?:part|area|portion|region|section|camera|viewer|observer|photographer|away|center|\d+)$/;

/** An answer that gives both poles of an axis, or takes both back. */
const OF_BOTH =
  /\b(?:or|both|either|neither|not)\b|n't\b|\b(?:left|right|above|below|behind|front)(?: of it)? and (?:(?:to |on |in )?(?:the )?)?(?:left|right|above|below|behind|front)\b/i;

/** "What is the vertical position of the cup?" asks for the place of the cup. */
const PLACE_OF =
  /\bthe (?:\p{L}+ )?(?:position|location|place|placement|orientation|relation|relationship) of /iu;

/** Where a question's verb stands: "Where is …?", "On which side of the road is …?", "The mug, is it …?", "…, where the photo was taken" */
const ASKS =
  /(?:\bwhere|\b(?:which|what) (?:\p{L}+ )*?\p{L}+|(?:^|[.,:;?!]|\b(?:and|tell me|say)) ?) (?=(?:is|are|was|were|does|do|did|should|would|can|could|will)\b)/iu;

/** The thing whose place is asked for: what follows the question's verb. "The mug, is it …?": what stands before it. */
function subjectOf(question: string): string[] {
  const plain = question.replace(PLACE_OF, '').replace(/\bwhere'?s\b/gi, 'where is');
  const from = ASKS.exec(plain);
  const [before, after] = from ? [plain.slice(0, from.index), plain.slice(from.index)] : ['', plain];
  const words = plainWords(after);
  const at = from
    ? words.findIndex((word) => AUXILIARY.test(word))
    : words.findLastIndex((word) => AUXILIARY.test(word));
  const subject = nounsOf(words.slice(at + 1));
  const isPronoun = /^(?:it|he|she|they)$/.test(words[at + 1] ?? '');
  return at < 0 ? [] : isPronoun ? nounsOf(plainWords(before)) : subject;
}

/** The words of the thing that a phrase begins with; after an article, "spot" is no verb. */
function nounsOf(words: readonly string[]): string[] {
  const hasArticle = /^(?:the|a|an|this|that|my|your|his|her)$/.test(words[0] ?? '');
  const rest = hasArticle ? words.slice(1) : words;
  const end = rest.findIndex(
    (word, i) => (!isContent(word) && !(hasArticle && i === 0)) || (i > 0 && /(?:ed|ing)$/.test(word)),
  );
  return rest.slice(0, end < 0 ? undefined : end);
}

/** What a clause says of the side that is asked for; null if it says nothing of it. */
function clauseSide(
  clause: Clause,
  asked: string[],
  content: ReadonlySet<string>,
): { side: Side | null; negated: boolean } | null {
  const text = clause.words.join(' ');
  const negation = NEGATION.exec(text);
  const found = sidesIn(text);
  if (found.size === 0) return null;
  const subjects = clause.phrases.filter(({ isSubject, preposition }) => isSubject && preposition === null);
  const objects = clause.phrases.filter((phrase) => !subjects.includes(phrase));
  // "The close button", asked about the save button.
  const isOther = (words: readonly string[]) =>
    words.length > 1 &&
    asked.length > 1 &&
    words.filter((word) => asked.includes(word)).length === 1 &&
    !words.every((word) => content.has(word));
  const has = (phrases: typeof subjects, words: readonly string[]) =>
    phrases.some((phrase) => words.some((word) => phrase.words.includes(word)) && !isOther(phrase.words));
  const head = asked.slice(-1);
  const there = /^there\b/.test(text) || (!clause.hasVerb && clause.phrases[0]?.preposition === null);
  // "There is a bench on the right", "the fork on the left": about another thing.
  const thing = there
    ? clause.phrases.find(
        ({ preposition, words }) =>
          preposition === null && !words.every((word) => word === 'away' || WORDS_OF_SIDES.test(word)),
      )
    : undefined;
  if (thing && !has([thing], head)) return null;
  const side = sideOf(text);
  if (subjects.length > 0 && !has(subjects, head) && head.length > 0) {
    const others = subjects.every(({ words }) => words.every((word) => content.has(word)));
    if (!others || !has(objects, head)) return null;
    return { side: side && flipped(side), negated: negation !== null };
  }
  return { side, negated: negation !== null };
}

/**
 * What an answer says where a question asks which one of two things: "Which hand does he raise?" The side must stand
 * beside the thing's name. @returns null if the question
 * is no such one, or the answer does not name the thing
 */
function sideOfThing(text: string, question: string): Side[] | null {
  const noun = /\b(?:which|what) (\p{L}+)/iu.exec(question)?.[1];
  const thing = plainWords(noun ?? '').at(-1);
  if (thing === undefined || /^(?:side|part|half|corner|direction|way)$/.test(thing)) return null;
  const sidesOf = (part: string): Side[] =>
    NEGATION.test(part)
      ? []
      : [
          ...plainWords(part)
            .join(' ')
            .matchAll(/\b(left|right)( hand)?(?: (\p{L}+))?/giu),
        ].flatMap(([, side, hand, of]) =>
          hand || of === thing || of === 'one' ? (sideOf(side!) ?? []) : [],
        );
  const sides = answerSentences(text)
    .flatMap((sentence) => sentence.split(/[,;:] | but | while | and /))
    .flatMap(sidesOf);
  return sides.length > 0 ? sides : null;
}

/** "Are there more people on the left or on the right?": the side of more, if the answer speaks of one. */
function sideOfMore(text: string, question: string): Side[] | null {
  const asked = /\b(?:more|fewer|less)\b/i.exec(question)?.[0];
  if (asked === undefined) return null;
  const sides = answerSentences(text).flatMap((sentence) => {
    const told = /\b(?:more|fewer|less)\b/i.exec(sentence)?.[0].toLowerCase();
    const side = sideOf(sentence.replace(/ than .*$/is, ''));
    if (told === undefined || side === null) return [];
    return (told === 'more') === (asked === 'more') ? side : flipped(side);
  });
  return sides.length > 0 ? sides : null;
}

/**
 * Which of two things, told apart by their sides, an answer says the question's comparison of: "The left one is bigger",
 * "The one on the right is smaller than the one on the left." @returns null if the question compares no such things
 */
function sideOfCompared(text: string, question: string): (Side | null)[] | null {
  const asked = plainWords(question);
  if (!COMPARES.test(question) || !hasPoleOf(asked, asked)) return null;
  const parts = answerSentences(text).flatMap((sentence) =>
    sentence.split(/,? (?:but|while|whereas|although|though|yet|however,?) |, (?=the (?:left|right)\b)/i),
  );
  const sides = parts.flatMap((part): (Side | null)[] => {
    const said = part.replace(/ (?:than|compared (?:to|with)) .*$/is, '');
    const words = plainWords(said);
    const at = words.findIndex((word) => hasPoleOf([word], asked));
    const side = sideOf(words.slice(0, at < 0 ? undefined : at).join(' '));
    if (side === null) return [];
    if (NEGATION.test(said)) return [null];
    // "The left one is less big."
    const isLess = isOfLess(words) !== isOfLess(asked);
    const pole = words.find((word) => !/^(?:less|least)$/.test(word) && hasPoleOf([word], asked));
    return [pole !== undefined && isOpposite([pole], asked) !== isLess ? flipped(side) : side];
  });
  return sides.length > 0 ? sides : null;
}

/** Words of which "left" and "right" say which of several things is meant: "which is bigger, the left or the right one?" */
const COMPARES = /\b(?:which|who|what)\b/i;

/** "The plate has the apple on its left": the side of the other thing. */
const HAS_AT_SIDE =
  /\b(?:has|have|sees?|with) (?:the |an? )?[\p{L} ]{1,40} (?:on|to|at) (?:(?:its|his|her|their) (?:left|right)\b|the (?:left|right)(?: side)? of (?:it|him|her|them)\b)/iu;
/** "Opposite the left side", "from the left", "the left is where the plate is". */
const NOT_AT =
  /\b(?:opposite|across from)(?: (?:to|of))? (?:the |its |his |her )?(?:left|right)\b|^\W*from (?:the )?(?:left|right)\W*$|\bless (?:left|right)\b|\b(?:left|right) is where the\b/i;
/** "The one on the left of the right one". */
const BESIDE_OTHER = /\b(?:left|right)(?: hand)?(?: side| neighbou?r)? of the (?:left|right)/i;
/** "To the left of the apple is the plate", "On its left is the plate": a place beside the first thing. */
const INVERTED =
  /^\W*(?:(?:on|to|at) )?((?:(?:the|its|his|her|their|\p{L}+) )?(?:\p{L}+'s )?(?:left|right|above|over|below|under|behind)\b[^,.;:–—*-]*?) (?:is|are|stands?|sits?|lies?|you|we|there|faces?) ((?:the|an?) [\p{L} ]+)?/iu;
const isBesideSubject = (text: string): boolean =>
  answerSentences(text).some((sentence) => INVERTED.exec(sentence)?.[2] !== undefined);

/** Whether the side in an answer may be the one of another thing; `subject` is what the question asks about. */
const isAtOther = (text: string, reference: string, question: string, subject: readonly string[]): boolean =>
  !NOT_AT.test(reference) &&
  (NOT_AT.test(text) ||
    (COMPARES.test(question) && BESIDE_OTHER.test(text)) ||
    (subject.length > 0 && isBesideSubject(text)));

/** Reads a side or a direction out of an answer. */
export function readSide(text: string, reference: string, question: string): FreeReading {
  const bare = withoutGloss(text);
  const read = readBareSide(bare, reference, question);
  const said = bare === text || read.correct !== null ? read : readBareSide(text, reference, question);
  const isOwn = OWN_FRAME.test(question);
  return said.correct && isAtOther(text, reference, question, isOwn ? [] : subjectOf(question))
    ? NOT_JUDGED
    : said;
}

/**
 * Reads a side or a direction out of an answer. The thing that is asked about may be the other one of the sentence:
 * "the plate is right of the apple" puts the apple on the left.
 */
function readBareSide(text: string, reference: string, question: string): FreeReading {
  const wanted = sideOf(reference);
  if (!wanted) return NOT_JUDGED;
  if (abstains(text)) return NO_ANSWER;
  if (!OWN_FRAME.test(question) && /'s (?:left|right)\b/i.test(text) && IN_PICTURE.test(text))
    return NOT_JUDGED;
  if (!OWN_FRAME.test(question) && HAS_AT_SIDE.test(text)) return NOT_JUDGED;
  // "The car is on the left", asked which way it faces.
  if (FACES.test(question) && !FACES.test(text) && IS_AT.test(text)) return NOT_JUDGED;
  const axes = Object.keys(wanted) as Axis[];
  const content = new Set(contentWords(question));
  const asked = subjectOf(question);
  const isOwn = OWN_FRAME.test(question);
  const bare = text
    .replace(
      /\bfrom (?:the )?$|\bcom(?:e|es|ing)\b.*\bfrom\b|\bfrom (?:which|what|where)\b/i.test(question)
        ? /$^/
        : FROM_TO,
      '',
    )
    // "The laptop is on the left and the cup on the right."
    .replace(
      /,? (?:and|then) (?=the ([\p{L} ]+?) (?:(?:is|are) )?(?:on|to|at|in)\b)/giu,
      (joint, thing: string) =>
        asked.length > 0 && plainWords(thing).at(-1) === asked.at(-1) ? '; ' : joint,
    )
    // "She has her back to us", "It is approaching the viewer."
    .replace(HAS_BACK_TO, ' is facing away from ')
    .replace(/\b(?:approach(?:es|ing)?|com(?:es|ing) at)\b/gi, 'toward')
    // "Toward.", asked for toward or away from the camera.
    .replace(/^(\W*towards?)\W*$/i, '$1 the camera')
    // "On its right, near the curtain": a side, not "right near".
    .replace(/\b(left|right), (?=(?:near|next|beside|by|close|at)\b)/gi, '$1; ')
    // ", with its tail to the left": of a part or another thing.
    .replace(/, with ([^,.;!?]+)/gi, (said, rest: string) =>
      asked.some((word) => contentWords(rest).includes(word)) ? said : '',
    )
    .replace(
      /(?:, (?:higher|lower|further|farther|closer))? (?<!rather )than (?:(?:to|on|in) )?(?:the |its |his |her )?(?:left|right|top|bottom|front|back)\b[^,.;!?]*|, (?:higher|lower|further|farther|closer) than [^,.;!?]+/gi,
      '',
    );
  const clauses = answerSentences(bare)
    .flatMap((sentence) =>
      isOwn && IN_PICTURE.test(sentence)
        ? sentence.split(/[,;] /).filter((part) => !IN_PICTURE.test(part))
        : [sentence],
    )
    .flatMap((sentence) => clausesOf(sentence));
  const things = new Set([...content, ...anchorOf(reference)]);
  const read = clauses.flatMap((clause) => clauseSide(clause, asked, things) ?? []);
  const given = read.filter(({ negated }) => !negated);
  const hands = sideOfThing(text, question);
  const told =
    sideOfMore(text, question) ?? sideOfCompared(text, question) ?? hands ?? given.map(({ side }) => side);
  // "Left and right"; but "behind it, near the fence in front of the trees" tells of two things.
  if (told.includes(null)) return OF_BOTH.test(text) ? NO_ANSWER : NOT_JUDGED;
  // "Away from the camera; we only see the back of his head."
  const onAxes = told.filter((side) => axes.some((axis) => side?.[axis] !== undefined));
  const sides = onAxes.length > 0 ? onAxes : told;
  const texts = new Set(sides.map((side) => JSON.stringify(side)));
  if (texts.size > 1) return NOT_JUDGED;
  const side = sides[0];
  if (!side) {
    if (read.length > 0 || namesNothing(text)) return NO_ANSWER;
    if (IN_CENTER.test(text) && (axes.includes('x') || axes.includes('y')))
      return { parsed: 'center', correct: false };
    // "The pen is on the notebook", not under it.
    const isOn = clauses.some(({ phrases }) =>
      phrases.some(
        ({ words, preposition }) => preposition === 'on' && words.every((word) => content.has(word)),
      ),
    );
    if (isOn && wanted.y === 1) return { parsed: 'on', correct: false };
    return NOT_JUDGED;
  }
  const parsed = sideText(side);
  if (axes.some((axis) => side[axis] !== undefined && side[axis] !== wanted[axis]))
    return { parsed, correct: false };
  const lacking = axes.filter((axis) => side[axis] === undefined);
  // "East" says nothing of left or right.
  const isCompass = (side: Side) => side.north !== undefined || side.east !== undefined;
  if (lacking.length === axes.length)
    return { parsed, correct: isCompass(side) === isCompass(wanted) ? false : null };
  if (lacking.length > 0) return { parsed, correct: null };
  // "Top center" is neither "top left" nor the top alone.
  if (isCentral(reference) && !isCentral(text))
    return { parsed, correct: Object.keys(side).length > axes.length ? false : null };
  // "Behind the tree", asked where it is relative to the bench.
  const landmarks = [...text.matchAll(LANDMARK)].map(([, words]) => contentWords(words!));
  const known = [...content, ...contentWords(reference), ...NO_LANDMARK];
  if (
    landmarks.length > 0 &&
    landmarks.every((words) => words.length > 0 && !words.some((word) => known.includes(word)))
  )
    return { parsed, correct: null };
  // "To your left, behind the oven", asked for left, right or behind; "south east" for the south.
  const offered = sidesIn(plainWords(question).join(' '));
  const beyond = (Object.keys(side) as Axis[]).filter((axis) => wanted[axis] === undefined);
  if (beyond.some((axis) => offered.get(axis)?.size === 2 || axis === 'north' || axis === 'east'))
    return { parsed, correct: null };
  if (isCentral(text) && !isCentral(reference)) return { parsed, correct: null };
  // "Behind the sofa" is no "behind the tree", unless the question has named the sofa.
  const anchor = anchorOf(reference).filter((word) => !content.has(word) && !NO_ANCHOR.test(word));
  const words = new Set(clauses.flatMap((clause) => clause.words));
  return anchor.every((word) => words.has(word)) ? { parsed, correct: true } : { parsed, correct: null };
}

const LANDMARK =
  /\b(?:behind|in front of|above|below|under|(?:left|right)(?:[ -]hand)?(?: side)? (?:of|from)) (?:the|an?|his|her|its|that|this) ([\p{L} -]+?)(?=[,.;:!?]|$| (?:and|but|while|on|in|at|with|which|that|near|by|next)\b)/giu;
const NO_LANDMARK =
  'picture frame scene screen view viewer camera room wall road street lane page map body side middle center photographer'.split(
    ' ',
  );

const IN_CENTER = /\b(?:center|centre|middle) of the (?:image|picture|photo|photograph|frame)\b/i;
const isCentral = (text: string): boolean => /\b(?:center|centre|central|middle)\b/i.test(text);
