import { readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';

const made = readdirSync('media').filter((name) => /\.(?:png|webp)$/.test(name) && name !== 'icon.png');
const pages = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)];

it('README and docs: show exactly the images in media', () => {
  const shown = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/!\[[^\]]+\]\((?:\.\.\/)?media\/([^)]+)\)/g)].map(
      ([, name]) => name!,
    ),
  );
  expect([...new Set(shown)].sort()).toEqual(made.sort());
  expect(statSync('media/chirality.webp').size).toBeLessThan(3e6);
});
