import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { ComparedRow } from '../../core/metrics/outcomes.ts';
import type {
  ReportChoices,
  ReportHost,
  ReportMemory,
  ReportPage,
  ReportSource,
  ReportState,
} from '../../core/protocol/report-panel.ts';
import { Looks } from './poller.ts';
import { Page } from './page.ts';
import { pickRuns } from '../run-panel/pick.ts';
import type { RunList } from '../runs/watch.ts';
import type { Service } from '../service-client.ts';
import type { TracePanels } from './panel-set.ts';
import { PAIR } from '../../core/spatial/views/list.ts';

/** Between two looks for evaluations that came or changed: they may lie where no watcher sees them. */
const LOOK_MS = 3000;

/** The Report panel: evaluations of runs and of endpoints, beside each other and beside what the papers print. */
export class ReportPanel implements vscode.Disposable {
  private readonly page: Page<ReportPage>;
  private runs: string[] | null;
  private choices: ReportChoices;
  private sweep: string | null;
  private state: ReportState;
  /** What was shown, so that nothing is computed anew while nothing has changed; null: it must be. */
  private version: string | null = null;
  /** Somebody has chosen something that was not looked at yet. */
  private chosen = true;
  private readonly looks: Looks;
  private closed = false;

  /** @param onClosed is told when a person closes the panel. */
  constructor(
    readonly panel: vscode.WebviewPanel,
    extensionUri: vscode.Uri,
    private readonly service: Service,
    private readonly list: RunList,
    private readonly traces: TracePanels,
    { runs, choices, sweep }: ReportMemory,
    onClosed: () => void,
  ) {
    [this.runs, this.choices, this.sweep] = [runs, choices, sweep];
    this.state = { kind: 'reading', ...this.memory };
    this.page = new Page<ReportPage>(panel, extensionUri, 'report', this.host);
    panel.onDidDispose(() => {
      this.dispose();
      onClosed();
    });
    this.title();
    this.looks = new Looks(
      panel,
      () => this.look(),
      () => (this.chosen ? 0 : LOOK_MS),
    );
  }

  /** Shows these runs instead, null: all of the workspace; or the comparison of a sweep. */
  put(runs: string[] | null, sweep: string | null = null): void {
    [this.runs, this.sweep] = [runs, sweep];
    this.title();
    this.lookAnew();
  }

  /** The panel itself stays: a restarted host gets it back. */
  dispose(): void {
    this.closed = true;
    this.looks.end();
    this.page.close();
  }

  private get memory(): ReportMemory {
    return { runs: this.runs, choices: this.choices, sweep: this.sweep };
  }

  private title(): void {
    const names = (this.sweep === null ? this.runs : [this.sweep])?.map((dir) => basename(dir)) ?? [];
    this.panel.title = names.length > 0 ? `Report: ${names.join(', ')}` : 'Report';
  }

  private show(state: ReportState): void {
    this.state = state;
    this.page.notify('show', state);
  }

  private readonly host: ReportHost = {
    ready: () => this.page.notify('show', this.state),
    choose: (choices) => {
      this.choices = choices;
      this.lookAnew();
    },
    chooseRuns: async () => {
      const runs = await pickRuns(this.list, 'Report on runs', this.runs ?? []);
      if (runs.length > 0) this.put(runs);
    },
    evaluate: () => void vscode.commands.executeCommand('chirality.evaluateRun'),
    rows: (args) => {
      const { compare } = this.choices;
      if (!compare) throw new Error('Nothing is compared.');
      return this.service.call('reportRows', { compare, ...args });
    },
    open: ({ key, row }) => this.open(key, row),
    save: ({ name, bytes }) => this.save(basename(name), bytes),
    copy: async ({ text, done }) => {
      await vscode.env.clipboard.writeText(text);
      vscode.window.setStatusBarMessage(done, 3000);
    },
  };

  private lookAnew(): void {
    this.version = null;
    this.chosen = true;
    this.looks.now();
  }

  private async look(): Promise<void> {
    const { choices, sweep } = this;
    this.chosen = false;
    try {
      if (sweep !== null) return await this.lookAtSweep(sweep);
      const source = await this.source();
      const version = await this.service.call('reportVersion', source);
      if (version === this.version) return;
      const answer = await this.service.call('report', { ...source, choices });
      if (this.closed || this.chosen) return;
      this.version = version;
      this.show({ kind: 'report', ...this.memory, answer });
    } catch (error) {
      const why = (error as Error).message;
      if (!this.closed && !(this.state.kind === 'failed' && this.state.why === why))
        this.show({ kind: 'failed', ...this.memory, why });
    }
  }

  private async lookAtSweep(sweep: string): Promise<void> {
    const version = await this.service.call('sweepVersion', { sweep });
    if (version === this.version) return;
    const document = await this.service.call('sweepReport', { sweep });
    if (this.closed || this.chosen) return;
    this.version = version;
    this.show({ kind: 'sweep', ...this.memory, document });
  }

  /** The chosen runs, else all; and what endpoints answered beside them. */
  private async source(): Promise<ReportSource> {
    if (this.runs) return { runs: this.runs, roots: [...new Set(this.runs.map((dir) => dirname(dir)))] };
    const known = this.list.isRead ? this.list.runs() : await this.list.refresh();
    // Endpoints can have answered before there is a run.
    const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => join(uri.fsPath, 'runs'));
    const roots = [...new Set([...known.map(({ root }) => root), ...folders])];
    return { runs: known.map(({ dir }) => dir), roots };
  }

  private async open(key: string, row?: Pick<ComparedRow, 'set' | 'view' | 'id'>): Promise<void> {
    if (this.state.kind !== 'report' || !this.state.answer.evaluations.some((one) => one.key === key))
      throw new Error('This evaluation is no part of the report.');
    // An evaluation of an endpoint belongs to no run: its folder stands for both.
    const ofRun = basename(dirname(key)) === 'eval';
    const place = ofRun ? { run: dirname(dirname(key)), source: basename(key) } : { run: key, source: '.' };
    const samples = row ? await this.service.call('traceSample', { ...place, sample: row.id }) : [];
    const found = samples.find(
      (one) =>
        one.kind === 'evaluated' &&
        one.set === row?.set &&
        (one.views === row.view || (one.views === 'pair' && PAIR.some((view) => view === row.view))),
    );
    this.traces.show({ ...place, id: found ? { step: found.step, pair: found.pair } : null });
  }

  private async save(name: string, bytes: Uint8Array): Promise<void> {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const uri = await vscode.window.showSaveDialog(
      folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {},
    );
    if (!uri) return;
    try {
      await vscode.workspace.fs.writeFile(uri, bytes);
    } catch (error) {
      void vscode.window.showErrorMessage(`${name} could not be saved: ${(error as Error).message}`);
    }
  }
}
