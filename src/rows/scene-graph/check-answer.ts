import { choiceIndex } from '../sample/choices.ts';
import type { Meta } from '../sample/sample.ts';
import { nameKey, singular } from '../read/names.ts';
import { optionsOf, readQuestion, type Question } from '../read/asked.ts';
import { smallNumber } from '../read/sentence.ts';
import { verdictOf } from '../read/clause.ts';
import { metres } from '../../base/lengths.ts';
import { countOf, factsOf, isCamera, objectNamed, ranked, type Facts } from './facts.ts';
import type { SceneGraph, SceneRelation } from './scene-graph.ts';
import { RELATIONS } from '../read/words/signs.ts';

type Agreement = 'consistent' | 'contradicts' | 'not_decidable';

export interface AnswerCheck {
  verdict: Agreement;
  reason: string;
}

/**
 * Checks an answer against a scene graph: yes and no against order and containment, a choice against the extreme of its
 * candidates, and a side against left and right. A count is checked against the nodes, and a distance against the
 * length on an edge (within 5%). The result is `not_decidable` if the graph does not decide the answer, or decides it
 * only within its tolerances. `reading` is the parsed question, if the caller has already parsed it.
 */
export function checkAnswer(
  question: string,
  answer: string,
  choices: readonly string[] | undefined,
  graph: SceneGraph | undefined,
  meta?: Meta,
  reading?: { readonly asked: { readonly predicate: Question } },
): AnswerCheck {
  const open = (reason: string): AnswerCheck => ({ verdict: 'not_decidable', reason });
  const judge = (agrees: boolean, reason: string): AnswerCheck => ({
    verdict: agrees ? 'consistent' : 'contradicts',
    reason,
  });
  const count = graph && (countCheck(question, answer, graph) ?? distanceCheck(question, answer, graph));
  if (count) return count.agrees === null ? open(count.reason) : judge(count.agrees, count.reason);

  const read = reading?.asked.predicate ?? readQuestion(question, choices, answer);
  const facts = factsOf(graph, meta);
  if (read.kind === 'verdict') {
    const verdict = verdictOf(optionText(answer, question, choices));
    const truth = truthOf(read, facts, graph);
    if (!verdict || truth === undefined) return open('The graph does not contain this relation.');
    const { subject, other, main } = read.clause;
    return judge(
      verdict.value === truth,
      `In the image, "${subject} ${main.text} ${other}" is ${truth ? 'true' : 'false'}.`,
    );
  }
  if (read.kind === 'choice') {
    const given = candidateIn(answer, read, choices);
    const best = read.role === 'subject' ? rankedIn(read, facts) : undefined;
    if (given === null || best === undefined) return open('The graph does not order the candidates.');
    return judge(given === best, `In the image, the answer is "${read.candidates[best]!.text}".`);
  }
  const side = sideCheck(question, optionText(answer, question, choices), graph, facts);
  if (side) return judge(side.agrees, side.reason);
  return open(read.kind === 'object' ? 'The question lists no candidates.' : `The question ${read.reason}.`);
}

/** Returns the candidate that has the requested rank, given the facts. */
export function rankedIn(
  question: Question & { kind: 'choice' | 'object' },
  facts: Facts,
  flipped = false,
): number | undefined {
  const { main, rank, anchor } = question;
  const names =
    question.kind === 'choice' ? question.candidates.map(({ text }) => text) : facts.names(main.axis, anchor);
  const pole = flipped ? (main.pole === 0 ? 1 : 0) : main.pole;
  if (question.kind === 'choice' && question.third) {
    const placed = main.form === 'position' && anchor !== '' && !question.posture;
    return placed ? onlyOneBeyond(names, main.axis, pole, anchor, facts) : undefined;
  }
  if (main.form === 'contrary' || main.axis === 'containment') return undefined;
  return ranked(facts, main.axis, pole, rank, names, anchor);
}

/** Finds the answer to "Which is left of the table?" if exactly one candidate is, and all others certainly are not. */
function onlyOneBeyond(
  names: readonly string[],
  axis: Parameters<Facts['compare']>[0],
  pole: 0 | 1,
  reference: string,
  facts: Facts,
): number | undefined {
  const signs = names.map((name) => facts.compare(axis, name, reference, ''));
  if (signs.includes(undefined)) return undefined;
  const beyond = signs.flatMap((sign, i) => (sign === (pole === 0 ? -1 : 1) ? [i] : []));
  return beyond.length === 1 ? beyond[0] : undefined;
}

/** Returns whether the statement of a yes/no question is true, given the facts. `flipped` tests the opposite pole. */
export function truthOf(
  question: Question & { kind: 'verdict' },
  facts: Facts,
  graph?: SceneGraph,
  flipped = false,
): boolean | undefined {
  const { clause, main, rank } = question;
  const { subject, other, anchor, existential } = clause;
  if (existential) return undefined;
  const pole = flipped ? (main.pole === 0 ? 1 : 0) : main.pole;
  if (main.axis === 'containment')
    return graph && clause.plain && clause.single ? containedIn(graph, subject, other, pole) : undefined;
  if (main.form === 'contrary') return undefined;
  if (main.form === 'superlative') {
    const names = facts.names(main.axis, anchor);
    const best = ranked(facts, main.axis, pole, rank, names, anchor);
    return best === undefined || names.length < 2 ? undefined : nameKey(names[best]!) === nameKey(subject);
  }
  // "Closer to the table than the cup" can also mean closer to the table than to the cup.
  if (other === '' || (main.axis === 'near_far' && !isCamera(anchor))) return undefined;
  const sign = facts.compare(main.axis, subject, other, anchor);
  if (sign === undefined) return undefined;
  // "Directly above" and "sitting behind" contain more than the order, so the order alone cannot confirm such phrases.
  return sign === (pole === 0 ? -1 : 1) ? (clause.plain && clause.single) || undefined : false;
}

function containedIn(graph: SceneGraph, subject: string, other: string, pole: 0 | 1): boolean | undefined {
  const [inner, outer] = [objectNamed(graph, subject)?.id, objectNamed(graph, other)?.id];
  if (inner === undefined || outer === undefined) return undefined;
  const says = (pattern: RegExp) => (r: SceneRelation) =>
    (r.subject === inner && r.object === outer && pattern.test(r.predicate)) ||
    (r.subject === outer &&
      r.object === inner &&
      pattern === INSIDE &&
      /^(?:contains|holds|surrounds)$/i.test(r.predicate));
  const [inside, outside] = [graph.relations.some(says(INSIDE)), graph.relations.some(says(OUTSIDE))];
  return inside === outside ? undefined : inside === (pole === 0);
}

const INSIDE = /^(?:is )?(?:inside|in|within|contained in)(?: of)?$/i;
const OUTSIDE = /^(?:is )?outside(?: of)?$/i;

/** Returns the text of the option that an answer refers to by letter; otherwise the answer. */
function optionText(answer: string, question: string, choices: readonly string[] | undefined): string {
  const options = optionsOf(question, choices);
  const index = choiceIndex(answer, options);
  return index === null ? answer : options[index]!;
}

/** Returns the candidate that an answer contains, in any wording, if it contains exactly one. */
function candidateIn(
  answer: string,
  { candidates }: Question & { kind: 'choice' },
  choices?: readonly string[],
): number | null {
  const option = choices ? choiceIndex(answer, choices) : null;
  if (option !== null) return nullIfNone(candidates.findIndex((c) => c.option === option));
  const key = nameKey(answer);
  const exact = candidates.findIndex(({ text }) => nameKey(text) === key);
  if (exact >= 0) return exact;
  const named = candidates.flatMap(({ text }, i) => (` ${key} `.includes(` ${nameKey(text)} `) ? [i] : []));
  return named.length === 1 ? named[0]! : null;
}

const nullIfNone = (index: number) => (index < 0 ? null : index);

interface Found {
  agrees: boolean | null;
  reason: string;
}

/** Checks the answer to "How many chairs are there?", unless the question has restrictions that nodes cannot decide. */
function countCheck(question: string, answer: string, graph: SceneGraph): Found | null {
  const name =
    /^\W*how many ([\p{L} -]+?)(?: (?:are|is) (?:there|visible|shown|present|in the (?:image|picture|photo|scene))| can (?:you|be) see(?:n)?| do you see)?(?: in (?:the|this) (?:image|picture|photo|scene))?\s*\?/iu.exec(
      question,
    )?.[1];
  if (name === undefined) return null;
  const n = countOf(graph, name);
  const stated = numberIn(answer);
  if (n === null || stated === null) return { agrees: null, reason: `The graph does not count "${name}".` };
  return { agrees: n === stated, reason: `The graph has ${n} × "${singular(nameKey(name))}".` };
}

/** Checks the answer to "How far is A from B?" and "What is the distance between A and B?" */
function distanceCheck(question: string, answer: string, graph: SceneGraph): Found | null {
  const match =
    /\bhow far (?:apart |away )?(?:is|are) (.+?) (?:from|and|to) (.+?)\s*\?/i.exec(question) ??
    /\bdistance (?:between|from|of) (.+?) (?:and|to|from) (.+?)\s*[?.]?$/i.exec(question);
  if (!match) return null;
  const [a, b] = [objectNamed(graph, match[1]!), objectNamed(graph, match[2]!)];
  const edge = graph.relations.find(
    ({ subject, object, value }) =>
      value && a && b && ((subject === a.id && object === b.id) || (subject === b.id && object === a.id)),
  );
  const measured = edge?.value ? metres(edge.value) : null;
  const stated = lengthIn(answer);
  if (measured === null || stated === null)
    return { agrees: null, reason: 'The graph does not contain this distance.' };
  return {
    agrees: Math.abs(stated - measured) <= 0.05 * measured,
    reason: `The distance in the graph is ${measured} m.`,
  };
}

function numberIn(answer: string): number | null {
  const digits = answer.match(/\d+(?:\.\d+)?/g);
  if (digits) return digits.length === 1 ? Number(digits[0]) : null;
  const words = answer.toLowerCase().match(/[a-z]+/g) ?? [];
  const numbers = words.map(smallNumber).filter((n) => n !== null);
  return numbers.length === 1 ? numbers[0]! : null;
}

function lengthIn(answer: string): number | null {
  const match = /(\d+(?:\.\d+)?)\s*([a-z]+)/i.exec(answer);
  return match && metres({ n: Number(match[1]), unit: match[2]! });
}

interface SideAnswer {
  subject: string;
  reference: string;
  said: 'left' | 'right';
}

const SIDE = '(?:(?:to|on) )?(?:the )?(?:left|right)(?:[- ]hand)?(?: side)?';

/** Forms of questions about a side. In the first form, an object that has a front can have its own sides. */
const FORMS = [
  {
    pattern:
      /^\W*(?:(?:on|to|at) )?(?:which|what) side of (?<reference>.{1,80}?) (?:is|are) (?<subject>.{1,80}?)(?: (?:on|at|located|positioned|placed|situated|standing|lying))*(?:[,:]? (?:on |to )?(?:the )?(?:left|right)(?: side)? or (?:on |to )?(?:the )?(?:left|right)(?: side)?)?\s*\?\s*$/i,
    ownSides: true,
  },
  {
    pattern: new RegExp(
      String.raw`^\W*(?:is|are) (?<subject>.{1,80}?) ${SIDE}(?: of it)? or ${SIDE} of (?<reference>.{1,80}?)\s*\?\s*$`,
      'i',
    ),
    ownSides: false,
  },
  {
    pattern:
      /^\W*where (?:is|are) (?<subject>.{1,80}?) (?:in relation to|relative to|with respect to) (?<reference>.{1,80}?)\s*\?\s*$/i,
    ownSides: false,
  },
];

/** Matches an answer that is a side: "left", "On the left.", "It is to the left of the cup." */
const ANSWER = new RegExp(
  String.raw`^\W*(?:(?<subject>.{1,80}?) (?:is|are) )?(?:(?:to|on|at) )?(?:the |its )?(?<side>left|right)(?:[- ]hand)?(?: side)?(?: of (?<reference>.{1,80}?))?\W*$`,
  'i',
);

function sideAnswer(question: string, answer: string): SideAnswer | null {
  for (const { pattern, ownSides } of FORMS) {
    const groups = pattern.exec(question)?.groups;
    if (!groups) continue;
    const [subject, reference] = [groups.subject!, groups.reference!];
    if (ownSides && !RELATIONS.frontless.test(reference)) return null;
    const given = ANSWER.exec(answer)?.groups;
    const names = (text: string | undefined, name: string) =>
      text === undefined || /^(?:it|they|them)$/i.test(text) || nameKey(text) === nameKey(name);
    if (!given || !names(given.subject, subject) || !names(given.reference, reference)) return null;
    return { subject, reference, said: given.side!.toLowerCase() as 'left' | 'right' };
  }
  return null;
}

/**
 * Checks an answer with the side of one object relative to another object. Null if the question has another form, the
 * answer contains more than a side, or the graph does not order the two objects.
 */
function sideCheck(
  question: string,
  answer: string,
  graph: SceneGraph | undefined,
  facts: Facts,
): { agrees: boolean; reason: string } | null {
  const read = sideAnswer(question, answer);
  if (!read) return null;
  const { subject, reference, said } = read;
  const compared = ({ compare }: Facts) => compare('left_right', subject, reference, '');
  const sign = compared(facts);
  if (!sign) return null;
  const side = sign < 0 ? 'left' : 'right';
  const boxes = graph && compared(factsOf({ ...graph, relations: [] }, undefined)) === sign;
  const reason = `According to ${boxes ? 'the boxes' : 'the row'}, ${subject} is ${side} of ${reference}; the answer is "${said}".`;
  return { agrees: side === said, reason };
}
