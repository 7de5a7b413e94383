import type { App } from '../app.ts';
import { chooseRun } from '../launch/choose-run.ts';
import { runFolders } from '../run-panel/pick.ts';

/** Opens the Run panel of a run: that of the argument, else one that is picked. */
export async function openRun({ runs, panels }: App, ...args: unknown[]): Promise<void> {
  const none = 'There are no runs in this workspace.';
  const dir = await chooseRun(runs, runFolders(args[0]), { title: 'Open Run', fits: () => true, none });
  if (dir !== undefined) await panels.runs.open({ dirs: [dir] });
}
