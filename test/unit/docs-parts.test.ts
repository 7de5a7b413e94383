import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PART, withParts } from '../../scripts/docs-parts.ts';

const pages = readdirSync('docs').map((name) => `docs/${name}`);
const read = (path: string) => readFileSync(path, 'utf8');

it.each(pages.filter((path) => read(path).match(PART)))(
  '%s: contains the parts generated from schemas and tables',
  async (path) => {
    expect(await withParts(read(path)), 'Run `npm run docs`.').toBe(read(path));
  },
);

it('withParts: rejects a part without a generator', async () => {
  await expect(withParts('<!-- generated: weather -->\n<!-- /generated -->')).rejects.toThrow('"weather"');
});

it('docs: contain at most 52,000 hand-written words', () => {
  const words = pages.flatMap((path) => read(path).replaceAll(PART, '').split(/\s+/));
  expect(words.filter((word) => /[\p{L}\p{N}]/u.test(word)).length).toBeLessThanOrEqual(52_000);
});
