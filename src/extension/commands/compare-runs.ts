import type { App } from '../commands.ts';
import { pickRuns, runFolders } from '../run-panel/pick.ts';

/**
 * Shows several runs in one panel: those of the arguments (a list, or an item of a tree and all that are selected),
 * else those that are picked. A panel that is in front takes them in.
 */
export async function compareRuns({ runs, runPanels }: App, ...args: unknown[]): Promise<void> {
  const given = new Set(args.flatMap(runFolders));
  const front = runPanels.front ?? [];
  const dirs =
    given.size > 1
      ? [...given]
      : await pickRuns(runs, 'Compare runs', true, given.size > 0 ? [...given] : front);
  if (dirs.length > 0) runPanels.compare(dirs);
}
