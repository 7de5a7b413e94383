import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { pickRuns, runFolders } from '../run-panel/pick.ts';

/**
 * Shows several runs in one panel: those of the arguments (a list, or an item of a tree and all that are selected),
 * else those that are picked. What is picked in a panel that is in front goes into that panel.
 */
export async function compareRuns({ runs, runPanels }: App, ...args: unknown[]): Promise<void> {
  const given = [...new Set(args.flatMap(runFolders))];
  const shown = given.length > 0 ? given : (runPanels.front ?? []);
  const dirs = given.length > 1 ? given : await pickRuns(runs, 'Compare runs', shown);
  if (given.length > 1) await runPanels.open(dirs);
  else if (dirs.length > 0) await runPanels.compare(dirs);
  // The step of the walkthrough is done when there is something to compare.
  if (dirs.length > 1) await vscode.commands.executeCommand('setContext', 'chirality.hasCompared', true);
}
