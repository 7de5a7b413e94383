import { dirname, posix } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { App } from '../app.ts';
import { isResumable, isActiveRun, isOfSweep } from '../../panels/host/run-list.host.ts';
import { several } from '../../base/format.ts';
import { runName } from '../../core/run-data/run-name.ts';
import { openRun, chooseRun, type RunChoice } from '../launch/choose-run.ts';
import { newConfig, chooseConfigFile } from '../launch/new-config.ts';
import { confirm, reportErrors, withProgress, offer } from '../../panels/host/report-errors.host.ts';
import { ASK, mayStart, startConfig } from '../launch/start-run.ts';
import { programTask, attachTask } from '../launch/tasks.ts';
import { tinkerKey } from '../../panels/host/endpoint-keys.host.ts';
import { commandFiles } from '../command-arguments.ts';
import { runSweepOf } from '../launch/sweep-standing.ts';

/** Final state of a stopped run; null if the run never started. */
const stoppedSchema = z.nullable(z.object({ status: z.string(), step: z.int(), steps: z.int() }));

/**
 * Starts a run from a config: the config in the arguments, in the active tab, or one that the user picks or creates.
 * First checks rows, images and model. The run's process continues after the window is closed.
 */
export async function startRun(app: App, ...args: unknown[]): Promise<void> {
  await reportErrors('Cannot start the run', async () => {
    const config = await chooseConfigFile(args, {
      ending: '.run.yaml',
      title: 'Start Run',
      placeHolder: 'Select a config',
      fresh: 'New Config from a Preset…',
      make: () => newConfig(app),
    });
    const [, asks, few] = args;
    if (config) await startConfig(app, config, asks === ASK, typeof few === 'string' ? few : '');
  });
}

/**
 * Reads every row of a config, loads its model and checks its rewards. A terminal shows the full report. Creates no
 * run. The config is the argument or the active tab.
 */
export async function dryRun(app: App, ...args: unknown[]): Promise<void> {
  const [config] = commandFiles(args);
  if (!config) return;
  await reportErrors('Cannot start the dry run', async () => {
    const { program, secrets } = app;
    const document = await vscode.workspace.openTextDocument(config);
    await document.save();
    if (!(await mayStart(app, document, vscode.Uri.joinPath(config, '..').fsPath))) return;
    const scope = vscode.workspace.getWorkspaceFolder(config) ?? vscode.TaskScope.Workspace;
    const args = ['train', config.fsPath, '--dry-run'];
    const env = await tinkerKey(secrets);
    const task = await programTask(program, args, `Dry run of ${posix.basename(config.path)}`, scope, env);
    task.isBackground = false;
    await vscode.tasks.executeTask(task);
  });
}

/** Acts on a run, chosen as in `chooseRun`. @param failed first words of the error message */
const withRun = (
  app: App,
  args: unknown[],
  failed: string,
  choice: RunChoice,
  work: (dir: string) => Promise<void>,
): Promise<void> =>
  reportErrors(failed, async () => {
    const dir = await chooseRun(app, args, choice);
    if (dir !== undefined) await work(dir);
  });

const ACTIVE = { fits: isActiveRun, none: 'No active runs.' };

/** Resumes a run from its last checkpoint, exactly as if it had never stopped. */
export function resumeRun(app: App, ...args: unknown[]): Promise<void> {
  const none = 'No run to resume. All runs are finished or active.';
  const choice = { title: 'Resume Run', fits: isResumable, none };
  return withRun(app, args, 'Cannot resume the run', choice, async (dir) => {
    // The command reports what makes a run unreadable.
    const { lost } = await app.service.call('checkpoints', { dir }).catch(() => ({ lost: 0 }));
    if (lost > 0 && !(await mayDiscard(dir, lost))) return;
    const env = await tinkerKey(app.secrets);
    const resume = () =>
      app.program.run(['resume', dir, '--detach', ...(lost > 0 ? ['--force'] : [])], { cwd: dir, env });
    await app.starts.during(runName(dir), 'resuming', async () => {
      await withProgress(`Resuming ${runName(dir)}`, resume, { cancellable: false });
      return dir;
    });
    await app.runs.refresh();
    await openRun(dir);
  });
}

/** Asks before a resume discards the finished steps of a run. */
const mayDiscard = (dir: string, lost: number): Promise<boolean> =>
  confirm(
    `Resume ${runName(dir)} from its start?`,
    `The checkpoints of the run are missing, so resuming it discards ${several(lost, 'finished step')}. To keep them, restore the folder checkpoints from a copy, or start a new run.`,
    'Discard and Resume',
  );

/**
 * Stops a run after its current step, with a checkpoint. A run that does not respond is terminated, and finally killed.
 * The user can also stop the work before a run, such as its check.
 */
export function stopRun(app: App, ...args: unknown[]): Promise<void> {
  const also = app.starts.active.map((start) => ({
    label: `$(loading) ${start.name}`,
    description: start.phase,
    choose: async () => {
      // While the list was open, the check ended and the run began: the new list has the run.
      if (!app.starts.active.includes(start)) return stopRun(app);
      const dirs = await start.stop();
      if (dirs?.length === 0) void vscode.window.showInformationMessage(`${start.name}: stopped.`);
      for (const dir of dirs ?? []) await stopOne(app, dir);
    },
  }));
  return withRun(app, args, 'Cannot stop the run', { title: 'Stop Run', ...ACTIVE, also }, (dir) =>
    stopOne(app, dir),
  );
}

async function stopOne(app: App, dir: string): Promise<void> {
  const name = runName(dir);
  const state = await withProgress(
    `Stopping ${name}`,
    ({ onLine }) => app.program.answer(stoppedSchema, ['stop', dir, '--json'], { cwd: dir, onLine }),
    { cancellable: false },
  );
  await app.runs.refresh();
  await offer(
    vscode.window.showInformationMessage,
    state ? `${name}: ${state.status} at step ${state.step} of ${state.steps}.` : `${name} had not started.`,
    state?.status !== 'stopped'
      ? {}
      : isOfSweep(dirname(dir))
        ? runSweepOf(dir)
        : { 'Resume Run': () => vscode.commands.executeCommand('chirality.resumeRun', dir) },
  );
}

/** Shows a run's progress in a terminal. Closing the terminal does not stop the run. */
export function attachRun(app: App, ...args: unknown[]): Promise<void> {
  const choice = { title: 'Attach Terminal to Run', ...ACTIVE };
  return withRun(app, args, 'Cannot attach to the run', choice, async (dir) => {
    await vscode.tasks.executeTask(await attachTask(app.program, dir));
  });
}
