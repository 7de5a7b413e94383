import type * as vscode from 'vscode';
import type { RunPanel, RunPanels } from '../../panels/run/run.host.ts';
import type { RunList } from '../../panels/host/run-list.host.ts';

/**
 * Shows runs in one panel as they start: opens it for the first runs, then replaces its runs. If the user closes the
 * panel or shows other runs there, it stays so.
 * @param wantedOf returns the folders of the runs to show now
 */
export function followRuns(runs: RunList, panels: RunPanels, wantedOf: () => string[]): vscode.Disposable {
  let panel: RunPanel | null = null;
  let shown: string | null = null;
  return runs.onDidChange(async () => {
    const wanted = wantedOf();
    if (wanted.length === 0 || wanted.join() === shown) return;
    const before = shown;
    shown = wanted.join();
    if (before === null) panel = await panels.open({ dirs: wanted });
    else if (panel && panels.all.includes(panel) && panel.dirs.join() === before) panel.put(wanted);
  });
}
