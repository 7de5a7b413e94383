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

it('the pages have at most 52,000 words that are written by hand', () => {
  const words = pages.flatMap((path) => read(path).replaceAll(PART, '').split(/\s+/));
  expect(words.filter((word) => /[\p{L}\p{N}]/u.test(word)).length).toBeLessThanOrEqual(52_000);
});
