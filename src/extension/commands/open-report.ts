import type { App } from '../app.ts';
import { runFolders } from '../run-panel/pick.ts';

/** Opens the report: of the runs of the arguments (an item of a tree and all that are selected), else of all. */
export function openReport({ reports }: App, ...args: unknown[]): void {
  const runs = [...new Set(args.flatMap(runFolders))];
  reports.open(runs.length > 0 ? runs : null);
}
