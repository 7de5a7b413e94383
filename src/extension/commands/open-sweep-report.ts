import { basename, dirname, join, posix } from 'node:path';
import * as vscode from 'vscode';
import type { App } from '../app.ts';

/**
 * Opens the comparison of a sweep: of the argument (its folder, its `sweep.yaml`, or the group of its runs in the Runs
 * view), else of one that a person picks.
 */
export async function openSweepReport({ panels }: App, ...args: unknown[]): Promise<void> {
  const sweep = folderOf(args[0]) ?? (await pickSweep());
  if (sweep !== undefined) await panels.reports.open({ runs: null, sweep });
}

function folderOf(argument: unknown): string | undefined {
  if (typeof argument === 'string') return argument;
  const { detail, fsPath } = (argument ?? {}) as { detail?: unknown; fsPath?: unknown };
  if (typeof detail === 'string') return dirname(detail);
  if (typeof fsPath === 'string' && basename(fsPath) === 'sweep.yaml') return dirname(fsPath);
  return undefined;
}

async function pickSweep(): Promise<string | undefined> {
  const plans = await vscode.workspace.findFiles('**/sweeps/*/sweep.yaml', '**/node_modules/**');
  if (plans.length === 0) {
    void vscode.window.showInformationMessage('There are no sweeps in this workspace.');
    return undefined;
  }
  const items = plans
    .map((uri) => {
      const folder = posix.dirname(uri.path);
      return {
        label: posix.basename(folder),
        description: vscode.workspace.asRelativePath(posix.dirname(folder)),
        dir: join(uri.fsPath, '..'),
      };
    })
    .sort((a, b) => a.label.localeCompare(b.label));
  const options = { title: 'Open Sweep Report', placeHolder: 'Of which sweep?' };
  return (await vscode.window.showQuickPick(items, options))?.dir;
}
