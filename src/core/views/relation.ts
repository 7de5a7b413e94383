import { choiceIndex } from '../sample/choices.ts';
import { bareName, isNounPhrase, nameKey, placesOf } from '../read/names.ts';
import { polarPhrases } from '../read/polar.ts';
import { readingOf } from '../read/reading.ts';
import { applyEdits } from '../read/tokens.ts';
import { oppositeHead, verdictOf } from '../read/clause.ts';
import { swapWord } from '../read/side-words.ts';
import { RELATIONS } from '../read/words/signs.ts';
import { marksOf } from './options.ts';
import type { Sample, ViewVariant } from '../sample/sample.ts';
import { defer, discard, refused, reworded } from './view-variant.ts';

/** Text views in which a question states its relation the other way round, or with its two things exchanged. */

const unrelated = (sample: Sample, reason: string): ViewVariant =>
  refused(sample, defer('no_relation', reason));

/** A question as text views read it: a single plain relation between two named things, answered by yes or no. */
export interface Relation {
  subject: Span;
  phrase: Span;
  other: Span;
  /** The phrase of the converse relation; null if the relation is symmetric. */
  opposite: string | null;
}

interface Span {
  start: number;
  end: number;
}

const SYMMETRIC =
  /^((?:in the (?:image|picture|photo),\s*)?(?:is|are)\s+)(the [\p{L}\p{N} -]+?)(\s+)(near|close to|next to|beside|touching|adjacent to|in contact with|parallel to|alongside)(\s+)(the [\p{L}\p{N} -]+?)\s*\?\s*$/iu;

/** Positions that are defined for any two things, whether or not these have a front. */
const STRICT_PLACE = /^(?:(?:to|on) the )?(?:left|right) of$|^(?:above|below)$/i;

const DEPTH_PLACE = /^(?:in front of|behind)$/i;

/** Reads the relation that a yes/no question asks about; returns a text with the reason if none is certain. */
function readRelation(sample: Sample): Relation | string {
  const { question, answer, choices, reasoning } = sample;
  const verdict = verdictOf(answer);
  if (!verdict) return 'It is not answered by yes or no.';
  if (verdict.explanation.trim() !== '') return 'Its answer says more than yes or no.';
  if (!reasoningStays(reasoning)) return 'Its reasoning argues in the words of the question.';
  if (choices?.some((choice) => !verdictOf(choice))) return 'Its choices are more than yes and no.';
  const symmetric = symmetricRelation(question);
  if (symmetric) return symmetric;
  const read = readingOf(sample).asked.predicate;
  if (read.kind !== 'verdict') return 'It has no relation between two things that the rules read.';
  const { main, clause } = read;
  if (clause.existential || !clause.plain || !clause.single || read.rank !== 1)
    return 'It says more than one relation between two things.';
  if (clause.other === '') return 'It has no second thing.';
  const than = /\bthan\b/i.test(question.slice(main.end));
  const depth = DEPTH_PLACE.test(main.text);
  if (
    main.form === 'position' ? !STRICT_PLACE.test(main.text) && !depth : main.form !== 'comparative' || !than
  )
    return `"${main.text}" has no certain converse.`;
  if (depth && !(RELATIONS.frontless.test(clause.subject) && RELATIONS.frontless.test(clause.other)))
    return 'A thing with a front of its own may be meant.';
  const subject = spanOf(question, clause.subject, 0, main.start);
  const other = spanOf(question, clause.other, main.end, question.length);
  if (!subject || !other) return 'Its two things cannot be told apart.';
  if (![clause.subject, clause.other].every(isPlainName))
    return 'A name says by a relation which one is meant.';
  return { subject, phrase: { start: main.start, end: main.end }, other, opposite: main.opposite };
}

/** A direction or comparison without its object: "to the left" continues the sentence of the question. */
const UNFINISHED = new RegExp(
  [
    String.raw`\b(?:left|right)\b(?!(?: side)? of (?:the|its|their|a)\b)`,
    String.raw`\b(?:above|below|behind|in front of|under|over)\b(?! (?:the|a|an)\b)`,
    String.raw`\b(?:closer|nearer|farther|further|smaller|larger|bigger|taller|shorter|higher|lower|wider)\b(?! (?:than|to the|from the)\b)`,
  ].join('|'),
  'i',
);

/**
 * Whether reasoning still holds if the question about the same picture is reworded: it states in full sentences what is
 * in the picture, and does not refer to the question or its answer.
 */
export const reasoningStays = (reasoning = ''): boolean =>
  !RELATIONS.ofQuestion.test(reasoning) && !UNFINISHED.test(reasoning);

function symmetricRelation(question: string): Relation | null {
  const match = SYMMETRIC.exec(question);
  if (!match) return null;
  const [, lead, one, space, word, gap, two] = match as unknown as string[];
  if (![one!, two!].every(isPlainName)) return null;
  const subject = { start: lead!.length, end: lead!.length + one!.length };
  const phrase = { start: subject.end + space!.length, end: subject.end + space!.length + word!.length };
  const start = phrase.end + gap!.length;
  return { subject, phrase, other: { start, end: start + two!.length }, opposite: null };
}

const isPlainName = (name: string): boolean =>
  (/^(?:the|this|that|his|her|my|your)\s/i.test(name) || /^\p{Lu}/u.test(name)) &&
  !RELATIONS.referring.test(name.replace(/^(?:this|that)\s/i, '')) &&
  polarPhrases(name).length === 0 &&
  isNounPhrase(name, 'other');

/** Returns the range of a name in part of a text, if it occurs only once. */
function spanOf(text: string, name: string, from: number, to: number): Span | null {
  const [place, again] = placesOf(text, name);
  return !place || again || place.start < from || place.end > to ? null : place;
}

/** Exchanges two names in a text; the capital at the beginning of a sentence stays there. */
function exchangedNames(text: string, one: Span, two: Span): (Span & { to: string })[] {
  const [a, b] = [text.slice(one.start, one.end), text.slice(two.start, two.end)];
  const fit = (name: string, there: Span) => {
    const opens = /(?:^|[.!?]\s+)$/.test(text.slice(0, there.start));
    const article = /^(?:the|a|an|this|that|his|her)\s/i.test(name);
    if (opens) return name[0]!.toUpperCase() + name.slice(1);
    return article ? name[0]!.toLowerCase() + name.slice(1) : name;
  };
  return [
    { ...one, to: fit(b, one) },
    { ...two, to: fit(a, two) },
  ];
}

/** "Is the cup to the left or right of the jug?", "On which side of the jug is the cup, left or right?" */
const DIRECTION = [
  /^((?:in the image,\s*)?is\s+)(the [\p{L} -]+?)(\s+(?:to |on )?(?:the )?(?:left|right) or (?:to the |on the )?(?:left|right) of\s+)(the [\p{L} -]+?)(\s*\?\s*)$/iu,
  /^((?:in the image,\s*)?on which side of\s+)(the [\p{L} -]+?)(\s+is\s+)(the [\p{L} -]+?)(,?\s*(?:on the |to the )?(?:left|right) or (?:on the |to the )?(?:left|right)\s*\?\s*)$/iu,
];
const PLAIN_SIDE = /^\W*(?:(?:on|to) the )?(left|right)(?: side)?\W*$/i;

/**
 * Exchanges two things in the question and keeps its relation. For a strict relation, yes becomes no; no becomes yes
 * only if ties are excluded. Of two candidates, the same one is right, and letters follow.
 */
export function exchangeNames(sample: Sample): ViewVariant {
  return ofDirection(sample) ?? ofCandidates(sample) ?? ofVerdict(sample);
}

function ofVerdict(sample: Sample): ViewVariant {
  const relation = readRelation(sample);
  if (typeof relation === 'string') return unrelated(sample, relation);
  const question = applyEdits(
    sample.question,
    exchangedNames(sample.question, relation.subject, relation.other),
  );
  if (relation.opposite === null) return reworded(sample, 'exchange.symmetric', { question });
  const verdict = verdictOf(sample.answer)!;
  if (!verdict.value && sample.meta?.no_tie !== true)
    return refused(
      sample,
      discard('tie', 'A "no" may be a tie, whose exchange is a "no" too (meta.no_tie).'),
    );
  const { choices } = sample;
  const letter = choices && choiceIndex(sample.answer, choices);
  const answer = replacedHead(sample.answer, verdict.head);
  const named = letter === null || letter === undefined || choiceIndex(answer, choices!) !== null;
  return named
    ? reworded(sample, 'exchange.strict', { question, answer })
    : unrelated(sample, 'The other answer is not among its choices.');
}

const replacedHead = (answer: string, head: string): string => answer.replace(head, oppositeHead(head));

function ofDirection(sample: Sample): ViewVariant | null {
  const { question, answer, choices, reasoning } = sample;
  const match = DIRECTION.map((form) => form.exec(question)).find(Boolean);
  if (!match || !PLAIN_SIDE.test(answer) || choices || reasoning) return null;
  const [, lead, one, middle, two, end] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (/\b(?:of|that|with|and|on|in|near)\b/i.test(`${one} ${two}`)) return null;
  return reworded(sample, 'exchange.direction', {
    question: `${lead}${two}${middle}${one}${end}`,
    answer: swapWord(answer),
  });
}

function ofCandidates(sample: Sample): ViewVariant | null {
  const { question, answer, choices, reasoning } = sample;
  const read = readingOf(sample).asked.predicate;
  if (read.kind !== 'choice' || read.candidates.length !== 2 || read.openOptions.length > 0) return null;
  if (!reasoningStays(reasoning))
    return unrelated(sample, 'Its reasoning argues in the words of the question.');
  if (choices && marksOf(choices)) return unrelated(sample, 'Its choices carry their letters.');
  const [one, two] = read.candidates.map(({ text }) => text) as [string, string];
  if ([one, two].some((name) => OF_OPTION.test(name)))
    return unrelated(sample, 'A candidate is a letter, or an option by its letter.');
  const places = [one, two].map((name) => placesOf(question, name));
  const inQuestion = places.every((list) => list.length === 1);
  if (!inQuestion && !(choices && places.every((list) => list.length === 0)))
    return unrelated(sample, 'Its two candidates cannot be told apart.');
  if (inQuestion && places.some(([place]) => /^\s*[([]/.test(question.slice(place!.end))))
    return unrelated(sample, 'What stands in brackets after a name belongs to it.');
  const exchangedQuestion = inQuestion
    ? applyEdits(question, exchangedNames(question, places[0]![0]!, places[1]![0]!))
    : question;
  const { options } = readingOf(sample).asked;
  const index = choiceIndex(answer, options);
  const byName = [one, two].some((name) => nameKey(bareName(name)) === nameKey(bareName(answer)));
  if (index === null && !byName) return unrelated(sample, 'Its answer names neither candidate.');
  const lettered = index !== null && !byName;
  if (lettered && !/^\W*[A-Ba-b]\W*$/.test(answer))
    return unrelated(sample, 'Its answer says more than a letter.');
  return reworded(sample, 'exchange.candidates', {
    question: exchangedQuestion,
    answer: lettered ? answer.replace(/[A-Ba-b]/, (letter) => OTHER_LETTER[letter]!) : answer,
    ...(choices && { choices: [...choices].reverse() }),
  });
}

const OF_OPTION =
  /^(?:the )?(?:(?:point|option|choice|answer|marker)s? )?\(?[A-Za-z]\)?$|\b(?:options?|choices?) [A-Z]\b/i;
const OTHER_LETTER: Record<string, string> = { A: 'B', B: 'A', a: 'b', b: 'a' };

/** Turns "Is A left of B?" into "Is B right of A?": the same fact, so the same answer. */
export function converseSample(sample: Sample): ViewVariant {
  const relation = readRelation(sample);
  if (typeof relation === 'string') return unrelated(sample, relation);
  const { question } = sample;
  const { subject, phrase, other, opposite } = relation;
  return reworded(sample, 'converse', {
    question: applyEdits(question, [
      ...exchangedNames(question, subject, other),
      ...(opposite === null ? [] : [{ ...phrase, to: opposite }]),
    ]),
  });
}
