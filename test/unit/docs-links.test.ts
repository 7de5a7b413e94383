import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(path, 'utf8').replaceAll(/^```[^]*?^```/gm, '');
const docs = readdirSync('docs').map((name) => `docs/${name}`);
const notes = ['README', 'studies'].map((name) => `test/bench/${name}.md`);
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'python/README.md', ...docs, ...notes];

/** The links of a page that lead to files, without those in code. */
const linksOf = (page: string) =>
  [
    ...read(page)
      .replaceAll(/`[^`\n]*`/g, '')
      .matchAll(/\]\((?!https?:)([^()\s]+)\)/g),
  ].map(([, link]) => {
    const [path, anchor] = link!.split('#');
    return { link: link!, file: path === '' ? page : normalize(join(page, '..', path!)), anchor };
  });

/** Headings as hosts of Markdown name them. */
const anchorsOf = (page: string) =>
  [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

it('README and docs: link only to existing files and headings', () => {
  const links = pages.flatMap((page) => linksOf(page).map((link) => ({ page, ...link })));
  expect(links.length).toBeGreaterThan(300);
  const lost = links.filter(
    ({ file, anchor }) =>
      !existsSync(file) ||
      (anchor !== undefined && file.endsWith('.md') && !anchorsOf(file).includes(anchor)),
  );
  expect(lost.map(({ page, link }) => `${page}: ${link}`)).toEqual([]);
});

it('docs/README.md: links to every other page', () => {
  const linked = linksOf('docs/README.md').map(({ file }) => file);
  expect(docs.filter((page) => page !== 'docs/README.md' && !linked.includes(page))).toEqual([]);
});
