import fc from 'fast-check';
import { expect } from 'vitest';
import { referenceOf, scoreRow, taskOf } from '../../../../src/core/answers/score-row.ts';
import type { ScoreInput } from '../../../../src/core/answers/score.ts';
import { answerVerdict } from '../../../../src/core/answers/verdict.ts';
import { CASES } from '../../../support/slow.ts';
import { forAll } from '../../../support/property.ts';
import { readRows } from '../../../support/rows.ts';

/** A row with an answer, its right reference, and a reference of the same kind for which the answer is wrong. */
export interface Case {
  row: ScoreInput;
  completion: string;
  right: unknown;
  wrong: unknown;
}

/** The verdict on an answer; a row that cannot be scored has none. */
export function verdictOf(row: ScoreInput, completion: string): string {
  const score = scoreRow({ ...row, completion });
  return score.problem === undefined ? answerVerdict(score, referenceOf(row)) : 'problem';
}

/**
 * Holds drawn answers to what is right, and each to its twin, a wrong reference, under which it must be wrong.
 * @param declares also declares the task that is found, which must change nothing
 */
export function holds(cases: fc.Arbitrary<Case>, { declares = false, twin = ['wrong'] } = {}): void {
  forAll([cases], { numRuns: CASES, seed: 7 }, ({ row, completion, right, wrong }) => {
    const both = (more: ScoreInput = {}) =>
      [right, wrong].map((answer) => verdictOf({ ...row, answer, ...more }, completion)).join(', ');
    const found = both();
    const task = declares ? taskOf({ ...row, answer: right }) : undefined;
    const declared = declares ? both({ task }) : found;
    const expected = twin.map((each) => `right, ${each}`);
    if (expected.includes(found) && declared === found) return;
    expect({ question: row.question, completion, right, wrong, found, declared }).toEqual(expected);
  });
}

/** Other names of a thing that is among them as well: a sofa is a couch. */
const OTHER_NAME = /^(?:couch|fridge)$/;

/** Names of things from the questions of a corpus about mirrors: whoever wrote the reader has not chosen them. */
const NO_THING =
  /^(?:above|blue|coast|edge|end|first|highest|left|middle|morning|nearside|object|one|order|reference|right|second|stop|top|two|way|weather|west|words|views|video|image|picture|photo|frame|camera|.*s)$/;
const questions = readRows<{ sample: { question: string } }>(
  new URL('../../../fixtures/corpus/mirror.jsonl', import.meta.url),
).map((row) => row.sample.question);
export const THINGS: readonly string[] = [
  ...new Set(
    questions.flatMap((question) =>
      [...question.matchAll(/\bthe ([a-z]{3,})(?= (?:is|and|on|in|to|from)\b|[?.,])/g)].map(
        ([, word]) => word!,
      ),
    ),
  ),
].filter((word) => !NO_THING.test(word) && !OTHER_NAME.test(word));

/** As many different things. */
export const things = (n: number): fc.Arbitrary<string[]> =>
  fc.uniqueArray(fc.constantFrom(...THINGS), { minLength: n, maxLength: n });

/** A template with `{name}` for each value. */
export const fill = (template: string, values: Readonly<Record<string, string | number>>): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
