import { expect, it } from 'vitest';
import { sharedNames } from '../../../../src/core/evaluation/shared-sets.ts';

const namesOf = (...evaluations: Record<string, string>[]) =>
  sharedNames(evaluations.map((digests) => new Map(Object.entries(digests)))).map((renamed) =>
    Object.fromEntries(renamed),
  );

it('equal files have the name of the first evaluation', () => {
  expect(namesOf({ 'data.val': 'x' }, { val: 'x' }, { val: 'x', test: 'y' })).toEqual([
    {},
    { val: 'data.val' },
    { val: 'data.val' },
  ]);
});

it('equal names of different files are not merged, and no file takes a name that means another file', () => {
  expect(namesOf({ val: 'x' }, { val: 'y' }, { data: 'y' })).toEqual([{}, {}, {}]);
  expect(namesOf({ val: 'x' }, { test: 'x', val: 'y' })).toEqual([{}, {}]);
});

it('two names of one file stay apart within an evaluation', () => {
  expect(namesOf({ a: 'x', b: 'x' }, { b: 'x', c: 'x' })).toEqual([{}, { b: 'a' }]);
});
