import * as vscode from 'vscode';
import type { DataMemory } from '../../core/protocol/data-panel.ts';
import { webviewOptions } from '../panels/page.ts';
import type { Service } from '../service-client.ts';
import { SleepingTabs } from '../sleeping-tabs.ts';
import { DataPanel, titleOf } from '../panels/data-set.ts';

/** The Data Set panels: one for each file that is looked at. */
export class DataPanels implements vscode.Disposable, vscode.WebviewPanelSerializer<DataMemory> {
  static readonly viewType = 'chirality.dataSet';
  private readonly open = new Map<string, DataPanel>();
  private readonly sleeping = new SleepingTabs(DataPanels.viewType);

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly service: Service,
  ) {}

  async show(uri: vscode.Uri): Promise<void> {
    const tab = this.sleeping.find(titleOf(uri), this.open.values());
    if (tab) await this.sleeping.wake(tab);
    const known = this.open.get(uri.toString());
    if (known) return known.panel.reveal();
    const { viewType } = DataPanels;
    const options = webviewOptions(this.extensionUri);
    this.adopt(
      vscode.window.createWebviewPanel(viewType, 'Data Set', vscode.ViewColumn.Active, options),
      uri,
    );
  }

  /** The key of the panel that has the focus. */
  tryRow(): void {
    for (const panel of this.open.values()) if (panel.panel.active) panel.tryRow();
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel, memory: DataMemory | undefined): Promise<void> {
    if (memory && !this.open.has(memory.uri)) this.adopt(panel, vscode.Uri.parse(memory.uri));
    else panel.dispose();
    this.sleeping.gaveBack();
    return Promise.resolve();
  }

  dispose(): void {
    for (const panel of this.open.values()) panel.dispose();
    this.sleeping.dispose();
  }

  private adopt(panel: vscode.WebviewPanel, uri: vscode.Uri): void {
    const closed = () => void this.open.delete(uri.toString());
    this.open.set(uri.toString(), new DataPanel(panel, this.extensionUri, this.service, uri, closed));
  }
}
