import { expect, test } from 'vitest';
import { listPresets } from '../../../src/lab/library.ts';

test.each(listPresets())('$name is told in one whole sentence', ({ about }) => {
  expect(about).toMatch(/^\S.*[^\d]\.$/);
  expect(about).not.toMatch(/[#\n]|\. /);
});
