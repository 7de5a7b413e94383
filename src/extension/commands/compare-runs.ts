import type { App } from '../commands.ts';
import { pickRuns, runFolders } from '../run-panel/pick.ts';

/**
 * Shows several runs in one panel: those of the arguments (a list, or an item of a tree and all that are selected),
 * else those that are picked. What is picked in a panel that is in front goes into that panel.
 */
export async function compareRuns({ runs, runPanels }: App, ...args: unknown[]): Promise<void> {
  const given = [...new Set(args.flatMap(runFolders))];
  if (given.length > 1) return runPanels.open(given);
  const shown = given.length > 0 ? given : (runPanels.front ?? []);
  const dirs = await pickRuns(runs, 'Compare runs', true, shown);
  if (dirs.length > 0) await runPanels.compare(dirs);
}
