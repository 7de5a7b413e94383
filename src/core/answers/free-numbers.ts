import { contentWords, plainWords } from './clauses.ts';
import { countOf, nounCounted, parseCount, sumOfParts } from './count.ts';
import { singular } from '../read/names.ts';
import { readNumbers, type Token } from './numbers.ts';
import { KINDS } from './words.ts';
import { sum } from '../numbers.ts';

/** What an answer of free text says of a number: the count or the length that is asked for, and not another one. */

/** "There are six chairs: two on each side and one at each end": the count, if the list does not come to another one. */
function countBeforeList(text: string, question: string): number | null {
  const [, head, list] = /^([^:.;]{1,200}): ([^.;]+)\W*$/.exec(text) ?? [];
  if (head === undefined || list === undefined) return null;
  const total = countOf(head, question);
  const parts = numbersIn(list.replace(/\ban?\b/gi, 'one'));
  return /\b(?:each|either|every)\b/i.test(list) || sum(parts) === total ? total : null;
}

/** The count of an answer of free text. "Eight (four above, four below)": what is in parentheses explains the count. */
export function freeCount(text: string, question: string): number | null {
  const bare = text
    .replace(/\([^()]*\)/g, ' ')
    .replace(/\bhalf a dozen\b/gi, 'six')
    // "The 1", in which "the one" is no number.
    .replace(/^\W*the (?=1\W*$)/i, '')
    // "I don't see any dogs."
    .replace(/^[^.;\d]*(?:\bnot|n't|\bcannot|\bnever)\b[^.;\d]*\bany\b[^.;\d]*/i, 'none')
    // "There are five people, two of whom are sitting."
    .replace(/^[^.;]*?, (?=(?:only )?[\p{L}\d]+ of (?:whom|which)\b)/iu, '')
    // "Three are visible, but only one of them has a pool."
    .replace(/^.*\bbut only (?=\S+ (?:of (?:them|these|those)\b|has\b|have\b|is\b|are\b))/is, '')
    // "One of the doors is open."
    .replace(/^(\W*(?:only |just |exactly )?)one of (?:the|them|these|those)\b/i, '$11');
  const read = (said: string) =>
    countBeforeList(said, question) ??
    countOf(said, question) ??
    sumOfParts(said, question) ??
    parseCount(said);
  return (bare === text ? null : read(bare)) ?? read(text);
}

/** "Half of 6", "six pairs", "six and a half", "not 0": not the number itself. */
const PORTION = /\b(?:half|quarters?|pairs?|not (?:0|zero))\b/i;

/**
 * Whether an answer does not mean the number that it names: "half of 6", "six plates" for cups, "3 chairs in total and 2
 * are red" for those that are red.
 */
export function isOtherNumber(text: string, value: number, question: string): boolean {
  const told = numbersOfKind(text, question);
  const times = (numbers: readonly number[]) => numbers.filter((one) => one === value).length;
  return (
    (PORTION.test(text) && !PORTION.test(question)) ||
    (told.length > 0 && times(numbersIn(text)) > times(told)) ||
    isOfOther(text, value, question)
  );
}

export const numbersIn = (text: string): number[] =>
  readNumbers(text).flatMap((token) => (token.kind === 'number' ? token.value : []));

/** The numbers that an answer gives together with what the question wants of the things it counts: "5 chairs: 3 red". */
export function numbersOfKind(text: string, question: string): number[] {
  const wanted = plainWords(question).filter(
    (word) => KINDS.some((kind) => kind.test(word)) && !/^\d+$/.test(word),
  );
  const tokens = readNumbers(text);
  return tokens.flatMap((token, at) => {
    if (token.kind !== 'number') return [];
    const words = plainWords(wordsAfter(tokens, at, /^(?:[.,;:\n]|and|but|while)$/).join(' '));
    return words.some((word) => wanted.includes(word)) ? token.value : [];
  });
}

/** The words that a number stands with, up to the next number, or what ends them. */
function wordsAfter(tokens: readonly Token[], at: number, ends: RegExp): string[] {
  const texts = tokens.slice(at + 1).map((token) => (token.kind === 'number' ? '.' : token.text));
  const end = texts.findIndex((text) => text === '.' || ends.test(text));
  return texts.slice(0, end < 0 ? undefined : end);
}

/** "Six plates", "two people standing", asked how many cups there are, how many people are sitting. */
function isOfOther(text: string, value: number, question: string): boolean {
  const noun = nounCounted(question);
  if (noun === null) return false;
  const wanted: readonly string[] = question.toLowerCase().match(/\b\p{L}+ing\b/gu) ?? [];
  const tokens = readNumbers(text);
  return tokens.some((token, at) => {
    if (token.kind !== 'number' || token.value !== value) return false;
    const words = wordsAfter(tokens, at, PHRASE_END).slice(0, 4);
    if (!words.some((word) => singular(word) === noun))
      return words.slice(0, 2).some((word) => singular(word) !== word && !ANY_THINGS.test(word));
    const doing = words.filter((word) => /ing$/.test(word));
    return wanted.length > 0 && doing.length > 0 && !doing.some((word) => wanted.includes(word));
  });
}
const PHRASE_END = /^(?:\P{L}|of|in|on|at|are|is|and|with|to|per|for|around|near|by)$/u;
const ANY_THINGS =
  /^(?:times|objects|items|things|ones|instances|pieces|individuals|persons|people|humans|figures)$/;

const MEASURED = String.raw`(?:about |around |approximately |roughly |be )*(?=\d|(?:one|two|three|four|five|six|seven|eight|nine|ten|an?|half) )`;
const DENIED = new RegExp(
  String.raw`(?:\b(?:not|never|half of|twice|double|[\p{L}\d]+ times|(?:third|quarter|fifth|tenth) of|(?:anything|everything|all) (?:but|except))|n't) ${MEASURED}[^,;\n]*?(?=,|;|\n| but |\.(?!\d)|$)`,
  'giu',
);

/** A text without the lengths that it denies: "3 m, not 8 m", "anything but 3 meters". */
export const withoutDeniedLengths = (text: string): string => text.replace(DENIED, ' ');

/** "…, the window is 3 meters away": a thing, and the length that is told of it. */
const TOLD_OF =
  /^\W*(?:the|an?) ((?:\p{L}+ ){1,7}?)(?:(?:is|are|stands?|sits?|lies?|being) )?(?:only |just |about |around |approximately |roughly )*(?=\d|(?:one|two|three|four|five|six|seven|eight|nine|ten) )/iu;
/** What a length may be said of without naming a thing. */
const MEASURES =
  /^(?:distance|gap|space|separation|length|height|width|depth|estimate|total|answer|measurement|size|object|item|thing|one|bit|little|more|less|good|few|couple|maximum|minimum|range)$/;

/** A text without the lengths of things that the question does not name, if it gives the length of one that it does. */
export function withoutOtherLengths(text: string, question: string): string {
  // "How tall is the boy next to the dog?": the boy; how far two things are apart is of both.
  const [, told] =
    /\bhow (?:tall|wide|long|high|deep|thick|big|large) (?:is|are|was|were) (?:the |an? )?([\p{L} ]+?)(?= (?:next|beside|behind|in|on|at|near|under|above|below|to|from|that|which|with)\b|\W*$)/iu.exec(
      question,
    ) ?? [];
  const asked = new Set(contentWords(told ?? question));
  const parts = text.split(/(?<=[,;])(?=\s)|(?<=[.])(?=\s)|(?= (?:and|but|while|whereas) the )/i);
  const thingOf = (part: string) =>
    contentWords(TOLD_OF.exec(part.replace(/^\W*(?:and|but|while|whereas) /i, ''))?.[1] ?? '');
  const isOwn = (part: string) =>
    /^\W*(?:it|he|she|they) .*\d/i.test(part) || thingOf(part).some((word) => asked.has(word));
  const isOther = (part: string) => {
    const thing = thingOf(part);
    return thing.length > 0 && thing.every((word) => !asked.has(word) && !MEASURES.test(word));
  };
  return parts.filter((part) => isOwn(part) || !isOther(part)).join('');
}

/** Words of one dimension; a length with those of another is none of what is asked. */
const DIMENSIONS = [
  'high|tall|height',
  'wide|width|across|broad',
  'long|length',
  'deep|depth',
  'thick|thickness',
  'far|away|apart|distance|off|from',
];
const LENGTH = String.raw`(?:\d+(?:[.,]\d+)?|an?|half an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty) ?-?(?:millimet(?:er|re)s?|centimet(?:er|re)s?|kilomet(?:er|re)s?|met(?:er|re)s?|feet|foot|inch(?:es)?|yards?|miles?|mm|cm|km|m|ft|in|yd)`;

const COMPARED = new RegExp(
  `\\b${LENGTH} (?:higher|taller|wider|longer|lower|shorter|deeper|thicker|closer|nearer|farther|further|more|less) than\\b`,
  'gi',
);
const MEASURING = new RegExp(`\\bmeasur(?:es|ing) (?:about |around |roughly )?${LENGTH}`, 'gi');
const FROM = new RegExp(`\\b${LENGTH} from (?:the |an? )?([\\p{L} ]{2,40})`, 'giu');

/** A text without the lengths of another dimension: "3 m high", asked how far away it is. */
export function withoutOtherDimensions(text: string, question: string): string {
  const asked = DIMENSIONS.filter((words) => new RegExp(`\\b(?:${words})\\b`, 'i').test(question));
  if (asked.length !== 1) return text;
  const others = DIMENSIONS.filter((words) => words !== asked[0]).join('|');
  const isFar = asked[0]!.startsWith('far');
  return (
    text
      .replace(COMPARED, ' ')
      // "The box measures 40 cm", "40 cm from the wall"
      .replace(isFar ? MEASURING : /$^/, ' ')
      .replace(FROM, (said, from: string) =>
        isFar && !contentWords(question).some((word) => contentWords(from).includes(word)) ? ' ' : said,
      )
      .replace(new RegExp(`\\b${LENGTH} (?:in )?(?:${others})\\b`, 'gi'), ' ')
  );
}
