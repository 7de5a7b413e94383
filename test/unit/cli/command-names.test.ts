import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandUnknownOpts as Command } from 'commander';
import { expect, it } from 'vitest';
import { GROUPS, HIDDEN, namesTyped, type Commands } from '../../../src/cli/command-table.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { chirality, CLI } from '../lab/recipes/cli.ts';

const PROJECT = 'test/fixtures/recorded/project';
/** The commands of a table that help lists, by name, and families with theirs behind them. */
const leaves = (table: Commands): [name: string, about: string][] =>
  Object.entries(table).flatMap(([name, one]) => [
    [name, one.about] as [string, string],
    ...('commands' in one
      ? leaves(one.commands).map(([part, about]): [string, string] => [`${name} ${part}`, about])
      : []),
  ]);

it('createProgram: adds every listed command, with a one-line description', async () => {
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

it.each([
  ['mirorr', 'view mirror'],
  ['evall', 'eval'],
  ['covert', 'convert'],
  ['atention', 'inspect attention'],
  ['view miror', 'mirror'],
])('unknown command: %s suggests the command %s', async (typed, meant) => {
  const { code, stderr } = await chirality(PROJECT, ...typed.split(' '));
  expect([code, stderr]).toEqual([2, expect.stringContaining(`(Did you mean ${meant}?)`)]);
});

it.each(['attach', 'trace', 'stop'])('%s without a run suggests the list of runs', async (command) => {
  const { code, stderr } = await chirality(PROJECT, command);
  expect([code, stderr]).toEqual([2, expect.stringContaining('List the runs with `chirality runs`.')]);
});

it.each([
  ['score a.csv --question q', true],
  ['convert a.csv --answer label', true],
  ['train a.run.yaml --question q', false],
])('%s: suggests --map if the command has it', async (line, isMapped) => {
  const { code, stderr } = await chirality(PROJECT, ...line.split(' '));
  expect([code, stderr.includes('pass --map')]).toEqual([2, isMapped]);
});

it('property: a name outside families suggests the command outside families', () => {
  const names = Object.values(GROUPS).flatMap(Object.keys);
  expect(names.filter((name) => namesTyped().get(name) !== name)).toEqual([]);
});

it('help: lists all commands without loading any', () => {
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

it('names an unknown option before the required one that it misspells, and a way to a missing config', async () => {
  const misspelt = await chirality('.', 'worlds', '--cuont', '3');
  expect([misspelt.code, misspelt.stderr]).toEqual([2, expect.stringContaining("unknown option '--cuont'")]);
  expect(misspelt.stderr).toContain('Did you mean --count?');
  expect((await chirality('.', 'worlds', '--count', '3')).stderr).toContain("required option '-o, --output");
  expect((await chirality('.', 'worlds', '--help')).stdout).toMatch(/--count <n> .*\(required\)/s);
  expect((await chirality('.', 'train')).stderr).toContain('chirality presets demo > demo.run.yaml');
});
