import { readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { activate } from '../../../src/extension/activate.ts';
import { env, EventEmitter, events, fakeContext, record, Uri, workspace } from './fake-vscode.ts';

interface Contribution {
  command: string;
  when?: string;
}

/** Commands of VS Code itself that texts of ours link to. */
const BUILT_IN = [
  'vscode.openFolder',
  'workbench.action.openSettings',
  'workbench.action.openRemoteSettings',
  'workbench.trust.manage',
];
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  activationEvents: string[];
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
  contributes: {
    commands: (Contribution & { title: string; category: string; enablement?: string })[];
    menus: Record<string, Contribution[]>;
    customEditors: { viewType: string }[];
    keybindings: Contribution[];
    languages: { icon?: { light: string; dark: string }; configuration?: string }[];
    grammars: { path: string }[];
    viewsContainers: Record<string, { id: string; icon: string }[]>;
    views: Record<string, { id: string; icon: string }[]>;
    viewsWelcome: { view: string; contents: string; when: string }[];
    configuration: { properties: Record<string, { scope: string }> };
    walkthroughs: { icon: string; steps: { description: string; media: { svg: string } }[] }[];
  };
};

const Worker = vi.hoisted(() => vi.fn());
vi.mock('node:worker_threads', () => ({ Worker }));

describe('activation of the extension', () => {
  const subscriptions: { dispose(): unknown }[] = [];
  const { workspaceState } = fakeContext();
  const environment = new Map<string, string>();
  const environmentVariableCollection = {
    clear: () => environment.clear(),
    prepend: (name: string, value: string) => environment.set(name, value),
    replace: (name: string, value: string) => environment.set(name, value),
  };
  const start = () =>
    activate({
      extensionUri: Uri.file('/extension'),
      subscriptions,
      workspaceState,
      secrets: { onDidChange: new EventEmitter<void>().event },
      environmentVariableCollection,
      extension: { packageJSON: manifest },
    } as never);
  afterEach(() => {
    for (const subscription of subscriptions.splice(0)) subscription.dispose();
    record.serializers.length = 0;
    record.customEditors.length = 0;
  });

  test('registers exactly the commands that package.json declares', () => {
    start();
    const declared = manifest.contributes.commands.map(({ command }) => command);
    expect([...record.commands.keys()].sort()).toEqual(declared.sort());
  });

  test('declares every command of menus and keys, with a palette condition for each', () => {
    const declared = new Set(manifest.contributes.commands.map(({ command }) => command));
    const { menus, keybindings } = manifest.contributes;
    for (const { command } of [...Object.values(menus).flat(), ...keybindings]) {
      expect(declared).toContain(command);
    }
    const limited = manifest.contributes.commands.filter(({ enablement }) => enablement !== undefined);
    const placed = [...menus.commandPalette!, ...limited].map(({ command }) => command);
    expect(placed.sort()).toEqual([...declared].sort());
  });

  test('offers title bar commands of a panel also in the palette', () => {
    const { menus } = manifest.contributes;
    const inPalette = new Map(menus.commandPalette!.map(({ command, when }) => [command, when ?? 'true']));
    for (const { command, when = '' } of menus['editor/title']!) {
      const [panel] = /activeWebviewPanelId == '[^']+'/.exec(when) ?? [];
      const shown = inPalette.get(command)!;
      // Whatever names the file of an editor does not hold in a panel.
      if (panel && /resource/.test(shown)) expect(shown, command).toContain(`|| ${panel}`);
    }
  });

  test('hides report commands from the palette if no runs exist', () => {
    const needing = ['chirality.openRun', 'chirality.compareRuns', 'chirality.openSweepReport'];
    const shown = manifest.contributes.menus.commandPalette!.filter(({ command }) =>
      needing.includes(command),
    );
    expect(shown.map(({ when }) => when)).toEqual([
      '!chirality.runs.none',
      '!chirality.runs.none',
      '!chirality.runs.noneOfSweep',
    ]);
  });

  test('gives every command a unique name in VS Code lists', () => {
    const names = manifest.contributes.commands.map(({ category, title }) => `${category}: ${title}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test('shows the declared views with welcome texts that link to existing commands', () => {
    start();
    const { views, viewsContainers, viewsWelcome, commands, menus } = manifest.contributes;
    const ids = views.chirality!.map(({ id }) => id);
    expect(viewsContainers.activitybar!.map(({ id }) => id)).toEqual(Object.keys(views));
    expect([...record.treeViews.keys()]).toEqual(ids);
    const known = new Set([...BUILT_IN, ...commands.map(({ command }) => command)]);
    for (const { view, contents } of viewsWelcome) {
      expect(ids).toContain(view);
      for (const [, command] of contents.matchAll(/\(command:([\w.]+)/g)) expect(known).toContain(command);
    }
    const clauses = [...menus['view/title']!, ...menus['view/item/context']!].map(({ when }) => when!);
    for (const when of clauses)
      expect(ids.some((id) => when.includes(id) || when.startsWith('view =~'))).toBe(true);
  });

  test('opens machine settings on the machine where the extension runs', async () => {
    start();
    const add = record.commands.get('chirality.engines.addEndpoint')!;
    const opened = () => record.executed.at(-1);
    await add();
    expect(opened()).toEqual(['workbench.action.openSettings', 'chirality.endpoints']);
    expect(record.messages.at(-1)!.text).toContain('{ "url": "http://localhost:8000/v1" }');
    env.remoteName = 'ssh-remote';
    await add();
    expect(opened()).toEqual(['workbench.action.openRemoteSettings', { query: 'chirality.endpoints' }]);
    env.remoteName = undefined;
  });

  test.each(['runs', 'dataSets'])('reports missing %s only after a search', (name) => {
    const folder = manifest.contributes.viewsWelcome.filter(
      ({ view, when }) => view === `chirality.${name}` && when.startsWith('workspaceFolderCount != 0'),
    );
    const whenOf = (words: RegExp) =>
      folder.filter(({ contents }) => words.test(contents)).map(({ when }) => when);
    expect(whenOf(/^(?:No (?:runs|datasets)|Does a model see)/)).toHaveLength(2);
    for (const when of whenOf(/^(?:No (?:runs|datasets)|Does a model see)/))
      expect(when.endsWith(` && chirality.${name}.none`)).toBe(true);
    const [looking, ...others] = whenOf(/^Looking for/);
    expect(looking!.endsWith(` && !chirality.${name}.none`)).toBe(true);
    expect(others).toEqual([]);
  });

  test('ignores workspace settings for folders, programs and servers in Restricted Mode', () => {
    const settings = Object.entries(manifest.contributes.configuration.properties);
    // A machine's settings are never a workspace's, nor are those of the whole application.
    const open = settings.filter(([, { scope }]) => scope !== 'machine' && scope !== 'application');
    expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations).toEqual(
      open.map(([name]) => name),
    );
    for (const [, { scope }] of open) expect(scope).toBe('machine-overridable');
  });

  test('commands and views use only existing icons', () => {
    const icons = JSON.parse(
      readFileSync('node_modules/@vscode/codicons/dist/metadata.json', 'utf8'),
    ) as object;
    const named = [...JSON.stringify(manifest).matchAll(/\$\(([\w-]+)\)/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !(name in icons))).toEqual([]);
  });

  test('activates for restorable panels, and on startup to look for active runs', () => {
    start();
    const panels = record.serializers.map((type) => `onWebviewPanel:${type}`);
    expect(manifest.activationEvents).toEqual(['onStartupFinished', ...panels]);
  });

  test('adds the command to terminals in trusted folders only', () => {
    workspace.isTrusted = false;
    start();
    expect(environment.size).toBe(0);
    workspace.isTrusted = true;
    workspace.settings = { 'chirality.nodePath': '/opt/node' };
    events.trusted.fire(undefined);
    expect(Object.fromEntries(environment)).toEqual({
      PATH: `/extension/bin${delimiter}`,
      CHIRALITY_NODE: '/opt/node',
    });
  });

  test('opens the editors that package.json declares', () => {
    start();
    const declared = manifest.contributes.customEditors.map(({ viewType }) => viewType);
    expect(record.customEditors).toEqual(declared);
  });

  test('activation starts no thread', () => {
    start();
    expect(Worker).not.toHaveBeenCalled();
  });

  test('the extension unregisters everything on disposal', () => {
    start();
    for (const subscription of subscriptions.splice(0)) subscription.dispose();
    expect(record.commands.size).toBe(0);
  });

  test('shows the question of each view in the picture of the first step', () => {
    const [first] = manifest.contributes.walkthroughs[0]!.steps;
    expect(first!.description).toContain('mirrored question');
    const questions = readFileSync(first!.media.svg, 'utf8').match(/>[^<]*\?</g)!;
    expect(questions).toHaveLength(2);
    expect(questions[1]).toBe(questions[0]!.replace('left', 'right'));
    expect(questions[1]).not.toBe(questions[0]);
  });

  test('ships all files that package.json references, and a different icon per tab type', () => {
    start();
    const { languages, grammars, views, viewsContainers, walkthroughs } = manifest.contributes;
    const files = languages.flatMap(({ icon, configuration }) =>
      [icon?.light, icon?.dark, configuration].filter((path) => path !== undefined),
    );
    const icons = [views, viewsContainers]
      .flatMap((each) => Object.values(each).flat())
      .map(({ icon }) => icon);
    const pictures = walkthroughs.flatMap(({ icon, steps }) => [
      icon,
      ...steps.map(({ media }) => media.svg),
    ]);
    const tabs = record.serializers.flatMap((type) =>
      ['light', 'dark'].map((theme) => `media/tabs/${type.replace('chirality.', '')}-${theme}.svg`),
    );
    expect(new Set(tabs.map((path) => readFileSync(path, 'utf8'))).size).toBe(tabs.length);
    for (const path of [...files, ...grammars.map(({ path }) => path), ...icons, ...pictures]) {
      expect(readFileSync(path, 'utf8')).not.toBe('');
    }
  });
});
