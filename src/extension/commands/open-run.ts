import type { App } from '../app.ts';
import { pickRuns, runFolders } from '../run-panel/pick.ts';

/** Opens the Run panel of a run: that of the argument, else one that is picked. */
export async function openRun({ runs, runPanels }: App, ...args: unknown[]): Promise<void> {
  const [dir] = runFolders(args[0]);
  const dirs = dir === undefined ? await pickRuns(runs, 'Show a run', false) : [dir];
  if (dirs.length > 0) await runPanels.open(dirs);
}
