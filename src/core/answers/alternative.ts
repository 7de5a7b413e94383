import { alternativesOf } from '../read/alternatives.ts';
import { inlineOptions } from '../read/options.ts';
import { NAME_SIGNS } from '../read/words/signs.ts';
import { clausesOf, contentWords, isContent, plainWords } from './clauses.ts';
import { NOT_JUDGED, NO_ANSWER, abstains, namesNothing, type FreeReading } from './free-reading.ts';
import { allowedWith, askedBy, likeness, offers, type Asked } from './offers.ts';
import { saidOfSubject } from './name.ts';
import { hasPoleOf, isOpposite, isPole, withDepth } from './poles.ts';
import { answerSentences } from './sentences.ts';
import { NEGATION } from './words.ts';

/** "While the van is large, …" concedes something that was not asked. */
const CONCESSION =
  /(?<=^|[.!?]\s)(?:while|although|though|even though|compared (?:to|with)) [^,.;!?]+(?:, which [^,.;!?]+)?, /gi;

/** "They look about the same height", and nothing else: neither of two. */
const EQUAL =
  /^[^,.;:!?]*\b(?:equally|the same (?:size|height|length|width|distance|depth|age)|equal in|similar (?:in|heights?|sizes?))\b[^,.;:!?]*\W*$/i;

/** "the bottom one": bottom. */
const bareWords = (option: string): string => {
  const words = plainWords(option);
  return words.filter((word) => !/^(?:the|a|an|one|ones)$/.test(word)).join(' ') || words.join(' ');
};

/**
 * The words that name each option. "The man with the umbrella" is a man, if no other one is: what describes him need not
 * be said again.
 */
function optionNames(options: readonly string[]): string[][] {
  const whole = options.map((option) => contentWords(option));
  const heads = options.map((option) => {
    const clause = clausesOf(option)[0];
    const [first, ...others] = clause?.phrases ?? [];
    return first && others.length > 0 && first.preposition === null ? first.words : null;
  });
  // "The runner in yellow or the one in green": a runner is either.
  const hasOne = options.some((option) => /\bones?\b/i.test(option));
  const first = heads.find((head) => head !== null) ?? [];
  const named = hasOne
    ? whole.map((words) =>
        words.every((word) => first.includes(word)) ? words : words.filter((word) => !first.includes(word)),
      )
    : whole.map((words, i) => heads[i] ?? words);
  return new Set(named.map((words) => words.at(-1))).size === options.length ? named : whole;
}

/**
 * Reads which of the question's alternatives an answer names. With two, saying the opposite of the question of one of
 * them ("The bottle is farther away") names the other. @returns the index of each, or what the answer comes to
 */
export function readChoice(text: string, options: readonly string[], question: string): number | FreeReading {
  const asked = askedBy(question);
  const wanted = optionNames(options);
  const exact = options.findIndex((option) => plainWords(option).join(' ') === plainWords(text).join(' '));
  if (exact >= 0) return exact;
  if (abstains(text) || namesNothing(text) || (EQUAL.test(text) && hasPoleOf(asked.words, asked.words)))
    return NO_ANSWER;
  if (/\bthe other (?:one )?(?:is|are)\b/i.test(text)) return NOT_JUDGED;
  const named = new Set<number>();
  const relations = options.map((option) => relationsIn(plainWords(option).join(' ')));
  if (wanted.some((words) => words.length === 0) && new Set(relations.flat()).size < options.length) {
    // "Is the light on or off?"
    const words = answerSentences(text)
      .map((sentence) => bareWords(sentence))
      .join(' ');
    options.forEach((option, i) => {
      if (` ${words} `.includes(` ${bareWords(option)} `)) named.add(i);
    });
    if (named.size !== 1 || NEGATION.test(words) || isOpposite(plainWords(text), asked.words))
      return NOT_JUDGED;
    return [...named][0]!;
  }
  const placed = readPlace(text, options);
  if (placed !== null) return placed;
  const isOneThing = wanted.every((words) => words.length === 0 || words.join(' ') === wanted[0]!.join(' '));
  if (isOneThing || wanted.some((words) => words.length === 0)) return readRelation(text, options, question);
  const towards = readTowards(text, wanted, question);
  if (towards !== null) return towards;
  const phrases = offers(
    text.replace(CONCESSION, ''),
    asked,
    allowedWith(asked, ...options),
    new Set(wanted.flat()),
  );
  for (const { words, isNegated } of phrases) {
    const index = wanted.findIndex(
      (option) => likeness(words, option) === 'same' || likeness(option, words) === 'same',
    );
    // "Green", for the one in the green shirt.
    const some =
      index < 0
        ? wanted.flatMap((option, i) => (words.every((word) => option.includes(word)) ? [i] : []))
        : [index];
    if (some.length !== 1) continue;
    if (!isNegated) named.add(some[0]!);
    else if (options.length === 2) named.add(1 - some[0]!);
  }
  if (isList(text, wanted)) return NO_ANSWER;
  if (phrases.some(({ joint }) => joint === 'or') || /\beither\b/i.test(text)) return NO_ANSWER;
  if (named.size === 1) return tellsElse(text, wanted, asked) ? NOT_JUDGED : [...named][0]!;
  // What is none of them may be another word for one: "shut" for closed.
  if (named.size > 1 && !/\b(?:both|same|equal(?:ly)?)\b/i.test(text) && !phrases.some(({ joint }) => joint))
    return NOT_JUDGED;
  return named.size > 1 ? NO_ANSWER : NOT_JUDGED;
}

/** Which of several lanes, rows or the like an answer names that differ in their place alone: "the left or the middle lane". */
function readPlace(text: string, options: readonly string[]): number | FreeReading | null {
  const words = options.map((option) =>
    plainWords(option).filter((word) => !/^(?:the|a|an|one|in|on|at)$/.test(word)),
  );
  const own = words.map((list) => list.filter((word) => !words.every((other) => other.includes(word))));
  if (!own.every((list) => list.length === 1 && PLACE.test(list[0]!)) || !own.flat().includes('center'))
    return null;
  const said = answerSentences(text).flatMap((sentence) => plainWords(sentence));
  const named = own.flatMap(([place], i) => (said.includes(place!) ? [i] : []));
  return named.length === 1 ? named[0]! : NOT_JUDGED;
}
const PLACE = /^(?:left|right|center|top|bottom|upper|lower|front|back|rear|near|far)$/;

/** "Mug, plate": several of the options and nothing else. */
const isList = (text: string, options: readonly string[][]): boolean => {
  const parts = text.split(/,| and | or |\//i).map((part) => contentWords(part).join(' '));
  const isOption = (part: string) => options.some((option) => option.join(' ') === part);
  return (
    new Set(parts.filter((part) => part !== '')).size > 1 &&
    parts.every((part) => part === '' || isOption(part)) &&
    clausesOf(text).every(({ hasVerb, isNegated }) => !hasVerb && !isNegated) &&
    !/\b(?:not|than)\b/i.test(text)
  );
};

/**
 * Whether no clause of an answer tells what the question asks: "The cup is left of the plate", "The cup is taller", asked
 * which one is closer; "The ball is red", asked which player has the ball.
 */
const tellsElse = (text: string, options: readonly string[][], asked: Asked): boolean => {
  const named = options.flat();
  return answerSentences(text)
    .flatMap((sentence) => clausesOf(sentence))
    .every(({ phrases, words, hasVerb, isImpersonal }) => {
      if (!hasVerb || isImpersonal) return false;
      const subjects = phrases.filter(({ isSubject, preposition }) => isSubject && preposition === null);
      const isOfOther =
        asked.subject === null &&
        asked.words.some((word) => /^(?:which|who)$/.test(word)) &&
        subjects.length > 0 &&
        subjects.every(({ words: said }) =>
          said.every((word) => asked.content.has(word) && !named.includes(word) && !isPole(word)),
        );
      // "The yellow runner is in second place", asked who is leading the race.
      const own = subjects.flatMap((subject) => subject.words);
      const matter = [...asked.content].filter(
        (word) => ![named, asked.kind, own].some((list) => list.includes(word)),
      );
      const isWho = asked.words.some((word) => /^(?:which|who)$/.test(word)) && asked.subject === null;
      const isSilent = isWho && matter.length > 0 && !words.some((word) => matter.includes(word));
      const isCompared =
        hasPoleOf(asked.words, asked.words) && !hasPoleOf(withDepth(words, asked.words), asked.words);
      return isOfOther || isCompared || (isSilent && !hasPoleOf(words, asked.words));
    });
};

/**
 * "Is the sofa closer to the window or to the door?": the thing that comes after the word of the comparison, or the other
 * one after its opposite. "The door is closer to the sofa" names the door. Null if the question is no such one.
 */
function readTowards(
  text: string,
  wanted: readonly string[][],
  question: string,
): number | FreeReading | null {
  const words = (of: string) => plainWords(of).filter((word) => isContent(word) || isPole(word));
  const asked = words(question);
  const pole = asked.findIndex((word) => hasPoleOf([word], [word]));
  const isNamed = (said: readonly string[], option: readonly string[]) =>
    option.every((word) => said.includes(word));
  const after = asked.slice(pole + 1);
  if (wanted.length !== 2 || pole <= 0 || !wanted.every((option) => isNamed(after, option))) return null;
  const read = answerSentences(text).flatMap((sentence) => {
    const said = words(sentence.replace(/ than .*$/is, ''));
    const at = said.findIndex((word) => hasPoleOf([word], asked));
    const inside = wanted.flatMap((option, i) => (isNamed(said, option) ? [i] : []));
    if (inside.length !== 1) return inside.length > 1 ? [null] : [];
    const isOther = at >= 0 && isOpposite([said[at]!], [asked[pole]!]);
    const isNegated = /\bnot\b|n't\b/i.test(sentence);
    return [isOther !== isNegated ? 1 - inside[0]! : inside[0]!];
  });
  const named = new Set(read);
  if (named.size !== 1 || named.has(null)) return named.size === 0 ? null : NOT_JUDGED;
  return [...named][0]!;
}

/** The words of relations that mean the same. */
const RELATIONS: readonly RegExp[] = [
  /\b(?:under|underneath|beneath|below)\b/,
  /\b(?:on|onto|atop|upon|top of)\b(?! the (?:left|right|side|other))/,
  /\b(?:above|over)\b/,
  /\b(?:inside|in|within|into)\b(?! (?:front|back)\b)/,
  /\boutside\b/,
  /\b(?:behind|in back of)\b/,
  /\bin front of\b/,
  /\b(?:beside|next to|near|by|alongside)\b/,
  /\bbetween\b/,
  /\bleft\b/,
  /\bright\b/,
];
export const relationsIn = (words: string): number[] =>
  RELATIONS.flatMap((relation, i) => (relation.test(words) ? [i] : []));

const OF_OTHER = -1;

/** "The chair is on the table", asked about the lamp: what stands before or after the relation is not of the question. */
function isUnasked(part: string, asked: readonly string[]): boolean {
  const words = plainWords(part);
  const at = words.findIndex((word) => relationsIn(word).length > 0);
  return [words.slice(0, at), words.slice(at + 1)].some((side) => {
    const things = side.filter((word) => isContent(word) && !word.endsWith('ing') && !isPole(word));
    return at >= 0 && things.length > 0 && !things.some((word) => asked.includes(word));
  });
}

/** Reads which option an answer names where options differ in their relation alone: "on the chair or under the chair". */
function readRelation(text: string, options: readonly string[], question: string): number | FreeReading {
  const asked = plainWords(question);
  const verb = asked.findIndex((word) => /^(?:is|are|was|were)$/.test(word));
  const end = asked.findIndex((word, i) => i > verb + 1 && relationsIn(word).length > 0);
  const thing = verb >= 0 && end > 0 ? asked[end - 1]! : null;
  // "The table is under the lamp", "the table has the lamp on it": the relation of the other thing.
  const isOfOther = (words: readonly string[]) =>
    words.some((word) => /^(?:has|have|holds?|contains?)$/.test(word)) ||
    (thing !== null &&
      words.some(
        (word, i) => word === thing && words.slice(0, i).some((one) => relationsIn(one).length > 0),
      ));
  const wanted = options.map((option) => relationsIn(plainWords(option).join(' ')));
  const found = answerSentences(text)
    .flatMap((sentence) => sentence.split(/, |[:;]| but | and /))
    .flatMap((part) => {
      const words = plainWords(part).join(' ');
      const isOffered = relationsIn(words).some((relation) => wanted.flat().includes(relation));
      if (isOffered && (isOfOther(plainWords(part)) || isUnasked(part, asked)))
        return [{ relation: OF_OTHER, isNegated: false }];
      const isNegated = NEGATION.test(words);
      return relationsIn(words).map((relation) => ({ relation, isNegated }));
    });
  const said = found.filter(({ isNegated }) => !isNegated).map(({ relation }) => relation);
  if (said.includes(OF_OTHER)) return NOT_JUDGED;
  const named = wanted.flatMap((relations, i) => (relations.some((one) => said.includes(one)) ? [i] : []));
  return named.length === 1 ? named[0]! : NOT_JUDGED;
}

/* What a question offers, where its reference is one of the things. */

/** Longer questions and references, in characters, are not read. */
export const MOST_READ = 2000;

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
  const isSentence = listed.length > 1 && NAME_SIGNS.sentence.test(reference);
  return (
    (isSentence && typeof readChoice(reference, listed, question) === 'number' ? listed : null) ??
    pairs.find((pair) => pair.includes(whole)) ??
    // "chair or on" is no pair of "under the chair or on the chair".
    pairs.find((pair) => isOne(pair) && pair.every((one) => contentWords(one).length > 0)) ??
    null
  );
}
