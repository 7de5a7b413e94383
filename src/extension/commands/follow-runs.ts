import * as vscode from 'vscode';
import { withProgress } from '../../panels/host/report-errors.host.ts';
import type { RunPanel, RunPanels } from '../../panels/run/run.host.ts';
import type { RunList } from '../../panels/host/run-list.host.ts';

/**
 * Shows runs in one panel as they start: opens it for the first runs, then replaces its runs. If the user closes the
 * panel or shows other runs there, it stays so. Until the panel opens, shows a notification.
 * @param wantedOf returns the folders of the runs to show now
 * @param title title of the notification
 */
export function followRuns(
  runs: RunList,
  panels: RunPanels,
  wantedOf: () => string[],
  title: string,
): vscode.Disposable {
  let panel: RunPanel | null = null;
  let shown: string | null = null;
  let hide = (): void => undefined;
  const isOpen = new Promise<void>((resolve) => (hide = resolve));
  void withProgress(title, () => isOpen, { cancellable: false });
  const following = runs.onDidChange(async () => {
    const wanted = wantedOf();
    if (wanted.length === 0 || wanted.join() === shown) return;
    const before = shown;
    shown = wanted.join();
    hide();
    if (before === null) panel = await panels.open({ dirs: wanted });
    else if (panel && panels.all.includes(panel) && panel.dirs.join() === before) panel.put(wanted);
  });
  return vscode.Disposable.from(following, { dispose: hide });
}
