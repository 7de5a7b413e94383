import { expect, test } from 'vitest';
import { RecentMap, remembered } from '../../../src/base/recent-map.ts';

test('drops the oldest entry, and counts one that is set again as new', () => {
  const map = new RecentMap<string, number>(2).set('a', 1).set('b', 2).set('a', 3).set('c', 4);
  expect([...map]).toEqual([
    ['a', 3],
    ['c', 4],
  ]);
});

test('remembers the last results of a function by its texts', () => {
  const calls: string[] = [];
  const join = remembered(2, (a: string, b: string) => {
    calls.push(a + b);
    return calls.length % 2 === 0 ? null : [a, b];
  });
  expect([join('a', 'bc'), join('ab', 'c'), join('a', 'bc'), join('ab', 'c')]).toEqual([
    ['a', 'bc'],
    null,
    ['a', 'bc'],
    null,
  ]);
  expect(calls).toEqual(['abc', 'abc']);
  join('x', '');
  join('a', 'bc');
  const long = 'x'.repeat(5000);
  join(long, '');
  join(long, '');
  expect(calls).toEqual(['abc', 'abc', 'x', 'abc', long, long]);
});
