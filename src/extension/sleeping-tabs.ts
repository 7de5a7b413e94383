import * as vscode from 'vscode';

const GROUPS = ['First', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth', 'Seventh', 'Eighth'];
/** So long VS Code has to give a tab back that is seen. */
const PATIENCE_MS = 5000;

/**
 * Tabs of one kind that were open before the window was loaded anew. VS Code gives each back when it is first seen;
 * until then no panel of ours stands for it, and what it shows would be opened a second time.
 */
export class SleepingTabs {
  private readonly given = new vscode.EventEmitter<void>();

  constructor(private readonly viewType: string) {}

  /** The tab with a title, unless a panel of ours has that; without a title, any. */
  find(title: string | null, ours: Iterable<{ panel: vscode.WebviewPanel }>): vscode.Tab | undefined {
    if ([...ours].some(({ panel }) => panel.title === title)) return undefined;
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    return tabs.find(
      ({ input, label }) =>
        input instanceof vscode.TabInputWebview &&
        input.viewType.endsWith(this.viewType) &&
        (title === null || label === title),
    );
  }

  /** Brings a tab to the front; returns when it was given back. */
  async wake(tab: vscode.Tab): Promise<void> {
    const { group } = tab;
    const given = new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        listening.dispose();
        resolve();
      };
      const timer = setTimeout(done, PATIENCE_MS);
      const listening = this.given.event(done);
    });
    await vscode.commands.executeCommand(`workbench.action.focus${GROUPS[group.viewColumn - 1]}EditorGroup`);
    await vscode.commands.executeCommand('workbench.action.openEditorAtIndex', group.tabs.indexOf(tab));
    await given;
  }

  /** Tells that VS Code has given a tab back. */
  gaveBack(): void {
    this.given.fire();
  }

  dispose(): void {
    this.given.dispose();
  }
}
