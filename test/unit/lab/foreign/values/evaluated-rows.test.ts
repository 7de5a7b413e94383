import { describe, expect, test } from 'vitest';
import {
  evaluatedFrom,
  PhaseOfTables,
  type Evaluable,
} from '../../../../../src/lab/foreign/values/evaluated-rows.ts';

/** A batch: a letter a row for its question, and its rewards. */
const batch = (
  step: number,
  questions: string,
  rewards: (number | null)[],
  logged: Evaluable['logged'],
): Evaluable => ({ step, phase: null, numbers: { keys: [...questions], rewards }, logged });

const EVALUATED = { reward: 0.25, eval_reward: 0.75 };

describe('evaluatedFrom: start of the evaluation rows', () => {
  test('evaluatedFrom finds the first evaluation row from the logged means', () => {
    const tell = (rewards: number[]) => evaluatedFrom([batch(1, 'aabb', rewards, EVALUATED)], 2);
    expect(tell([1, 0, 0, 0])).toEqual([4]);
    expect(tell([1, 0, 1, 0.5])).toEqual([2]);
    expect(tell([1, 0.5, 1, 0.5])).toEqual([null]); // both 0 and 2 would do
    expect(tell([0, 0, 0, 0])).toEqual([null]);
  });

  test('evaluatedFrom finds no evaluation rows in a step without evaluation', () => {
    expect(evaluatedFrom([batch(1, 'aa', [0, 0], { reward: 1 })], 2)).toEqual([2]);
  });

  test('evaluatedFrom excludes rows without a reward from means', () => {
    expect(evaluatedFrom([batch(1, 'aabb', [1, 0, null, 0.75], EVALUATED)], 2)).toEqual([2]);
  });

  test('compares the last questions of evaluations if means are not conclusive', () => {
    const run = [
      batch(10, 'aacc', [0, 0, 0, 0], EVALUATED),
      batch(15, 'bbdd', [0, 0, 0, 0], { reward: 0.5 }),
      batch(20, 'ddcc', [0, 0, 0, 0], EVALUATED),
    ];
    expect(evaluatedFrom(run, 2)).toEqual([2, 4, 2]);
    // One evaluation has nothing to be compared with.
    expect(evaluatedFrom(run.slice(0, 2), 2)).toEqual([null, 4]);
    // Training asks that, too.
    expect(evaluatedFrom([...run, batch(25, 'bbcc', [0, 0, 0, 0], {})], 2)).toEqual([null, 4, null, 4]);
  });

  test('treats a batch with other questions at its end as training', () => {
    const run = [
      batch(10, 'aabb', [0, 0, 0, 0], EVALUATED),
      batch(10, 'cc', [0, 0], EVALUATED),
      batch(20, 'cc', [0, 0], EVALUATED),
    ];
    expect(evaluatedFrom(run, 2)).toEqual([4, 0, 0]);
  });

  test('evaluatedFrom ignores a common ending shorter than a group', () => {
    const run = [batch(10, 'aabc', [0, 0, 0, 0], EVALUATED), batch(20, 'bbdc', [0, 0, 0, 0], EVALUATED)];
    expect(evaluatedFrom(run, 2)).toEqual([null, null]);
  });
});

test('PhaseOfTables: reads the phase of a table from the previously logged metrics', () => {
  const tables = new PhaseOfTables();
  expect(tables.phase).toBeNull();
  tables.follow(10, { reward: 1 });
  expect(tables.phase).toBe('training');
  tables.follow(10, { eval_reward: 1 });
  expect(tables.phase).toBe('evaluation');
  // Steps since the last that was logged are in the queue, too.
  tables.follow(15, { eval_reward: 1 });
  expect(tables.phase).toBeNull();
});
