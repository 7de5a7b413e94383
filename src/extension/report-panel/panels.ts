import { resolve } from 'node:path';
import * as vscode from 'vscode';
import { FIRST_CHOICES, type ReportMemory } from '../../core/protocol/report-panel.ts';
import { webviewOptions } from '../panels/page.ts';
import type { RunList } from '../runs/watch.ts';
import type { Service } from '../service-client.ts';
import type { TracePanels } from '../panels/panel-set.ts';
import { ReportPanel } from '../panels/report.ts';

/** The Report panel; there is one, and further reports replace what it shows. */
export class ReportPanels implements vscode.Disposable, vscode.WebviewPanelSerializer<ReportMemory> {
  static readonly viewType = 'chirality.report';
  private shown: ReportPanel | null = null;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly service: Service,
    private readonly list: RunList,
    private readonly traces: TracePanels,
  ) {}

  /** @param runs folders; null for all runs of the workspace. */
  open(runs: string[] | null): void {
    this.put(runs?.map((dir) => resolve(dir)) ?? null, null);
  }

  /** The comparison of a sweep. @param sweep its folder */
  openSweep(sweep: string): void {
    this.put(null, resolve(sweep));
  }

  private put(runs: string[] | null, sweep: string | null): void {
    if (this.shown) {
      this.shown.put(runs, sweep);
      return this.shown.panel.reveal();
    }
    const { viewType } = ReportPanels;
    const options = webviewOptions(this.extensionUri);
    const column = vscode.ViewColumn.Active;
    this.adopt(vscode.window.createWebviewPanel(viewType, 'Report', column, options), {
      ...{ runs, choices: FIRST_CHOICES, sweep },
    });
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel, memory: ReportMemory | undefined): Promise<void> {
    if (this.shown) panel.dispose();
    else this.adopt(panel, { runs: null, choices: FIRST_CHOICES, sweep: null, ...memory });
    return Promise.resolve();
  }

  dispose(): void {
    this.shown?.dispose();
  }

  private adopt(panel: vscode.WebviewPanel, memory: ReportMemory): void {
    const closed = () => (this.shown = null);
    const { extensionUri, service, list, traces } = this;
    this.shown = new ReportPanel(panel, extensionUri, service, list, traces, memory, closed);
  }
}
