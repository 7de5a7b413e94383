import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { pickRuns, runFolders } from '../run-panel/pick.ts';

/**
 * Shows several runs in one panel: those of the arguments (a list, or an item of a tree and all that are selected),
 * else those that are picked. What is picked in a panel that is in front goes into that panel.
 */
export async function compareRuns({ runs, panels }: App, ...args: unknown[]): Promise<void> {
  const given = [...new Set(args.flatMap(runFolders))];
  const shown = given.length > 0 ? given : (panels.runs.front?.dirs ?? []);
  const dirs = given.length > 1 ? given : await pickRuns(runs, 'Compare runs', shown);
  if (dirs.length > 0) {
    const into = given.length > 1 ? undefined : panels.runs.front;
    if (into) into.put(dirs);
    else await panels.runs.open({ dirs });
  }
  // The step of the walkthrough is done when there is something to compare.
  if (dirs.length > 1) await vscode.commands.executeCommand('setContext', 'chirality.hasCompared', true);
}
