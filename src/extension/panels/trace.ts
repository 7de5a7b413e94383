import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import type {
  TraceCommand,
  TraceHost,
  TraceMemory,
  TracePage,
  TraceSubject,
} from '../../core/protocol/trace-panel.ts';
import type { TraceSource } from '../../core/run-data/summary.ts';
import type { DataRoots } from '../data-roots.ts';
import { traceCalls, traceMemory } from './messages/trace.ts';
import { Page, type PageStore } from './page.ts';
import { besideConfig, PanelSet, type PanelContext, type Shown } from './panel-set.ts';
import type { Service } from '../service-client.ts';

/** How long after the last change of a run's files the page is notified. */
const REST_MS = 500;
/** Watchers fail on network disks, so a visible panel also polls for new files. */
const POLL_MS = 10_000;

type Subject = Omit<TraceSubject, 'name'>;

/** Trace panels: one for each run, so that two runs can be shown side by side. */
export const tracePanels = (context: PanelContext, service: Service, roots: DataRoots) =>
  new PanelSet<TracePanel, Subject, TraceMemory>(context, {
    viewType: 'chirality.trace',
    memory: traceMemory,
    keyOf: ({ run }) => run,
    column: besideConfig,
    make: (panel, subject, store) =>
      new TracePanel(panel, context.extensionUri, { service, roots }, subject, store),
  });
export type TracePanels = ReturnType<typeof tracePanels>;

/** A Trace panel: the pairs of one run. The page decides what to show; the host directs it and serves its data. */
export class TracePanel implements Shown<Subject> {
  private readonly page: Page<TracePage>;
  private readonly subscriptions: vscode.Disposable[] = [];
  private subject: TraceSubject;
  private rest: NodeJS.Timeout | undefined;
  private readonly poll: NodeJS.Timeout;
  /** The data files of the rows that were shown: the only files that the page may open. */
  private readonly rowFiles = new Set<string>();
  private readonly service: Service;
  private readonly roots: DataRoots;

  constructor(
    readonly panel: vscode.WebviewPanel,
    extensionUri: vscode.Uri,
    { service, roots }: { service: Service; roots: DataRoots },
    { run, source, id, filter }: Subject,
    store: PageStore<TraceMemory>,
  ) {
    this.service = service;
    this.roots = roots;
    this.subject = { run, source, name: basename(run), id };
    if (filter !== undefined) this.subject.filter = filter;
    panel.title = `Traces: ${this.subject.name}`;
    this.page = new Page<TracePage>(panel, extensionUri, 'trace', this.host, traceCalls, store);
    const files = new vscode.RelativePattern(
      vscode.Uri.file(run),
      '{traces/*.jsonl,eval/*/*.jsonl,completions.jsonl,completions/*.parquet,*/[0-9]*.jsonl}',
    );
    const watcher = vscode.workspace.createFileSystemWatcher(files);
    const changed = () => {
      clearTimeout(this.rest);
      this.rest = setTimeout(() => this.page.notify('changed', null), REST_MS);
    };
    let seen: number | null = null;
    this.poll = setInterval(() => {
      if (!panel.visible) return;
      void stat(join(run, 'traces')).then(
        ({ mtimeMs }) => {
          if (seen !== null && mtimeMs !== seen) changed();
          seen = mtimeMs;
        },
        () => undefined,
      );
    }, POLL_MS);
    this.subscriptions.push(watcher, watcher.onDidCreate(changed), watcher.onDidChange(changed));
  }

  get key(): string {
    return this.subject.run;
  }

  /** Shows another pair or source of the run, or filters its list. */
  show({ source, id, filter }: Subject): void {
    this.subject = { ...this.subject, source, id, ...(filter !== undefined && { filter }) };
    this.tell();
  }

  command(name: TraceCommand): void {
    this.page.notify('command', { name });
  }

  dispose(): void {
    this.page.close();
    clearTimeout(this.rest);
    clearInterval(this.poll);
    for (const subscription of this.subscriptions.splice(0)) subscription.dispose();
  }

  private tell(): void {
    this.page.notify('show', { subject: this.subject });
    // Sent only once, because from now on the filter is the user's.
    this.subject = { ...this.subject };
    delete this.subject.filter;
  }

  /** Checks that a request is for the opened run: the page may ask for no other, even if a text has misled it. */
  private own<A extends { run: string }>({ run, ...rest }: A): A {
    if (run !== this.subject.run) throw new Error('Another run is shown now.');
    return { run, ...rest } as A;
  }

  /** Adds the folders from which the run's data may be read; for other folders, asks the user first. */
  private async mayRead<A extends TraceSource>(args: A): Promise<A & { allowed: string[] }> {
    const { run, source } = args;
    const { allowed } = this.roots;
    const folders = await this.service.call('foldersToAllow', { run, source, allowed });
    await this.roots.allow(folders, this.subject.name);
    return { ...args, allowed: this.roots.allowed };
  }

  private readonly host: TraceHost = {
    ready: () => this.tell(),
    moved: ({ source, id }) => {
      this.subject = { ...this.subject, source, id };
    },
    openKeybindings: () =>
      void vscode.commands.executeCommand('workbench.action.openGlobalKeybindings', 'chirality.trace'),
    startWith: (args) => void this.execute('chirality.startWith', args),
    fork: (args) => void this.execute('chirality.forkRun', args),
    openRow: ({ path, line }) => {
      if (!this.rowFiles.has(path)) return;
      const start = new vscode.Position(line - 1, 0);
      void vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path), {
        viewColumn: vscode.ViewColumn.Beside,
        selection: new vscode.Range(start, start),
      });
    },
    copy: async ({ text, done }) => {
      await vscode.env.clipboard.writeText(text);
      vscode.window.setStatusBarMessage(done, 3000);
    },
    save: ({ name, bytes }) => this.save(basename(name), bytes),
    traceSources: (args) => this.service.call('traceSources', this.own(args)),
    traces: (args, call) => this.service.call('traces', this.own(args), call),
    traceRows: (args) => this.service.call('traceRows', this.own(args)),
    traceIndex: (args) => this.service.call('traceIndex', this.own(args)),
    tracePair: (args) => this.service.call('tracePair', this.own(args)),
    traceSample: (args) => this.service.call('traceSample', this.own(args)),
    traceImage: async (args) => this.service.call('traceImage', await this.mayRead(this.own(args))),
    traceRow: async (args) => {
      const found = await this.service.call('traceRow', await this.mayRead(this.own(args)));
      if (found) this.rowFiles.add(found.path);
      return found;
    },
    whatIfConfig: (args) => this.service.call('whatIfConfig', this.own(args)),
    whatIfStep: (args) => this.service.call('whatIfStep', this.own(args)),
    whatIfRun: (args, call) => this.service.call('whatIfRun', this.own(args), call),
  };

  private execute(command: string, args: { run: string }): Thenable<unknown> {
    return vscode.commands.executeCommand(command, this.own(args));
  }

  private async save(name: string, bytes: Uint8Array): Promise<void> {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(this.subject.run);
    const uri = await vscode.window.showSaveDialog({ defaultUri: vscode.Uri.joinPath(folder, name) });
    if (!uri) return;
    try {
      await vscode.workspace.fs.writeFile(uri, bytes);
    } catch (error) {
      void vscode.window.showErrorMessage(`${name} could not be saved: ${(error as Error).message}`);
    }
  }
}
