import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import {
  dataSetCalls,
  dataSetMemory,
  type DataCommand,
  type DataHost,
  type DataMemory,
  type DataPage,
  type DataState,
  type DataStep,
} from './dataset.contract.ts';
import { WAITING } from '../../core/annotation/waiting.ts';
import type { AnnotationEditor } from '../annotate/annotate.host.ts';
import {
  frozenState,
  imageFolders,
  manifestOf,
  pictureOf,
  titleOf,
  watchFile,
} from '../host/data-files.host.ts';
import { askDepthRange, mend } from '../host/usable-files.host.ts';
import type { RunList } from '../host/run-list.host.ts';
import { HostedPanel, PanelSet, type PanelContext, type KeyedPanel, type Seat } from '../panel-set.host.ts';
import type { Service } from '../service.host.ts';

/** Delay between the last change of a file and reading the file again, in ms. */
const REST_MS = 500;
/** Maximum number of rows of a file whose images are checked without a request. */
const MOST_CHECKED = 20_000;

/** Counter of file readings, from which each open file in the service gets its number. */
let readings = 0;

const COMMANDS: Readonly<Record<Exclude<DataStep, 'review'>, string>> = {
  mirror: 'mirrorDataSet',
  freeze: 'freezeDataSet',
  train: 'newRunConfig',
};

type Subject = Pick<DataMemory, 'uri'>;

interface Tools {
  service: Service;
  list: RunList;
  annotation: AnnotationEditor;
}

export const dataPanels = (context: PanelContext, tools: Tools) =>
  new PanelSet<DataPanel, Subject, DataMemory>(context, {
    viewType: 'chirality.dataSet',
    memory: dataSetMemory,
    keyOf: ({ uri }) => uri,
    make: (seat, { uri }) => new DataPanel(seat, tools, vscode.Uri.parse(uri)),
  });

export type DataPanels = ReturnType<typeof dataPanels>;

/** Dataset panel: the contents of a file, and its rows as images. Reads the file once, and again after each change. */
export class DataPanel extends HostedPanel<DataPage> implements KeyedPanel<Subject> {
  private state: DataState;
  /** Reading whose rows the page shows, possibly incomplete. `latest`: the latest reading that was started. */
  private file: number | null = null;
  private latest: number | null = null;
  private reading: AbortController | null = null;
  private rest: NodeJS.Timeout | undefined;

  constructor(
    seat: Seat<DataMemory>,
    private readonly tools: Tools,
    readonly uri: vscode.Uri,
  ) {
    super(seat, 'dataset', dataSetCalls);
    this.panel.title = `Data: ${titleOf(uri)}`;
    this.state = this.unread(readings);
    const changed = () => {
      clearTimeout(this.rest);
      this.rest = setTimeout(() => void this.read(), REST_MS);
    };
    const tellSteps = () => void this.tellSteps();
    this.owned.push(
      ...watchFile(uri, changed),
      ...watchFile(manifestOf(uri), tellSteps, tellSteps),
      tools.list.onDidChange(tellSteps),
      this.panel.onDidChangeViewState(() => {
        const { signal } = this.reading ?? {};
        if (this.panel.visible && signal && this.file === this.latest) void this.check(signal);
      }),
    );
    void this.read();
  }

  get key(): string {
    return this.uri.toString();
  }

  command(name: DataCommand): void {
    this.page.notify('command', { name });
  }

  override dispose(): void {
    super.dispose();
    clearTimeout(this.rest);
    this.release(this.latest);
    this.release(this.file);
    this.latest = this.file = null;
  }

  private get named() {
    return { uri: this.uri.toString(), name: titleOf(this.uri) };
  }

  private unread(version: number): DataState {
    return { ...this.named, kind: 'reading', version, share: 0, summary: null };
  }

  protected readonly host: DataHost = {
    ready: () => {
      this.page.notify('show', this.state);
      void this.tellSteps();
    },
    rows: (filter, call) => this.tools.service.call('dataRows', { file: this.opened(), filter }, call),
    cards: ({ rows }) =>
      this.tools.service.call('dataCards', { file: this.opened(), rows, place: imageFolders(this.uri) }),
    image: ({ ref }) => pictureOf(this.tools.service, this.uri, ref),
    openRow: ({ line }) => void vscode.commands.executeCommand('chirality.showPair', this.uri, line),
    tryRow: ({ line }) => void vscode.commands.executeCommand('chirality.openPlayground', this.uri, line),
    readAgain: () => void this.read(),
    annotate: ({ filter }) => void this.tools.annotation.open(this.uri, filter),
    mend: ({ how }) =>
      void mend(this.tools, this.uri, how, (copy) =>
        vscode.commands.executeCommand('chirality.openDataSet', copy),
      ),
    step: ({ step }) => void this.take(step),
  };

  private take(step: DataStep): Thenable<unknown> {
    if (step === 'review') {
      const { mirrors } = ('summary' in this.state && this.state.summary) || {};
      return this.tools.annotation.open(this.uri, mirrors?.deferred ? WAITING : '');
    }
    return vscode.commands.executeCommand(`chirality.${COMMANDS[step]}`, this.uri);
  }

  /** Sends the completed steps to the page. */
  private async tellSteps(): Promise<void> {
    const frozen = await frozenState(this.uri);
    // A run trains on its first dataset; all further datasets are only for evaluation.
    const reader = this.tools.list.runs().find(({ data: [train] }) => train === this.uri.fsPath);
    this.page.notify('steps', {
      frozen,
      run: reader?.name ?? null,
    });
  }

  private opened(): number {
    if (this.file === null) throw new Error('The file is still loading. Try again when it is loaded.');
    return this.file;
  }

  private tell(state: DataState): void {
    this.state = state;
    this.page.notify('show', state);
  }

  /** Reads the file. The values of an earlier reading remain until the new values arrive. */
  private async read(): Promise<void> {
    const first = this.state.kind !== 'read';
    if (first || this.latest !== this.file) this.release(this.latest);
    const file = (this.latest = readings++);
    const reading = (this.reading = new AbortController());
    const current = () => this.latest === file;
    if (first) {
      this.file = null;
      this.tell(this.unread(file));
    }
    try {
      const summary = await this.tools.service.call(
        'openData',
        { file, path: this.uri.fsPath },
        {
          signal: reading.signal,
          onProgress: (progress) => {
            if (!current() || this.state.kind !== 'reading') return;
            this.file = file;
            this.tell({ ...this.state, ...progress });
          },
        },
      );
      if (!current()) return;
      if (this.file !== file) this.release(this.file);
      this.file = file;
      const read = { ...this.named, kind: 'read', version: file } as const;
      this.tell({ ...read, summary });
      void this.tellSteps();
      const { service } = this.tools;
      const { signal } = reading;
      const audit = await service.call('dataAudit', { file }, { signal }).catch(() => null);
      if (!current()) return;
      if (audit) this.tell({ ...read, summary: { ...summary, audit } });
      await this.check(signal);
    } catch (error) {
      if (!current()) return;
      this.release(this.file);
      this.file = null;
      this.tell({ ...this.named, kind: 'failed', why: (error as Error).message });
    }
  }

  /** Checks the rows and images of a file that is read. Images can move while the file stays the same. */
  private async check(signal: AbortSignal): Promise<void> {
    const { service } = this.tools;
    const place = imageFolders(this.uri);
    // The checks of larger files take minutes, so they wait for Freeze or Train.
    if (!place || this.state.kind !== 'read' || this.state.summary.rows > MOST_CHECKED) return;
    const path = this.uri.fsPath;
    const usable = await service.call('usableRows', { path, place }, { signal }).catch(() => null);
    if (!usable) return;
    const isUtf8 = (await service.call('encodingOf', { path })) === 'utf-8';
    if (signal.aborted || this.state.kind !== 'read') return;
    const summary = { ...this.state.summary, usable: { usable, isUtf8 } };
    if (!isDeepStrictEqual(summary, this.state.summary)) this.tell({ ...this.state, summary });
    if (await askDepthRange(this.tools, this.uri, usable)) await this.read();
  }

  /** Closes a reading, whether complete or incomplete. */
  private release(file: number | null): void {
    if (file === null) return;
    if (file === this.latest) this.reading?.abort();
    this.tools.service.call('closeData', { file }).catch(() => undefined); // The worker thread has ended, and its readings have ended with it.
  }
}
