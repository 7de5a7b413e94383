import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { runName } from '../../core/run-data/run-name.ts';
import type { RunSummary } from '../../panels/runs/runs.contract.ts';
import { runDescription, runIcon } from '../run-text.ts';
import { offer } from '../../panels/host/report-errors.host.ts';
import type { Service } from '../../panels/service.host.ts';
import type { RunList } from '../../panels/host/run-list.host.ts';
import { runFolders } from '../command-arguments.ts';
import { pickItem, pickItems, type Step } from './wizard-steps.ts';

/** Reports that no run fits, with the command that starts one. */
const tellNoRuns = (): Promise<void> =>
  offer(vscode.window.showInformationMessage, 'No suitable run in this workspace. Start a run first.', {
    'Start Run': () => vscode.commands.executeCommand('chirality.startRun'),
  });

export interface RunChoice {
  title: string;
  fits?: (run: RunSummary) => boolean;
  /** Service that finds checkpoints. If present, the list contains only Chirality's runs with a checkpoint. */
  saved?: Service;
  /** Message if no run fits, although there can be runs; default: offers to start one. */
  none?: string;
  /** Position among further questions: the list has their look, and Escape cancels all. */
  step?: Step;
  /** Items to list above the runs. Each item has its own action. */
  also?: readonly (vscode.QuickPickItem & { choose: () => Promise<unknown> })[];
}

/**
 * Returns the run for a command: the first run in its arguments (`runFolders`), or a run that the user picks. The list
 * contains the runs for which `fits` is true, by default all.
 * @returns undefined if the user picked none, or if there are no runs, which a message reports
 */
export async function chooseRun(
  runs: RunList,
  given: readonly unknown[],
  { title, fits = () => true, saved, none, step, also = [] }: RunChoice,
): Promise<string | undefined> {
  const [dir] = runFolders(given);
  if (dir !== undefined) return dir;
  const fitting = (await runs.refresh()).filter((run) => fits(run) && !(saved && run.origin));
  const dirs = await saved?.call('savedRuns', { dirs: fitting.map((run) => run.dir) });
  const candidates = fitting.filter((run) => dirs?.includes(run.dir) ?? true);
  if (candidates.length + also.length === 0) {
    const why = none ?? (fitting.length > 0 ? NOT_SAVED : undefined);
    void (why === undefined ? tellNoRuns() : vscode.window.showInformationMessage(why));
    return undefined;
  }
  const items: (vscode.QuickPickItem & { dir?: string; choose?: () => Promise<unknown> })[] = [
    ...also,
    ...candidates.map((run) => ({ ...runItem(run), dir: run.dir })),
  ];
  const picked = await pickItem(items, { title, placeHolder: 'Select a run', step });
  await picked?.choose?.();
  return picked?.dir;
}

const NOT_SAVED = 'No run has a checkpoint yet. Wait for the first checkpoint.';

/** Returns a list item for a run, with its name, status, step, reward and folder. */
function runItem(run: RunSummary): vscode.QuickPickItem {
  return {
    label: `$(${runIcon(run).id}) ${run.name}`,
    description: runDescription(run, Date.now()),
    detail: vscode.workspace.asRelativePath(dirname(run.dir), true),
  };
}

export const openRun = (dir: string): Thenable<unknown> =>
  vscode.commands.executeCommand('chirality.openRun', dir);

/** Lets the user pick runs of the workspace. @returns an empty list if cancelled */
export async function pickRuns(
  runs: RunList,
  title: string,
  picked: readonly string[] = [],
): Promise<string[]> {
  const listed = runs.isRead ? runs.runs() : await runs.refresh();
  const others = picked.filter((dir) => !listed.some((run) => run.dir === dir));
  if (listed.length + others.length === 0) {
    void tellNoRuns();
    return [];
  }
  const items = [
    ...listed.map((run) => ({ ...runItem(run), dir: run.dir, picked: picked.includes(run.dir) })),
    ...others.map((dir) => ({ label: runName(dir), detail: dirname(dir), dir, picked: true })),
  ];
  const chosen = await pickItems(items, { title, placeHolder: 'Select runs', many: true });
  return (chosen ?? []).map(({ dir }) => dir);
}
