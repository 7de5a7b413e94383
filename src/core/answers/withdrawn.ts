import { lengthUnit } from '../sample/lengths.ts';
import { contentWords, plainWords } from './clauses.ts';
import { KINDS } from './offers.ts';
import { isOpposite } from './poles.ts';
import { plainPunctuation } from './plain-text.ts';
import { nounCounted } from './count.ts';
import { singular } from '../read/names.ts';
import { isWord, readNumbers, type Token } from './numbers.ts';

/**
 * Words that turn what an answer names into what it does not mean: "anything but blue", "all but six", "far from the
 * door". Readers of free text see the name alone, so that an answer with such words is not called right.
 */

const EXCLUDES =
  /\b(?:(?:any|every)(?:thing|one|body|where)|all|any(?: \p{L}+)?|every \p{L}+|nothing|nobody|nowhere|none) (?:but|save)\b|\b(?:except(?:ing)?|excluding|exclud(?:es?|ed)|besides|other than|apart from|aside from|far from|nowhere near|nothing like|anything like|(?:the )?opposite of|used to|no longer|lack(?:s|ing|ed)?|missing|pretend(?:s|ing)?|refus(?:es|ing)|stopped|finished|about to|unlike|(?:dwarfed|exceeded|surpassed|outsized) by)\b|^\W*less\b|\b(?:is|are|would be|was) (?:wrong|false|incorrect|untrue)\b/iu;
const WEAKENS = /\b(?:hardly|scarcely|barely|almost|nearly|half as|partly|partially|semi)\b/i;

/** Whether an answer excludes, denies or weakens what it names, in words that the question does not use itself. */
export const isWithdrawn = (text: string, question: string): boolean => {
  const said = plainPunctuation(text);
  return [EXCLUDES, WEAKENS].some((words) => words.test(said) && !words.test(question));
};

/** The same of yes and no, which may be weakened: "There are hardly any cups" is a no. */
export const isExcluded = (text: string, question: string): boolean =>
  !/^\W*(?:yes|no)\b(?=[.,;:]|$)/i.test(text) && EXCLUDES.test(text) && !EXCLUDES.test(question);

const BEFORE =
  /^(?:not|never|half|twice|double|triple|thrice|third|quarter|tenth|square|except|hardly|scarcely|barely|doubt|almost|nearly|no|far|nothing)$/;
const AFTER =
  /^(?:times|pairs?|percent|%|dozens?|squared|cubed|fewer|less|too|short|missing|wrong|false|incorrect|\+|\*|x|×)$/;

/**
 * Whether an answer does not mean the number that it names: "not six", "half of 6", "all but six", "six pairs", "six fewer
 * than …".
 */
export function isOtherNumber(text: string, value: number, question: string): boolean {
  if (isWithdrawn(text, question)) return true;
  const tokens = readNumbers(text);
  const asked = readNumbers(question);
  const has = (token: Token | undefined, words: RegExp) =>
    token !== undefined && token.kind !== 'number' && words.test(token.text.replace(/^.*n't$/, 'not'));
  const isAsked = (token: Token | undefined) =>
    token?.kind === 'word' && asked.some((one) => isWord(one, token.text));
  return tokens.some((token, at) => {
    if (token.kind !== 'number' || token.value !== value) return false;
    const before = tokens.slice(Math.max(0, at - 5), at);
    const from = before.findLastIndex(
      (one) => isWord(one, '.', ',', ';', ':', '\n', 'but', 'and') || one.kind === 'number',
    );
    const [next, second] = [tokens[at + 1], tokens[at + 2]];
    const isCompared = isWord(next, 'more') && isWord(second, 'than');
    return (
      before.slice(from + 1).some((one) => has(one, BEFORE)) ||
      isCompared ||
      (has(next, AFTER) && !isAsked(next)) ||
      (has(second, /^(?:missing|short)$/) && !isAsked(second)) ||
      (isWord(next, 'of') && isWord(second, 'each')) ||
      (tokens.slice(at + 1, at + 4).some((one) => isWord(one, 'per')) && !/\bper\b/i.test(question)) ||
      (next?.kind === 'word' && lengthUnit(next.text) !== null && next.text !== 'in' && !isAsked(next)) ||
      (isWord(next, 'and') && tokens.slice(at + 2, at + 4).some((one) => isWord(one, 'half'))) ||
      (isWord(next, 'of') && isRival(tokens[at + 3], asked)) ||
      isRival(next, asked) ||
      isWord(next, '?') ||
      (value > 0 && tokens.some((one) => isWord(one, 'none'))) ||
      isOfOther(tokens, at, question) ||
      isElsewhere(tokens, at, question) ||
      isOfOtherKind(tokens, at, question)
    );
  });
}

/** The words that a number stands with, up to the next number or clause. */
function wordsWith(tokens: readonly Token[], at: number): string[] {
  const rest = tokens.slice(at + 1);
  const end = rest.findIndex(
    (one) => one.kind === 'number' || isWord(one, '.', ',', ';', ':', '\n', 'and', 'but', 'while'),
  );
  const words = rest
    .slice(0, end < 0 ? undefined : end)
    .flatMap((one) => (one.kind === 'word' ? [one.text] : []));
  return plainWords(words.join(' '));
}

/** What a question wants of the things that it counts: "How many chairs are red?" */
const wantedOf = (question: string): string[] =>
  plainWords(question).filter((word) => KINDS.some((kind) => kind.test(word)) && !/^\d+$/.test(word));

/** "Three blue chairs", "three chairs in all, two of them red", asked how many are red. */
function isOfOtherKind(tokens: readonly Token[], at: number, question: string): boolean {
  const wanted = wantedOf(question);
  const words = wordsWith(tokens, at);
  if (wanted.length === 0 || words.some((word) => wanted.includes(word)))
    return words.some((word) => /^(?:not|no|n't)$|n't$/.test(word)) && wanted.length > 0;
  const isRivalled = KINDS.some(
    (kind) => wanted.some((word) => kind.test(word)) && words.some((word) => kind.test(word)),
  );
  return (
    isRivalled ||
    tokens.some(
      (one, i) =>
        i !== at && one.kind === 'number' && wordsWith(tokens, i).some((word) => wanted.includes(word)),
    )
  );
}

/** Whether an answer gives the number together with what the question wants: "5 chairs: 3 red, 2 blue". */
export const tellsNumber = (text: string, value: number, question: string): boolean => {
  const wanted = wantedOf(question);
  const tokens = readNumbers(text);
  return tokens.some(
    (one, at) =>
      one.kind === 'number' &&
      one.value === value &&
      wordsWith(tokens, at).some((word) => wanted.includes(word)),
  );
};

/** "3 birds on the right branch", asked about the left one. */
function isElsewhere(tokens: readonly Token[], at: number, question: string): boolean {
  const rest = tokens.slice(at + 1);
  const end = rest.findIndex(
    (token) => token.kind === 'number' || isWord(token, '.', ',', ';', 'and', 'but', 'while'),
  );
  const words = rest
    .slice(0, end < 0 ? undefined : end)
    .flatMap((token) => (token.kind === 'word' ? [token.text] : []));
  return isOpposite(words, plainWords(question));
}

/** "Six plates", "two people standing", asked how many cups there are, how many people are sitting. */
function isOfOther(tokens: readonly Token[], at: number, question: string): boolean {
  const noun = nounCounted(question);
  const words = tokens.slice(at + 1, at + 5).map((token) => (token.kind === 'word' ? token.text : '.'));
  const end = words.findIndex(
    (word) => word === '.' || /^(?:of|in|on|at|are|is|and|with|to|per|for|around|near|by)$/.test(word),
  );
  const phrase = words.slice(0, end < 0 ? undefined : end);
  const isPlural = (word: string): boolean =>
    singular(word) !== word &&
    !/^(?:times|objects|items|things|ones|instances|pieces|individuals|persons|people|humans|figures)$/.test(
      word,
    );
  if (noun === null) return false;
  if (!phrase.some((word) => singular(word) === noun)) return phrase.slice(0, 2).some(isPlural);
  const doing = phrase.filter((word) => /ing$/.test(word));
  const wanted: readonly string[] = question.toLowerCase().match(/\b\p{L}+ing\b/gu) ?? ([] as string[]);
  return wanted.length > 0 && doing.length > 0 && !doing.some((word) => wanted.includes(word));
}

/** "Two women", asked how many men there are. */
const PERSONS = /^(?:men|women|boys|girls|man|woman|boy|girl)$/;
const isRival = (token: Token | undefined, asked: readonly Token[]): boolean => {
  const persons = asked.filter((one) => one.kind === 'word' && PERSONS.test(one.text));
  return (
    token?.kind === 'word' &&
    PERSONS.test(token.text) &&
    persons.length > 0 &&
    !persons.some((one) => isWord(one, token.text))
  );
};

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
