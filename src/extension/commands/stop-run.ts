import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { chooseRun, runName } from '../launch/choose-run.ts';
import { offer, telling } from '../launch/report.ts';
import { isActiveRun } from '../runs/run-text.ts';

/** Stops a run after its current step, with a checkpoint; harder, and only in the end by force, if it does not answer. */
export async function stopRun({ runs, program }: App, ...args: unknown[]): Promise<void> {
  await telling('The run could not be stopped', async () => {
    const dir = await chooseRun(runs, args, {
      title: 'Stop Run',
      fits: isActiveRun,
      none: 'No run is active.',
    });
    if (dir === undefined) return;
    const name = runName(dir);
    const answer = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: `Stopping ${name}` },
      (progress) =>
        program.run(['stop', dir, '--json'], {
          cwd: dir,
          onLine: (message) => progress.report({ message }),
        }),
    );
    const state = JSON.parse(answer) as { status: string; step: number; steps: number } | null;
    await runs.refresh();
    await offer(
      vscode.window.showInformationMessage,
      state
        ? `${name}: ${state.status} at step ${state.step} of ${state.steps}.`
        : `${name} had never started.`,
      state?.status === 'stopped'
        ? { Resume: () => vscode.commands.executeCommand('chirality.resumeRun', dir) }
        : {},
    );
  });
}
