import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { expect, it, test } from 'vitest';
import { formerlyNamed, GROUPS, HIDDEN, type Commands } from '../../../src/cli/command-table.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { chirality, CLI } from '../lab/recipes/cli.ts';

const ROWS = 'val/data.qa.jsonl';
const PROJECT = 'test/fixtures/recorded/project';
const FORMER = {
  mirror: 'view mirror',
  polarity: 'view polarity',
  'view --view': 'view add --view',
  compose: 'graph compose',
  look: 'inspect row',
  insight: 'inspect attention',
  probe: 'inspect probe',
  patch: 'inspect patch',
  'export-task': 'benchmark task',
  skeleton: 'import skeleton',
};

/** The commands of a table that help lists, by name, and families with theirs behind them. */
const leaves = (table: Commands): [name: string, about: string][] =>
  Object.entries(table).flatMap(([name, one]) => [
    [name, one.about] as [string, string],
    ...('commands' in one
      ? leaves(one.commands).map(([part, about]): [string, string] => [`${name} ${part}`, about])
      : []),
  ]);

it('adds every command under the name of the table, with a line that fits the list', async () => {
  const program = await createProgram(undefined, '0.0.0');
  const listed = [...Object.values(GROUPS), HIDDEN].flatMap(leaves);
  const isThere = (name: string) =>
    name
      .split(' ')
      .reduce<Command | undefined>(
        (parent, word) => parent?.commands.find((command) => command.name() === word),
        program,
      );
  expect(listed.filter(([name]) => !isThere(name))).toEqual([]);
  const called = listed.filter(([name]) => !Object.hasOwn(HIDDEN, name));
  expect(called.length).toBeGreaterThan(40);
  expect(called.filter(([, about]) => !/^[A-Z].{8,65}\.$/.test(about))).toEqual([]);
});

test.each(Object.entries(FORMER))('"%s" is called "%s" now', async (former, now) => {
  const words = now.split(' ');
  expect(formerlyNamed(former.split(' '))?.words).toEqual(words);
  const program = await createProgram(words, '0.0.0');
  const found = words
    .filter((word) => !word.startsWith('-'))
    .reduce<Command | undefined>(
      (parent, word) => parent?.commands.find((one) => one.name() === word),
      program,
    );
  expect(found?.createHelp().visibleOptions(found).length).toBeGreaterThan(1);
});

it.each(['view', 'view --help', 'view mirror a.qa.jsonl', 'view --quiet mirror a.qa.jsonl', 'views', 'runs'])(
  'takes "%s" as it is written',
  (line) => {
    expect(formerlyNamed(line.split(' '))).toBeNull();
  },
);

it('does by a former name what the new one does, and says the new one once', async () => {
  const now = await chirality(PROJECT, 'view', 'mirror', ROWS);
  const before = await chirality(PROJECT, 'mirror', ROWS);
  expect([before.code, before.stdout]).toEqual([now.code, now.stdout]);
  expect(before.stderr).toBe(`chirality mirror is now chirality view mirror.\n${now.stderr}`);
  const quiet = await chirality(PROJECT, 'mirror', ROWS, '--quiet', '--json');
  expect(quiet).toEqual(await chirality(PROJECT, 'view', 'mirror', ROWS, '--quiet', '--json'));
});

it.each([
  ['mirorr', 'view mirror'],
  ['evall', 'eval'],
  ['insigth', 'inspect attention'],
  ['view miror', 'mirror'],
])('suggests for "%s" what was probably meant', async (typed, meant) => {
  const { code, stderr } = await chirality(PROJECT, ...typed.split(' '));
  expect([code, stderr]).toEqual([2, expect.stringContaining(`(Did you mean ${meant}?)`)]);
});

it('lists all commands without loading any', () => {
  const loaded = new Set<string>();
  const load = (path: string) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, next] of text.matchAll(/^(?:import|export)\b[^;]*?"\.\/(cli-[^"]+)"/gm))
      load(join(CLI, '..', next!));
  };
  load(CLI);
  const bytes = [...loaded].reduce((sum, path) => sum + statSync(path).size, 0);
  // Most of it is the library that reads options. One command with what it needs is about 1.5 MB.
  expect(loaded.size).toBeGreaterThan(1);
  expect(bytes).toBeLessThan(250_000);
});
