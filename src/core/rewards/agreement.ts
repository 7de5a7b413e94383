import { agree, readGiven, type Given } from '../answers/given.ts';
import { scoreAnswer, taskOf } from '../answers/score-row.ts';
import type { Task } from '../answers/score.ts';
import { splitFormat } from '../sample/boxes.ts';
import { letterOf } from '../sample/choices.ts';
import { declaredSize, type Sample } from '../sample/sample.ts';
import type { ViewedSample } from '../views/view.ts';

/**
 * Agreement needs no right answers: it asks whether two answers, one to each view, say the same once what the views do
 * to an answer is taken into account. It cannot tell a model that is always right from one that is always inverted.
 */

/** Whether an answer to one view agrees with an answer to the other; one that cannot be read agrees with none. */
export type Compare = (answer: string | null, other: string | null) => boolean;

/**
 * Returns how answers to two views of a row compare; null if they cannot be compared (open answers, or a view that
 * computes its answer again).
 */
export function comparison(one: ViewedSample, other: ViewedSample): Compare | null {
  const [a, b] = [readerOf(one), readerOf(other)];
  const [p, q] = [a.reference, b.reference];
  if (!p || !q || agree({ given: p, reference: p }, { given: q, reference: q }) === null) return null;
  return (answer, partner) =>
    agree({ given: a.read(answer), reference: p }, { given: b.read(partner), reference: q }) === true;
}

/** Returns a function that reads answers to a row in a view, each text once. */
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

/** The share of the pairs of answers, one to each view, that agree, 0–1; null if there are none. */
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

/** The answers to the other view of a row, and how those to this one compare with them. */
export interface OtherAnswers {
  compare: Compare;
  answers: readonly (string | null)[];
}

/**
 * An answer that agrees with itself in every one of a row's views, so that giving it throughout earns full agreement;
 * null if there is none among the plain ones: yes and no, the options by text and, where a model sees them, by letter,
 * the right number, the whole picture.
 * @param views the original first; with no other view there is none.
 * @param template the prompt of the run.
 */
export function fixedAnswer([original, ...others]: readonly ViewedSample[], template: string): string | null {
  if (!original || others.length === 0) return null;
  const compares = others.map((other) => comparison(original, other));
  if (compares.every((compare) => compare === null)) return null;
  return (
    plainAnswers(original.sample, template).find((answer) =>
      compares.every((compare) => compare === null || compare(answer, answer)),
    ) ?? null
  );
}

function plainAnswers(sample: Sample, template: string): string[] {
  const { question, answer, choices = [], images } = sample;
  switch (taskOf(sample)) {
    case 'yesno':
      return ['yes', 'no'];
    case 'mcq':
      return template.includes('{choices}') || /\(A\)|\bA[.):]/.test(question)
        ? [...choices, ...choices.map((_, i) => letterOf(i))]
        : choices;
    case 'bbox': {
      const unit = sample.box_format && splitFormat(sample.box_format)?.unit;
      const size =
        unit === 'px' ? declaredSize(images[0]) : unit === 'norm' ? { w: 1, h: 1 } : { w: 1000, h: 1000 };
      return unit && size ? [`[0, 0, ${size.w}, ${size.h}]`] : [];
    }
    default:
      return [answer];
  }
}

/** Says, for people, what makes a constant answer to a task earn less. */
export function breakerOf(task: Task, answer: string): string {
  if (task === 'yesno') return 'add the view mirror/keep, exchange-names or polarity, which turn it round';
  if (task === 'mcq')
    return /^[A-H]$/.test(answer)
      ? 'add the view permute-options:1, which moves its option'
      : 'add the view mirror, if it is a side, or exchange-names';
  return 'no view of this version changes it: give rewards.accuracy a weight, or leave such rows out';
}
