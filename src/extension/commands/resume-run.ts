import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { chooseRun, openRun, runName } from '../launch/choose-run.ts';
import { telling } from '../launch/report.ts';
import { isActiveRun } from '../runs/run-text.ts';

/** Goes on with a run from its last checkpoint, with the numbers of one that never stopped. */
export async function resumeRun({ runs, program }: App, ...args: unknown[]): Promise<void> {
  await telling('The run could not go on', async () => {
    const dir = await chooseRun(runs, args, {
      title: 'Resume Run',
      fits: (run) => !isActiveRun(run) && run.state?.status !== 'finished',
      none: 'There is no run to resume: all are finished or active.',
    });
    if (dir === undefined) return;
    await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: `Resuming ${runName(dir)}` },
      () => program.run(['resume', dir, '--detach'], { cwd: dir }),
    );
    await runs.refresh();
    await openRun(dir);
  });
}
