import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { chooseRun } from '../launch/choose-run.ts';
import { telling } from '../launch/report.ts';
import { attachTask } from '../launch/tasks.ts';
import { isActiveRun } from '../runs/run-text.ts';

/** Watches a run in a terminal. Closing the terminal ends the watching, not the run. */
export async function attachRun({ runs, program }: App, ...args: unknown[]): Promise<void> {
  await telling('The run cannot be watched', async () => {
    const dir = await chooseRun(runs, args, {
      title: 'Attach Terminal to Run',
      fits: isActiveRun,
      none: 'No run is active.',
    });
    if (dir !== undefined) await vscode.tasks.executeTask(await attachTask(program, dir));
  });
}
