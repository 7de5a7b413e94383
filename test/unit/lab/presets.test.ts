import { expect, test } from 'vitest';
import { listPresets } from '../../../src/lab/library.ts';

test.each(listPresets())('$name is told by purpose, hardware and size in one line', ({ about }) => {
  expect(about).toMatch(/^\S.+ · .*\b[CG]PUs?\b/);
  expect(about).not.toMatch(/[#\n]|\.$/);
  expect(about.length).toBeLessThanOrEqual(100);
});

test('no two presets begin alike', () => {
  const beginnings = listPresets().map(({ about }) => about.split(' · ')[0]);
  expect(new Set(beginnings).size).toBe(beginnings.length);
});
