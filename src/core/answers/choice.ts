import { remembered } from '../../base/recent-map.ts';
import { correctionIn, readSaid, unwrapped } from '../../rows/read/said.ts';
import { ASKS } from './question-signs.ts';
import { parseDistance } from './distance.ts';
import { parseCount, withTimes } from './read-count.ts';
import { ORDINALS } from './number-words.ts';
import { indexOfLetter, letterOf, lettersOf } from '../../base/item-names.ts';
import { severalChoices } from '../../rows/sample/choices.ts';
import { plainText } from './plain-text.ts';
import { readOptions } from '../../rows/read/inline-options.ts';
import { aboutAsked, DENIES, NOT, isContent, withoutDenied, wordsOf } from './answer-words.ts';
import { rejected } from './rejected.ts';
import { DENIED_LETTER, LETTER_LIST, explicitLetters, lonelyLetter } from './option-letters.ts';
import { leadingYesNo, yesNoSaid } from './yes-no.ts';
import {
  choiceOfWords,
  choiceTexts,
  choiceWords,
  exactChoice,
  labelInside,
  mentioned,
  onlyOne,
  subjectsOf,
} from './option-texts.ts';
import { optionInOrder } from './answer-lists.ts';
import { parseSide, sideIn } from './answer-sides.ts';
import { asAsked, comparesOtherwise, ofSubject, THAN } from './as-asked.ts';

/** Maximum number of option letters for a row that does not list its choices. */
const MAX_CHOICES = 26;

/** Returns the letter of the option in an answer (A is the first choice); null if the answer has no clear option. */
export function choiceSaid(text: string, choices: readonly string[] = [], question = ''): string | null {
  const plain = unwrapped(text);
  if (isMenu(plain)) return null;
  const [, other] = (choices.length === 2 && NOT_LETTER.exec(plain)) || [];
  if (other !== undefined) return letterOf(1 - indexOfLetter(other));
  const denied = choices.length === 2 ? rejected(plain, choiceTexts(choices), question) : null;
  if (denied !== null) return letterOf(1 - denied);
  const said = oneChoice(plain, choices, question);
  const correction = said === null ? null : correctionIn(plain);
  // "A. Wait, B." has two letters, so that it is no answer.
  const former = correction && oneChoice(correction.before, choices, question);
  return former === null || former === said ? said : null;
}

const oneChoice = (text: string, choices: readonly string[], question: string): string | null => {
  const stem = withoutMenu(question);
  return readSaid(text, (written) => {
    const stretch = ofSubject(asAsked(written, stem, subjectsOf(choices)), stem);
    if (LETTER_LIST.test(plainText(stretch))) return undefined;
    const places = placesIn(stretch, choices, question);
    if (places !== null) return onlyOne(places) ?? undefined;
    const inOrder = optionInOrder(stretch, choices, question);
    if (inOrder >= 0) return letterOf(inOrder);
    const excepted = NOT.test(stem) ? exceptedChoice(stretch, choiceTexts(choices)) : null;
    if (excepted !== null) return excepted;
    return (
      parseChoice(stretch, choices, stem) ??
      parseChoice(aboutAsked(stretch, stem), choices, stem) ??
      parseChoice(choosing(stretch, choices, stem), choices, stem) ??
      choiceOfValue(stretch, choices, stem) ??
      choiceOfSide(stretch, choices, stem)
    );
  });
};

/** Returns the only option that an answer denies something of, for "Which is not on the table?" */
function exceptedChoice(text: string, texts: readonly string[][]): string | null {
  const denied = text.split(/[,;.] |,? \b(?:but|and|while)\b/).filter((clause) => NOT.test(clause));
  const plain =
    denied[0]?.replace(/\b(?:is|are|was|were) not\b|\b(?:is|are|was|were)n't\b|\bnot\b/gi, ' ') ?? '';
  return denied.length === 1 ? onlyOne([...mentioned(plain, texts)]) : null;
}

/** Returns the only option with the side of a text, if all options are different sides: "beneath it", for "below". */
function choiceOfSide(text: string, choices: readonly string[], question: string): string | null {
  const sides = choices.map(sideIn);
  if (sides.includes(null) || new Set(sides).size < choices.length) return null;
  const [told, asked] = [wordsOf(text), [question, ...choices].flatMap(wordsOf)];
  if (
    told.some(
      (word) => /most$/.test(word) || (isContent(word) && sideIn(word) === null && !asked.includes(word)),
    )
  )
    return null;
  return onlyOne(choices.flatMap((choice, i) => (parseSide(text, choice, question) === sides[i] ? [i] : [])));
}

/** Returns the text around the options that a text lists by letters; null if it lists none. */
function aroundMenu(text: string): string | null {
  const read = readOptions(text);
  const menu = read?.kind === 'letters' ? read.options : [];
  return menu.length > 1 ? text.slice(0, menu[0]!.start) + text.slice(menu.at(-1)!.end) : null;
}
const withoutMenu = remembered(50, (question: string): string => aroundMenu(question) ?? question);

/** Returns the only option with the same count or length as a text; null if the text or an option has no such value. */
function choiceOfValue(
  text: string,
  choices: readonly string[],
  question: string,
): string | null | undefined {
  const isCount = ASKS.count.test(question);
  if (!isCount && (choices.length === 0 || !choices.every((choice) => /\d/.test(choice)))) return null;
  const values = choices.map((choice) => (isCount ? parseCount(choice) : metresIn(choice)));
  if (values.includes(null)) return null;
  const value = isCount ? parseCount(withTimes(text), question) : metresIn(text);
  return value === null ? null : (onlyOne(values.flatMap((v, i) => (v === value ? [i] : []))) ?? undefined);
}

/** Returns a length in metres, rounded to a micrometre; null without a unit. */
function metresIn(text: string): number | null {
  const length = parseDistance(text);
  return length && !length.assumed_unit ? Number(length.size.toFixed(6)) : null;
}

/**
 * Returns the indices of options that an answer gives as numbers ("2. left"), if the question requests an index and
 * states the lowest index ("from 0"). Empty if number and text differ; null if the answer has no index.
 */
function placesIn(stretch: string, choices: readonly string[], question: string): number[] | null {
  const first = ASKS_INDEX.test(question) ? FIRST.exec(question)?.[0] : undefined;
  const [, said, rest] = (first !== undefined && PLACES.exec(stretch)) || [];
  const places = said?.match(/\d+/g)?.map((number) => Number(number) - (/0|zero/i.test(first!) ? 0 : 1));
  if (!places?.every((place) => choices[place] !== undefined)) return null;
  return rest === undefined || agreed(letterOf(places[0]!), rest, choiceTexts(choices)) ? places : [];
}
const ASKS_INDEX =
  /\b(?:index|indices|numbers?)\b(?: of)?(?: (?:the|your|its))?(?: (?:correct|right|best|chosen|selected))? (?:option|choice|answer)s?\b|\b(?:options?|choice|answer)(?:'s)? (?:by )?(?:index|indices|numbers?)\b|\b(?:zero|0|one|1)-(?:based|indexed)\b/i;
const FIRST =
  /\b(?:from|at|with) (?:0|1|zero|one)\b|\b(?:zero|0|one|1)-(?:based|indexed)\b|\b[01] ?(?:-|–|to\b|,) ?\d|(?:^|\n)\s*[([]?[01][.):\]]/i;
const PLACES =
  /^\W*(?:(?:the )?(?:(?:correct|right) )?(?:option|choice|answer|index|indices|number)s?(?: (?:of|is|are|index|number|the|correct|right|options?|choice|answer))*:? ?)?(\d{1,3}(?:\W+(?:and )?\d{1,3})*)(?:[.):] (\p{L}[^\n]*))?\W*$/iu;

/** Returns the clauses that share most words with the question, except comparisons. Empty if the answer hedges. */
function choosing(text: string, choices: readonly string[], question: string): string {
  // "Which is not in the row?" shares its words with clauses about the others.
  if (HEDGES.test(text) || comparesOtherwise(text, question) || NOT.test(question)) return '';
  const stem = (word: string) => word.replace(/i?e(?:r|st)$/, '');
  const offered = new Set(choices.flatMap(wordsOf));
  const asked = wordsOf(question).filter((word) => word.length > 1 && isContent(word) && !offered.has(word));
  const clauses = text.replace(THAN, '').split(/[.,;:!?\n](?!\d)|\band\b/);
  const shared = clauses.map((clause) => {
    const words = new Set(wordsOf(clause).map(stem));
    return asked.filter((word) => words.has(stem(word))).length;
  });
  const most = Math.max(1, ...shared);
  // "The triangle; the circle is next to the star" gives its option before it tells of another.
  const isGiven = shared[0] !== most && exactChoice(clauses[0]!, choiceTexts(choices)) !== null;
  return isGiven ? '' : clauses.filter((_, i) => shared[i] === most).join('. ');
}
const HEDGES = /\b(?:or|but|although|though|however|actually|either|both|maybe|perhaps)\b/i;

/** Returns all options in an answer to a question with several right options: "A, D"; null without an option. */
export const choicesSaid = (text: string, choices: readonly string[], question: string): string | null =>
  listedChoices(withoutDeniedLetters(unwrapped(text)), choices) ??
  readSaid(text, (stretch) => {
    const said = withoutDeniedLetters(stretch).replace(ARE_RIGHT, '').trim();
    const indexed = placesIn(stretch, choices, question);
    const listed = indexed?.length ? lettersOf(indexed) : listedChoices(said, choices);
    if (listed !== null) return listed;
    const letters = [...explicitLetters(said).letters]
      .map(indexOfLetter)
      .filter((place) => place < choices.length);
    const places = letters.length > 0 ? letters : [...mentioned(withoutDenied(said), choiceTexts(choices))];
    return places.length > 0 ? lettersOf(places) : parseChoice(said, choices);
  });

/** Rejection of one of two letters: "Not A." */
const NOT_LETTER =
  /^\W*(?:not|it(?:'s| is)(?: not|n't)|i(?:'d| would)? rule out|definitely not)(?: option)? [([]?([AB])[)\]]?\W*$/i;

const withoutDeniedLetters = (text: string): string => plainText(text).replace(DENIED_LETTER, ' ').trim();
const LISTS =
  /^[^]*?\b(?:answers?|options?|choices?|letters?|statements?)(?: (?:is|are|would be|should be))?\s*:?\s*(?=[([*]*[A-Z]\b)/i;
const ARE_RIGHT = /\b(?:is|are)(?: (?:all|both|the|correct|right|true|answers?|options?|choices?))+\W*$/i;
const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');
/** List bullet before an option on its own line. */
const BULLET = /^\s*(?:[-*•]\s+)?/;

/** Returns the options in a text that consists only of a list of option letters or option texts: "A and D". */
function listedChoices(text: string, choices: readonly string[]): string | null {
  const said = text.replace(LISTS, '').replace(/^(?:both|only|just) | \([^()]{3,}\)\W*$|\W+$/gi, '');
  const several = severalChoices(said, choices);
  if (several) return lettersOf(several);
  const lines = linesOf(said);
  const each =
    lines.length < 2 ? [null] : lines.map((line) => parseChoice(line.replace(BULLET, ''), choices));
  return each.includes(null) ? null : lettersOf(each.map((letter) => indexOfLetter(letter!)));
}

/** Whether a text only repeats several options: "A. cup B. plate", or a letter before every line. */
function isMenu(text: string): boolean {
  const lines = linesOf(text);
  const letters = lines.flatMap((line) => /^\s*[([]?([A-Z])[.):\]]\s/.exec(line)?.[1] ?? []);
  if (letters.length === lines.length && new Set(letters).size > 1) return true;
  return /^\W*[A-Z]\W*$/i.test(aroundMenu(text) ?? '');
}

/**
 * Returns the option in part of an answer. Tries in this order: an explicit letter ("answer is B", "(B)"), a single
 * letter, the exact text of one choice, a leading "B." or "B because", an ordinal ("the third option"), and one
 * choice's text inside a sentence. A number is the text of a choice, never an index.
 */
export function parseChoice(text: string, choices: readonly string[] = [], question = ''): string | null {
  const whole = plainText(text);
  const plain = whole.replace(DENIED_LETTER, ' ').trim();
  const texts = choiceTexts(choices);
  const letter = (found: string) => {
    const index = indexOfLetter(found);
    return index >= 0 && index < (texts.length || MAX_CHOICES) ? letterOf(index) : null;
  };
  const beyond =
    texts.length > MAX_CHOICES
      ? (exactChoice(plain, texts) ?? letter(BEYOND_Z.exec(plain)?.[1] ?? ''))
      : null;
  if (beyond) return beyond;
  const { letters, rest } = explicitLetters(plain);
  if (letters.size > 0) return letters.size === 1 ? agreed(letter([...letters][0]!), rest, texts) : null;
  const leading = LEADING.exec(plain);
  if (leading) return agreed(letter(leading[1]!), leading[2]!, texts);
  const exact = exactChoice(whole, texts);
  if (exact) return exact;
  const [, before, comma, after] = /^([A-Z])(,?)\s+(.+)$/s.exec(plain) ?? [];
  const named = before === undefined ? null : exactChoice(after!, texts);
  if (named !== null && named === letter(before!)) return named;
  // An answer "C, left" is ambiguous if "left" is the text of another option.
  if (named !== null && comma !== '' && letter(before!) !== null) return null;
  const ordinal = OF_KIND.exec(plain);
  if (ordinal && texts.every(([kind]) => kind === ordinal[2]!.toLowerCase()))
    return exactChoice(`${ordinal[2]!} ${ORDINALS.indexOf(ordinal[1]!.toLowerCase()) + 1}`, texts);
  const place = PLACE.exec(plain)?.[1]!.toLowerCase();
  if (place !== undefined)
    return place === 'last' ? letterOf(texts.length - 1) : letter(letterOf(ORDINALS.indexOf(place)));
  const number = NUMBERED.exec(choiceWords(plain).join(' '))?.[1];
  if (number !== undefined && !texts.flat().some((word) => /\d/.test(word)))
    return letter(letterOf(Number(number) - 1));
  const isPolar = texts.every((words) => words.length === 1 && isVerdict(words[0]!));
  const verdict =
    isPolar && texts.length > 0 ? (leadingYesNo(plain) ?? yesNoSaid(plain, question, false)) : null;
  const said = verdict ? texts.findIndex(([word]) => leadingYesNo(word!) === verdict) : -1;
  if (said >= 0) return letterOf(said);
  if (ASKS.count.test(question) && choices.every((choice) => parseCount(choice) !== null)) return null;
  const denying = texts.filter((words) => words.some((word) => DENIES.test(word)));
  const isDenying = denying.some((words) =>
    ` ${choiceWords(plain).join(' ')} `.includes(` ${words.join(' ')} `),
  );
  const told = isDenying ? plain : withoutDenied(plain);
  const inside = labelInside(plain, texts) ?? onlyOne([...mentioned(told, texts)]);
  const lonely = () =>
    question !== '' && comparesOtherwise(plain, question) ? null : lonelyLetter(plain, letter);
  return inside ?? lonely() ?? choiceOfWords(told, texts, question);
}

/** Option letter alone, or before the option text or a reason: "B", "(B).", "B. cup", "B because …". */
const LEADING =
  /^(?:[^\p{L}\p{N}]*(?=[a-z][^\p{L}\p{N}]*$))?([a-z])(?:[^\p{L}\p{N}]*$|[.:](?=\s)|\)|(?= - )|(?=,? (?:because|since|as)\b)|(?=\n))(.*)/isu;

const PLACE = new RegExp(
  `^\\W*(?:the )?(${ORDINALS.join('|')}|last) (?:option|choice|answer|statement|alternative|one)\\W*$`,
  'i',
);
/** Matches "the second image", for the options "Image 1" and "Image 2". */
const OF_KIND = new RegExp(
  `^\\W*(?:the )?(${ORDINALS.join('|')}) (image|photo|picture|frame|view|video)\\W*$`,
  'i',
);
const NUMBERED = /^(?:option|choice|alternative) (?:number )?([1-9])$/;
const isVerdict = (word: string): boolean => /^(?:yes|no|true|false)$/.test(word);

/** Returns the given letter; null if the text next to it is another option, because the answer is then ambiguous. */
function agreed(letter: string | null, rest: string, texts: readonly string[][]): string | null {
  const [line = ''] = rest.split('\n', 1);
  const other =
    exactChoice(line, texts) ?? exactChoice(rest, texts) ?? (/^\W*([A-Z])\W*$/.exec(line)?.[1] || null);
  return other !== null && other !== letter ? null : letter;
}

/** Answers with the letters of an option after the 26th: "AB", "(AB) left", "The answer is AB". */
const BEYOND_Z =
  /^[^\p{L}\p{N}]*(?:(?:the )?(?:correct )?(?:answer|option|choice)(?: is)?[ :]*)?[([]?([A-Z]{2,})(?:[)\].:]|[^\p{L}\p{N}]*$)/iu;
