import { resolve } from 'node:path';
import * as vscode from 'vscode';
import type { RunPanelMemory } from '../../core/protocol/run-panel.ts';
import { webviewOptions } from '../panels/page.ts';
import type { Service } from '../service-client.ts';
import { SleepingTabs } from '../sleeping-tabs.ts';
import { RunPanel, titleOf } from '../panels/run.ts';

/** All Run panels: one for each run, or set of runs, that somebody looks at. */
export class RunPanels implements vscode.Disposable, vscode.WebviewPanelSerializer<RunPanelMemory> {
  static readonly viewType = 'chirality.run';

  private readonly panels = new Set<RunPanel>();
  private readonly sleeping = new SleepingTabs(RunPanels.viewType);

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly service: Service,
  ) {}

  /** Shows the runs in these folders: in the panel that has them, else in a new one. */
  async open(dirs: readonly string[]): Promise<void> {
    const wanted = [...new Set(dirs.map((dir) => resolve(dir)))];
    if (this.reveal(wanted)) return;
    const tab = this.sleeping.find(titleOf(wanted), this.panels);
    if (tab) await this.sleeping.wake(tab);
    if (tab && this.reveal(wanted)) return;
    const panel = vscode.window.createWebviewPanel(
      RunPanels.viewType,
      'Run',
      vscode.ViewColumn.Active,
      webviewOptions(this.extensionUri),
    );
    this.adopt(panel, wanted);
  }

  /** The runs in the panel that is in front; null where none is. */
  get front(): readonly string[] | null {
    return this.inFront?.dirs ?? null;
  }

  /** Puts the panel that is in front to these runs, else opens one. */
  async compare(dirs: readonly string[]): Promise<void> {
    if (this.inFront) this.inFront.put(dirs.map((dir) => resolve(dir)));
    else await this.open(dirs);
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel, memory: RunPanelMemory | undefined): Promise<void> {
    // A panel that remembers nothing had not come to show anything.
    if (memory && !this.find(memory.dirs)) this.adopt(panel, memory.dirs);
    else panel.dispose();
    this.sleeping.gaveBack();
    return Promise.resolve();
  }

  dispose(): void {
    for (const panel of this.panels) panel.dispose();
    this.sleeping.dispose();
  }

  private find(dirs: readonly string[]): RunPanel | undefined {
    return [...this.panels].find((panel) => same(panel.dirs, dirs));
  }

  private reveal(dirs: readonly string[]): boolean {
    const known = this.find(dirs);
    known?.panel.reveal();
    return known !== undefined;
  }

  private get inFront(): RunPanel | undefined {
    return [...this.panels].find(({ panel }) => panel.active);
  }

  private adopt(panel: vscode.WebviewPanel, dirs: readonly string[]): void {
    const shown: RunPanel = new RunPanel(panel, this.extensionUri, this.service, dirs, () =>
      this.panels.delete(shown),
    );
    this.panels.add(shown);
  }
}

const same = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((dir) => b.includes(dir));
