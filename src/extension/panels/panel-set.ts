import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { KeyHelp, TraceCommand, TraceMemory, TracePlace } from '../../core/protocol/trace-panel.ts';
import { webviewOptions } from './page.ts';
import type { Service } from '../service-client.ts';
import { SleepingTabs } from '../sleeping-tabs.ts';
import { titleOf, TracePanel } from './trace.ts';

/** The Trace panels: one for each run that is looked at, so that two runs can stand side by side. */
export class TracePanels implements vscode.Disposable, vscode.WebviewPanelSerializer<TraceMemory> {
  static readonly viewType = 'chirality.trace';
  private readonly open = new Map<string, TracePanel>();
  private readonly sleeping = new SleepingTabs(TracePanels.viewType);

  /** @param keys what `?` shows; asked when it is needed. */
  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly service: Service,
    private readonly keys: () => KeyHelp[],
  ) {}

  /** Shows a run; @param place without a name, the run has that of its folder. */
  async show(place: Omit<TracePlace, 'name'>): Promise<void> {
    const named = { ...place, name: basename(place.run) };
    const tab = this.sleeping.find(titleOf(named), this.open.values());
    if (tab) await this.sleeping.wake(tab);
    const known = this.open.get(place.run);
    if (known) known.show(named);
    else {
      this.adopt(
        vscode.window.createWebviewPanel(
          TracePanels.viewType,
          'Traces',
          vscode.ViewColumn.Active,
          webviewOptions(this.extensionUri),
        ),
        named,
      );
    }
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel, memory: TraceMemory | undefined): Promise<void> {
    // A panel that remembers nothing had not come to show anything.
    if (memory && !this.open.has(memory.run)) {
      const { run, source, name, id } = memory;
      this.adopt(panel, { run, source, name, id });
    } else panel.dispose();
    this.sleeping.gaveBack();
    return Promise.resolve();
  }

  /** A key of the panel that has the focus. */
  command(name: TraceCommand): void {
    for (const panel of this.open.values()) if (panel.panel.active) panel.command(name);
  }

  dispose(): void {
    for (const panel of this.open.values()) panel.dispose();
    this.sleeping.dispose();
  }

  private adopt(panel: vscode.WebviewPanel, place: TracePlace): void {
    const { run } = place;
    const closed = () => void this.open.delete(run);
    this.open.set(run, new TracePanel(panel, this.extensionUri, this.service, this.keys, place, closed));
  }
}
