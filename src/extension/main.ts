import { join } from 'node:path';
import * as vscode from 'vscode';
import { commands } from './commands.ts';
import { PairPanel } from './pair/panel.ts';
import { Problems } from './problems.ts';
import { RunList } from './runs/watch.ts';
import { Service } from './service/service.ts';

/** Registers what package.json contributes, and returns: nothing is read or started before it is asked for. */
export function activate({ extensionUri, subscriptions }: vscode.ExtensionContext): void {
  const service = new Service(join(extensionUri.fsPath, 'dist', 'service.cjs'));
  const problems = new Problems(service);
  const pair = new PairPanel(extensionUri, service);
  const runs = new RunList(service);
  subscriptions.push(service, problems, pair, runs);
  subscriptions.push(vscode.window.registerWebviewPanelSerializer(PairPanel.viewType, pair));
  for (const [id, run] of Object.entries(commands)) {
    subscriptions.push(
      vscode.commands.registerCommand(id, (...args) => run({ problems, pair, runs }, ...(args as unknown[]))),
    );
  }
}
