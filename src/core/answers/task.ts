import { remembered } from '../../base/recent-map.ts';
import { SAYS } from '../../rows/read/patterns.ts';
import { Text } from '../../rows/read/tokens.ts';
import { NAME_SIGNS } from '../../rows/read/words/signs.ts';
import { ASKS } from './question-signs.ts';
import { parseBoxText } from './read-box.ts';
import { MOST_READ, alternatives, restatedName } from './asked-options.ts';
import { parseCount } from './read-count.ts';
import { parseDistance, parseSize } from './distance.ts';
import { unitAt, type Unit } from './find-quantities.ts';
import { isNumber, isMeasure, NAMED_BY_NUMBER, statedUnit } from './number.ts';
import { isWord, readNumbers, wordsBefore } from './number-words.ts';
import { plainPunctuation } from './plain-text.ts';
import type { Task } from './score.ts';
import { isBareSide, isSide, isSideOfThing, sideIn } from './answer-sides.ts';
import { wordsOf } from './answer-words.ts';
import { questionForm } from './set-forms.ts';
import { parseYesNo, yesNoOf } from './yes-no.ts';

type QuestionType = 'bbox' | 'distance' | 'yesno' | 'untyped';

/** Number of cached rows. The task of each row is computed several times: to count, show and score it. */
const ROWS = 4;

const textOf = remembered(ROWS, (question: string) => new Text(plainPunctuation(question)));

/**
 * Types a question by the paper's keyword lists, in the order box, distance, yes/no. The reference answer must also
 * parse as that type (R29): "Which is closer?" has a distance keyword but no length. For yes/no, the paper's lists
 * apply to the answer; a reference answer whose first word does not decide counts only if the question is polar.
 */
export const typeQuestion = remembered(ROWS, (question: string, reference: string): QuestionType => {
  const { words } = textOf(question);
  if (SAYS.asksBox.in(words)) return parseBoxText(reference) ? 'bbox' : 'untyped';
  const length = SAYS.asksLength.in(words);
  if (length || SAYS.compares.in(words)) {
    const distance = parseDistance(reference);
    return distance && (!distance.assumed_unit || length) ? 'distance' : 'untyped';
  }
  const decided = SAYS.startsWithVerdict.in(new Text(reference).words) || SAYS.asksYesNo.in(words);
  return decided && parseYesNo(reference) ? 'yesno' : 'untyped';
});

/**
 * Whether a question is spatial (place, side, order, distance, size, boxes), unlike general questions in mixed datasets
 * such as vqasynth_spacellava. Only words of the question decide, because the papers name the split but give no rule.
 */
export function isSpatialQuestion(question: string): boolean {
  const { tokens, words } = textOf(question);
  const friends = SAYS.notSpatial.all(tokens);
  return SAYS.spatial.in(words.filter((_, i) => !friends.some(({ first, end }) => i >= first && i < end)));
}

/** Words before a requested unit: "…, in centimeters?", "How many feet away is …?", "… (mm)?" */
const BEFORE_UNIT = /(?:\b(?:in|how many|number of|units?(?: of| :| is| are)?)|[([](?: in)?)$/;

/** Returns the unit of length or area that a question requests; null if the question requests no unit. */
export function unitAsked(question: string): Unit | null {
  const tokens = readNumbers(question);
  const units = tokens.map((token, at) => {
    const before = wordsBefore(tokens, at, 3);
    const isAside = /[([](?: in)?$/.test(before);
    const unit = BEFORE_UNIT.test(before) && (isAside || !isWord(token, 'in')) && unitAt(tokens, at);
    const [end] = unit ? tokens.slice(unit.end) : [];
    return unit && (isAside ? isWord(end, ')', ']') : !isWord(end, 'of')) ? unit : null;
  });
  return units.find(Boolean) ?? null;
}
/** Reference answer that is yes or no, for any question. */
const SAYS_YES_OR_NO = /^\W*(?:yes|no)\W*(?:$|[,.;:])/i;
/** Maximum number of words in a name. Longer reference answers are sentences or lists. */
const MOST_WORDS = 6;
/** Signs of a calculation. Its result is exact, not an estimate: "Then the side of the square is ()". */
const EXACT = /\(\s*\)|_{2,}|=\s*(?:\?|$)|[△∠⊙]|√|\\(?:triangle|angle|sqrt|circ)|\bratio\b/;
/** Words for a value that is written in the image, which is therefore not an estimate. */
const IS_WRITTEN =
  /\b(?:(?<!\byou )says?|reads?|readings?(?= (?:on|of|in|is|shown|from)\b|\W*$)|written|printed|posted|clock shows?|label(?:l?ed)?)\b/i;
export const isEstimate = (question: string, reference: string): boolean =>
  !EXACT.test(question) && !EXACT.test(reference) && !IS_WRITTEN.test(question);
const ZERO_OR_ONE = /^\W*[01]\W*$/;

/**
 * Returns the task of a row that declares none. Both the question and the form of the reference answer must imply the
 * task. Answers to `untyped` rows are only compared as text.
 */
export const ownTask = remembered(ROWS, (question: string, reference: string): Task => {
  if (question.length > MOST_READ || reference.length > MOST_READ) return 'untyped';
  const words = wordsOf(reference);
  if (!/[\p{L}\p{N}]/u.test(reference)) return 'untyped';
  const type = typeQuestion(question, reference);
  if (type === 'bbox' || (type === 'distance' && !EXACT.test(`${question}\n${reference}`))) return type;
  const isVerdict = SAYS_YES_OR_NO.test(reference) || /^\W*(?:true|false)\W*$/i.test(reference);
  const isStated = () => yesNoOf(reference, question) !== null;
  if (isVerdict || (questionForm(question) === 'polar' && (ZERO_OR_ONE.test(reference) || isStated())))
    return 'yesno';
  const numeric = numericTask(question, reference, words.length);
  if (numeric !== null) return numeric;
  // "Is it left or right?" offers two poles of an axis; "Which is left, the cup or the plate?" offers two objects.
  const offered = alternatives(question, reference);
  if (offered && (offered.length > 2 || offered.every((option) => sideIn(option) === null))) return 'choice';
  if (
    isBareSide(reference) ||
    isSideOfThing(reference, question) ||
    (ASKS.place.test(question) && isSide(reference))
  )
    return 'side';
  if (offered) return 'choice';
  const isName =
    restatedName(reference, question) !== null ||
    (/\p{L}/u.test(reference) &&
      !ASKS.text.test(question) &&
      words.length <= MOST_WORDS &&
      !NAME_SIGNS.sentence.test(reference.trim().replace(/\.$/, '')));
  return isName ? 'name' : 'untyped';
});

/** Returns the task of a reference answer that is a number or a size; otherwise null. */
function numericTask(question: string, reference: string, words: number): Task | null {
  if (NAMED_BY_NUMBER.test(reference)) return 'number';
  const isMeasured = isEstimate(question, reference);
  const asksLength = ASKS.length.test(question) || ASKS.units.test(question);
  const bare = isNumber(reference);
  // A requested unit in the question makes any number a measurement.
  const stated = bare && isMeasured ? unitAsked(question) : null;
  if (stated !== null) return stated.power === 2 ? 'area' : 'distance';
  // A reference answer with one number can have more words: "The lane is 3.5 meters wide."
  const numbers = readNumbers(reference).filter(({ kind }) => kind === 'number').length;
  const mayBeLength = words <= (numbers === 1 ? 2 : 1) * MOST_WORDS;
  const length = isMeasured && (bare || (asksLength && mayBeLength)) ? parseDistance(reference) : null;
  if (length && !length.assumed_unit && length.size > 0) return 'distance';
  const asksArea = ASKS.area.test(question) && /\p{L}/u.test(reference);
  const area = isMeasured && (asksArea || bare) ? parseSize(reference, 2) : null;
  if (area && (asksArea || !area.assumed_unit)) return 'area';
  if (bare && isMeasured && isMeasure(statedUnit(question, reference))) return 'number';
  if (ASKS.count.test(question) && !ASKS.units.test(question) && parseCount(reference) !== null)
    return 'count';
  // Matches a statement to rate as 0 or 1.
  const isStatement =
    /^[^?]*\.\s*$/.test(question) && !/\b(?:how|count|number|give|tell|estimate)\b/i.test(question);
  return bare && !(isStatement && ZERO_OR_ONE.test(reference)) ? 'number' : null;
}
