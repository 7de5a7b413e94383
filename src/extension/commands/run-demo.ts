import { join } from 'node:path';
import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { openRun } from '../launch/choose-run.ts';
import { offer, reportErrors } from '../launch/report.ts';
import { programTask } from '../launch/tasks.ts';
import type { RunList } from '../runs/watch.ts';

/** How much of the demo to run. */
type Size = 'full' | 'fast';

const SIZES: (vscode.QuickPickItem & { size: Size })[] = [
  {
    label: 'Full demo',
    description: 'two to four minutes on two cores',
    detail: 'A tiny model learns to see, then trains by GRPO with and without mirrored views.',
    size: 'full',
  },
  {
    label: 'Quick look',
    detail: 'Runs a few steps of each phase to check that everything works. The model learns almost nothing.',
    size: 'fast',
  },
];

/**
 * Runs the demo in a workspace folder, in a terminal, and shows its first run as soon as there is one.
 * @param args how much of it, where that is decided: 'full' or 'fast'
 */
export async function runDemo({ runs, program }: App, ...args: unknown[]): Promise<void> {
  await reportErrors('The demo did not start', async () => {
    const folder = await chooseFolder();
    if (!folder) return;
    const [given] = args;
    const size =
      given === 'full' || given === 'fast'
        ? given
        : (await vscode.window.showQuickPick(SIZES, { title: 'Run Demo', placeHolder: 'Choose a length' }))
            ?.size;
    if (size === undefined) return;
    const task = await programTask(program, size === 'fast' ? ['demo', '--fast'] : ['demo'], 'Demo', folder);
    const stopWaiting = await showFirstRun(runs, folder.uri.fsPath);
    const execution = await vscode.tasks.executeTask(task);
    const listening = vscode.Disposable.from(
      vscode.tasks.onDidEndTaskProcess((process) => {
        if (process.execution !== execution || process.exitCode !== 0) return;
        // The walkthrough's step completes now, not when the user looks at the choices.
        void vscode.commands.executeCommand('setContext', 'chirality.demoHasRun', true);
      }),
      vscode.tasks.onDidEndTask((task) => {
        if (task.execution !== execution) return;
        listening.dispose();
        stopWaiting();
      }),
    );
  });
}

async function chooseFolder(): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length > 1) {
    return vscode.window.showWorkspaceFolderPick({
      placeHolder: 'Choose a folder for the demo’s data and runs',
    });
  }
  if (folders[0]) return folders[0];
  await offer(
    vscode.window.showInformationMessage,
    'Open a folder first: the demo keeps its data and runs there.',
    {
      'Open Folder': () => vscode.commands.executeCommand('workbench.action.files.openFolder'),
    },
  );
  return undefined;
}

/** Shows the first run that appears in a demo's folder and was not there before. Returns the end of waiting. */
async function showFirstRun(runs: RunList, folder: string): Promise<() => void> {
  const before = new Set((await runs.refresh()).map(({ dir }) => dir));
  const listening = runs.onDidChange(() => {
    const isNew = ({ dir }: { dir: string }) =>
      dir.startsWith(join(folder, 'chirality-demo')) && !before.has(dir);
    const first = runs.runs().find(isNew);
    if (!first) return;
    listening.dispose();
    void openRun(first.dir);
  });
  return () => void listening.dispose();
}
