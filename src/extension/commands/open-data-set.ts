import * as vscode from 'vscode';
import type { App } from '../commands.ts';
import { commandFiles } from '../data-files.ts';

/** Shows what data files hold: those that were chosen, or the one that is open, also in the annotation editor. */
export function openDataSet({ dataPanels }: App, ...args: unknown[]): void {
  const chosen = commandFiles(args);
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (chosen.length === 0 && input instanceof vscode.TabInputCustom) chosen.push(input.uri);
  for (const uri of chosen.filter(({ scheme }) => scheme === 'file')) dataPanels.show(uri);
}
