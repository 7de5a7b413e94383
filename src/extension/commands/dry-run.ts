import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { commandFiles } from '../data-files.ts';
import { telling } from '../launch/report.ts';
import { programTask } from '../launch/tasks.ts';

/**
 * Reads every row of a config, opens its model and checks its rewards, in a terminal where all of it can be read; no
 * run is made. The config is the one that the command was called with, or that of the active tab.
 */
export async function dryRun({ program }: App, ...args: unknown[]): Promise<void> {
  const [config] = commandFiles(args);
  if (!config) return;
  await telling('The dry run did not start', async () => {
    await vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === config.toString())?.save();
    const scope = vscode.workspace.getWorkspaceFolder(config) ?? vscode.TaskScope.Workspace;
    const args = ['train', config.fsPath, '--dry-run'];
    const task = await programTask(program, args, `Dry run of ${posix.basename(config.path)}`, scope);
    task.isBackground = false;
    await vscode.tasks.executeTask(task);
  });
}
