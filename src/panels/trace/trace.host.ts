import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as vscode from 'vscode';
import { several } from '../../base/format.ts';
import { runName } from '../../core/run-data/run-name.ts';
import { INTERPRET_COMMANDS } from '../run/interpretation.contract.ts';
import {
  traceCalls,
  traceMemory,
  traceReads,
  whatIfReads,
  type OpenedPair,
  type TraceCommand,
  type TraceHost,
  type TraceMemory,
  type TracePage,
  type TraceSubject,
} from './trace.contract.ts';
import type { PairId, TraceSource } from '../../core/run-data/trace-summary.ts';
import type { DataRoots } from '../host/consent.host.ts';
import { atLine, chooseTarget } from '../host/data-files.host.ts';
import { offer } from '../host/report-errors.host.ts';
import { copyText, openKeybindings, saveFile } from '../page.host.ts';
import {
  besideConfig,
  HostedPanel,
  PanelSet,
  type PanelContext,
  type KeyedPanel,
  type Seat,
} from '../panel-set.host.ts';
import { forwarded, type Service } from '../service.host.ts';

/** Delay between the last change of a run's files and the notification of the page, in ms. */
const REST_MS = 500;
/** Polling interval for new files in a visible panel, in ms. Watchers fail on network disks. */
const POLL_MS = 10_000;

type Subject = Omit<TraceSubject, 'name'>;

/** Filter for pairs that only one of two evaluations answered correctly. */
export const DIFFERING = 'outcome in (only_first, only_second)';

type PairsOfSource = TraceSource & { ids: readonly PairId[] };

const notFound = (rows: number) =>
  `${several(rows, 'row')} not found, because data files are missing, changed or not allowed.`;

/** Returns the fields of a subject that the page needs, because a stored subject can have additional fields. */
const told = ({ run, source, id, filter, wall, against }: Subject): TraceSubject => ({
  run,
  source,
  name: runName(run),
  id,
  against,
  ...(filter !== undefined && { filter }),
  ...(wall && { wall }),
});

/** Trace panels, one per run, so that two runs can be shown side by side. */
export const tracePanels = (context: PanelContext, service: Service, roots: DataRoots) =>
  new PanelSet<TracePanel, Subject, TraceMemory>(context, {
    viewType: 'chirality.trace',
    memory: traceMemory,
    keyOf: ({ run }) => run,
    column: besideConfig,
    make: (seat, subject) => new TracePanel(seat, service, roots, subject),
  });

export type TracePanels = ReturnType<typeof tracePanels>;

/** Trace panel, which shows the pairs of one run. The page determines its content; the host sends commands and data. */
export class TracePanel extends HostedPanel<TracePage> implements KeyedPanel<Subject> {
  private subject: TraceSubject;
  private first: { id: PairId; pair: OpenedPair } | undefined;
  private rest: NodeJS.Timeout | undefined;
  private readonly poll: NodeJS.Timeout;
  /** Data files of the displayed rows. The page can open only these files. */
  private readonly rowFiles = new Set<string>();

  constructor(
    seat: Seat<TraceMemory>,
    private readonly service: Service,
    private readonly roots: DataRoots,
    subject: Subject,
  ) {
    super(seat, 'trace', traceCalls);
    const { panel } = seat;
    this.subject = told(subject);
    const { run, source, id } = subject;
    panel.title = `Traces: ${this.subject.name}`;
    // Read the pair while the page starts, because the start takes longer. The page's own request reports errors.
    if (id)
      service.call('tracePair', { run, source, id }).then(
        (pair) => (this.first = { id, pair }),
        () => undefined,
      );
    const files = new vscode.RelativePattern(
      vscode.Uri.file(run),
      '{traces/*.jsonl,eval/*/*.jsonl,completions.jsonl,completions/*.parquet,*/[0-9]*.jsonl}',
    );
    const watcher = vscode.workspace.createFileSystemWatcher(files);
    const changed = () => {
      clearTimeout(this.rest);
      this.rest = setTimeout(() => this.changed(), REST_MS);
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
    this.owned.push(watcher, watcher.onDidCreate(changed), watcher.onDidChange(changed));
  }

  get key(): string {
    return this.subject.run;
  }

  get dirs(): string[] {
    return [this.subject.run];
  }

  /** Shows another pair or source of the run, or filters the run's list. */
  show(subject: Subject): void {
    this.subject = told(subject);
    this.tell();
  }

  /** Makes the page read its data again, after a change of the run's files or mapping. */
  changed(): void {
    this.page.notify('changed', null);
  }

  command(name: TraceCommand): void {
    this.page.notify('command', { name });
  }

  override dispose(): void {
    super.dispose();
    clearTimeout(this.rest);
    clearInterval(this.poll);
  }

  private tell(): void {
    const { subject, first } = this;
    this.page.notify('show', { subject, ...(first?.id === subject.id && { pair: first!.pair }) });
    // Send the filter and layout only once, because the user can change both afterwards.
    this.subject = { ...this.subject };
    delete this.subject.filter;
    delete this.subject.wall;
  }

  /** Checks that a request is about the panel's run. A text in a run could trick the page into other requests. */
  private own<A extends { run: string }>({ run, ...rest }: A): A {
    if (run !== this.subject.run) throw new Error('The panel shows a different run now. Try again.');
    return { run, ...rest } as A;
  }

  /** Adds the allowed folders with data of the run. Asks the user about folders that are not allowed yet. */
  private async mayRead<A extends TraceSource>(args: A): Promise<A & { allowed: string[] }> {
    const { run, source } = args;
    const { allowed } = this.roots;
    const folders = await this.service.call('foldersToAllow', { run, source, allowed });
    await this.roots.allow(folders, this.subject.name);
    return { ...args, allowed: this.roots.allowed };
  }

  protected readonly host: TraceHost = {
    ...forwarded({ ...traceReads, ...whatIfReads }, (name, args, call) =>
      this.service.call(name, this.own(args), call),
    ),
    ready: () => this.tell(),
    moved: ({ source, id }) => {
      this.subject = { ...this.subject, source, id };
    },
    openKeybindings: () => openKeybindings('trace'),
    refuse: ({ why }) => void vscode.window.showInformationMessage(why),
    startWith: (args) => void this.execute('chirality.startWith', args),
    fork: (args) => void this.execute('chirality.forkRun', args),
    openRow: ({ path, line }) => {
      if (!this.rowFiles.has(path)) return;
      const there = atLine(line, vscode.ViewColumn.Beside);
      void vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path), there);
    },
    copy: copyText,
    save: (file) => saveFile(file, vscode.Uri.file(this.subject.run)),
    compare: ({ source }) => {
      const { run } = this.subject;
      if (source === null) this.show({ ...this.subject, against: undefined });
      else void this.execute('chirality.compareEvaluations', { run, evaluation: source });
    },
    interpret: ({ what }) =>
      void vscode.commands.executeCommand(INTERPRET_COMMANDS[what], { dir: this.subject.run }),
    annotate: (args) => this.annotate(args),
    saveRows: (args) => this.saveRows(args),
    traces: ({ query, list, ...source }, call) => {
      const { against } = this.subject;
      const request = { ...this.own(source), query, ...(list !== undefined && { list }) };
      const compared = against && source.source !== undefined ? { ...request, against } : request;
      return this.service.call('traces', compared, call);
    },
    traceImage: async (args) => this.service.call('traceImage', await this.mayRead(this.own(args))),
    traceRow: async (args) => {
      const row = await this.service.call('traceRow', await this.mayRead(this.own(args)));
      if (row) this.rowFiles.add(row.path);
      return row;
    },
  };

  private execute<A extends { run: string }>(command: string, args: A): Thenable<unknown> {
    return vscode.commands.executeCommand(command, this.own(args));
  }

  private async annotate(args: PairsOfSource): Promise<void> {
    const { files, missing } = await this.service.call('rowsOfPairs', await this.mayRead(this.own(args)));
    for (const file of files) await vscode.commands.executeCommand('chirality.annotateRows', file);
    if (missing > 0) void vscode.window.showWarningMessage(notFound(missing));
  }

  private async saveRows(args: PairsOfSource): Promise<void> {
    const { run } = this.subject;
    const request = await this.mayRead(this.own(args));
    const { files } = await this.service.call('rowsOfPairs', request);
    // Propose the folder of the source rows, because image paths then stay unchanged.
    const [from] = files;
    const first = from && vscode.Uri.file(dirname(from.path));
    const folder =
      first && vscode.workspace.getWorkspaceFolder(first) ? first : vscode.Uri.file(dirname(run));
    const uri = await chooseTarget('.qa.jsonl', {
      title: 'Save as Dataset',
      filters: { Rows: ['jsonl'] },
      defaultUri: vscode.Uri.joinPath(folder, `${this.subject.name}-chosen.qa.jsonl`),
    });
    if (!uri) return;
    const path = uri.fsPath;
    if (files.some((file) => resolve(file.path) === resolve(path)))
      throw new Error('Cannot overwrite the source file of the rows. Select a different file name.');
    const { rows, missing } = await this.service.call('saveRowsOfPairs', { ...request, path });
    const saved = `Saved ${several(rows, 'row')} as ${basename(path)}.${missing > 0 ? ` ${notFound(missing)}` : ''}`;
    void offer(vscode.window.showInformationMessage, saved, {
      'Open Dataset': () => vscode.commands.executeCommand('chirality.openDataSet', uri),
      'New Run Config…': () => vscode.commands.executeCommand('chirality.newRunConfig'),
    });
  }
}
