import { join } from 'node:path';
import * as vscode from 'vscode';
import { commands } from './commands.ts';
import { PairPanel } from './pair/panel.ts';
import { Problems } from './problems.ts';
import { RunPanels } from './run-panel/panels.ts';
import { RunList } from './runs/watch.ts';
import { Service } from './service/service.ts';
import { RunStatusBar } from './status-bar.ts';
import { DataSetsView } from './views/data-sets.ts';
import { EnginesView } from './views/engines.ts';
import { RunsView } from './views/runs.ts';

/** Registers what package.json contributes, and returns: nothing is read or started before it is asked for. */
export function activate({ extensionUri, subscriptions, workspaceState }: vscode.ExtensionContext): void {
  const service = new Service(join(extensionUri.fsPath, 'dist', 'service.cjs'));
  const problems = new Problems(service);
  const pair = new PairPanel(extensionUri, service);
  const runs = new RunList(service);
  const runPanels = new RunPanels(extensionUri, service);
  const views = {
    runs: new RunsView(runs, workspaceState),
    dataSets: new DataSetsView(service),
    engines: new EnginesView(extensionUri.fsPath),
  };
  subscriptions.push(
    service,
    problems,
    pair,
    runs,
    runPanels,
    ...Object.values(views),
    new RunStatusBar(runs, service),
  );
  subscriptions.push(vscode.window.registerWebviewPanelSerializer(PairPanel.viewType, pair));
  subscriptions.push(vscode.window.registerWebviewPanelSerializer(RunPanels.viewType, runPanels));
  for (const [id, run] of Object.entries(commands)) {
    subscriptions.push(
      vscode.commands.registerCommand(id, (...args) =>
        run({ problems, pair, runs, runPanels, views }, ...(args as unknown[])),
      ),
    );
  }
}
