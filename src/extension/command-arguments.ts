import * as vscode from 'vscode';
import { basename, dirname } from 'node:path';

/** Returns whether an argument is the URI that VS Code passes for a button above a panel. The URI refers to no file. */
export const isPanel = (argument: unknown): boolean =>
  argument instanceof vscode.Uri && argument.scheme === 'webview-panel';

/**
 * Returns the files for a command: the files selected in the Explorer, the file of an editor's menu, or the active
 * file. If the active file is too large for a document, its tab provides the URI.
 */
export function commandFiles([uri, selected]: unknown[]): vscode.Uri[] {
  if (Array.isArray(selected)) return selected as vscode.Uri[];
  if (uri instanceof vscode.Uri && !isPanel(uri)) return [uri];
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom ? [input.uri] : [];
}

/** Returns the run folders that an argument refers to: a path, an object with `dir`, a file in a folder, or a list. */
export function runFolders(argument: unknown): string[] {
  if (isPanel(argument)) return [];
  if (Array.isArray(argument)) return argument.flatMap(runFolders);
  if (typeof argument === 'string') return [argument];
  const { dir, fsPath } = (argument ?? {}) as { dir?: unknown; fsPath?: unknown };
  if (typeof dir === 'string') return [dir];
  if (typeof fsPath !== 'string') return [];
  return [basename(fsPath) === 'run.yaml' ? dirname(fsPath) : fsPath];
}
