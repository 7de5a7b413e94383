import { basename, dirname, join, posix } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { chooseTarget, freeFile } from '../../panels/host/data-files.host.ts';
import { chooseConfigFile } from '../launch/new-config.ts';
import { workFolder } from '../launch/new-data-set.ts';
import { inTurn, pickItem } from '../launch/wizard-steps.ts';
import type { App } from '../app.ts';
import { reportErrors, offer, withProgress } from '../../panels/host/report-errors.host.ts';
import { askToStart } from '../launch/start-run.ts';
import { followRuns } from './follow-runs.ts';
import { isActiveRun } from '../../panels/host/run-list.host.ts';
import { timeText } from '../launch/choose-start.ts';
import { programTask } from '../launch/tasks.ts';
import { tinkerKey } from '../../panels/host/endpoint-keys.host.ts';
import { runFolders } from '../command-arguments.ts';
import { RUN_SWEEP as RUN, sweepStanding } from '../launch/sweep-standing.ts';

const SIZES = [
  { label: 'Full', detail: 'Uses the engine and data of the sweep file.', small: false },
  {
    label: 'Small',
    detail: 'Uses the embedded engine and generated data. Each run takes a few minutes.',
    small: true,
  },
];

/**
 * Runs a sweep: the sweep in the arguments or the active tab, or one that the user picks or creates. A Run panel shows
 * its active runs, and a terminal behind it the progress. The sweep continues after the window is closed.
 * First checks a new sweep, and asks whether to start it, with its duration.
 * @param args file, or a run of the sweep; and whether to use the small variant, if already chosen
 */
export async function runSweep(
  { program, secrets, starts, runs, panels }: App,
  ...args: unknown[]
): Promise<void> {
  await reportErrors('Cannot start the sweep', async () => {
    const [run] = args[0] instanceof vscode.Uri ? [] : runFolders(args[0]);
    const begun = run === undefined ? null : dirname(dirname(run));
    const planned = begun === null ? null : await sweepStanding(program, begun);
    if (planned?.isActive) {
      void vscode.window.showInformationMessage(
        `${basename(begun!)} is already running, and starts this run.`,
      );
      return;
    }
    const file = planned
      ? vscode.Uri.file(planned.file)
      : await chooseConfigFile(args, {
          ending: '.sweep.yaml',
          title: RUN,
          placeHolder: 'Select a sweep file',
          fresh: 'New Sweep from a Published Experiment…',
          make: () => newSweep(program),
        });
    if (!file) return;
    const document = await vscode.workspace.openTextDocument(file);
    await document.save();
    const hasSmall = /^small:/m.test(document.getText());
    const chosen = planned?.small ?? args[1];
    const small = typeof chosen === 'boolean' ? chosen : hasSmall ? await chooseSize() : false;
    if (small === undefined) return;
    const scope = vscode.workspace.getWorkspaceFolder(file) ?? vscode.TaskScope.Workspace;
    const usual = posix.basename(file.path).replace(/(\.sweep)?\.ya?ml$/, '') + (small ? '-small' : '');
    const dir = begun ?? vscode.Uri.joinPath(file, '../sweeps', usual).fsPath;
    const [sweeps, name] = [dirname(dir), basename(dir)];
    const place = ['--sweeps', sweeps, '--name', name];
    const words = ['sweep', file.fsPath, ...place, ...(small ? ['--small'] : [])];
    const env = await tinkerKey(secrets);
    const at = { cwd: vscode.Uri.joinPath(file, '..').fsPath, env };
    if (!begun && !(await isWanted(program, [...words, '--dry-run', '--json'], file, at))) return;
    const task = await programTask(program, words, `Sweep ${posix.basename(file.path)}`, scope, env);
    // A shared terminal replaces the output of an earlier sweep, which would stay in sight.
    const [reveal, panel] = [vscode.TaskRevealKind.Silent, vscode.TaskPanelKind.Shared];
    task.presentationOptions = { ...task.presentationOptions, reveal, panel };
    await runs.refresh();
    const execution = await vscode.tasks.executeTask(task);
    const following = followRuns(
      runs,
      panels.runs,
      () => activeIn(runs, join(dir, 'runs')),
      `Starting ${name}. The Run panel opens when the first run starts, and then shows each next run.`,
    );
    const stop = ['sweep', 'stop', name, '--sweeps', sweeps];
    const remove = starts.add({
      name: `Sweep ${name}`,
      phase: 'generating data and training runs',
      stop: async () => {
        await withProgress(`Stopping ${name}`, () => program.run(stop, at), { cancellable: false });
        return null;
      },
    });
    const listening = vscode.Disposable.from(
      vscode.tasks.onDidEndTaskProcess((process) => {
        if (process.execution !== execution) return;
        if (process.exitCode === 0) void reportErrors('Cannot read the sweep', () => tellEnd(program, dir));
        // A failed run has already reported the reason.
        else if (process.exitCode === 1 || process.exitCode === 2)
          void vscode.window.showErrorMessage(`${name} failed. See its terminal for the reason.`);
      }),
      vscode.tasks.onDidEndTask(async (task) => {
        if (task.execution !== execution) return;
        listening.dispose();
        remove();
        await runs.refresh();
        following.dispose();
      }),
    );
  });
}

/** Reports the end of a sweep. A sweep whose terminal was closed continues. */
async function tellEnd(program: App['program'], dir: string): Promise<void> {
  const { isActive, rest, button } = await sweepStanding(program, dir);
  if (isActive) return;
  const report = { 'Open Report': () => vscode.commands.executeCommand('chirality.openSweepReport', dir) };
  const text = `${basename(dir)} ${rest === '' ? 'finished' : 'stopped'}.${rest}`;
  await offer(vscode.window.showInformationMessage, text, rest === '' ? report : button);
}

/** Returns the active runs in a folder, or the newest one. A run that waits for another has no state. */
function activeIn(runs: App['runs'], folder: string): string[] {
  const all = runs.runs().filter(({ root, state }) => root === folder && state !== null);
  const active = all.filter(isActiveRun);
  return (active.length > 0 ? active : all.slice(0, 1)).map(({ dir }) => dir);
}

/** Fields that the extension uses from the output of `sweep --dry-run --json`. */
const plannedSchema = z.object({
  /** Runs in words, such as "SFT for 400 steps, then GRPO for 50 steps". */
  work: z.string(),
  /** Estimated duration; null if there is no estimate. */
  seconds: z.nullable(z.number()),
  /** Warnings about runs that train a new tiny model with too few rows. */
  warnings: z.array(z.object({ message: z.string() })),
});

/** Checks a sweep, and asks the user whether to start the sweep. */
async function isWanted(
  program: App['program'],
  words: string[],
  file: vscode.Uri,
  at: { cwd: string; env: Record<string, string> },
): Promise<boolean> {
  const name = posix.basename(file.path);
  const { work, seconds, warnings } = await withProgress(`Run Sweep: checking ${name}`, (shown) =>
    program.answer(plannedSchema, words, { ...at, ...shown }),
  );
  const time = seconds === null ? '' : `, ${timeText(seconds)}`;
  const few = warnings.map(({ message }) => ({ code: 'few-rows', message }));
  return askToStart(name, RUN, `${work}${time}`, few);
}

async function chooseSize(): Promise<boolean | undefined> {
  const picked = await vscode.window.showQuickPick(SIZES, { title: RUN, placeHolder: 'Select a variant' });
  return picked?.small;
}

/** Fields that the extension uses from the output of `sweep recipes --json`. */
const recipesSchema = z.array(z.object({ name: z.string(), about: z.string(), small: z.boolean() }));

/** Saves and shows a copy of a built-in sweep, because the user must enter the data before a run. */
async function newSweep(program: App['program']): Promise<void> {
  const folder = await workFolder('The open folder stores the sweep and its runs.');
  if (!folder) return;
  const cwd = folder.uri.fsPath;
  const recipes = await program.answer(recipesSchema, ['sweep', 'recipes', '--json'], { cwd });
  const items = recipes.map(({ name, about, small }) => ({
    label: name,
    detail: about,
    description: small ? 'has a small variant for the CPU' : 'torch engine only',
    small,
  }));
  const answers = await inTurn<{ recipe: (typeof items)[number]; target: vscode.Uri }>({
    recipe: (_, step) => pickItem(items, { title: 'New Sweep', placeHolder: 'Select an experiment', step }),
    target: ({ recipe }, { place }) =>
      chooseTarget('.sweep.yaml', {
        defaultUri: freeFile(folder.uri, recipe.label, '.sweep.yaml'),
        filters: { Sweep: ['yaml'] },
        title: `Save Sweep (${place})`,
      }),
  });
  if (!answers) return;
  const { recipe, target } = answers;
  const text = await program.run(['sweep', '--recipe', recipe.label, '--print'], { cwd });
  await vscode.workspace.fs.writeFile(target, Buffer.from(text));
  await vscode.window.showTextDocument(target);
  await offer(
    vscode.window.showInformationMessage,
    `Created ${posix.basename(target.path)}. Set your data under base.${recipe.small ? ' Or run the small variant.' : ''}`,
    {
      [RUN]: () => vscode.commands.executeCommand('chirality.runSweep', target, false),
      ...(recipe.small && {
        'Run Small Variant': () => vscode.commands.executeCommand('chirality.runSweep', target, true),
      }),
    },
  );
}
