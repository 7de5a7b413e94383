import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { activate } from '../../../src/extension/main.ts';
import { record, Uri } from './fake-vscode.ts';

interface Contribution {
  command: string;
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  activationEvents: string[];
  contributes: {
    commands: (Contribution & { title: string })[];
    menus: Record<string, Contribution[]>;
    keybindings: Contribution[];
    languages: { icon: { light: string; dark: string }; configuration: string }[];
    grammars: { path: string }[];
  };
};

const Worker = vi.hoisted(() => vi.fn());
vi.mock('node:worker_threads', () => ({ Worker }));

describe('activation', () => {
  const subscriptions: { dispose(): unknown }[] = [];
  const start = () => activate({ extensionUri: Uri.file('/extension'), subscriptions } as never);
  afterEach(() => {
    for (const subscription of subscriptions.splice(0)) subscription.dispose();
    record.serializers.length = 0;
  });

  test('registers exactly the commands that package.json declares', () => {
    start();
    const declared = manifest.contributes.commands.map(({ command }) => command);
    expect([...record.commands.keys()].sort()).toEqual(declared.sort());
  });

  test('menus and keys name declared commands; every command has its place in the palette', () => {
    const declared = new Set(manifest.contributes.commands.map(({ command }) => command));
    const { menus, keybindings } = manifest.contributes;
    for (const { command } of [...Object.values(menus).flat(), ...keybindings]) {
      expect(declared).toContain(command);
    }
    expect(new Set(menus.commandPalette!.map(({ command }) => command))).toEqual(declared);
  });

  test('wakes for the panels that it can restore, and to look for active runs', () => {
    start();
    const panels = record.serializers.map((type) => `onWebviewPanel:${type}`);
    expect(manifest.activationEvents).toEqual(['onStartupFinished', ...panels]);
  });

  test('starts no thread', () => {
    start();
    expect(Worker).not.toHaveBeenCalled();
  });

  test('leaves nothing registered behind', () => {
    start();
    for (const subscription of subscriptions.splice(0)) subscription.dispose();
    expect(record.commands.size).toBe(0);
  });

  test('files that package.json names are there', () => {
    const { languages, grammars } = manifest.contributes;
    const files = languages.flatMap(({ icon, configuration }) => [icon.light, icon.dark, configuration]);
    for (const path of [...files, ...grammars.map(({ path }) => path)]) {
      expect(readFileSync(path, 'utf8')).not.toBe('');
    }
  });
});
