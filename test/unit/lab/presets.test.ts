import { expect, test } from 'vitest';
import { listPresets } from '../../../src/lab/library.ts';

test.each(listPresets())('preset $name describes purpose, hardware and size in one line', ({ about }) => {
  expect(about).toMatch(/^\S.+ · .*\b[CG]PUs?\b/);
  expect(about).not.toMatch(/[#\n]|\.$/);
  expect(about.length).toBeLessThanOrEqual(100);
});

test('presets: begin with different descriptions', () => {
  const beginnings = listPresets().map(({ about }) => about.split(' · ')[0]);
  expect(new Set(beginnings).size).toBe(beginnings.length);
});
