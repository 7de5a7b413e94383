import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { closureOf, importsIn, sourcesIn, usesOf } from '../support/imports.ts';

// What describes does not import what does: names, labels and texts stand apart from the code that computes them.

const sources = sourcesIn(['src', 'webview']);
const imports = importsIn(['src', 'webview']);
const PAGES = imports.map(({ from }) => from).filter((file) => /^webview\/\w+\/\w+-page\.tsx$/.test(file));

test.each([
  ['src/core/rewards/coupling.ts', 5],
  ['src/core/rewards/assess.ts', 12],
  ['webview/run/run-page.tsx', 70],
])('%s: loads at most %i files', (file, most) => {
  const loaded = [...closureOf(file, imports)];
  expect(loaded.length, loaded.join('\n')).toBeLessThanOrEqual(most);
});

test('PAGES: contains every panel and the pair card', () => {
  expect(new Set(PAGES).size).toBe(12);
});

test.each([...new Set(PAGES)])('%s: loads no English rules, unless it edits or traces texts', (page) => {
  const readers = [...closureOf(page, imports)].filter((file) => file.startsWith('src/rows/read/'));
  const reads = /^webview\/(annotate|pair|trace)\//.test(page);
  expect(reads ? [] : readers).toEqual([]);
});

// What a command does is in a file of its own (`*.action.ts`), which is loaded when the command is called.
test.each([
  ...new Set(
    imports
      .map(({ from }) => from)
      .filter((file) => /^src\/cli\/(?:commands|inspect)\/[\w-]+\.command\.ts$/.test(file)),
  ),
])('%s: shows its help without loading its implementation', (command) => {
  const statically = imports.filter(({ to }) => !to.endsWith('.action.ts'));
  const loaded = [...closureOf(command, statically)];
  expect(loaded.length, loaded.join('\n')).toBeLessThanOrEqual(84);
});

test('closureOf: follows value imports, re-exports and import(), but not type imports', () => {
  const uses = (from: string, to: string, types = false) => ({ from, to, names: ['x'], types });
  const graph = [uses('a', 'b'), uses('b', 'c'), uses('c', 'a'), uses('a', 'd', true)];
  expect([...closureOf('a', graph)].sort()).toEqual(['a', 'b', 'c']);
  const table = imports.filter(({ from }) => from === 'src/cli/command-table.ts');
  expect(table.some(({ to, types }) => to.startsWith('src/cli/commands/') && !types)).toBe(true);
});

// The build refuses circles of values. One of types alone still means that no file can be understood without the others.
test('sources: contain no import cycles, even of types', () => {
  // An action takes the types of what describes it, which loads it when it is asked.
  const uses = usesOf(imports.filter(({ to }) => !to.endsWith('.action.ts')));
  const circles: string[] = [];
  const checked = new Set<string>();
  const visit = (file: string, way: readonly string[]) => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '));
    else if (!checked.has(file)) for (const to of uses.get(file) ?? []) visit(to, [...way, file]);
    checked.add(file);
  };
  for (const file of new Set(imports.map(({ from }) => from))) visit(file, []);
  expect(circles).toEqual([]);
});

// What could be taken out lists what would miss it.
test.each(
  ['core/insight', 'lab/insight', 'core/metrics/audit', 'core/psychophysics', 'lab/acuity'].map(
    (module) => `src/${module}`,
  ),
)('%s/README.md: lists every importer of the module, as a file or a folder', (module) => {
  const [line] = /^- \*\*Imported by\*\*: .*$/m.exec(readFileSync(`${module}/README.md`, 'utf8'))!;
  const places = [...line.matchAll(/`([^`]+)`/g)].map(([, place]) =>
    place!.startsWith('webview/') ? place! : `src/${place}`,
  );
  const importers = imports
    .filter(({ from, to }) => to.startsWith(`${module}/`) && !from.startsWith(`${module}/`))
    .map(({ from }) => places.find((place) => from === place || from.startsWith(`${place}/`)) ?? from);
  expect(new Set(importers)).toEqual(new Set(places));
});

test('sources: have unique file names', () => {
  const stems = sources.map((file) => /([^/]+)\.\w+$/.exec(file)![1]!).filter((stem) => stem !== 'index');
  expect(stems.filter((stem, i) => stems.indexOf(stem) !== i)).toEqual([]);
});

// A name that leaves its zone is one that readers elsewhere must know. The bounds of all are what there is, not what
// should be: whoever lowers a count lowers its bound.
test('modules: export a limited number of names to other modules', () => {
  const zoneOf = (file: string) => /^(?:src\/)?(\w+)/.exec(file)![1]!;
  const roomOf = (file: string) => file.split('/').slice(0, 3).join('/');
  const leaving = (groupOf: (file: string) => string) => {
    const groups = new Map<string, Set<string>>();
    for (const { from, to, names } of imports)
      if (zoneOf(from) !== zoneOf(to))
        for (const name of names)
          groups.set(groupOf(to), (groups.get(groupOf(to)) ?? new Set()).add(`${to} ${name}`));
    return groups;
  };
  for (const [room, { size }] of leaving(roomOf))
    if (/^src\/(core|engines|lab)\//.test(room)) expect(size, room).toBeLessThanOrEqual(61);
  const zones = leaving(zoneOf);
  expect(zones.get('rows')!.size).toBeLessThanOrEqual(129);
  expect(zones.get('core')!.size).toBeLessThanOrEqual(611);
  expect([...zones.values()].reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(1521);
});

// The bounds are what there is, not what should be: whoever deletes lowers them.
test('sources: stay within the line limits', () => {
  const lines = (file: string) => readFileSync(file, 'utf8').split('\n').length - 1;
  const count = (files: readonly string[]) => files.reduce((sum, file) => sum + lines(file), 0);
  const workers = readdirSync('src/engines/torch/worker', { recursive: true, encoding: 'utf8' });
  const python = workers
    .filter((name) => name.endsWith('.py'))
    .map((name) => `src/engines/torch/worker/${name}`);
  const all = count([...sources, ...python]);
  expect(all).toBeLessThanOrEqual(178_261);
  for (const zone of ['base', 'rows', 'core', 'engines', 'lab', 'panels', 'cli', 'extension'])
    expect(count(sources.filter((file) => file.startsWith(`src/${zone}/`))) / all, zone).toBeLessThanOrEqual(
      0.28,
    );
  expect(count(sourcesIn(['test']))).toBeLessThanOrEqual(108_536);
});
