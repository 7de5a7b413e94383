import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandUnknownOpts as Command } from 'commander';
import { expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/program.ts';

// Whoever renames an option has to find everybody who writes it down.

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const under = (folder: string, ending: RegExp) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => ending.test(path))
    .map((path) => join(folder, path));
const pages = ['README.md', ...under('docs', /\.md$/)];

const program = await createProgram(undefined, '0.0.0');
const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
for (const command of all(program))
  command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined }).action(() => undefined);

/** The words of every call of the program in lines for a shell, up to the pipe, the comment or the next command. */
function calls(script: string): string[][] {
  const words = (line: string) =>
    [...line.matchAll(/(?:"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
      word.replaceAll(/"((?:\\.|[^"\\])*)"|'([^']*)'/g, '$1$2'),
    );
  // In a loop, the first value stands for all.
  const firsts = new Map(
    [...script.matchAll(/\bfor (\w+) in (?:\$\(seq \d+\)|(\w+))/g)].map(([, name, value = '1']) => [
      name,
      value,
    ]),
  );
  return script
    .replaceAll(/\\\n\s*/g, ' ')
    .replaceAll(/\$(\w+)/g, (variable, name: string) => firsts.get(name) ?? variable)
    .split('\n')
    .flatMap((line) => line.split(/(?:^ *|\bthen |\| )chirality /).slice(1))
    .map((call) => {
      const found = words(call);
      const end = found.findIndex((word) => /^(?:#.*|\||>>?|&&?|.*;)$/.test(word));
      return end < 0 ? found : [...found.slice(0, end), ...(found[end]!.match(/^.+(?=;)/) ?? [])];
    });
}

/** What the program says against a call; null if it would start. */
async function refusal(call: readonly string[]): Promise<string | null> {
  try {
    await program.parseAsync([...call], { from: 'user' });
    return null;
  } catch (error) {
    return `chirality ${call.join(' ')}: ${(error as Error).message}`;
  }
}

async function refusals(written: readonly string[][]): Promise<string[]> {
  const said: string[] = [];
  for (const call of written) said.push(...[await refusal(call)].filter((one) => one !== null));
  return said;
}

it('the program accepts every command in README and docs', async () => {
  const blocks = pages.flatMap((page) => read(page).match(/^```sh\b.*\n[^]*?^```/gm) ?? []);
  const written = blocks.flatMap(calls);
  expect(written.length).toBeGreaterThan(70);
  expect(await refusals(written)).toEqual([]);
});

it('the program accepts every example in its help', async () => {
  const written: string[][] = [];
  for (const command of all(program)) {
    command.configureOutput({ writeOut: (text) => written.push(...calls(text.replaceAll('\n  ', '\n'))) });
    command.outputHelp();
  }
  expect(written.length).toBeGreaterThan(90);
  expect(await refusals(written)).toEqual([]);
});

it('commands in texts, messages and scripts: use only existing names and options', () => {
  const texts = [
    ...pages,
    'package.json',
    ...['src', 'webview', 'library'].flatMap((folder) => under(folder, /\.(?:tsx?|md|ya?ml)$/)),
  ];
  const named = texts.flatMap((path) =>
    [...read(path).matchAll(/`chirality ([a-z][^`$\n]*)/g)].map(([, call]) => ({ path, call: call! })),
  );
  const scripts = under('scripts', /\.m?[jt]s$/).flatMap((path) =>
    [...read(path).matchAll(/\bchirality\((?!\.\.\.args)([^;]*?)\);?\n/g)].map(([, args]) => ({
      path,
      call: [...args!.matchAll(/'([^']*)'/g)].map(([, word]) => word).join(' '),
    })),
  );
  expect(scripts.length).toBeGreaterThan(2);
  expect(named.length).toBeGreaterThan(100);
  const unknown = [...named, ...scripts].filter(({ call }) => {
    let command: Command = program;
    const known = ['--help'];
    for (const word of call.split(/[\s\\]+/)) {
      command = command.commands.find((one) => one.name() === word) ?? command;
      known.push(...command.options.map(({ long }) => long!));
    }
    return (
      command === program || (call.match(/--[a-z][\w-]*/g) ?? []).some((option) => !known.includes(option))
    );
  });
  expect(unknown).toEqual([]);
});
