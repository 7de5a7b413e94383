import { expect, test } from 'vitest';
import { closureOf, importsIn } from '../support/imports.ts';

// What describes does not import what does: names, labels and texts stand apart from the code that computes them.

const imports = importsIn(['src', 'webview']);
const PAGES = imports.map(({ from }) => from).filter((file) => /^webview\/\w+\/main\.tsx$/.test(file));

test.each([
  ['src/core/rewards/coupling.ts', 5],
  ['src/core/rewards/assess.ts', 12],
  ['webview/run/main.tsx', 70],
])('%s loads at most %i files', (file, most) => {
  const loaded = [...closureOf(file, imports)];
  expect(loaded.length, loaded.join('\n')).toBeLessThanOrEqual(most);
});

test.each([...new Set(PAGES)])('%s reads no English, unless its texts are edited or traced', (page) => {
  const readers = [...closureOf(page, imports)].filter((file) => file.startsWith('src/core/read/'));
  const reads = /^webview\/(annotate|pair|trace)\//.test(page);
  expect(reads ? [] : readers).toEqual([]);
});

test('loading follows values, re-exports and import(), but no types', () => {
  const uses = (from: string, to: string, types = false) => ({ from, to, names: ['x'], types });
  const graph = [uses('a', 'b'), uses('b', 'c'), uses('c', 'a'), uses('a', 'd', true)];
  expect([...closureOf('a', graph)].sort()).toEqual(['a', 'b', 'c']);
  const table = imports.filter(({ from }) => from === 'src/cli/command-table.ts');
  expect(table.some(({ to, types }) => to.startsWith('src/cli/commands/') && !types)).toBe(true);
});
