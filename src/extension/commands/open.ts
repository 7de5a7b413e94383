import { runName } from '../../core/run-data/run-name.ts';
import type { App } from '../app.ts';
import { offer } from '../../panels/host/report-errors.host.ts';
import { visibleEditor } from '../../panels/host/data-files.host.ts';
import { chooseRun, frontRuns, pickRuns } from '../launch/choose-run.ts';
import * as vscode from 'vscode';
import { basename, dirname, join, posix } from 'node:path';
import { stat } from 'node:fs/promises';
import { ifMissing } from '../../lab/files/disk-error.ts';
import { commandFiles, isPanel, runFolders } from '../command-arguments.ts';

/** Opens the Dataset panel for the selected files, or for the active editor's file (also of the annotation editor). */
export async function openDataSet({ panels }: App, ...args: unknown[]): Promise<void> {
  const files = commandFiles(args).filter(({ scheme }) => scheme === 'file');
  for (const uri of files) await panels.dataSets.open({ uri: uri.toString() });
}

export async function openText(_: unknown, ...args: unknown[]): Promise<void> {
  for (const uri of commandFiles(args)) await vscode.commands.executeCommand('vscode.open', uri);
}

/** Opens the Run panel of a run, chosen as in `chooseRun`. */
export async function openRun(app: App, ...args: unknown[]): Promise<void> {
  const { runs } = app.panels;
  const dir = await chooseRun(app, args, { title: 'Open Run', asks: runs.front !== undefined });
  if (dir !== undefined) await runs.open({ dirs: [dir] });
}

/** Shows the config of a run, chosen as in `openRun`, in the run's panel; without an argument, in the front panel. */
export async function showConfig(app: App, ...args: unknown[]): Promise<void> {
  const { front } = app.panels.runs;
  if (front && args.length === 0) return front.showConfig();
  const dir = await chooseRun(app, args, { title: 'Show Config' });
  if (dir !== undefined) (await app.panels.runs.open({ dirs: [dir] })).showConfig();
}

/** Returns the runs in the arguments (a list, or a tree item and the selected items), or the runs in front. */
function runsOf(app: App, args: unknown[]): string[] {
  const given = [...new Set(args.flatMap(runFolders))];
  return given.length > 0 ? given : [...frontRuns(app)];
}

/** Opens the Interpretability panel for the runs of `runsOf`, or for a run that the user picks. */
export async function openInside(app: App, ...args: unknown[]): Promise<void> {
  const { inside } = app.panels;
  const asks = inside.front !== undefined && args.length === 0;
  const dirs = asks ? [] : runsOf(app, args);
  const title = 'Open Interpretability';
  const none = 'No run to analyse. Start a run first.';
  const dir = dirs[0] ?? (await chooseRun(app, [], { title, fits: (run) => !run.origin, none, asks }));
  if (dir !== undefined) await inside.open({ dirs: dirs.length > 0 ? dirs : [dir] });
}

/**
 * Shows several runs in one panel: the runs in the arguments, else runs that the user picks. Arguments are a list, or a
 * tree item and the selected items. A Run panel in front also shows the picked runs.
 */
export async function compareRuns(app: App, ...args: unknown[]): Promise<void> {
  const { runs, panels } = app;
  const given = [...new Set(args.flatMap(runFolders))];
  const dirs = given.length > 1 ? given : await pickRuns(runs, 'Compare Runs', runsOf(app, args));
  if (dirs.length > 0) {
    const into = given.length > 1 ? undefined : panels.runs.front;
    if (into) into.put(dirs);
    else await panels.runs.open({ dirs });
  }
  // Completes the walkthrough's step about comparing runs.
  if (dirs.length > 1) await vscode.commands.executeCommand('setContext', 'chirality.hasCompared', true);
}

/** Opens the report on the runs of `runsOf`, or on all runs. */
export async function openReport(app: App, ...args: unknown[]): Promise<void> {
  const runs = runsOf(app, args);
  await app.panels.reports.open({ runs: runs.length > 0 ? runs : null, sweep: null });
}

/** Opens the form in which the user rates answers of an evaluation, in the report. */
export async function judgeAnswers({ panels }: App): Promise<void> {
  const { reports } = panels;
  const panel = reports.front ?? (await reports.open({ runs: null, sweep: null }));
  panel.judge();
}

/**
 * Opens the report on the sweep in the argument, or on a sweep that the user picks. The argument is the sweep's folder,
 * its `sweep.yaml`, or the group of its runs in the Runs view.
 */
export async function openSweepReport({ panels }: App, ...args: unknown[]): Promise<void> {
  const sweep = folderOf(args[0]) ?? (await pickSweep());
  if (sweep !== undefined) await panels.reports.open({ runs: null, sweep });
}

function folderOf(argument: unknown): string | undefined {
  if (typeof argument === 'string') return argument;
  const { detail, fsPath } = (argument ?? {}) as { detail?: unknown; fsPath?: unknown };
  if (typeof detail === 'string') return dirname(detail);
  if (typeof fsPath === 'string' && basename(fsPath) === 'sweep.yaml') return dirname(fsPath);
  return undefined;
}

async function pickSweep(): Promise<string | undefined> {
  const plans = await vscode.workspace.findFiles('**/sweeps/*/sweep.yaml', '**/node_modules/**');
  if (plans.length === 0) {
    void offer(vscode.window.showInformationMessage, 'No sweeps in this workspace. Start a sweep first.', {
      'Run Sweep': () => vscode.commands.executeCommand('chirality.runSweep'),
    });
    return undefined;
  }
  const items = plans
    .map((uri) => {
      const folder = posix.dirname(uri.path);
      return {
        label: posix.basename(folder),
        description: vscode.workspace.asRelativePath(posix.dirname(folder)),
        dir: join(uri.fsPath, '..'),
      };
    })
    .sort((a, b) => a.label.localeCompare(b.label));
  if (items.length === 1) return items[0]!.dir;
  const options = { title: 'Open Sweep Report', placeHolder: 'Select a sweep' };
  return (await vscode.window.showQuickPick(items, options))?.dir;
}

interface TraceTarget {
  run: string;
  step?: number;
  pair?: number;
  evaluation?: string;
}

/** Opens the pairs with only one correct view, from the evaluation or training steps of the run's pair metrics. */
export async function openDivergingPairs(app: App, ...args: unknown[]): Promise<void> {
  const dir = await chooseRun(app, args, { title: 'Open Pairs with One Correct View' });
  if (dir === undefined) return;
  const meter = app.runs.runs().find((run) => run.dir === dir)?.meter;
  if (!meter) {
    void vscode.window.showInformationMessage(`${runName(dir)} has answers in only one view.`);
    return;
  }
  const filter = 'verdict in (only_original, only_mirror, only_view)';
  await app.panels.traces.open({ run: dir, source: meter.evaluation ?? undefined, id: null, filter });
}

/**
 * Opens the traces of a run: the run in the argument, else the run in front, else a run that the user picks. The
 * argument is `{run, step?, pair?, evaluation?}`, a run's folder or an item of a view.
 */
export async function openTraces(app: App, ...args: unknown[]): Promise<void> {
  const target = (isPanel(args[0]) ? null : targetOf(args[0])) ?? (await chosen(app));
  if (!target) return;
  const { run, step, pair, evaluation } = target;
  if (!(await stat(join(run, 'run.yaml')).catch(ifMissing(null))) && !(await isForeign(app, run))) {
    void vscode.window.showErrorMessage(`${run} is not a run folder because the folder has no run.yaml.`);
    return;
  }
  await app.panels.traces.open({
    run,
    source: evaluation,
    id: step === undefined ? null : { step, pair: pair ?? 0 },
    // Without a pair, an evaluation is shown with all its answers.
    ...(evaluation !== undefined && step === undefined && { filter: '' }),
  });
}

/** Returns whether the Runs view lists a folder as an external run or as a copy of an external run. */
async function isForeign({ runs }: App, dir: string): Promise<boolean> {
  return (await runs.refresh()).some((run) => run.dir === dir && run.origin !== undefined);
}

function targetOf(argument: unknown): TraceTarget | null {
  if (argument instanceof vscode.Uri) {
    // The argument can also be a file inside the run's folder.
    const path = argument.fsPath;
    if (basename(dirname(path)) === 'traces') return { run: dirname(dirname(path)), ...stepOf(path) };
    return { run: basename(path) === 'run.yaml' ? dirname(path) : path };
  }
  const { run, dir } = (argument ?? {}) as { run?: unknown; dir?: unknown };
  if (typeof run === 'string') return argument as TraceTarget;
  return typeof dir === 'string' ? { run: dir } : null;
}

function stepOf(path: string): { step?: number } {
  const step = /step-(\d+)\.jsonl$/.exec(path)?.[1];
  return step === undefined ? {} : { step: Number(step) };
}

async function chosen(app: App): Promise<TraceTarget | null> {
  const asks = app.panels.traces.front !== undefined;
  const run = await chooseRun(app, [], { title: 'Open Traces', asks });
  return run === undefined ? null : { run };
}

/** Opens the Pair panel next to the editor, for the row at the given line (from 1), or the row under the cursor. */
export async function showPair({ panels }: App, ...args: unknown[]): Promise<void> {
  const [uri] = commandFiles(args);
  if (!uri) return;
  const cursor = (visibleEditor(uri)?.selection.active.line ?? 0) + 1;
  const line = typeof args[1] === 'number' ? args[1] : cursor;
  await panels.pair.open({ uri: uri.toString(), line });
}

/** Opens data files in the annotation editor instead of the text editor; by default, the file of the Dataset panel. */
export async function annotate({ annotation, panels }: App, ...args: unknown[]): Promise<void> {
  const given = commandFiles(args);
  const front = panels.dataSets.front?.uri;
  for (const uri of given.length > 0 || !front ? given : [front]) {
    await annotation.open(uri);
    // Close the text editor: both editors share undo steps, so undoing in one would undo edits of the other.
    const texts = vscode.window.tabGroups.activeTabGroup.tabs.filter(
      ({ input, isDirty }) =>
        input instanceof vscode.TabInputText && input.uri.toString() === uri.toString() && !isDirty,
    );
    await vscode.window.tabGroups.close(texts, true);
  }
}

/**
 * Opens the Playground with a row or image: the given row, the row under the cursor, an image, or the row of the Pair
 * panel in front. Without any of them, the Playground keeps its content.
 */
export async function openPlayground({ playground, panels }: App, ...args: unknown[]): Promise<void> {
  const [file, line] = args;
  if (file instanceof vscode.Uri && typeof line === 'number') return playground.openRow(file, line);
  const [uri] = commandFiles(args);
  if (uri?.path.endsWith('.qa.jsonl'))
    return playground.openRow(uri, (visibleEditor(uri)?.selection.active.line ?? 0) + 1);
  if (file instanceof vscode.Uri && uri) return playground.openPicture(uri);
  const row = panels.pair.front?.row;
  return row ? playground.openRow(row.uri, row.line) : playground.open();
}

export function stopModel({ models }: App, engine?: unknown): void {
  const { id } = (engine ?? {}) as { id?: unknown };
  if (typeof id === 'string') models.stop(id);
}

/** Returns the dataset files or run folders that the user selected in a view. */
function placesOf([node, selected]: unknown[]): vscode.Uri[] {
  const nodes = Array.isArray(selected) && selected.length > 0 ? (selected as unknown[]) : [node];
  return nodes.flatMap((each) => {
    if (each instanceof vscode.Uri) return [each];
    const dir = (each as { dir?: unknown } | undefined)?.dir;
    return typeof dir === 'string' ? [vscode.Uri.file(dir)] : [];
  });
}

/** Shows a file or a run's folder in the Explorer or, outside the workspace, in the system's file manager. */
export async function reveal(_: unknown, ...args: unknown[]): Promise<void> {
  const [place] = placesOf(args);
  if (!place) return;
  const inside = vscode.workspace.getWorkspaceFolder(place) !== undefined;
  await vscode.commands.executeCommand(inside ? 'revealInExplorer' : 'revealFileInOS', place);
}

export async function copyPaths(_: unknown, ...args: unknown[]): Promise<void> {
  const paths = placesOf(args).map(({ fsPath }) => fsPath);
  if (paths.length > 0) await vscode.env.clipboard.writeText(paths.join('\n'));
}
