import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { looksOf, looksOfPanel, MARKS, panels, PICTURES, RETAKE } from '../support/pictures.ts';

const pages = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)];

it('README and docs show the images that a script makes, and no others', () => {
  const shown = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/!\[[^\]]+\]\((?:\.\.\/)?media\/([^)]+)\)/g)].map(
      ([, name]) => name!,
    ),
  );
  expect([...new Set(shown)].sort()).toEqual(Object.keys(PICTURES).sort());
  for (const name of shown) expect(existsSync(`media/${name}`), name).toBe(true);
  expect(statSync('media/chirality.webp').size).toBeLessThan(3e6);
});

it('no panel looks different from its images', () => {
  const marks = JSON.parse(readFileSync(MARKS, 'utf8')) as Record<string, string>;
  const changed = panels.filter((panel) => marks[panel] !== looksOfPanel(panel));
  const stale = Object.keys(PICTURES).filter((name) =>
    PICTURES[name]!.some((panel) => changed.includes(panel)),
  );
  expect(stale, `webview/${changed.join(', webview/')} changed. Make the pictures anew: ${RETAKE}`).toEqual(
    [],
  );
});

const PANEL = `
/** Rows. */
export const Rows = ({ n, onOpen }: { n: number; onOpen: () => void }) => (
  <p class={n > 9 ? 'many' : ''} title="how many" onClick={onOpen}>
    {n === 0 ? 'none' : \`\${n} rows\`} <b>of all</b>
  </p>
);`;
const looks = (text: string, css = 'p { color: red }') =>
  looksOf([
    ['rows.tsx', text],
    ['rows.css', css],
  ]);

it.each([
  ['a word', PANEL.replace('of all', 'of most')],
  ['a word that is computed', PANEL.replace("'none'", "'no row'")],
  ['words in a template', PANEL.replace(' rows`', ' lines`')],
  ['a class', PANEL.replace('many', 'lots')],
  ['an element', PANEL.replaceAll('b>', 'i>')],
])('%s is seen', (_, changed) => {
  expect(looks(changed)).not.toBe(looks(PANEL));
});

it('a style is seen; names, comments, handlers and layout of the source are not', () => {
  expect(looks(PANEL, 'p { color: blue }')).not.toBe(looks(PANEL));
  for (const same of [
    PANEL.replace('Rows.', 'All rows.'),
    PANEL.replaceAll('onOpen', 'open'),
    PANEL.replace('how many', 'how many rows'),
    PANEL.replaceAll('\n  ', '\n      '),
  ]) {
    expect(same).not.toBe(PANEL);
    expect(looks(same)).toBe(looks(PANEL));
  }
  expect(looks(PANEL, '/* Red. */\np {\n  color: red }')).toBe(looks(PANEL, ' p { color: red }'));
});
