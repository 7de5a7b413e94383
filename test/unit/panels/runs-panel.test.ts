import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runsPanels } from '../../../src/panels/runs/runs.host.ts';
import { fakePanel } from './fake-panel.ts';
import { EventEmitter, fakeContext, record, window } from '../extension/fake-vscode.ts';
import { folderOfTests } from '../../support/folder.ts';

describe('Runs panel', () => {
  let folder: string;
  let panels: ReturnType<typeof runsPanels>;
  let runs: { dir: string; name: string; origin?: object }[];
  const changed = new EventEmitter<void>();
  const calls: unknown[] = [];

  beforeEach(() => {
    folder = folderOfTests('chirality-runs-');
    runs = ['a', 'b'].map((name) => ({ dir: join(folder, name), name }));
    for (const { dir } of runs) mkdirSync(dir);
    calls.length = 0;
    record.executed.length = 0;
    const list = {
      isRead: true,
      runs: () => runs,
      get shown() {
        return runs;
      },
      refresh: () => Promise.resolve(),
      onDidBegin: () => ({ dispose: () => undefined }),
      onDidChange: changed.event,
    };
    const service = { call: (...args: unknown[]) => Promise.resolve(void calls.push(args)) };
    panels = runsPanels(fakeContext() as never, { service, list } as never);
  });
  afterEach(() => {
    panels.dispose();
    vi.restoreAllMocks();
  });

  async function open() {
    const fake = fakePanel<{ runs: unknown[] }>();
    vi.spyOn(window, 'createWebviewPanel').mockReturnValue(fake.panel as never);
    await panels.open({});
    fake.notify('ready', null);
    return fake;
  }

  test('Runs panel shows the list, and updates the list on change', async () => {
    const { shown, panel } = await open();
    expect(panel.title).toBe('Runs');
    expect(shown()).toEqual([{ runs }]);
    runs = runs.slice(1);
    changed.fire();
    expect(shown().at(-1)).toEqual({ runs });
  });

  test('adds folders to runs with equal names', async () => {
    runs = [...runs, { dir: join(folder, 'sweeps/s/runs/a'), name: 'a' }];
    const { shown } = await open();
    const [{ runs: named }] = shown() as [{ runs: { name: string }[] }];
    expect(named.map(({ name }) => name)).toEqual([join(folder, 'a'), 'b', join(folder, 'sweeps/s/runs/a')]);
  });

  test('runs the commands of the Runs view only for runs in the list', async () => {
    const { notify, call } = await open();
    const [a, b] = runs;
    notify('act', { action: 'delete', dirs: [a!.dir, b!.dir, '/elsewhere'] });
    notify('act', { action: 'delete', dirs: ['/elsewhere'] });
    notify('act', { action: 'explode', dirs: [a!.dir] });
    expect(record.executed).toEqual([['chirality.deleteRun', a, [a, b]]]);
    call('runsDifferences', { dirs: [b!.dir, '/elsewhere'] });
    await vi.waitFor(() => expect(calls).toEqual([['runsDifferences', { dirs: [b!.dir] }]]));
  });
});
