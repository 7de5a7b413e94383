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

/** Parts of the extension that determine the run of a command. */
interface Place {
  runs: RunList;
  panels: Record<string, { front: (vscode.Disposable & { readonly dirs?: readonly string[] }) | undefined }>;
}

/** Returns the runs in front of the user: those of the active panel, or those selected in the active Runs table. */
export const frontRuns = ({ panels }: Pick<Place, 'panels'>): readonly string[] =>
  Object.values(panels).flatMap(({ front }) => front?.dirs ?? []);

export interface RunChoice {
  title: string;
  /** Whether the user picks even if a run is in front, because the active panel already shows the result. */
  asks?: boolean;
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

const matching = (listed: readonly RunSummary[], { fits = () => true, saved }: RunChoice): RunSummary[] =>
  listed.filter((run) => fits(run) && !(saved && run.origin));

async function candidatesAmong(runs: RunSummary[], { saved }: RunChoice): Promise<RunSummary[]> {
  const dirs = await saved?.call('savedRuns', { dirs: runs.map((run) => run.dir) });
  return runs.filter((run) => dirs?.includes(run.dir) ?? true);
}

/** Returns the run in front of the user (`frontRuns`); undefined unless it is the only one and suits the command. */
export async function runInFront(app: Place, choice: RunChoice): Promise<string | undefined> {
  const [dir, ...others] = frontRuns(app);
  if (dir === undefined || others.length > 0) return undefined;
  const listed = (await app.runs.refresh()).filter((run) => run.dir === dir);
  const suits = listed.length === 0 || (await candidatesAmong(matching(listed, choice), choice)).length > 0;
  return suits ? dir : undefined;
}

/**
 * Returns the run for a command: the first run in its arguments (`runFolders`), else the run in front, else a run that
 * the user picks. The list contains the runs for which `fits` is true, by default all, and begins with those in front.
 * @returns undefined if the user picked none, or if there are no runs, which a message reports
 */
export async function chooseRun(
  app: Place,
  given: readonly unknown[],
  choice: RunChoice,
): Promise<string | undefined> {
  const { title, none, step, also = [], asks = false } = choice;
  const dir = runFolders(given)[0] ?? (asks ? undefined : await runInFront(app, choice));
  if (dir !== undefined) return dir;
  const fitting = matching(await app.runs.refresh(), choice);
  const front = frontRuns(app);
  const candidates = (await candidatesAmong(fitting, choice)).sort(
    (a, b) => Number(front.includes(b.dir)) - Number(front.includes(a.dir)),
  );
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
