import { expect, test } from 'vitest';
import { RecentMap, remembered } from '../../../src/base/recent-map.ts';

test('RecentMap: drops the oldest entry, and treats a repeated key as new', () => {
  const map = new RecentMap<string, number>(2).set('a', 1).set('b', 2).set('a', 3).set('c', 4);
  expect([...map]).toEqual([
    ['a', 3],
    ['c', 4],
  ]);
});

test('memoises results of a function for short texts, but not for long texts', () => {
  const calls: string[] = [];
  const join = remembered(2, (a: string, b: string) => (calls.push(a), a === '' ? null : [a, b]));
  const long = 'x'.repeat(5000);
  const asked = ['ab', 'c', 'a', 'bc', '', '', 'ab', 'c', '', '', long, '', long, ''];
  asked.push('d', '', 'e', '', 'd', '', 'ab', 'c');
  for (let i = 0; i < asked.length; i += 2)
    expect(join(asked[i]!, asked[i + 1]!)).toEqual(asked[i] === '' ? null : [asked[i], asked[i + 1]]);
  expect(calls).toEqual(['ab', 'a', '', long, long, 'd', 'e', 'ab']);
});
