import { resolve } from 'node:path';
import * as vscode from 'vscode';
import { FIRST_CHOICES, type ReportMemory } from '../../core/protocol/report-panel.ts';
import { webviewOptions } from '../page.ts';
import type { RunList } from '../runs/watch.ts';
import type { Service } from '../service/service.ts';
import type { TracePanels } from '../trace-panel/panels.ts';
import { ReportPanel } from './panel.ts';

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
    const wanted = runs?.map((dir) => resolve(dir)) ?? null;
    if (this.shown) {
      this.shown.put(wanted);
      return this.shown.panel.reveal();
    }
    const { viewType } = ReportPanels;
    const options = webviewOptions(this.extensionUri);
    const column = vscode.ViewColumn.Active;
    this.adopt(vscode.window.createWebviewPanel(viewType, 'Report', column, options), {
      runs: wanted,
      choices: FIRST_CHOICES,
    });
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel, memory: ReportMemory | undefined): Promise<void> {
    if (this.shown) panel.dispose();
    else this.adopt(panel, memory ?? { runs: null, choices: FIRST_CHOICES });
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
