import type { StepsDone } from '../../../src/panels/dataset/dataset.contract.ts';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openPlayground, showPair } from '../../../src/extension/commands/open.ts';
import { titleOf } from '../../../src/panels/host/data-files.host.ts';
import { dataPanels, type DataPanels } from '../../../src/panels/dataset/dataset.host.ts';
import { WAITING } from '../../../src/core/annotation/waiting.ts';
import { fakePanel } from './fake-panel.ts';
import { commands, events, fakeContext, record, Uri, window } from '../extension/fake-vscode.ts';
import { folderOfTests } from '../../support/folder.ts';

/** A reading that the test ends. */
interface Reading {
  file: number;
  signal: AbortSignal;
  resolve: (summary: unknown) => void;
  reject: (error: Error) => void;
  progress: (progress: unknown) => void;
}

describe('Dataset panel', () => {
  const uri = Uri.file('/data/a.qa.jsonl');
  const summary = { rows: 3 };
  let readings: Reading[];
  let closed: number[];
  let usable: object | null;
  let panels: DataPanels;
  let readers: { name: string; data: string[] }[];
  const review = vi.fn();
  beforeEach(() => {
    vi.useFakeTimers();
    readings = [];
    closed = [];
    usable = null;
    readers = [];
    const call = vi.fn(
      (
        name: string,
        { file }: { file: number },
        options?: { onProgress: (progress: unknown) => void; signal: AbortSignal },
      ) => {
        if (name === 'dataCards') return Promise.resolve([{ line: file }]);
        if (name === 'dataAudit') return Promise.resolve(null);
        if (name === 'usableRows') return Promise.resolve(usable);
        if (name === 'encodingOf') return Promise.resolve('utf-8');
        if (name === 'closeData') return Promise.resolve(closed.push(file));
        return new Promise((resolve, reject) => {
          const { signal, onProgress } = options!;
          signal.addEventListener('abort', () => reject(new Error('Aborted.')));
          readings.push({ file, signal, resolve, reject, progress: onProgress });
        });
      },
    );
    panels = dataPanels(
      fakeContext() as never,
      {
        service: { call },
        list: { runs: () => readers, onDidChange: () => ({ dispose: () => undefined }) },
        annotation: { open: review },
      } as never,
    );
  });
  afterEach(() => {
    panels.dispose();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  async function show() {
    const fake = fakePanel<{ kind: string }>();
    vi.spyOn(window, 'createWebviewPanel').mockReturnValue(fake.panel as never);
    await panels.open({ uri: uri.toString() });
    fake.notify('ready', null);
    return fake;
  }
  const settled = () => vi.advanceTimersByTimeAsync(0);

  test('shows reading progress, then the summary, in one panel per file', async () => {
    const { panel, shown } = await show();
    readings[0]!.progress({ share: 0.5, summary: { rows: 1 } });
    readings[0]!.resolve(summary);
    await settled();
    expect(shown()).toMatchObject([{ kind: 'reading', share: 0 }, { share: 0.5 }, { kind: 'read', summary }]);
    expect(panel.title).toBe('Data: a.qa.jsonl');
    expect(titleOf(Uri.file('/val/data.qa.jsonl') as never)).toBe('val/data.qa.jsonl');
    await panels.open({ uri: uri.toString() });
    expect(panel.reveal).toHaveBeenCalledOnce();
    expect(readings).toHaveLength(1);
  });

  test('checks the images again when the panel comes into view', async () => {
    const { shown, see } = await show();
    readings[0]!.resolve(summary);
    await settled();
    expect(shown().at(-1)).toMatchObject({ kind: 'read', summary });
    usable = { rows: 3, usable: 0, missing: 3, faults: [{ kind: 'missing', count: 3, rows: [] }] };
    see(true);
    await settled();
    expect(shown().at(-1)).toMatchObject({ summary: { ...summary, usable: { usable, isUtf8: true } } });
    const told = shown().length;
    see(true);
    await settled();
    expect(shown()).toHaveLength(told);
  });

  test('shows rows during reading, and discards the rows if the file changes', async () => {
    const { shown, sent, call } = await show();
    const cards = async () => {
      call('cards', { rows: [0] });
      await settled();
      return sent.findLast(({ type }) => type !== 'notify');
    };
    expect(await cards()).toMatchObject({
      type: 'error',
      message: 'The file is still loading. Try again when it is loaded.',
    });
    const { file } = readings[0]!;
    readings[0]!.progress({ share: 0.1, summary: { rows: 1 } });
    expect(shown().at(-1)).toMatchObject({ kind: 'reading', version: file, summary: { rows: 1 } });
    expect(await cards()).toMatchObject({ value: [{ line: file }] });
    events.fileChanged.fire(uri);
    await vi.advanceTimersByTimeAsync(1000);
    expect(closed).toEqual([file]);
    expect(shown().at(-1)).toMatchObject({ kind: 'reading', summary: null });
    expect(await cards()).toMatchObject({ type: 'error' });
  });

  test('reads a changed file again after a pause, and shows the old summary until then', async () => {
    const { shown } = await show();
    readings[0]!.resolve(summary);
    await settled();
    events.fileChanged.fire(uri);
    events.fileChanged.fire(uri);
    await vi.advanceTimersByTimeAsync(1000);
    expect(readings).toHaveLength(2);
    expect(shown().at(-1)).toMatchObject({ kind: 'read', version: readings[0]!.file });
    expect(closed).toEqual([]);
    readings[1]!.resolve({ rows: 4 });
    await settled();
    expect(shown().at(-1)).toMatchObject({ kind: 'read', summary: { rows: 4 } });
    expect(closed).toEqual([readings[0]!.file]);
  });

  test('Dataset panel stops reading and watching when closed', async () => {
    const { panel } = await show();
    expect(record.watched).toHaveLength(2); // the file and its manifest
    panel.dispose();
    await settled();
    expect(readings[0]!.signal.aborted).toBe(true);
    expect(closed).toEqual([readings[0]!.file]);
    expect(record.watched).toEqual([]);
  });

  test('shows the reason for an unreadable file, and retries on request', async () => {
    const { shown, notify } = await show();
    readings[0]!.reject(new Error('No such file.'));
    await settled();
    expect(shown().at(-1)).toMatchObject({ kind: 'failed', why: 'No such file.' });
    notify('readAgain', null);
    readings[1]!.resolve(summary);
    await settled();
    expect(shown().slice(-2)).toMatchObject([{ kind: 'reading' }, { kind: 'read' }]);
  });

  test('opens a row in the Pair panel at its line', async () => {
    const execute = vi.spyOn(commands, 'executeCommand');
    (await show()).notify('openRow', { line: 12 });
    expect(execute).toHaveBeenCalledWith('chirality.showPair', uri, 12);
    const open = vi.fn();
    await showPair({ panels: { pair: { open } } } as never, uri, 12);
    expect(open).toHaveBeenCalledWith({ uri: uri.toString(), line: 12 });
  });

  test('opens a row in the Playground even if the Pair panel shows another row', async () => {
    const execute = vi.spyOn(commands, 'executeCommand');
    (await show()).notify('tryRow', { line: 12 });
    expect(execute).toHaveBeenCalledWith('chirality.openPlayground', uri, 12);
    const openRow = vi.fn();
    const app = { playground: { openRow }, panels: { pair: { front: { row: { uri, line: 1 } } } } };
    await openPlayground(app as never, uri, 12);
    expect(openRow).toHaveBeenCalledWith(uri, 12);
  });

  test.each(['a.qa.jsonl', 'a.jsonl'])(
    'shows the completed steps of %s, and starts the next step',
    async (name) => {
      const folder = folderOfTests('chirality-steps-');
      const path = join(folder, name);
      const manifest = join(folder, 'a.frozen.json');
      for (const file of [path, manifest]) writeFileSync(file, '');
      utimesSync(path, 100, 100);
      utimesSync(manifest, 50, 50); // of rows that have changed since
      const fake = fakePanel<StepsDone>();
      vi.spyOn(window, 'createWebviewPanel').mockReturnValue(fake.panel as never);
      await panels.open({ uri: Uri.file(path).toString() });
      const told = () => fake.sent.filter(({ name }) => name === 'steps').map(({ args }) => args);
      fake.ready();
      await vi.waitFor(() => expect(told()).toEqual([{ frozen: 'changed', run: null }]));
      readers.push(
        { name: 'evaluated', data: [join(folder, 'other'), path] },
        { name: 'spatial', data: [path] },
      );
      utimesSync(manifest, 200, 200);
      events.fileChanged.fire(Uri.file(manifest));
      await vi.waitFor(() => expect(told().at(-1)).toEqual({ frozen: true, run: 'spatial' }));
      const execute = vi.spyOn(commands, 'executeCommand');
      fake.notify('step', { step: 'train' });
      expect(execute).toHaveBeenCalledWith('chirality.newRunConfig', expect.objectContaining({ path }));
      // Without rows that wait, the review opens on all rows.
      fake.notify('step', { step: 'review' });
      expect(review).toHaveBeenLastCalledWith(expect.objectContaining({ path }), '');
      const decided = { mirrored: 2, unchanged: 1, deferred: 0 };
      readings[0]!.progress({ share: 0.2, summary: { rows: 3, reviewed: 1, mirrors: decided } });
      fake.notify('step', { step: 'review' });
      expect(review).toHaveBeenLastCalledWith(expect.objectContaining({ path }), '');
      readings[0]!.progress({ share: 0.5, summary: { rows: 1, mirrors: { deferred: 1 } } });
      fake.notify('step', { step: 'review' });
      expect(review).toHaveBeenLastCalledWith(expect.objectContaining({ path }), WAITING);
    },
  );
});
