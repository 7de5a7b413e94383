import { describe, expect, it } from 'vitest';
import { parseScoreRow, taskOf } from '../../../../src/core/answers/score-row.ts';
import { LAWS, sentencesOf, type Said } from './sentences.ts';
import { CASES } from '../../../support/slow.ts';
import { verdictOf } from './verdict-laws.ts';
import { forAll } from '../../../support/property.ts';

/** The row of a sentence with a reference, in the column in which its line has it. */
function rowWith({ row, column, completion }: Said, reference: string) {
  const unscored = { none: {}, null: { answer: null }, empty: { answer: '' } }[column];
  const isPoint = row.task === 'point';
  const told = reference.startsWith('["') ? (JSON.parse(reference) as unknown) : reference;
  const of = isPoint
    ? { answer: '-', boxes: [JSON.parse(reference) as number[]] }
    : (unscored ?? { [column]: told });
  return parseScoreRow({ id: '1', ...row, completion, ...of }).row!;
}

describe('property: independently written sentences', () => {
  it.each(LAWS)('property: %s: scores a sentence as right, and as wrong against a wrong reference', (law) => {
    forAll([sentencesOf(law)], { numRuns: CASES, seed: 31 }, (said) => {
      const { line, completion, right, wrong, twin } = said;
      const rows = (twin === 'wrong' ? [right, wrong] : [right]).map((each) => rowWith(said, each));
      const verdicts = (more = {}) => rows.map((row) => verdictOf({ ...row, ...more }, completion));
      const expected = { wrong: ['right', 'wrong'], unread: ['unparsed'], unscored: ['problem'] }[twin];
      const declares = twin === 'wrong' && said.row.task === undefined;
      const found = [verdicts(), declares ? verdicts({ task: taskOf(rows[0]!) }) : expected];
      // An `expect` for each case would take a fifth of the time.
      if (found.every((each) => each.join() === expected.join())) return;
      expect([line, completion, ...found]).toEqual([line, completion, expected, expected]);
    });
  });
});
