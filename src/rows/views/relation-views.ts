import { choiceIndex, reordered } from '../sample/choices.ts';
import { loneSide } from '../read/asked.ts';
import { bareName, isNounPhrase, nameKey, placesOf } from '../read/names.ts';
import { polarPhrases } from '../read/polar-phrases.ts';
import { readingOf } from '../read/reading.ts';
import { applyEdits, Text } from '../read/tokens.ts';
import { oppositeHead, verdictOf } from '../read/clause.ts';
import { swapWord } from '../read/side-words.ts';
import { RELATIONS } from '../read/words/signs.ts';
import { marksOf } from './option-views.ts';
import type { Sample } from '../sample/sample.ts';
import { defer, discard, reworded, type Refusal, type Rewritten } from './view-variant.ts';

/** Text views that replace a question's relation by its converse, or swap its two objects. */

const unrelated = (reason: string): Refusal => defer('no_relation', reason);

/** Question for text views: a single plain relation between two named objects, answered with yes or no. */
interface Relation {
  subject: Span;
  phrase: Span;
  other: Span;
  /** Phrase for the converse relation; null for a symmetric relation. */
  opposite: string | null;
}

interface Span {
  start: number;
  end: number;
}

/** Returns the text ranges of a pattern's groups, in order. */
const spansIn = (text: string, pattern: RegExp): Span[] | undefined =>
  pattern
    .exec(text)
    ?.indices!.slice(1)
    .map((span) => ({ start: span![0], end: span![1] }));

const SYMMETRIC =
  /^(?:in the (?:image|picture|photo),\s*)?(?:is|are)\s+(the [\p{L}\p{N} -]+?)\s+(near|close to|next to|beside|touching|adjacent to|in contact with|parallel to|alongside)\s+(the [\p{L}\p{N} -]+?)\s*\?\s*$/diu;

/** Matches positions that are defined for any two objects, even if they have no front. */
const STRICT_PLACE = /^(?:(?:to|on) the )?(?:left|right) of$|^(?:above|below)$/i;

const DEPTH_PLACE = /^(?:in front of|behind)$/i;

/** Reads the relation in a yes/no question. If no relation is certain, returns a string with the reason. */
function readRelation(sample: Sample): Relation | string {
  const { question, answer, choices, reasoning } = sample;
  const verdict = verdictOf(answer);
  if (!verdict) return 'The answer is not yes or no.';
  if (verdict.explanation.trim() !== '') return 'The answer contains more than yes or no.';
  if (!reasoningStays(reasoning)) return 'The reasoning repeats the words of the question.';
  if (choices?.some((choice) => !verdictOf(choice))) return 'The choices contain more than yes and no.';
  const [one, word, two] = spansIn(question, SYMMETRIC) ?? [];
  if (word && [one!, two!].every(({ start, end }) => isPlainName(question.slice(start, end))))
    return { subject: one!, phrase: word, other: two!, opposite: null };
  const read = readingOf(sample).asked.predicate;
  if (read.kind !== 'verdict') return 'The rules find no relation between two objects.';
  const { main, clause } = read;
  if (clause.existential || !clause.plain || !clause.single || read.rank !== 1)
    return 'The question contains more than one relation.';
  if (clause.other === '') return 'The relation has no second object.';
  const than = /\bthan\b/i.test(question.slice(main.end));
  const depth = DEPTH_PLACE.test(main.text);
  if (
    main.form === 'position' ? !STRICT_PLACE.test(main.text) && !depth : main.form !== 'comparative' || !than
  )
    return `"${main.text}" has no exact converse.`;
  if (depth && !(RELATIONS.frontless.test(clause.subject) && RELATIONS.frontless.test(clause.other)))
    return 'The relation might depend on the front of an object.';
  const subject = spanOf(question, clause.subject, 0, main.start);
  const other = spanOf(question, clause.other, main.end, question.length);
  if (!subject || !other) return 'The two objects have the same name.';
  if (![clause.subject, clause.other].every(isPlainName)) return 'The name of an object contains a relation.';
  return { subject, phrase: { start: main.start, end: main.end }, other, opposite: main.opposite };
}

/** Matches a direction or comparison without an object: "to the left" continues the sentence of the question. */
const UNFINISHED = new RegExp(
  [
    String.raw`\b(?:left|right)\b(?!(?: side)? of (?:the|its|their|a)\b)`,
    String.raw`\b(?:above|below|behind|in front of|under|over)\b(?! (?:the|a|an)\b)`,
    String.raw`\b(?:closer|nearer|farther|further|smaller|larger|bigger|taller|shorter|higher|lower|wider)\b(?! (?:than|to the|from the)\b)`,
  ].join('|'),
  'i',
);

/**
 * Returns whether reasoning is still valid if the question about the same image is reworded. The reasoning must
 * describe the image in full sentences, and must not refer to the question or its answer.
 */
export const reasoningStays = (reasoning = ''): boolean =>
  !RELATIONS.ofQuestion.test(reasoning) && !UNFINISHED.test(reasoning);

const isPlainName = (name: string): boolean =>
  (/^(?:the|this|that|his|her|my|your)\s/i.test(name) || /^\p{Lu}/u.test(name)) &&
  !RELATIONS.referring.test(name.replace(/^(?:this|that)\s/i, '')) &&
  polarPhrases(name).length === 0 &&
  isNounPhrase(name, 'other');

/** Returns the range of a name in part of a text; null unless the text contains the name exactly once. */
function spanOf(text: string, name: string, from: number, to: number): Span | null {
  const [place, again] = placesOf(text, name);
  return !place || again || place.start < from || place.end > to ? null : place;
}

/** Swaps two names in a text. A capital at the start of a sentence remains at the start. */
function exchangedNames(text: string, one: Span, two: Span, ...others: (Span & { to: string })[]): string {
  const from = ({ start, end }: Span, there: Span) => {
    const name = text.slice(start, end);
    if (/(?:^|[.!?]\s+)$/.test(text.slice(0, there.start))) return name[0]!.toUpperCase() + name.slice(1);
    const article = /^(?:the|a|an|this|that|his|her)\s/i.test(name);
    return article ? name[0]!.toLowerCase() + name.slice(1) : name;
  };
  return applyEdits(text, [{ ...one, to: from(two, one) }, { ...two, to: from(one, two) }, ...others]);
}

/** Questions such as "Is the cup to the left or right of the jug?", "On which side of the jug is the cup?" */
const DIRECTION = [
  /^(?:in the image,\s*)?is\s+(the [\p{L} -]+?)\s+(?:to |on )?(?:the )?(?:left|right) or (?:to the |on the )?(?:left|right) of\s+(the [\p{L} -]+?)\s*\?\s*$/diu,
  /^(?:in the image,\s*)?on which side of\s+(the [\p{L} -]+?)\s+is\s+(the [\p{L} -]+?),?\s*(?:on the |to the )?(?:left|right) or (?:on the |to the )?(?:left|right)\s*\?\s*$/diu,
];

/**
 * Swaps two objects in the question and keeps its relation. For a strict relation, "yes" becomes "no", and "no" becomes
 * "yes" only if ties are excluded. An answer that is one of two candidates stays, and letters follow their options.
 */
export function exchangeNames(sample: Sample): Rewritten | Refusal {
  return ofDirection(sample) ?? ofCandidates(sample) ?? ofVerdict(sample);
}

function ofVerdict(sample: Sample): Rewritten | Refusal {
  const relation = readRelation(sample);
  if (typeof relation === 'string') return unrelated(relation);
  const { answer: old, choices, meta } = sample;
  const question = exchangedNames(sample.question, relation.subject, relation.other);
  if (relation.opposite === null) return reworded('exchange.symmetric', { question });
  const verdict = verdictOf(old)!;
  if (!verdict.value && meta?.no_tie !== true)
    return discard(
      'tie',
      'A "no" might be a tie, which stays a "no" when the names are exchanged (meta.no_tie).',
    );
  const answer = old.replace(verdict.head, oppositeHead(verdict.head));
  return choices && choiceIndex(old, choices) !== null && choiceIndex(answer, choices) === null
    ? unrelated('The opposite answer is not among the choices.')
    : reworded('exchange.strict', { question, answer });
}

function ofDirection(sample: Sample): Rewritten | Refusal | null {
  const { question, answer, choices, reasoning } = sample;
  const [one, two] = DIRECTION.map((form) => spansIn(question, form)).find(Boolean) ?? [];
  if (!one || !two || !loneSide(new Text(answer)) || choices || reasoning) return null;
  const names = [one, two].map(({ start, end }) => question.slice(start, end)).join(' ');
  if (/\b(?:of|that|with|and|on|in|near)\b/i.test(names)) return null;
  return reworded('exchange.direction', {
    question: exchangedNames(question, one, two),
    answer: swapWord(answer),
  });
}

function ofCandidates(sample: Sample): Rewritten | Refusal | null {
  const { question, answer, choices, reasoning } = sample;
  const read = readingOf(sample).asked.predicate;
  if (read.kind !== 'choice' || read.candidates.length !== 2 || read.openOptions.length > 0) return null;
  if (!reasoningStays(reasoning)) return unrelated('The reasoning repeats the words of the question.');
  if (choices && marksOf(choices)) return unrelated('The choices contain their letters.');
  const [one, two] = read.candidates.map(({ text }) => text) as [string, string];
  if ([one, two].some((name) => OF_OPTION.test(name)))
    return unrelated('A candidate is a letter or is named by its letter.');
  const [first = [], second = []] = [one, two].map((name) => placesOf(question, name));
  const inQuestion = first.length === 1 && second.length === 1;
  if (!inQuestion && !(choices && first.length + second.length === 0))
    return unrelated('The two candidates have the same name.');
  if (inQuestion && [...first, ...second].some(({ end }) => /^\s*[([]/.test(question.slice(end))))
    return unrelated('A name is followed by a text in brackets.');
  const { options } = readingOf(sample).asked;
  const isOption = choiceIndex(answer, options) !== null;
  if (!isOption && ![one, two].some((name) => nameKey(bareName(name)) === nameKey(bareName(answer))))
    return unrelated('The answer is neither candidate.');
  const order = options.map((_, i) => options.length - 1 - i);
  return reworded('exchange.candidates', {
    question: inQuestion ? exchangedNames(question, first[0]!, second[0]!) : question,
    answer: isOption ? reordered(answer, options, order).answer : answer,
    ...(choices && { choices: [...choices].reverse() }),
  });
}

const OF_OPTION =
  /^(?:the )?(?:(?:point|option|choice|answer|marker)s? )?\(?[A-Za-z]\)?$|\b(?:options?|choices?) [A-Z]\b/i;

/** Rewrites "Is A left of B?" as "Is B right of A?", which states the same fact and has the same answer. */
export function converseSample(sample: Sample): Rewritten | Refusal {
  const relation = readRelation(sample);
  if (typeof relation === 'string') return unrelated(relation);
  const { subject, phrase, other, opposite } = relation;
  const turned = opposite === null ? [] : [{ ...phrase, to: opposite }];
  return reworded('converse', { question: exchangedNames(sample.question, subject, other, ...turned) });
}
