import { agree, readGiven, type Given } from '../answers/given.ts';
import { scoreAnswer, taskOf } from '../answers/score-row.ts';
import type { ViewedSample } from '../../rows/views/view.ts';

/**
 * Agreement does not depend on right answers: two answers, one to each view, agree if they are the same once mapped
 * back. Agreement cannot distinguish a model that is always right from a model that is always inverted.
 */

/** Returns whether an answer to one view agrees with an answer to the other view. An unparsed answer never agrees. */
export type Compare = (answer: string | null, other: string | null) => boolean;

/**
 * Returns a function that compares answers to two views of a row; null if the answers cannot be compared (open answers,
 * or a view whose right answer is computed again).
 */
export function comparison(one: ViewedSample, other: ViewedSample): Compare | null {
  const [a, b] = [readerOf(one), readerOf(other)];
  const [p, q] = [a.reference, b.reference];
  if (!p || !q || agree({ given: p, reference: p }, { given: q, reference: q }) === null) return null;
  return (answer, partner) =>
    agree({ given: a.read(answer), reference: p }, { given: b.read(partner), reference: q }) === true;
}

function readerOf({ sample, view }: ViewedSample) {
  const task = taskOf(sample);
  const row = { ...sample, view };
  const read = new Map<string, Given | null>();
  return {
    reference: readGiven(scoreAnswer(sample.answer, sample, task), row, 'reference'),
    read: (answer: string | null): Given | null => {
      if (answer === null) return null;
      const before = read.get(answer);
      if (before !== undefined) return before;
      const given = readGiven(scoreAnswer(answer, sample, task), row, 'given');
      read.set(answer, given);
      return given;
    },
  };
}

/** Returns the share of answer pairs, one answer to each view, that agree, 0–1; null without pairs. */
export function agreementOf(
  compare: Compare,
  answers: readonly (string | null)[],
  others: readonly (string | null)[],
): number | null {
  const pairs = answers.length * others.length;
  if (pairs === 0) return null;
  let agreeing = 0;
  for (const answer of answers) for (const other of others) agreeing += Number(compare(answer, other));
  return agreeing / pairs;
}

/** Answers to the other view of a row, and the function that compares answers to both views. */
export interface OtherAnswers {
  compare: Compare;
  answers: readonly (string | null)[];
}
