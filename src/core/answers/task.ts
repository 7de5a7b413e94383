import { inlineOptions } from '../read/options.ts';
import { SAYS } from '../read/patterns.ts';
import { Text } from '../read/tokens.ts';
import { ASKS, NAME_SIGNS } from '../read/words/signs.ts';
import { lengthUnit, type LengthUnit } from '../sample/lengths.ts';
import { alternatives, MOST_READ } from './alternative.ts';
import { parseArea } from './area.ts';
import { parseBoxText } from './box.ts';
import { parseChoice } from './choice.ts';
import { contentWords, plainWords } from './clauses.ts';
import { parseCount } from './count.ts';
import { parseDistance } from './distance.ts';
import { nameOfSentence, namesIn } from './name.ts';
import { readNumbers } from './numbers.ts';
import { plainPunctuation } from './plain-text.ts';
import type { Task } from './score.ts';
import { isBareSide, isSide, isSideOfThing } from './sides.ts';
import { parseYesNo } from './yes-no.ts';

type QuestionType = 'bbox' | 'distance' | 'yesno' | 'untyped';

/**
 * Types a question by the paper's keyword lists, in the order box, distance, yes/no, and then requires that the
 * reference parses as that type (R29): "Which is closer?" has a distance keyword but no length. For yes/no, the paper's
 * lists apply to the answer; a reference whose first word does not decide counts only if the question is polar.
 */
export function typeQuestion(question: string, reference: string): QuestionType {
  if (typed?.question !== question || typed.reference !== reference)
    typed = { question, reference, type: readType(question, reference) };
  return typed.type;
}

/** The last question that was typed: that of one row is typed several times, as it is counted, shown and scored. */
let typed: { question: string; reference: string; type: QuestionType } | undefined;

/** The last question in tokens, for the same reason. */
let read: { question: string; text: Text } | undefined;
function textOf(question: string): Text {
  if (read?.question !== question) read = { question, text: new Text(plainPunctuation(question)) };
  return read.text;
}

function readType(question: string, reference: string): QuestionType {
  const { words } = textOf(question);
  if (SAYS.asksBox.in(words)) return parseBoxText(reference) ? 'bbox' : 'untyped';
  const length = SAYS.asksLength.in(words);
  if (length || SAYS.compares.in(words)) {
    const distance = parseDistance(reference);
    return distance && (!distance.assumed_unit || length) ? 'distance' : 'untyped';
  }
  const decided = SAYS.startsWithVerdict.in(new Text(reference).words) || SAYS.asksYesNo.in(words);
  return decided && parseYesNo(reference) ? 'yesno' : 'untyped';
}

/**
 * Whether a question is about space (place, side, order, distance, size, boxes), and not one of the general questions
 * in mixed sets such as vqasynth_spacellava. Decided by words of the question alone, since the papers name the split
 * but give no rule.
 */
export function isSpatialQuestion(question: string): boolean {
  const { tokens, words } = textOf(question);
  const friends = SAYS.notSpatial.all(tokens);
  return SAYS.spatial.in(words.filter((_, i) => !friends.some(({ first, end }) => i >= first && i < end)));
}

/** "…, in centimeters?", "How many feet away is …?": the unit of numbers without one. */
export const unitAsked = (question: string): LengthUnit | null =>
  [...question.matchAll(/\b(?:in|how many|number of) (\p{L}+)\b(?! of\b)/giu)]
    .map(([, word]) => (word === 'in' ? null : lengthUnit(word!)))
    .find((unit) => unit !== null) ?? null;
/** The papers' lists do not type "Is the cup closer than the jug?" by its reference, because it compares. */
const SAYS_YES_OR_NO = /^\W*(?:yes|no)\W*(?:$|[,.;:])/i;
/** A name is a few words without a verb; longer references are sentences or lists. */
const MOST_WORDS = 6;

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
  if (isNumber && unitAsked(question) !== null && (ASKS.length.test(question) || ASKS.units.test(question)))
    return 'distance';
  // A statement to be judged, as 0 or 1.
  if (
    isNumber &&
    /^\W*[01]\W*$/.test(reference) &&
    /^[^?]*\.\s*$/.test(question) &&
    !/\b(?:how|count|number|give|tell|estimate)\b/i.test(question)
  )
    return 'untyped';
  if (ASKS.area.test(question) && parseArea(reference) !== null) return 'area';
  if (
    (isNumber || (ASKS.count.test(question) && !ASKS.units.test(question))) &&
    parseCount(reference) !== null
  )
    return 'count';
  // "The lane is 3.5 meters wide."
  const hasOneNumber = tokens.filter(({ kind }) => kind === 'number').length === 1;
  const mayBeLength = words.length <= (hasOneNumber ? 2 : 1) * MOST_WORDS;
  const length =
    (ASKS.length.test(question) || ASKS.units.test(question)) && mayBeLength
      ? parseDistance(reference)
      : null;
  if (length && !length.assumed_unit && length.metres > 0) return 'distance';
  // "…, the top, the middle or the bottom one?": three places are no two poles of an axis.
  const offered = alternatives(question, reference);
  if (offered && offered.length > 2) return 'choice';
  if (
    isBareSide(reference) ||
    isSideOfThing(reference, question) ||
    (ASKS.place.test(question) && isSide(reference))
  )
    return 'side';
  if (offered) return 'choice';
  const content = contentWords(reference);
  const isName =
    !ASKS.text.test(question) &&
    content.length > 0 &&
    words.length <= MOST_WORDS &&
    !NAME_SIGNS.sentence.test(reference.trim().replace(/\.$/, ''));
  const isSentence =
    words.length <= 2 * MOST_WORDS &&
    /\.\s*$/.test(reference) &&
    nameOfSentence(reference, question) !== null;
  return isName || isSentence || (!ASKS.text.test(question) && namesIn(reference)) ? 'name' : 'untyped';
}
