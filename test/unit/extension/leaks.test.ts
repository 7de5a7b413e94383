import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TraceMemory } from '../../../src/panels/trace/trace.contract.ts';
import { AnnotationEditor } from '../../../src/panels/annotate/annotate.host.ts';
import { tablePanels } from '../../../src/panels/table/table.host.ts';
import { dataPanels } from '../../../src/panels/dataset/dataset.host.ts';
import { pairPanels } from '../../../src/panels/pair/pair.host.ts';
import { runPanels } from '../../../src/panels/run/run.host.ts';
import type { Service } from '../../../src/panels/service.host.ts';
import { DataRoots } from '../../../src/panels/host/consent.host.ts';
import { tracePanels } from '../../../src/panels/trace/trace.host.ts';
import { fakePanel } from '../panels/fake-panel.ts';
import { events, fakeContext, record, Uri } from './fake-vscode.ts';
import { folderOfTests } from '../../support/folder.ts';

const TIMES = 50;

const folder = folderOfTests('chirality-leaks-');
const file = join(folder, 'a.qa.jsonl');
writeFileSync(file, '{"id":"a","question":"Left?","answer":"Yes"}\n');

const context = fakeContext() as never;
const ext = Uri.file('/ext') as never;
const uri = Uri.file(file) as never;

/** What the service was told to open, and not yet to close. */
let held: Set<unknown>;
let next: number;
const opens = () => {
  held.add(++next);
  return next;
};
const answers: Record<string, (args: Record<string, unknown>) => unknown> = {
  runOpen: () => ({ run: opens(), facts: {}, news: { state: { status: 'running' } } }),
  runClose: ({ run }) => held.delete(run),
  openData: ({ file }) => held.add(file),
  closeData: ({ file }) => held.delete(file),
  openEdited: ({ token }) => {
    held.add(`edited ${String(token)}`);
    return { rows: 1, version: '', writable: true };
  },
  closeEdited: ({ token }) => held.delete(`edited ${String(token)}`),
};
const service = {
  call: (name: string, args: Record<string, unknown>) => Promise.resolve(answers[name]?.(args) ?? null),
  onStart: (starter: unknown) => {
    held.add(starter);
    return () => held.delete(starter);
  },
} as unknown as Service;

const listeners = () => Object.values(events).reduce((sum, event) => sum + event.size, 0);
const traces: TraceMemory = {
  run: '/runs/a',
  source: undefined,
  name: 'a',
  id: null,
  changes: {},
  whatIfRun: null,
  query: { filter: '', text: '', sort: null },
  options: {} as TraceMemory['options'],
};

beforeEach(() => {
  vi.useFakeTimers();
  [held, next] = [new Set(), 0];
});
afterEach(() => vi.useRealTimers());

/** Each opens what it is the test of in a panel; what else must be done at the end is returned. */
const kinds = {
  Pair: () => {
    const pair = pairPanels(context, service, { look: () => Promise.resolve(null) } as never);
    return (panel: never) => pair.deserializeWebviewPanel(panel, { uri: `file:${file}`, line: 1 } as never);
  },
  Run: () => {
    const runs = runPanels(context, service, { allowed: [] } as never);
    return (panel: never) => runs.deserializeWebviewPanel(panel, { dirs: ['/runs/a', '/runs/b'] } as never);
  },
  Trace: () => {
    const panels = tracePanels(context, service, new DataRoots(fakeContext().workspaceState as never));
    return (panel: never) => panels.deserializeWebviewPanel(panel, traces);
  },
  Dataset: () => {
    const panels = dataPanels(context, {
      service,
      list: { runs: () => [], onDidChange: () => ({ dispose: () => undefined }) },
    } as never);
    return (panel: never) => panels.deserializeWebviewPanel(panel, { uri: `file:${file}` } as never);
  },
  Table: () => {
    const panels = tablePanels(context, { service, program: null as never });
    return (panel: never) => panels.deserializeWebviewPanel(panel, { uris: [`file:${file}`] } as never);
  },
  Annotation: () => {
    const editor = new AnnotationEditor(ext, service);
    return async (panel: never) => {
      const document = await editor.openCustomDocument(uri, {} as never);
      editor.resolveCustomEditor(document, panel);
      return () => document.dispose();
    };
  },
} satisfies Record<string, () => (panel: never) => Promise<unknown>>;

test.each(Object.entries(kinds))('%s panels release all resources when closed', async (_, make) => {
  const open = make();
  const once = async () => {
    const { panel, ready, close } = fakePanel();
    const after = await open(panel as never);
    ready();
    await vi.advanceTimersByTimeAsync(3000);
    events.fileChanged.fire(Uri.file(file));
    close();
    if (typeof after === 'function') (after as () => void)();
    await vi.advanceTimersByTimeAsync(3000);
  };
  const left = () => [record.watched.length, listeners(), vi.getTimerCount(), held.size];
  const before = left();
  for (let i = 0; i < TIMES; i++) await once();
  expect(left()).toEqual(before);
});
