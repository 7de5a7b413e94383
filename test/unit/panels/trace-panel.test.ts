import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Call } from '../../../src/base/call.ts';
import type { TraceMemory } from '../../../src/panels/trace/trace.contract.ts';
import { openTraces } from '../../../src/extension/commands/open.ts';
import { annotateRows, compareEvaluations, openWall } from '../../../src/extension/commands/wall.ts';
import { DataRoots } from '../../../src/panels/host/consent.host.ts';
import { tracePanels, type TracePanels } from '../../../src/panels/trace/trace.host.ts';
import { fakePanel } from './fake-panel.ts';
import { events, fakeContext, person, record, Uri, window, workspace } from '../extension/fake-vscode.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('chirality-trace-panel-');
const run = join(folder, 'a');
mkdirSync(join(run, 'traces'), { recursive: true });
writeFileSync(join(run, 'run.yaml'), '');

const memory = (of: string): TraceMemory => ({
  run: of,
  source: undefined,
  name: 'a',
  id: { step: 3, pair: 1 },
  query: { filter: '', text: '', sort: null },
  options: {} as TraceMemory['options'],
  changes: {},
  whatIfRun: null,
});

describe('Trace panel', () => {
  let service: { call: ReturnType<typeof vi.fn> };
  let panels: TracePanels;
  beforeEach(() => {
    vi.useFakeTimers();
    service = { call: vi.fn(() => Promise.resolve('answer')) };
    const context = fakeContext();
    panels = tracePanels(context as never, service as never, new DataRoots(context.workspaceState as never));
  });
  afterEach(() => {
    panels.dispose();
    vi.useRealTimers();
  });

  async function restored(of = run) {
    const fake = fakePanel();
    await panels.deserializeWebviewPanel(fake.panel as never, memory(of));
    fake.ready();
    return fake;
  }

  test('Trace panel is restored at its position, and sends the position to every new page', async () => {
    const { panel, sent, ready } = await restored();
    expect(panel.title).toBe('Traces: a');
    const subject = { run, source: undefined, name: 'a', id: { step: 3, pair: 1 } };
    const show = { type: 'notify', name: 'show', args: { subject, pair: 'answer' } };
    expect(sent).toEqual([show]);
    ready();
    expect(sent).toEqual([show, show]);

    const nothing = fakePanel();
    const gone = vi.spyOn(nothing.panel, 'dispose');
    await panels.deserializeWebviewPanel(nothing.panel as never, undefined);
    expect(gone).toHaveBeenCalled();
  });

  test('Trace panel applies the filter of a command only once', async () => {
    const { sent, ready } = await restored();
    panels.front!.show({ run, source: 'step-000100', id: null, filter: 'verdict = neither' });
    expect(sent.at(-1)).toMatchObject({ args: { subject: { filter: 'verdict = neither' } } });
    ready();
    expect(sent.at(-1)).not.toHaveProperty('args.subject.filter');
  });

  test('sends the last position to a restarted page', async () => {
    const { sent, ready, call } = await restored();
    call('moved', { source: 'step-000100', id: { step: 9, pair: 0 } });
    ready();
    expect(sent.at(-1)).toMatchObject({
      args: { subject: { source: 'step-000100', id: { step: 9, pair: 0 } } },
    });
    expect(sent.at(-1)).not.toHaveProperty('args.pair');
  });

  test('reads its pair during the start of the page, and lets the page report errors', async () => {
    service.call = vi.fn(() => Promise.reject(new Error('gone')));
    const { sent } = await restored();
    expect(service.call.mock.calls).toEqual([
      ['tracePair', { run, source: undefined, id: { step: 3, pair: 1 } }],
    ]);
    expect(sent.at(-1)).toMatchObject({ name: 'show', args: { subject: { id: { step: 3, pair: 1 } } } });
    expect(sent.at(-1)).not.toHaveProperty('args.pair');
  });

  test('opens one panel per run, and sends keys to the focused panel', async () => {
    const first = await restored();
    const second = await restored('/runs/b');
    first.panel.active = false;
    panels.front!.command('next');
    expect(first.sent).toHaveLength(1);
    expect(second.sent.at(-1)).toEqual({ type: 'notify', name: 'command', args: { name: 'next' } });
    await panels.open({ run, source: undefined, id: null });
    expect(first.panel.reveal).toHaveBeenCalled();
    expect(first.sent.at(-1)).toMatchObject({ name: 'show', args: { subject: { run, id: null } } });
  });

  test('Trace panel answers calls for its own run only', async () => {
    const { sent, call } = await restored();
    call('tracePair', { run, id: { step: 1, pair: 0 } });
    await vi.advanceTimersByTimeAsync(1);
    const asked = { run, id: { step: 1, pair: 0 } };
    expect(service.call).toHaveBeenCalledWith('tracePair', asked, expect.anything());
    expect(sent.at(-1)).toMatchObject({ type: 'result' });
    call('tracePair', { run: '/etc', id: { step: 1, pair: 0 } });
    await vi.advanceTimersByTimeAsync(1);
    expect(sent.at(-1)).toMatchObject({
      type: 'error',
      message: 'The panel shows a different run now. Try again.',
    });
    expect(service.call).not.toHaveBeenCalledWith('tracePair', expect.objectContaining({ run: '/etc' }));
  });

  test('requests permission once per external folder, and never in an untrusted workspace', async () => {
    service.call = vi.fn((name: string, { allowed }: { allowed: string[] }) =>
      Promise.resolve(name === 'foldersToAllow' ? ['/data/coco'].filter((one) => !allowed.includes(one)) : 0),
    );
    const asked: string[] = [];
    let answer = 'Cancel';
    person.press = (message) => {
      asked.push(message);
      return answer;
    };
    const image = { run, id: { step: 1, pair: 0 }, image: 0 };
    const allowedTo = async (page: Awaited<ReturnType<typeof restored>>) => {
      page.call('traceImage', image);
      await vi.advanceTimersByTimeAsync(1);
      return (service.call.mock.calls.at(-1) as [string, { allowed: string[] }])[1].allowed;
    };
    workspace.isTrusted = false;
    expect(await allowedTo(await restored())).toEqual([]);
    expect(asked).toEqual([]);
    workspace.isTrusted = true;
    const context = fakeContext();
    const again = () => {
      panels.dispose();
      const roots = new DataRoots(context.workspaceState as never);
      panels = tracePanels(context as never, service as never, roots);
      return restored();
    };
    let page = await again();
    expect([await allowedTo(page), await allowedTo(page)]).toEqual([[], []]);
    expect(asked).toEqual([
      expect.stringMatching(/^Allow Chirality to read data of the run “a” in \/data\/coco\?$/),
    ]);
    // The next window asks again; a yes is kept.
    answer = 'Allow';
    page = await again();
    expect([await allowedTo(page), await allowedTo(page)]).toEqual([['/data/coco'], ['/data/coco']]);
    expect(await allowedTo(await again())).toEqual(['/data/coco']);
    expect(asked).toHaveLength(2);
  });

  test('adds the compared evaluation, and ignores an evaluation sent by a page', async () => {
    const { call, sent } = await restored();
    const against = { run: '/runs/b', source: 'step-000004' };
    panels.front!.show({ run, source: 'step-000100', id: null, wall: true, against });
    expect(sent.at(-1)).toMatchObject({ args: { subject: { wall: true, against } } });
    const query = { filter: '', text: '', sort: null };
    const forged = { run: '/etc', source: '.' };
    call('traces', { run, source: 'step-000100', query, against: forged, allowed: ['/'] });
    await vi.advanceTimersByTimeAsync(1);
    const asked = { run, source: 'step-000100', query, against };
    expect(service.call).toHaveBeenLastCalledWith('traces', asked, expect.anything());
    // The traces of the run itself are not an evaluation.
    call('traces', { run, query });
    await vi.advanceTimersByTimeAsync(1);
    expect(service.call).toHaveBeenLastCalledWith('traces', { run, query }, expect.anything());
    call('compare', { source: null });
    await vi.advanceTimersByTimeAsync(1);
    const shown = sent.findLast(({ name }) => name === 'show');
    expect(shown).toMatchObject({ args: { subject: { source: 'step-000100', against: undefined } } });
  });

  test('sends selected rows to the annotation editor, or saves the rows next to their source', async () => {
    const { call, sent } = await restored();
    const data = join(folder, 'data/val.qa.jsonl');
    const file = { path: data, ids: ['a', 'b'] };
    service.call = vi.fn((name: string) =>
      Promise.resolve(
        { foldersToAllow: [], rowsOfPairs: { files: [file], missing: 1 } }[name] ?? { rows: 2, missing: 1 },
      ),
    );
    record.messages = [];
    const ids = [{ step: 1, pair: 0 }];
    call('annotate', { run, ids });
    await vi.advanceTimersByTimeAsync(1);
    expect(record.executed.at(-1)).toEqual(['chirality.annotateRows', file]);
    expect(record.messages.at(-1)!.text).toMatch(/^1 row not found/);

    let to = 'chosen.jsonl';
    person.save = () => Uri.file(join(folder, 'data', to));
    call('saveRows', { run, ids });
    await vi.waitFor(() =>
      expect(service.call).toHaveBeenLastCalledWith(
        'saveRowsOfPairs',
        expect.objectContaining({ ids, path: join(folder, 'data/chosen.qa.jsonl') }),
      ),
    );
    await vi.advanceTimersByTimeAsync(1);
    expect(record.messages.at(-1)).toMatchObject({
      text: expect.stringMatching(/^Saved 2 rows as chosen.qa.jsonl. 1 row not found/) as string,
      buttons: ['Open Dataset', 'New Run Config…'],
    });
    // Never over the rows themselves.
    to = 'val.qa.jsonl';
    call('saveRows', { run, ids });
    await vi.advanceTimersByTimeAsync(1);
    expect(sent.at(-1)).toMatchObject({
      type: 'error',
      message: expect.stringContaining('different file name') as string,
    });
    // Nor over another file, if the dialog asked about different file name.
    mkdirSync(join(folder, 'data'), { recursive: true });
    writeFileSync(join(folder, 'data/taken.qa.jsonl'), '');
    to = 'taken.jsonl';
    call('saveRows', { run, ids });
    await vi.waitFor(() =>
      expect(sent.at(-1)).toMatchObject({
        type: 'error',
        message: expect.stringContaining('taken.qa.jsonl already exists') as string,
      }),
    );
  });

  test('forwards progress, and cancels a service call with the page', async () => {
    const { sent, call, fire } = await restored();
    service.call.mockReturnValue(new Promise(() => undefined));
    call('whatIfRun', { run, changes: { eta: 2 } });
    await vi.advanceTimersByTimeAsync(1);
    const { onProgress, signal } = service.call.mock.lastCall![2] as Call<number>;
    onProgress(0.25);
    expect(sent).toContainEqual({ type: 'progress', id: 1, value: 0.25 });
    expect(signal.aborted).toBe(false);
    fire({ type: 'cancel', id: 1 });
    onProgress(0.5);
    expect(signal.aborted).toBe(true);
    expect(sent.filter(({ type }) => type === 'progress')).toHaveLength(1);
  });

  test('notifies the page once after the run writes more data', async () => {
    const { panel, sent } = await restored();
    events.fileCreated.fire(Uri.file(join(run, 'traces/step-000001.jsonl')));
    events.fileChanged.fire(Uri.file(join(run, 'traces/step-000001.jsonl')));
    await vi.advanceTimersByTimeAsync(600);
    expect(sent.filter(({ name }) => name === 'changed')).toHaveLength(1);
    // Nothing new is nothing to say.
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent.filter(({ name }) => name === 'changed')).toHaveLength(1);
    panel.visible = false;
  });
});

describe('Open Traces', () => {
  const show = vi.fn();
  const errors: string[] = [];
  /** External runs in the workspace. */
  const foreign: object[] = [];
  const runs = { refresh: () => Promise.resolve(foreign) };
  const open = (target: unknown) => openTraces({ runs, panels: { traces: { open: show } } } as never, target);
  beforeEach(() => {
    show.mockClear();
    Object.assign(window, { showErrorMessage: (text: string) => void errors.push(text) });
  });

  test('Open Traces accepts a run folder, a file of a run, an item, or an object', async () => {
    const here = { run, source: undefined, id: null };
    for (const target of [Uri.file(run), Uri.file(join(run, 'run.yaml')), { dir: run }, { run }]) {
      await open(target);
      expect(show).toHaveBeenLastCalledWith(here);
    }
    await open(Uri.file(join(run, 'traces/step-000012.jsonl')));
    expect(show).toHaveBeenLastCalledWith({ ...here, id: { step: 12, pair: 0 } });
    await open({ run, step: 4, pair: 2 });
    expect(show).toHaveBeenLastCalledWith({ ...here, id: { step: 4, pair: 2 } });
    await open({ run, evaluation: 'step-000100' });
    expect(show).toHaveBeenLastCalledWith({ ...here, source: 'step-000100', filter: '' });
    expect(errors).toEqual([]);
    show.mockClear();
    await open({ dir: folder });
    expect(show).not.toHaveBeenCalled();
    expect(errors[0]).toContain('has no run.yaml');
  });

  test('Open Traces accepts an external run without a run.yaml', async () => {
    foreign.push({ dir: folder, origin: { holds: 'TRL', written: '', isCopy: false } });
    await open({ dir: folder });
    expect(show).toHaveBeenLastCalledWith({ run: folder, source: undefined, id: null });
  });
});

describe('Open Difference Grid', () => {
  const show = vi.fn();
  const sources = (of: string) => [
    { source: undefined },
    ...(of === '/r/none' ? [] : [{ source: 'step-000100' }]),
  ];
  const known = ['/r/a', '/r/b', '/r/none'].map((dir) => ({
    dir,
    name: dir.slice(3),
    meter: dir === '/r/b' ? { evaluation: 'step-000200' } : null,
  }));
  const app = {
    runs: { isRead: true, runs: () => known, refresh: () => Promise.resolve(known) },
    service: { call: (_: string, { run: of }: { run: string }) => Promise.resolve(sources(of)) },
    panels: { traces: { open: show, front: undefined }, runs: { front: undefined } },
  };
  const filter = 'outcome in (only_first, only_second)';
  beforeEach(() => {
    show.mockClear();
  });

  test('Open Difference Grid shows the latest evaluation of a run, or its traces', async () => {
    await openWall(app as never, { dir: '/r/b' });
    expect(show).toHaveBeenLastCalledWith({ run: '/r/b', source: 'step-000200', id: null, wall: true });
    await openWall(app as never, { dir: '/r/none' });
    expect(show).toHaveBeenLastCalledWith({ run: '/r/none', source: undefined, id: null, wall: true });
  });

  test('shows where two runs differ, and names a run without an evaluation', async () => {
    await openWall(app as never, ['/r/a', '/r/b']);
    const against = { run: '/r/b', source: 'step-000200' };
    const compared = { run: '/r/a', source: 'step-000100', against, id: null, wall: true, filter };
    expect(show).toHaveBeenLastCalledWith(compared);
    Object.assign(window, {
      showErrorMessage: (text: string) => void record.messages.push({ kind: 'error', text, buttons: [] }),
    });
    await openWall(app as never, ['/r/a', '/r/none']);
    expect(record.messages.at(-1)!.text).toContain('none has no evaluation');
  });

  test('Open Difference Grid compares an evaluation with a selected evaluation', async () => {
    const offered: string[][] = [];
    person.pick = (_, labels) => {
      offered.push(labels);
      return 'b';
    };
    await compareEvaluations(app as never, { run: '/r/a', evaluation: 'step-000100' });
    expect(offered).toEqual([['b']]);
    expect(show.mock.calls[0]![0]).toMatchObject({ run: '/r/a', against: { run: '/r/b' }, filter });
  });

  test('annotates up to 1,000 rows by id, and quotes the ids', async () => {
    const open = vi.fn();
    const annotation = { open };
    await annotateRows({ annotation } as never, { path: '/d/val.qa.jsonl', ids: ['a', 'say "b"'] });
    expect(open).toHaveBeenCalledWith(Uri.file('/d/val.qa.jsonl'), 'id in ("a", "say \\"b\\"")');
    open.mockClear();
    const ids = Array.from({ length: 1001 }, (_, i) => `${i}`);
    await annotateRows({ annotation } as never, { path: '/d/val.qa.jsonl', ids });
    expect(open).not.toHaveBeenCalled();
    expect(record.messages.at(-1)!.text).toContain('at most 1,000 rows');
  });
});
