import { expect, test } from 'vitest';
import { RecentMap } from '../../../src/base/recent-map.ts';

test('drops the oldest entry, and counts one that is set again as new', () => {
  const map = new RecentMap<string, number>(2).set('a', 1).set('b', 2).set('a', 3).set('c', 4);
  expect([...map]).toEqual([
    ['a', 3],
    ['c', 4],
  ]);
});
