import { remembered } from '../../base/recent-map.ts';
import { polarPhrases } from '../../rows/read/polar-phrases.ts';
import {
  CLAUSE_END,
  DENIES,
  NEGATION,
  NOT,
  OF_VIEWER,
  askedKind,
  askedThing,
  askingPart,
  headOf,
  mayBeSame,
  nameOf,
  statesAgainst,
  withoutOne,
  wordsOf,
} from './answer-words.ts';

/** Reads comparisons in answers: "The cup is nearer than the plate.", "The chair is not as tall as the lamp." */

/** Second part of a comparison, without the subject: "than the plate" in "The cup is nearer than the plate". */
export const THAN =
  /,? \b(?:than|compared (?:to|with)|relative to|in contrast to|unlike) (?:[^,.;]|[.,](?=\d))*/gi;

/** Stem of a comparative, as in "is larger than". Also matches the superlative in the question, such as "largest". */
const COMPARES =
  /\b(?:is|are|was|were|looks|seems|stands|has) (?:\p{L}+ )?(\p{L}{3,}?)(?:i?er)\b(?=[^.;]*\bthan\b)/iu;
/** Whether a clause has a comparative that the question lacks: "farther", for "Which is closer?" */
export function comparesOtherwise(clause: string, question: string): boolean {
  const word = COMPARES.exec(clause)?.[1]!.toLowerCase();
  return word !== undefined && !question.toLowerCase().includes(word);
}

/**
 * Rewrites comparisons in the question's words. If the question asks which is closer, "the cup is nearer than the
 * plate" becomes "the cup is closer". Of two options, "the plate is behind" tells which is in front; of more options, a
 * clause about the opposite names no answer, and is removed.
 */
export function asAsked(said: string, question: string, options: readonly string[] | null): string {
  const text = options?.length === 2 ? ofState(said, question, options) : said;
  if (!POLAR.test(text)) return text;
  const poles = polesOffered(question);
  if (poles !== null) return asOffered(text, question, poles);
  const [asked, ...others] = phrasesOf(question);
  // "Left or the right of the door?" offers both sides.
  if (!asked || others.length > 0 || OR_SIDE.test(question.slice(asked.end))) return text;
  // "Where is the sun, if you are the man closest to the camera?" offers places.
  const isPlaces = () =>
    options === null
      ? asked.form === 'superlative'
      : options.some((option) => polarPhrases(option).length > 0);
  const compared = text.replace(TOWERS, 'is taller than').replace(LESS, 'not as $1 as');
  const plain = options?.length === 2 ? compared.replace(NOT_MORE, asComparative) : compared;
  return plain.replace(EQUATIVE, asComparative).replace(CLAUSE, (clause) => {
    const [phrase, ...more] = polarPhrases(clause);
    if (!phrase || phrase.form === 'contrary' || more.length > 0) return clause;
    const isDepth = phrase.axis !== asked.axis;
    if (isDepth && (isPlaces() || !areOfDepth([phrase, clause], [asked, question]))) return clause;
    if (wordsOf(clause).some((word) => DENIES.test(word) && word !== 'but')) return clause;
    const following = clause.slice(phrase.end).replace(ONE, '');
    const bare = isDepth ? following.replace(OF_CAMERA, '') : following;
    // "The bigger animal is the dog" and "Positioned lower is the dog" name the dog.
    const first = clause.slice(0, phrase.start);
    const tail = /\bthe $/i.test(first) ? bare.replace(NOUN, '') : bare;
    const isNameless =
      (/^\W*the $/i.test(first) || headOf(first).length === 0) &&
      !BEFORE_NOUN.test(question.slice(asked.end));
    const named = isNameless ? NAMES.exec(tail)?.[1] : undefined;
    const [before, after] = named === undefined ? [first, tail] : [`${named} is `, ''];
    if (/\band\b/i.test(before)) return clause;
    const [, end = '', than = ''] = /^([^]*?)(?: than (?:from |to )?(.*))?$/is.exec(after)!;
    const isSame = phrase.pole === asked.pole;
    const subject = headOf(withoutOne(before)).join(' ');
    if (options === null && isDepth) {
      const rest = question.slice(asked.end).replace(/[?.].*$/s, '');
      const isOfOther = headOf(than || end).some((word) => !wordsOf(rest).includes(word));
      return isOfOther ? clause : before + (isSame ? asked.text : asked.opposite) + rest;
    }
    if (options === null) {
      if (phrase.form === 'position')
        return /\p{L}/u.test(after) ? before + (isSame ? asked.text : asked.opposite) + after : clause;
      if (isSame) return before + asked.text + after;
      return than === '' || subject === '' ? clause : `${than} is ${asked.text}${end} than ${subject}`;
    }
    const chosen = optionsNamed(subject, options, question);
    const rest = options.filter((option) => !chosen.includes(option));
    const isOther = (text: string) => optionsNamed(headOf(text).join(' '), rest, question).length > 0;
    if (chosen.length !== 1) return isSame ? before + asked.text + after : clause;
    if (!isSame && than !== '' && !isOther(than)) return clause;
    const told = isSame ? chosen : rest;
    // "Which is in front?" has no anchor, so that the anchor of "in front of the plate" is the other option.
    const isAnchor =
      phrase.form === 'position' &&
      (asked.form !== 'position' ||
        !/^ (?!in the (?:image|picture|photo|scene)\b)\p{L}/iu.test(
          question
            .slice(asked.end)
            .replace(/^(?: hand)? side\b/i, '')
            .replace(OF_VIEWER, ''),
        )) &&
      isOther(end);
    return told.length === 1 ? `${told[0]} is ${asked.text}${isAnchor || isDepth ? '' : end}` : '';
  });
}

/** Rewrites what an answer says of two options' states: "The left is open" for "The right is closed", of an open one. */
function ofState(text: string, question: string, options: readonly string[]): string {
  const offered = options.flatMap(wordsOf);
  const [asked, ...more] = new Set(
    wordsOf(question).filter((word) => statesAgainst(word).length > 0 && !offered.includes(word)),
  );
  const against = asked === undefined || more.length > 0 ? [] : statesAgainst(asked);
  if (!wordsOf(text).some((word) => against.includes(word))) return text;
  return text
    .split(CLAUSE_END)
    .map((clause) => {
      const words = wordsOf(clause);
      const [option, ...others] = optionsNamed(headOf(clause).join(' '), options, question);
      if (option === undefined || others.length > 0 || words.some((word) => DENIES.test(word))) return clause;
      const isAgainst = words.some((word) => against.includes(word));
      return isAgainst ? `${options.find((other) => other !== option)!} is ${asked!}` : clause;
    })
    .join('. ');
}

type PolarPhrase = ReturnType<typeof polarPhrases>[number];
/** Whether all phrases are about the distance from the camera: in front means nearer, behind means farther away. */
const areOfDepth = (...phrases: readonly (readonly [phrase: PolarPhrase, text: string])[]): boolean =>
  phrases.every(
    ([{ axis, end }, text]) =>
      axis === 'front_behind' || (axis === 'near_far' && FROM_CAMERA.test(text.slice(end))),
  );
/** Matches "The box contains the ball." */
export const CONTAINS = /\b((?:the|an?|it)\b[^,.;]*?) contains ((?:the|an?)\b[^,.;]*)/i;
const WITHIN = /\b(?:(?:enclosed|contained) (?:within|in|by)|within the (?:bounds|boundary|limits) of)\b/gi;
/** Place in a thing, for a question that offers inside and outside: "in the box". */
const IN_THING = new RegExp(String.raw`${WITHIN.source}|\b(?:in|within)(?= (?:the|it)\b)`, 'gi');
const BEYOND = /\bbeyond the (?:bounds|boundary|limits) of\b/gi;
const CAMERA = '(?:the |a )?(?:camera|viewer|observer|photographer|us|me)';
const FROM_CAMERA = new RegExp(String.raw`^ ?(?:(?:to|from) )?${CAMERA}\b|^(?: than\b|[^\p{L}]*$|, )`, 'iu');
const OF_CAMERA = new RegExp(String.raw`^ ?(?:(?:to|from) )?${CAMERA}\b`, 'i');

const denies = (clause: string): boolean =>
  NEGATION.test(clause) || wordsOf(clause).some((word) => DENIES.test(word));

/** Text between two poles, as in "left or to the right". */
const OFFERS = /^[^.?;:,]*,? or (?:(?:is|it|to|on|at|in|the) )*$/i;
type Poles = readonly [PolarPhrase, PolarPhrase];
/** Returns the phrases for both poles that a question offers: "bigger or smaller", "in front of or behind". */
export const polesOffered = remembered(50, (question: string): Poles | null => {
  const phrases = phrasesOf(question);
  const at = phrases.findIndex((one, i) => {
    const other = phrases[i + 1];
    if (one.axis !== other?.axis || one.pole === other.pole) return false;
    return OFFERS.test(question.slice(one.end, other.start));
  });
  return at < 0 ? null : [phrases[at]!, phrases[at + 1]!];
});

/**
 * Rewrites statements about the question's subject in the words of the two poles that it offers, for "Is the mug bigger
 * or smaller than the plate?": "mug is bigger" for "The plate is smaller than the mug" and "The mug is larger".
 */
function asOffered(text: string, question: string, [one, other]: Poles): string {
  const asking = askingPart(question);
  const asked = askedThing(asking.slice(0, Math.max(0, one.start - question.indexOf(asking))));
  const compared = headOf(question.slice(other.end).replace(/^ than /i, ' '));
  return text
    .replace(CONTAINS, '$2 is inside $1')
    .replace(/^(?:in|out)side/i.test(one.text) ? IN_THING : WITHIN, 'inside')
    .replace(BEYOND, 'outside')
    .replace(MOVES_AWAY, 'is farther')
    .replace(CLAUSE, (clause) => {
      const [phrase, ...more] = polarPhrases(clause);
      if (!phrase || more.length > 0 || denies(clause)) return clause;
      const isDepth = phrase.axis !== one.axis;
      if (isDepth && !areOfDepth([phrase, clause], [other, question])) return clause;
      const before = clause.slice(0, phrase.start);
      const isNear = one.axis === 'near_far';
      const after =
        isDepth || isNear ? clause.slice(phrase.end).replace(OF_CAMERA, '') : clause.slice(phrase.end);
      const [subject, anchor] = [before, after.replace(/^.*? than /i, '').replace(ONE, '')].map((part) =>
        headOf(withoutOne(part)),
      ) as [readonly string[], readonly string[]];
      const isAsked = subject.includes(asked.at(-1) ?? '') || (isNear && IT_ALONE.test(before));
      // "The plate is bigger" says that the mug is smaller. "The plate is on the left" can mean a side of the image.
      const isElided = anchor.length === 0 && one.axis !== 'left_right' && mayBeSame(subject, compared);
      const isConverse =
        !isAsked && subject.length > 0 && (isElided || (anchor.length > 0 && mayBeSame(anchor, asked)));
      const said = (phrase.pole === one.pole) === isConverse ? other : one;
      const told = isAsked || isConverse ? `${asked.join(' ')} is ` : before;
      return told + said.text + (isConverse ? '' : after);
    });
}

const MOVES_AWAY = /\b(?:moved|moves|is moving|went|goes) (?:further |farther )?away\b/gi;
const IT_ALONE = /^\W*(?:it|he|she|they)(?: \p{L}+)? $/iu;

/**
 * Rewrites a statement about the anchor as a statement about the question's subject: "cat is to the left of dog" for
 * "The dog is to the right of the cat", if the question is where the cat is.
 */
export function ofSubject(statement: string, question: string): string {
  const asked = askedThing(askingPart(question));
  const words = wordsOf(statement);
  const isOfIt = OF_IT.test(statement);
  const anchored = isOfIt ? words.length - 1 : words.lastIndexOf(asked.at(-1) ?? '');
  // "The cup is ___ the plate." asks for the words between them.
  const compass = compassIn(statement);
  if (anchored < 2 || question.includes('__') || (!compass && !POLAR.test(statement))) return statement;
  const positions = polarPhrases(statement);
  const isPosition = positions.length === 1 && positions[0]!.form === 'position';
  const phrase = compass ?? (isPosition ? positions[0]! : null);
  if (phrase === null) return statement;
  const [subject, anchor] = [headOf(statement), headOf(statement.slice(phrase.end).replace(/^ of /, ''))];
  const isOfAsked = isOfIt || mayBeSame(anchor, asked);
  const isConverse = subject.length > 0 && isOfAsked && !mayBeSame(subject, asked);
  const denials = wordsOf(statement).filter((word) => DENIES.test(word)).length;
  if (!isConverse || denials > 1 || (denials === 1 && !NOT.test(statement))) return statement;
  return `${asked.join(' ')} is ${denials > 0 ? 'not ' : ''}${phrase.opposite} ${subject.join(' ')}`;
}

/** Matches "the laptop's right", which means "right of the laptop". */
export const OWNED_SIDE =
  /(?<=\b(?:on|to|at|in) )((?:the |its |his |her )(?:\p{L}+ )?\p{L}+)'s (left|right)\b(?: (?:hand )?side)?/giu;
const COMPASS = /\b(?:(north|south)-?(east|west)?|(east|west))(?= of\b)/i;
const OPPOSITE: Readonly<Record<string, string>> = {
  north: 'south',
  south: 'north',
  east: 'west',
  west: 'east',
};
/** Returns the end of a compass direction, and the opposite direction; null without one. */
function compassIn(text: string): Pick<PolarPhrase, 'end' | 'opposite'> | null {
  const match = COMPASS.exec(text);
  if (match === null) return null;
  const turned = match.slice(1).map((word: string | undefined) => OPPOSITE[word?.toLowerCase() ?? ''] ?? '');
  return { end: match.index + match[0].length, opposite: `${turned.join('')} of` };
}
const OF_IT = /^\W*(?:the|an?) \p{L}[^]* it\W*$/iu;

/** Returns the options that a name can mean: "the red box" and "the red" for "the red one", "man" for "man in white". */
export function optionsNamed(text: string, options: readonly string[], question: string): readonly string[] {
  const [asked, noun] = [wordsOf(question), askedKind(question)];
  // "Point B" is the option "B", for "Which point …?"
  const plain = (name: string) => {
    const [kind, ...rest] = nameOf(name);
    return (rest.length > 0 && kind === noun ? rest : nameOf(name)).join(' ');
  };
  const name = plain(text);
  const isNamed = (option: string) => {
    const words = plain(option);
    if (words === name || (name !== '' && words.startsWith(`${name} `))) return true;
    return name.startsWith(`${words} `) && asked.includes(name.slice(words.length + 1));
  };
  const exact = options.filter((option) => plain(option) === name);
  return exact.length > 0 ? exact : options.filter(isNamed);
}

/** Words that polar phrases contain, which are quicker to find. */
const POLAR =
  /\p{L}(?:er|est|most)\b|\b(?:left|right|front|forward|back|behind|ahead|above|below|over|under|on top|top|bottom|beneath|underneath|in|inside|within|outside|before|more|less|least|as|off|away)\b/iu;
/** Polar phrases of questions, which every completion of a row needs. */
export const phrasesOf = remembered(50, polarPhrases);
const ONE =
  /^ (?:one|object|thing|item|of (?:the (?:two|three|four)|them|both|all)|by far|by a lot|in (?:size|height|length|width))\b/i;
const NOUN = /^ (?!of\b)\p{L}+(?=\W*$)/iu;
/** A noun after a phrase, which the phrase describes: "the rightmost umbrella". */
const BEFORE_NOUN = /^ (?!(?:to|of|from|in|on|up|than|one|object|thing)\b)\p{L}/iu;
const NAMES = /^(?: between the two| of the two| level| \p{L}+)? (?:is|was) (.+)$/iu;
const CLAUSE = /(?:[^,.;:!?\n]|(?<=\d)[.,:](?=\d))+/g;
/** "Not as tall as" means shorter than, and "twice as tall as" means taller than. */
const EQUATIVE =
  /\b(?:(?<not>(?:is|are|was|were)(?:n't| not)(?: quite| nearly)?|half)|twice|times) as (?<word>\p{L}+) as\b/giu;
/** Of two options, "not taller than" means shorter than. */
const NOT_MORE = /\b(?<not>(?:is|are|was|were)(?:n't| not)(?: any)?) (?<word>\p{L}{3,}er) than\b/giu;
const OR_SIDE = /^(?: of)? or (?:(?:to|on|at) )?the (?:left|right|top|bottom|front|back)\b/i;
const LESS = /(?<=\b(?:is|are|was|were) )less (\p{L}+) than\b/giu;
const TOWERS = /\btowers (?:over|above)(?= (?:the|an?|it)\b)/gi;
function asComparative(all: string, ...groups: unknown[]): string {
  const { not, word } = groups.at(-1) as { not?: string; word: string };
  const longer = word.endsWith('er')
    ? word
    : word === 'far'
      ? 'farther'
      : `${word.replace(/e$|(?<=[^aeiou][aeiou])(g)$/, '$1$1')}er`;
  const [phrase] = polarPhrases(longer);
  return phrase ? `is ${not === undefined ? longer : phrase.opposite} than` : all;
}
