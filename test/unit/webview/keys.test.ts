import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ANNOTATE_COMMANDS } from '../../../src/panels/annotate/annotate.contract.ts';
import { DATA_COMMANDS } from '../../../src/panels/dataset/dataset.contract.ts';
import { PAIR_COMMANDS } from '../../../src/panels/pair/pair.contract.ts';
import { PLAYGROUND_COMMANDS } from '../../../src/panels/playground/playground.contract.ts';
import { TRACE_COMMANDS } from '../../../src/panels/trace/trace.contract.ts';
import { annotateKeys } from '../../../webview/annotate/annotate-keys.ts';
import { DATA_KEYS } from '../../../webview/dataset/dataset-model.ts';
import { pairKeys } from '../../../webview/pair/pair-keys.ts';
import { playgroundKeys } from '../../../webview/playground/playground-keys.ts';
import { traceKeys } from '../../../webview/trace/trace-keys.ts';
import { nameOf, printed, runCommand, type Key } from '../../../webview/ui/keyboard.ts';

const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  contributes: {
    commands: { command: string; title: string }[];
    keybindings: { command: string; when: string }[];
  };
};
const NOBODY = {} as never;
const PANELS: [panel: string, table: readonly Key[], commands: readonly string[]][] = [
  ['annotate', annotateKeys(NOBODY), ANNOTATE_COMMANDS],
  ['dataSet', DATA_KEYS, DATA_COMMANDS],
  ['pair', pairKeys(NOBODY, {} as never), PAIR_COMMANDS],
  ['playground', playgroundKeys(NOBODY), PLAYGROUND_COMMANDS],
  ['trace', traceKeys(NOBODY), TRACE_COMMANDS],
];

describe.each(PANELS)('keys of %s', (panel, table, commands) => {
  test('keys of a page are unique, and have no second binding in VS Code', () => {
    const prefix = `chirality.${panel}.`;
    const declared = contributes.commands.filter(({ command }) => command.startsWith(prefix));
    const own = table.filter(({ command }) => command !== undefined);
    const byName = (all: [string, string][]) => all.sort(([a], [b]) => (a < b ? -1 : 1));
    expect(byName(own.map(({ command, label }) => [`${prefix}${command}`, label]))).toEqual(
      byName(declared.map(({ command, title }) => [command, title])),
    );
    expect([...commands].sort()).toEqual(own.map(({ command }) => command).sort());
  });

  test('keys of the page are unique, and have no second binding in VS Code', () => {
    const keys = table.flatMap((key) => key.keys);
    expect(new Set(keys).size).toBe(keys.length);
    expect(
      contributes.keybindings.filter(({ command }) => command.startsWith(`chirality.${panel}.`)),
    ).toEqual([]);
  });
});

test('runCommand: runs the action of the matching key', () => {
  const done: number[] = [];
  const table: Key[] = [
    { keys: ['1', '2'], command: 'choose', label: '', run: (choice) => done.push(choice) },
  ];
  runCommand(table, { name: 'choose', choice: 2 });
  runCommand(table, { name: 'choose' });
  runCommand(table, { name: 'nothing' });
  expect(done).toEqual([2, 1]);
});

test.each([
  [{ key: 'j' }, 'j'],
  [{ key: 'J', shiftKey: true }, 'shift+j'],
  // With the capitals lock.
  [{ key: 'J' }, 'j'],
  [{ key: '?', shiftKey: true }, '?'],
  [{ key: '1', shiftKey: true, code: 'Digit1' }, '1'],
  [{ key: ' ' }, 'space'],
  [{ key: 'Enter', metaKey: true }, 'ctrl+enter'],
  [{ key: 'ArrowLeft', altKey: true, shiftKey: true }, 'alt+shift+arrowleft'],
  [{ key: 'о', code: 'KeyJ' }, 'j'],
  [{ key: 'ж', code: 'Semicolon' }, 'ж'],
])('nameOf: returns for the key event %o %s', (event, name) => {
  expect(nameOf({ code: '', ...event } as Parameters<typeof nameOf>[0])).toBe(name);
});

test('printed: returns keys as labelled on a keyboard', () => {
  const all = [['j'], ['ctrl+enter'], ['shift+j'], ['?'], ['a', 'b'], ['1', '2', '3']];
  expect(all.map(printed)).toEqual(['j', 'Ctrl+Enter', 'Shift+J', '?', 'a, b', '1 – 3']);
});
