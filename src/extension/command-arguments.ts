import * as vscode from 'vscode';
import { basename, dirname } from 'node:path';

/** Whether an argument is the URI that VS Code passes for a button above a panel. Such a URI refers to no file. */
export const isPanel = (argument: unknown): boolean =>
  argument instanceof vscode.Uri && argument.scheme === 'webview-panel';

/**
 * Returns the files for a command: the files selected in the Explorer, the file of an editor's menu, or the active
 * file. A file that is too large for a document is found by its tab.
 */
export function commandFiles([uri, selected]: unknown[]): vscode.Uri[] {
  if (Array.isArray(selected)) return selected as vscode.Uri[];
  if (uri instanceof vscode.Uri && !isPanel(uri)) return [uri];
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom ? [input.uri] : [];
}

/** Returns the run folders in a command argument: a path, an object with `dir`, a file in the folder, or a list. */
export function runFolders(argument: unknown): string[] {
  if (isPanel(argument)) return [];
  if (Array.isArray(argument)) return argument.flatMap(runFolders);
  if (typeof argument === 'string') return [argument];
  const { dir, fsPath } = (argument ?? {}) as { dir?: unknown; fsPath?: unknown };
  if (typeof dir === 'string') return [dir];
  if (typeof fsPath !== 'string') return [];
  return [basename(fsPath) === 'run.yaml' ? dirname(fsPath) : fsPath];
}
