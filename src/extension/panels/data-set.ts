import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import type { DataHost, DataPage, DataState } from '../../core/protocol/data-panel.ts';
import { imagePlace, nameOf } from '../data-files.ts';
import { Page } from './page.ts';
import type { Service } from '../service-client.ts';

/** How long the file rests before it is read anew. */
const REST_MS = 500;

/** The service's numbers of files: one for each reading. */
let readings = 0;

/** What the tab of a panel says. */
export const titleOf = (uri: vscode.Uri): string => `Data: ${nameOf(uri)}`;

/** One Data Set panel: what a file holds, and its rows as pictures. It is read once, and again when it changes. */
export class DataPanel implements vscode.Disposable {
  private readonly page: Page<DataPage>;
  private readonly subscriptions: vscode.Disposable[];
  private state: DataState;
  /** The reading that is shown, and the latest that was begun. */
  private file: number | null = null;
  private latest: number | null = null;
  private reading: AbortController | null = null;
  private rest: NodeJS.Timeout | undefined;

  /** @param closed is told when a person closes the panel. */
  constructor(
    readonly panel: vscode.WebviewPanel,
    extensionUri: vscode.Uri,
    private readonly service: Service,
    private readonly uri: vscode.Uri,
    closed: () => void,
  ) {
    panel.title = titleOf(uri);
    this.state = { ...this.named, kind: 'reading', share: 0 };
    this.page = new Page<DataPage>(panel, extensionUri, 'dataset', this.host);
    const { fsPath } = uri;
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(vscode.Uri.file(dirname(fsPath)), basename(fsPath)),
    );
    const changed = () => {
      clearTimeout(this.rest);
      this.rest = setTimeout(() => void this.read(), REST_MS);
    };
    this.subscriptions = [
      watcher,
      watcher.onDidCreate(changed),
      watcher.onDidChange(changed),
      panel.onDidChangeViewState(() => !panel.active && this.typing(false)),
      panel.onDidDispose(() => {
        this.typing(false);
        this.dispose();
        closed();
      }),
    ];
    void this.read();
  }

  tryRow(): void {
    this.page.notify('tryRow', null);
  }

  /** The panel itself stays: a restarted host gets it back. */
  dispose(): void {
    clearTimeout(this.rest);
    this.release(this.latest);
    this.release(this.file);
    this.latest = this.file = null;
    this.page.close();
    for (const subscription of this.subscriptions.splice(0)) subscription.dispose();
  }

  private get named() {
    return { uri: this.uri.toString(), name: nameOf(this.uri) };
  }

  private readonly host: DataHost = {
    ready: () => this.page.notify('show', this.state),
    rows: (filter, call) => this.service.call('dataRows', { file: this.opened(), filter }, call),
    cards: ({ rows }) =>
      this.service.call('dataCards', { file: this.opened(), rows, place: imagePlace(this.uri) }),
    image: ({ ref }) => {
      const place = imagePlace(this.uri);
      if (!place) throw new Error('Images are shown only for files on disk.');
      return this.service.call('image', { image: ref, place });
    },
    openRow: ({ line }) => void vscode.commands.executeCommand('chirality.showPair', this.uri, line),
    tryRow: ({ line }) => void vscode.commands.executeCommand('chirality.openPlayground', this.uri, line),
    readAgain: () => void this.read(),
    typing: ({ on }) => this.typing(on),
  };

  private typing(on: boolean): void {
    void vscode.commands.executeCommand('setContext', 'chirality.dataSet.typing', on);
  }

  private opened(): number {
    if (this.file === null) throw new Error('The file is being read.');
    return this.file;
  }

  private show(state: DataState): void {
    this.state = state;
    this.page.notify('show', state);
  }

  /** What is shown stays until the new figures are there. */
  private async read(): Promise<void> {
    if (this.latest !== this.file) this.release(this.latest);
    const file = (this.latest = readings++);
    const reading = (this.reading = new AbortController());
    const current = () => this.latest === file;
    if (this.state.kind !== 'read') this.show({ ...this.named, kind: 'reading', share: 0 });
    try {
      const summary = await this.service.call(
        'openData',
        { file, path: this.uri.fsPath },
        {
          signal: reading.signal,
          onProgress: (share) => {
            if (current() && this.state.kind === 'reading') this.show({ ...this.state, share });
          },
        },
      );
      if (!current()) return;
      this.release(this.file);
      this.file = file;
      this.show({ ...this.named, kind: 'read', version: file, summary });
    } catch (error) {
      if (!current()) return;
      this.release(this.file);
      this.file = null;
      this.show({ ...this.named, kind: 'failed', why: (error as Error).message });
    }
  }

  /** Ends a reading, finished or not. */
  private release(file: number | null): void {
    if (file === null) return;
    if (file === this.latest) this.reading?.abort();
    this.service.call('closeData', { file }).catch(() => undefined); // it is gone with its thread
  }
}
