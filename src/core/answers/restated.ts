import { remembered } from '../../base/recent-map.ts';
import { isBareAnswer } from '../../rows/read/said.ts';
import { polarPhrases } from '../../rows/read/polar-phrases.ts';
import { oppositesOf, sideIn } from './answer-sides.ts';
import {
  COLOR,
  OF_VIEWER,
  POLITE,
  DENIES,
  NOT,
  askedThing,
  askingPart,
  exclude,
  headOf,
  isContent,
  isVerb,
  statesAgainst,
  withoutParticiple,
  wordsOf,
} from './answer-words.ts';
import { isPlaceAsked } from './answer-places.ts';
import { CONTAINS, OWNED_SIDE, asAsked, ofSubject, phrasesOf } from './as-asked.ts';
import { compareText } from './compare-text.ts';

/** Reads statements that repeat a question for yes or no: "The cup is not left of the plate.", "It is closed." */

/**
 * Whether a statement agrees with the question that it repeats: false for "The cup is not left of the plate." Null if it
 * repeats another question.
 * @param mayBeBare whether "on the left" without an anchor refers to the question's anchor
 */
export function agrees(text: string, question: string, mayBeBare = false): boolean | null {
  const plain = asAsked(text.replace(CONTAINS, '$2 is inside $1'), question, null)
    .replace(OF_VIEWER, '')
    .replace(IN_IMAGE, '')
    .replace(OWNED_SIDE, '$2 of $1')
    .replace(SEEMS, (_, not = '') => `is${not}`)
    .replace(DIFFERENT, 'not the same $1');
  const statement = statementIn(question);
  const [asked, told] = withoutPosture(
    (statement ?? questionIn(question)).replace(TURNED, '').replace(TOUCHES, 'touching'),
    plain.replace(TURNED, '').replace(NOT_FAR, 'near').replace(TOUCHES, 'touching'),
  );
  const first =
    told
      .split(/(?:[;!\n]|\.(?!\d)|, and (?=(?:it|they|the|there)\b)) ?/i)
      .find((part) => /\p{L}/u.test(part)) ?? '';
  // A statement that repeats the question is not an answer.
  if (first.trim().endsWith('?')) return null;
  const clause = THERE.test(asked)
    ? first
    : ofSubject(first.replace(REJECTED, ''), statement === undefined ? question : `Is ${statement}?`);
  const words = wordsOf(clause);
  const negations = words.filter((word) => NEGATES.test(word)).length;
  if (words.some((word) => DENIES.test(word) && !NEGATES.test(word) && !wordsOf(question).includes(word)))
    return null;
  if (PAST.test(clause) && !PAST.test(question)) return null;
  const isTrue = negations % 2 === 0;
  const thing = statement === undefined ? askedThing(asked.replace(THERE, 'is ')) : headOf(statement);
  const last = wordsOf(asked).at(-1);
  if (ABSENT.test(clause) && words.some((word, i) => word === last && /^(?:no|any)$/.test(words[i - 1]!)))
    return false;
  const isAsked = THERE.test(asked)
    ? isThere(PRONOUN.test(words[0] ?? '') ? ofThing(clause, thing, asked) : clause, asked, thing, isTrue)
    : (hasPredicate(clause, asked, thing, mayBeBare) ?? isPlaceAsked(clause, asked));
  // Not being on one side does not imply the other side.
  if (isAsked === null || (!isAsked && !isTrue)) return null;
  // "Is the cup not near the plate?" asks whether it is far.
  const isNegated = statement === undefined ? /\bnot\b/i.test(asked) : NOT.test(statement);
  return (isAsked === isTrue) !== isNegated;
}

/** Reads an answer to "Is the car closer than the van?" as an answer to "Which is closer, the car or the van?" */
export function agreesInComparison(text: string, question: string): boolean | null {
  const asked = questionIn(question);
  const [phrase, ...more] = phrasesOf(asked).filter(({ form }) => form === 'comparative');
  if (phrase === undefined || more.length > 0) return null;
  const [, end = '', second] =
    /^(.*?) (?:than|compared (?:to|with)) (.+?)\W*$/i.exec(asked.slice(phrase.end)) ?? [];
  const subject = asked.slice(0, phrase.start).replace(AUXILIARY_START, '');
  const head = headOf(subject).join(' ');
  // "The left tower" and "the right tower" have the same head.
  const first = head === headOf(second ?? '').join(' ') ? wordsOf(subject).join(' ') : head;
  if (second === undefined || first === '') return null;
  const which = `Which is ${phrase.text}${end}, ${first} or ${second}?`;
  return compareText(text, first, which, [first, second]).correct;
}
const AUXILIARY_START = /^(?:is|are|was|were|does|do|did)(?:n't)? /i;

/** Returns the statement that a question asks to judge; undefined for a question with an instruction after it. */
const statementIn = remembered(50, (question: string): string | undefined => {
  const plain = question.replace(INSTRUCTION, '');
  const [, after, before] = STATEMENT.exec(plain) ?? [];
  // "Do you think the crane moves?" asks to judge that the crane moves.
  const believed = POLITE.test(plain)
    ? plain.replace(POLITE, '').replace(/^(?:if|whether) |\?[^]*$/gi, '')
    : undefined;
  return after ?? before ?? believed;
});
/** Instruction after a question: "Answer with yes or no." */
const INSTRUCTION =
  /(?<=[.?!\n]) *(?:please )?(?:answer|respond|reply|say|choose|output|use)\b[^.?!]*[.!]?\W*$/i;

/** Returns a question from its verb on, without the text around it: "In the image, is the cup red? Answer yes or no." */
const questionIn = remembered(50, (question: string): string =>
  askingPart(question.replace(INSTRUCTION, ''))
    .replace(OF_VIEWER, '')
    .replace(
      /^[^]*?(?=\b(?:is|are|was|were|does|do|did|has|have|can|could|would|will|should)(?:n't)?\b)/i,
      '',
    )
    .replace(/\?[^]*$/, ''),
);

/** Removes postures before a place, unless they differ: "standing to the left of" means "left of". */
function withoutPosture(asked: string, told: string): [string, string] {
  const postures = new Set([asked, told].flatMap((text) => text.toLowerCase().match(POSTURE) ?? []));
  return postures.size > 1 ? [asked, told] : [asked.replace(POSTURE, ''), told.replace(POSTURE, '')];
}
const POSTURE =
  /\b(?:standing|sitting|lying|parked|hanging|resting|seated|leaning) (?=(?:to|on|in|at|by|behind|under|above|below|next|near|beside|between|over|left|right|against)\b)/gi;

/** Whether a statement says that the objects of a question exist: false for three cups, if two are asked for. */
function isThere(clause: string, asked: string, thing: readonly string[], isTrue: boolean): boolean | null {
  const words = wordsOf(clause);
  const isSeen =
    /\bthere\b(?! (?:is|are|was|were) (?:an? )?(?:gap|space|distance)\b)|\bsee\b/i.test(clause) ||
    repeats(matter(words), matter(wordsOf(asked.replace(THERE, ''))));
  const noun = withoutParticiple(thing).at(-1) ?? '';
  const isNamed =
    words.includes(noun) ||
    (PERSON.test(noun) && words.some((word) => PERSON.test(word) || PERSONS.test(word)));
  if (!isNamed || (isTrue && !isSeen)) return null;
  // "There is a lamp on the right of the bed" denies a lamp on the left of it.
  const [said, sought] = [words, wordsOf(asked)].map((list) =>
    matter(list.slice(list.lastIndexOf(noun) + 1)),
  );
  if (noun !== '' && isTrue && isSameSide(said!, sought!, true) === false) return false;
  const [counted, number] = [thing, words].map((list) => list.find((word) => /^\d+$/.test(word)));
  return counted === undefined || counted === number ? true : number === undefined ? null : false;
}

/** Returns a statement about "it" with the thing that a question asks for, if all its words are in the question. */
const ofThing = (clause: string, thing: readonly string[], asked: string): string =>
  matter(wordsOf(clause))
    .slice(1)
    .every((word) => wordsOf(asked).includes(word))
    ? clause.replace(/\p{L}+/u, thing.join(' '))
    : clause;
/** Matches a denial that something exists: "There is no helmet", for "Is the boy wearing a helmet?" */
const ABSENT =
  /\bthere(?: is|'s| are)(?:n't| not)? (?:no|any)\b|\b(?:can't|cannot|can not|don't|do not) (?:see|find|spot|notice) any\b/i;

/** Whether a statement, without its negations, agrees with a question about something; null if it is about another. */
function hasPredicate(
  clause: string,
  asked: string,
  thing: readonly string[],
  mayBeBare: boolean,
): boolean | null {
  const words = wordsOf(clause);
  const [said, sought] = [matter(words), matter(wordsOf(asked))];
  const isPronoun = PRONOUN.test(words[0] ?? '');
  // Short negations: "It is not empty", "It does not."
  if (isPronoun && said.length === 1) return words.some((word) => NEGATES.test(word)) || null;
  // A sentence without its end: "The cup is", "The cup isn't".
  if (said.join(' ') === thing.join(' ') && AUXILIARY_END.test(clause)) return true;
  if (!isPronoun && sought.length > 1 && repeats(said, sought)) return true;
  const related = thing.findIndex((word) => relationIn([word]) >= 0);
  const inFull = IT_ALONE.test(words[0] ?? '')
    ? [...thing.slice(0, related < 0 ? undefined : related), ...said.slice(1)]
    : said;
  if (isBetween(inFull, sought)) return true;
  const isMore = comparesCounts(said, sought);
  if (isMore !== null) return isMore;
  if (isExchanged(said, sought)) return false;
  const isMutual = sharesRelation(inFull, sought);
  if (isMutual !== null) return isMutual;
  const isLess = isBareAnswer(clause) && said.length === 1 ? isOpposite(clause, asked) : null;
  if (isLess !== null) return !isLess;
  // "Open." answers "Is the door open?", but a side alone can be that of the image.
  const isBare = said.length === 1 && isBareAnswer(clause) && sideIn(said[0]!) === null;
  if (isPronoun || isBare) {
    const predicate = said.slice(isPronoun ? 1 : 0);
    const [found = null] = sought.slice(0, Math.max(1, subjectIn(sought, thing))).flatMap((before, k) => {
      // "He sees a cup" says nothing about "holding a cup".
      const isSame = !before.endsWith('ing') || words.some((word) => word.startsWith(before.slice(0, -3)));
      return (isSame ? predicates(predicate, sought.slice(k + 1)) : null) ?? [];
    });
    return (
      found ??
      (isPronoun && thing.length > 0 ? isSameSide(predicate, sought.slice(thing.length), mayBeBare) : null)
    );
  }
  const apart = sought.findIndex((word, i) => word !== said[i]);
  if (apart < 1) return null;
  const [predicate, rest] = [said.slice(apart), sought.slice(apart)];
  return predicates(predicate, rest) ?? isSameSide(predicate, rest, mayBeBare);
}

/** Whether a lone comparative is the opposite of the question's: "Smaller." for "Is the cup bigger than the plate?" */
function isOpposite(clause: string, asked: string): boolean | null {
  const [said, sought] = [polarPhrases(clause)[0], phrasesOf(asked)[0]];
  const isOfAxis =
    said?.form === 'comparative' && sought?.form === 'comparative' && said.axis === sought.axis;
  return isOfAxis ? said.pole !== sought.pole : null;
}

/** Returns the number of words of a question's subject: 3 for "man and car on same side". */
const subjectIn = (sought: readonly string[], thing: readonly string[]): number =>
  sought[thing.length] === 'and'
    ? thing.length + 1 + withoutParticiple(headOf(sought.slice(thing.length + 1).join(' '))).length
    : thing.length;

/** Whether a predicate is that of a question: true for "empty" in "on the table empty", false for "closed" and "open". */
function predicates(said: readonly string[], asked: readonly string[]): boolean | null {
  const isAsked = (words: readonly string[]) =>
    words.join(' ') === asked.join(' ') ||
    (words.length > 0 &&
      isPlace(asked[0]!) &&
      words.length < asked.length - 1 &&
      words.join(' ') === asked.slice(-words.length).join(' ') &&
      !isPlace(words[0]!));
  if (said.length === 0 || asked.length === 0) return null;
  if (isAsked(said) || isEcho(said, asked)) return true;
  const turned = said.flatMap((word, i) =>
    [...statesAgainst(word), ...asked.filter((other) => COLOR.test(word) && exclude(word, other))].map(
      (other) => said.with(i, other),
    ),
  );
  return turned.some(isAsked) ? false : null;
}
/** Whether a predicate is a question's verb without its place or object: "fit", "touch it", for "touch the roof". */
function isEcho(said: readonly string[], asked: readonly string[]): boolean {
  const verb = IT.test(said.at(-1)!) ? said.slice(0, -1) : said;
  const next = asked[verb.length] ?? '';
  const isWhole =
    verb.length < said.length ? next !== '' : isContent(verb[0]!) && !isContent(next) && next !== '';
  return verb.length > 0 && isWhole && !isPlace(verb[0]!) && verb.every((word, i) => word === asked[i]);
}
/**
 * Whether a statement has the question's side of the same anchor (true) or the opposite side (false): "to the right of
 * it", for "left of the plate". Null otherwise.
 */
function isSameSide(told: readonly string[], asked: readonly string[], mayBeBare: boolean): boolean | null {
  const [[side, ...rest], [wanted, ...ofAsked]] = [told, asked].map((words) =>
    words.filter((word) => !AROUND_SIDE.test(word)),
  ) as [string[], string[]];
  const poles = oppositesOf(sideIn(wanted ?? ''));
  const pole = sideIn(side ?? '');
  // The answer "It is right" can mean "correct".
  if (told.length === 1 && side === 'right') return null;
  const isOfSame =
    rest.join(' ') === ofAsked.join(' ') ||
    (ofAsked.length > 0 && IT.test(rest.join(' '))) ||
    (mayBeBare && rest.length === 0);
  if (poles === null || pole === null || !poles.includes(pole) || !isOfSame) return null;
  return pole === sideIn(wanted!);
}
/** Whether a statement has all words of a question in their order, with at most one adjective before each. */
const repeats = (said: readonly string[], sought: readonly string[]): boolean =>
  said.some((_, start) => {
    let at = start;
    return sought.every((word, k) => {
      const isDescribed = k > 0 && isContent(word) && said[at + 1] === word && isAdjective(said[at]!);
      at += isDescribed ? 2 : 1;
      return said[at - 1] === word;
    });
  });
/** Whether a statement has the same two objects around a thing: "between the lamp and the sofa", "between them". */
function isBetween(said: readonly string[], sought: readonly string[]): boolean {
  const at = sought.indexOf('between') + 1;
  const [told, asked] = [said, sought].map((words) => words.slice(at).sort().join(' ')) as [string, string];
  const isOfSame = at > 1 && said.slice(0, at).join(' ') === sought.slice(0, at).join(' ');
  return isOfSame && (told === asked || IT.test(told));
}
const isAdjective = (word: string): boolean => isContent(word) && polarPhrases(word).length === 0;

/** Whether a comparison of counts agrees: false for "more plates than cups", for "more cups than plates". */
function comparesCounts(said: readonly string[], sought: readonly string[]): boolean | null {
  const [told, asked] = [said, sought].map((words) => {
    const [how, first, second = ''] =
      / ?^(more|fewer|less) (.+?)(?: than (.+))?$/.exec(words.join(' ').replace(AT_PLACE, ''))?.slice(1) ??
      [];
    return { isMore: how === 'more', first, second };
  }) as [CountsCompared, CountsCompared];
  if (told.first === undefined || asked.first === undefined) return null;
  const is = (first: string, second: string) =>
    told.first === first && (told.second === second || told.second === '');
  if (is(asked.first, asked.second)) return told.isMore === asked.isMore;
  return is(asked.second, asked.first) ? told.isMore !== asked.isMore : null;
}
/**
 * Whether a statement says that two objects have a relation that holds in both directions: true for "They are beside each
 * other", for "Is the cup next to the plate?", false for "The plate is close to the cup", for "Is the cup far from it?"
 */
function sharesRelation(said: readonly string[], sought: readonly string[]): boolean | null {
  const [told, asked] = [relationIn(said), relationIn(sought)];
  if (told === -1 || asked === -1) return null;
  const [names, objects] = [said, sought].map((words) =>
    words.filter(
      (word) => isContent(word) && !BOTH.test(word) && !MUTUAL.some((relation) => relation.test(word)),
    ),
  ) as [string[], string[]];
  const isOfBoth =
    names.every((word) => objects.includes(word)) &&
    (names.length === 0
      ? said.some((word) => BOTH.test(word))
      : objects.every((word) => names.includes(word)));
  const isContrary = [told, asked].includes(FAR) || [told, asked].sort().join() === '3,4';
  return isOfBoth && (told === asked || isContrary) ? told === asked : null;
}
const relationIn = (words: readonly string[]): number =>
  MUTUAL.findIndex((relation) => words.some((word) => relation.test(word)));
const BOTH = /^(?:they|each|other|another|both|together|away|making)$/;
/** Relations that hold in both directions. Far excludes all others, and a gap excludes contact. */
const MUTUAL = [
  /^(?:near|close|nearby|proximity)$/,
  /^(?:far|distant|apart)$/,
  /^(?:beside|next|adjacent)$/,
  /^(?:touch|touching|contact|against)$/,
  /^gap$/,
];
const FAR = 1;
/** Place after a comparison: "more bottles than glasses on the table". */
const AT_PLACE = / (?:on|in|at|near|by|around|under|behind) .*$/;
interface CountsCompared {
  isMore: boolean;
  first?: string;
  second: string;
}
/** Whether a comparison has its objects exchanged: "crane taller than tower", for "tower taller than crane". */
function isExchanged(said: readonly string[], asked: readonly string[]): boolean {
  const than = asked.indexOf('than');
  const swap = (_: string, i: number) =>
    [...asked.slice(than + 1), ...asked.slice(i, than + 1), ...asked.slice(0, i)].join(' ') ===
    said.join(' ');
  return asked.slice(0, Math.max(0, than)).some(swap);
}
const PERSON = /^(?:person|people|someone|somebody|anyone|anybody|nobody)$/;
const PERSONS = /^(?:man|men|woman|boy|girl|child|worker|guy)$/;
const IT_ALONE = /^(?:it|he|she)$/;
const PRONOUN = /^(?:it|he|she|they|this|that)$/;
const TURNED = /\b(?:switched|turned) (?=(?:on|off)\b)/gi;
const TOUCHES = /\b(?:touch(?:es)?)\b/gi;
const NOT_FAR = /\b(?:not|n't) (?:very |too |that )?far(?: away)?\b/gi;
const SEEMS = /\b(?:appears?|seems?|looks?|(?:does|do)(?<not>n't| not) (?:appear|seem|look)) to be\b/gi;
/** "On opposite sides" and "in different rooms" mean not on the same side, not in the same room. */
const DIFFERENT = /\b(?:different|opposite) (\p{L}+s)\b/giu;
const isPlace = (word: string): boolean =>
  /^(?:on|in|at|with|by|under|behind|near|above|below|next|between)$/.test(word);
const AROUND_SIDE = /^(?:to|on|in|at|of|side|hand)$/;
/** Statement that the question asks to judge: "The cat is left of the dog. True or false?" */
const STATEMENT =
  /(?:\bstatement|\bcaption|\bdescription|\bclaim)[^.?!:]*[?:] ?:? *["“]?([^.?!"”]{8,})[.!"”]*\W*$|^\W*([^.?!:\n"]{8,})[.,!"]* (?:true or false|yes or no|(?:is|does|do) (?:this|that|it|the) ?(?:statement|caption|description|claim|sentence)?(?: (?:true|correct|right|accurate|match|describe|fit)\b[^.?!]*)?)\W*$/i;
const AUXILIARY_END = /\b(?:is|are|was|were|does|do|did|has|have|can|could|would|will)(?:n't| not)?\W*$/i;
const IT = /^(?:it|him|her|them)$/;
const IN_IMAGE = / (?:shown )?in (?:the|this) (?:image|picture|photo|scene)\b(?! is\b)/gi;
/** Matches an alternative that does not negate the text before it: ", not right of it", "rather than to the right". */
const REJECTED = /(?:, (?:and |but )?not|,? (?:and |but )?(?:rather than|instead of|as opposed to)) [^,]*$/i;

const PAST = /\b(?:was|were|had)\b/i;
const NEGATES = /^(?:not|no|never|cannot|neither|nobody)$|n't$/;
const THERE =
  /^(?:is|are|was|were) there (?!(?:more|fewer|less|as|equal|equally|exactly|only|at|between)\b)(?:any |an? |some )?|^(?:can|do) you see (?:any |an? |some )?/i;
const matter = (words: readonly string[]): string[] =>
  words.filter(
    (word) =>
      !isVerb(word) && !DENIES.test(word) && word !== 'there' && !/\wly$/.test(word) && !SURE.test(word),
  );
const SURE = /^(?:indeed|also|just|very|quite|really|any|some|yet|positioned|located|situated|placed)$/;
