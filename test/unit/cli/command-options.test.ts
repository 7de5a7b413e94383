import { readFileSync } from 'node:fs';
import type { CommandUnknownOpts as Command } from 'commander';
import { expect, it } from 'vitest';
import { groupBy } from '../../../src/core/evaluation/scored-row.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { sourcesIn } from '../../support/imports.ts';

const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
const commands = all(await createProgram(undefined, '0.0.0'));

it('command options: have the same letter and value form in every command', () => {
  const options = commands.flatMap((command) => command.options);
  const differing = [...groupBy(options, ({ long }) => long!).values()].flatMap((uses) => {
    const ways = new Set(uses.map(({ long, short, required }) => JSON.stringify({ long, short, required })));
    return ways.size > 1 ? [[...ways]] : [];
  });
  expect(differing).toEqual([]);
  // What a command writes is -o, --output; a folder is a <folder>.
  expect(options.filter(({ flags }) => /--out\b|<dir>/.test(flags))).toEqual([]);
});

it('command options: each option is used in the code', () => {
  const code = sourcesIn(['src/cli', 'src/lab/operations', 'src/lab/datasets'])
    .map((file) => readFileSync(file, 'utf8').replaceAll(/(?<!\[)'[^'\n]*'/g, '')) // without texts and `--by <field>`
    .join('\n');
  const names = new Set(code.match(/\w+/g));
  const options = new Set(commands.flatMap(({ options }) => options.map((option) => option.attributeName())));
  expect(options.size).toBeGreaterThan(100);
  expect([...options].filter((name) => !names.has(name))).toEqual([]);
});

it('help: states each default once, and marks required options', () => {
  const lines = commands.flatMap((command) =>
    command.options.map((option) => ({
      of: `${command.name()} ${option.long}`,
      needed: option.mandatory,
      text: command.createHelp().optionDescription(option),
    })),
  );
  const unclear = lines.filter(({ text }) => /default.*default|default: [[{]|by default/.test(text));
  expect(unclear).toEqual([]);
  expect(lines.filter(({ text }) => text.endsWith('(required)'))).toEqual(
    lines.filter(({ needed }) => needed),
  );
});

it('help: shows examples for every public command', () => {
  const silent = commands.filter((command) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    const isPart = ['chirality', 'help', 'work', 'serve-model', 'self-test'].includes(command.name());
    return !isPart && command.commands.length === 0 && !/^Examples?\b/m.test(help);
  });
  expect(silent.map((command) => command.name())).toEqual([]);
});
