import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PART, withParts } from '../../scripts/docs-parts.ts';

const pages = readdirSync('docs').map((name) => `docs/${name}`);
const read = (path: string) => readFileSync(path, 'utf8');

it.each(pages.filter((path) => read(path).match(PART)))(
  '%s has the parts that its schemas and tables make',
  async (path) => {
    expect(await withParts(read(path)), 'Run `npm run docs`.').toBe(read(path));
  },
);

it('a part that no script makes is refused', async () => {
  await expect(withParts('<!-- generated: weather -->\n<!-- /generated -->')).rejects.toThrow('"weather"');
});

it('the pages are short', () => {
  const words = pages.map(
    (path) =>
      read(path)
        .replaceAll(PART, '')
        .split(/\s+/)
        .filter((word) => /[\p{L}\p{N}]/u.test(word)).length,
  );
  expect(words.reduce((total, n) => total + n, 0)).toBeLessThanOrEqual(52_000);
});
