import { alternativesOf, inlineOptions } from '../read/alternatives.ts';
import { readChoice, relationsIn } from './alternative.ts';
import { contentWords, isContent, plainWords } from './clauses.ts';
import { parseArea } from './area.ts';
import { parseChoice } from './choice.ts';
import { parseCount } from './count.ts';
import { parseDistance } from './distance.ts';
import { nameOfSentence, namesIn, saidOfSubject } from './name.ts';
import { lengthUnit, type LengthUnit } from '../sample/lengths.ts';
import { readNumbers } from './numbers.ts';
import type { Task } from './score.ts';
import { isBareSide, isSide, isSideOfThing } from './sides.ts';

const ASKS_COUNT = /\bhow many\b|\bnumber of\b|^\W*count\b/i;
/** "…, in centimeters?", "How many feet away is …?": the unit of numbers without one. */
export const unitAsked = (question: string): LengthUnit | null =>
  [...question.matchAll(/\b(?:in|how many|number of) (\p{L}+)\b(?! of\b)/giu)]
    .map(([, word]) => (word === 'in' ? null : lengthUnit(word!)))
    .find((unit) => unit !== null) ?? null;
/** "How many feet away is the door?" */
const ASKS_UNITS =
  /\bhow many (?:milli|centi|kilo)?(?:met(?:er|re)s|feet|foot|inches|yards|miles|[mck]m|m|ft)\b/i;
const ASKS_AREA = /\b(?:area|size|how (?:big|large)|square (?:met|feet|foot))/i;
const ASKS_LENGTH =
  /\bhow (?:far|wide|tall|long|high|deep|thick|big|large|close|much (?:space|distance))\b|\b(?:distance|width|height|length|depth|size|gap)\b/i;
const ASKS_PLACE =
  /\b(?:where|(?:which|what) (?:side|direction|way|corner|position|half|part)|position|located|location|direction|relation|relative|side)\b|\b(?:left|right|above|below|front|behind)\b.*\bor\b|\bor away\b|\baway\b.*\bor\b/i;
const ASKS_TEXT =
  /^\W*(?:describe|explain|why|how (?:is|are|was|were|do|does|did|can|could|would)|tell|summari[sz]e|compare|discuss|write|give)\b/i;
/** The papers' lists do not type "Is the cup closer than the jug?" by its reference, because it compares. */
const SAYS_YES_OR_NO = /^\W*(?:yes|no)\W*(?:$|[,.;:])/i;
/** Longer questions and references, in characters, are not typed. */
const MOST_READ = 2000;
/** A name is a few words without a verb; longer references are sentences or lists. */
const MOST_WORDS = 6;
const NO_NAME = /\b(?:is|are|was|were|be|has|have|because|since|if|then|than|and|or|but)\b|[,;:]|\.\s/i;

/**
 * How answers to a row that declares no task are read, where the papers' lists give none: what is asked for, and what
 * kind of answer the reference is, must both say so. `untyped` is free text, which no rule can judge.
 */
export function ownTask(question: string, reference: string): Task {
  if (question.length > MOST_READ || reference.length > MOST_READ) return 'untyped';
  const words = plainWords(reference);
  if (words.length === 0) return 'untyped';
  if (SAYS_YES_OR_NO.test(reference)) return 'yesno';
  // "How many are there? (A) 0 (B) 1", of which the reference is "(B) 1" or "B".
  const inline = inlineOptions(question);
  if (inline.length > 1 && parseChoice(reference, inline) !== null) return 'choice';
  const tokens = readNumbers(reference);
  const isNumber =
    tokens.filter(({ kind }) => kind !== 'mark').length === 1 && tokens.some(({ kind }) => kind === 'number');
  if (/^\W*(?:about |approximately |roughly )?-?\d+(?:\.\d+)? ?(?:°|degrees?)\W*$/i.test(reference))
    return 'count';
  if (isNumber && unitAsked(question) !== null && (ASKS_LENGTH.test(question) || ASKS_UNITS.test(question)))
    return 'distance';
  // A statement to be judged, as 0 or 1.
  if (
    isNumber &&
    /^\W*[01]\W*$/.test(reference) &&
    /^[^?]*\.\s*$/.test(question) &&
    !/\b(?:how|count|number|give|tell|estimate)\b/i.test(question)
  )
    return 'untyped';
  if (ASKS_AREA.test(question) && parseArea(reference) !== null) return 'area';
  if (
    (isNumber || (ASKS_COUNT.test(question) && !ASKS_UNITS.test(question))) &&
    parseCount(reference) !== null
  )
    return 'count';
  // "The lane is 3.5 meters wide."
  const hasOneNumber = tokens.filter(({ kind }) => kind === 'number').length === 1;
  const mayBeLength = words.length <= (hasOneNumber ? 2 : 1) * MOST_WORDS;
  const length =
    (ASKS_LENGTH.test(question) || ASKS_UNITS.test(question)) && mayBeLength
      ? parseDistance(reference)
      : null;
  if (length && !length.assumed_unit && length.metres > 0) return 'distance';
  // "…, the top, the middle or the bottom one?": three places are no two poles of an axis.
  const offered = alternatives(question, reference);
  if (offered && offered.length > 2) return 'choice';
  if (
    isBareSide(reference) ||
    isSideOfThing(reference, question) ||
    (ASKS_PLACE.test(question) && isSide(reference))
  )
    return 'side';
  if (offered) return 'choice';
  const content = contentWords(reference);
  const isName =
    !ASKS_TEXT.test(question) &&
    content.length > 0 &&
    words.length <= MOST_WORDS &&
    !NO_NAME.test(reference.trim().replace(/\.$/, ''));
  const isSentence =
    words.length <= 2 * MOST_WORDS &&
    /\.\s*$/.test(reference) &&
    nameOfSentence(reference, question) !== null;
  return isName || isSentence || (!ASKS_TEXT.test(question) && namesIn(reference)) ? 'name' : 'untyped';
}

/** "The cat or the basket it is next to?" */
const DESCRIPTION =
  /(?<=\p{L}) (?:(?:that|which) )?(?:it|he|she|they) (?:is|are|stands?|sits?|lies?) [\p{L} ]+?(?=[,?]| or )/giu;

const RELATION =
  '(in front of|on top of|next to|on|under|underneath|beneath|below|above|over|inside|in|outside|behind|beside|between|near)( (?:it|them|(?:the|an?) [\\p{L} ]{1,40}))?\\W*$';
const RELATED = new RegExp(`\\b${RELATION}`, 'iu');
const ONLY_RELATED = new RegExp(`^${RELATION}`, 'iu');

/** The relations of which a question asks for one: "Is it on, under or in the box?", "inside the cave or outside it". */
function relationsListed(question: string): string[] | null {
  const parts = question.split(/,? or |, |: /i);
  const first = parts.findLastIndex((part) => !ONLY_RELATED.test(part));
  const from = RELATED.test(parts[first] ?? '') ? first : first + 1;
  const read = parts.slice(from).map((part) => RELATED.exec(part)!);
  const things = new Set(
    read.flatMap(([, , thing]) => (thing && !/^ (?:it|them)$/i.test(thing) ? [thing] : [])),
  );
  return read.length > 1 && things.size <= 1 ? read.map(([, relation]) => relation!) : null;
}

/**
 * The alternatives that a question names, if the reference is one of them: "…, the cup or the plate?", "(A) cup (B)
 * plate", "Is the ball red or blue?"
 */
export function alternatives(question: string, reference: string): string[] | null {
  if (question.length > MOST_READ) return null;
  const options = alternativesFor(question, reference);
  if (options !== null || !/\.\s*$/.test(reference)) return options;
  const said = saidOfSubject(reference, question);
  return said === null ? null : alternativesFor(question, said);
}

function alternativesFor(question: string, reference: string): string[] | null {
  const inline = inlineOptions(question);
  if (inline.length > 1) return inline;
  const listed = alternativesOf(question.replace(DESCRIPTION, ''), null).map(({ text }) =>
    text.replace(/^it (?=(?:the|an?)\b)/i, ''),
  );
  const words = plainWords(question);
  const or = words.lastIndexOf('or');
  if (listed.length === 0 && or < 0) return null;
  const keyOf = (text: string) => (contentWords(text).join(' ') || plainWords(text).join(' ')).trim();
  const wanted = keyOf(reference);
  const isOne = (options: readonly string[]) => options.some((option) => keyOf(option) === wanted);
  // "Which of the boxes, the green or the yellow?": the green box.
  const named = new Set(contentWords(listed.join(' ')));
  const asked = new Set(words.filter(isContent));
  const short = contentWords(reference).filter((word) => named.has(word) || !asked.has(word));
  if (wanted === '') return null;
  if (isOne(listed) || listed.some((option) => keyOf(option) === short.join(' '))) return listed;
  // "…, the man in the apron or the woman with the pan?": the woman.
  if (listed.filter((option) => keyOf(option).startsWith(`${wanted} `)).length === 1) return listed;
  const related = relationsListed(question);
  const relation = relationsIn(plainWords(reference).join(' '));
  if (relation.length === 1 && related?.some((option) => relationsIn(option)[0] === relation[0]))
    return related;
  // "Is the lamp on the table or on the floor?": as many words before "or" as the reference takes after it.
  if (or < 0) return null;
  const pairs = [1, 2, 3, 4].map((n) => {
    // "closer to the window or to the door": the window or the door.
    const isTwice =
      or - n > 0 && words[or - n - 1] === words[or + 1] && !/^(?:the|an?)$/.test(words[or + 1] ?? '');
    const from = or + (isTwice ? 2 : 1);
    return [words.slice(Math.max(0, or - n), or), words.slice(from, from + n)].map((part) => part.join(' '));
  });
  const whole = plainWords(reference).join(' ');
  const isSentence = listed.length > 1 && NO_NAME.test(reference);
  return (
    (isSentence && typeof readChoice(reference, listed, question) === 'number' ? listed : null) ??
    pairs.find((pair) => pair.includes(whole)) ??
    // "chair or on" is no pair of "under the chair or on the chair".
    pairs.find((pair) => isOne(pair) && pair.every((one) => contentWords(one).length > 0)) ??
    null
  );
}
