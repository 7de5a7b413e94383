import type { App } from '../app.ts';
import { runFolders } from '../run-panel/pick.ts';

/** Opens the report: of the runs of the arguments (an item of a tree and all that are selected), else of all. */
export async function openReport({ panels }: App, ...args: unknown[]): Promise<void> {
  const runs = [...new Set(args.flatMap(runFolders))];
  await panels.reports.open({ runs: runs.length > 0 ? runs : null, sweep: null });
}
