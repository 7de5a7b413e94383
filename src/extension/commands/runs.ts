import { posix } from 'node:path';
import * as vscode from 'vscode';
import { thousands } from '../../core/format.ts';
import type { ConfigMistake } from '../../core/config/editor/check.ts';
import * as z from 'zod/mini';
import type { ConfigLanguage } from '../config-language/language.ts';
import type { OwnPrograms } from '../consent.ts';
import type { Program } from '../launch/program.ts';
import type { RunList } from '../run-list/run-list.ts';
import { commandFiles } from '../data-files.ts';
import { runName } from '../../core/run-data/run-name.ts';
import { openRun, chooseRun, type RunChoice } from '../launch/choose-run.ts';
import { newConfig, chooseConfigFile } from '../launch/new-config.ts';
import type { RowTools } from '../launch/new-data-set.ts';
import { reportErrors, withProgress, offer } from '../launch/report.ts';
import { usableFiles, type RowLooker } from '../launch/usable.ts';
import { programTask, attachTask } from '../launch/tasks.ts';
import { isActiveRun, isResumable } from '../run-list/run-text.ts';
import { tinkerKey } from '../keys.ts';
import { SHOW_PROBLEMS } from '../problems.ts';

interface StartTools extends RowTools {
  configs: ConfigLanguage;
  ownPrograms: OwnPrograms;
  secrets: vscode.SecretStorage;
}

/** The findings of `train --dry-run --json` that are shown here. */
const checkedSchema = z.object({
  rows: z.int(),
  paired: z.int(),
  /** Null where a server trains the model, which does not say. */
  parameters: z.nullable(z.int()),
  trainable_parameters: z.nullable(z.int()),
});
type Checked = z.infer<typeof checkedSchema>;

const startedSchema = z.object({ dir: z.string() });
/** Null if the run had never started. */
const stoppedSchema = z.nullable(z.object({ status: z.string(), step: z.int(), steps: z.int() }));

/**
 * Starts a run of a config: that of the argument, that of the active tab, or one that the user picks or makes. First
 * checks its rows, pictures and model; then runs it in a process that continues if the window is closed.
 */
export async function startRun(app: StartTools & { runs: RunList }, ...args: unknown[]): Promise<void> {
  await reportErrors('The run did not start', async () => {
    const config = await chooseConfigFile(args, {
      ending: '.run.yaml',
      title: 'Start Run',
      placeHolder: 'Which config?',
      fresh: 'New config from a preset…',
      make: () => newConfig(app),
    });
    if (!config) return;
    const document = await vscode.workspace.openTextDocument(config);
    await document.save();
    const errors = await app.configs.errors(document);
    if (errors.length > 0) return showErrors(document, errors);
    const cwd = vscode.Uri.joinPath(config, '..').fsPath;
    // Relative to the config, like all paths in it.
    const runs = vscode.Uri.joinPath(config, '../runs').fsPath;
    const name = posix.basename(config.path);
    if (!(await withUsableRows(app, document))) return;
    if (!(await mayStart(app, document, cwd))) return;
    const env = await tinkerKey(app.secrets);
    const { checked, dir } = await withProgress(
      `${name}: checking rows, pictures and model`,
      async (shown) => {
        const check = ['train', name, '--dry-run', '--json'];
        const checked = await app.program.answer(checkedSchema, check, { cwd, env, ...shown });
        shown.onLine('starting');
        const start = ['train', name, '--json', '--runs', runs];
        return { checked, ...(await app.program.answer(startedSchema, start, { cwd, env })) };
      },
    );
    await app.runs.refresh();
    await openRun(dir);
    void vscode.window.showInformationMessage(`Run ${posix.basename(dir)} started: ${summary(checked)}.`);
  });
}

/** Whether the programs that a config brings along may be started; asks where it has any. */
const mayStart = async (
  { ownPrograms, program }: Pick<StartTools, 'ownPrograms' | 'program'>,
  config: vscode.TextDocument,
  cwd: string,
): Promise<boolean> =>
  !config.getText().includes('command') || ownPrograms.allow(program, posix.basename(config.uri.path), cwd);

/**
 * Looks at the rows of a config. Where some cannot be used and the person leaves them out, the config names the copies.
 * @returns whether to go on
 */
async function withUsableRows(app: RowLooker, config: vscode.TextDocument): Promise<boolean> {
  const text = config.getText();
  const { sets, root } = await app.service.call('setsOfConfig', { text, path: config.uri.fsPath });
  const files = sets.map(({ path }) => vscode.Uri.file(path));
  const usable = await usableFiles(app, files, root);
  if (!usable) return false;
  const copies = usable.flatMap(({ path, fsPath }, i) => {
    const { named, path: before } = sets[i]!;
    return fsPath === before
      ? []
      : [[named, posix.join(posix.dirname(named), posix.basename(path))] as const];
  });
  const changed = withCopies(text, copies);
  if (changed === text) return true;
  const edit = new vscode.WorkspaceEdit();
  edit.replace(config.uri, new vscode.Range(0, 0, config.lineCount, 0), changed);
  return (await vscode.workspace.applyEdit(edit)) && (await config.save());
}

/** A config that names other files: each the whole value of a field, bare or quoted. */
export const withCopies = (
  text: string,
  copies: readonly (readonly [named: string, copy: string])[],
): string =>
  copies.reduce((changed, [named, copy]) => {
    const plain = named.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const value = new RegExp(`(:\\s+)(["']?)${plain}\\2(?=[\\s,}]|$)`, 'g');
    return changed.replace(value, (_, colon: string) => `${colon}${JSON.stringify(copy)}`);
  }, text);

/** Opens a config at its first mistake and shows the message. */
async function showErrors(document: vscode.TextDocument, errors: readonly ConfigMistake[]): Promise<void> {
  const [{ line, from, to, message }] = errors as [ConfigMistake];
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(line, from, line, to) });
  const more = errors.length > 1 ? ` ${errors.length - 1} more.` : '';
  await offer(
    vscode.window.showErrorMessage,
    `The run did not start: ${posix.basename(document.uri.path)}, line ${line + 1}: ${message}${more}`,
    SHOW_PROBLEMS,
  );
}

/** Describes the checks: "4,000 rows, 3,990 of them pairs; 66,000 of 3,000,000 weights train". */
function summary({ rows, paired, parameters, trainable_parameters: trainable }: Checked): string {
  const pairs = paired > 0 ? `, ${thousands(paired)} of them pairs` : '';
  const weights =
    parameters === null || trainable === null
      ? ''
      : `; ${thousands(trainable)} of ${thousands(parameters)} weights train`;
  return `${thousands(rows)} rows${pairs}${weights}`;
}

/**
 * Reads every row of a config, opens its model and checks its rewards, in a terminal that shows the full report. Makes
 * no run. The config is the argument, or that of the active tab.
 */
export async function dryRun(
  app: Pick<StartTools, 'ownPrograms' | 'program' | 'secrets'> & { showLog: (text: string) => void },
  ...args: unknown[]
): Promise<void> {
  const [config] = commandFiles(args);
  if (!config) return;
  await reportErrors('The dry run did not start', async () => {
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

/**
 * Does something with the run of the arguments, or with one that the user picks. @param failed what to say if it fails
 */
const withRun = (
  { runs }: { runs: RunList },
  args: unknown[],
  failed: string,
  choice: RunChoice,
  work: (dir: string) => Promise<void>,
): Promise<void> =>
  reportErrors(failed, async () => {
    const dir = await chooseRun(runs, args, choice);
    if (dir !== undefined) await work(dir);
  });

const ACTIVE = { fits: isActiveRun, none: 'No run is active.' };

/** Resumes a run from its last checkpoint, exactly as if it had never stopped. */
export function resumeRun(
  app: { runs: RunList; program: Program; secrets: vscode.SecretStorage },
  ...args: unknown[]
): Promise<void> {
  const none = 'There is no run to resume: all are finished or active.';
  const choice = { title: 'Resume Run', fits: isResumable, none };
  return withRun(app, args, 'The run could not be resumed', choice, async (dir) => {
    const env = await tinkerKey(app.secrets);
    const resume = () => app.program.run(['resume', dir, '--detach'], { cwd: dir, env });
    await withProgress(`Resuming ${runName(dir)}`, resume, { cancellable: false });
    await app.runs.refresh();
    await openRun(dir);
  });
}

/**
 * Stops a run after its current step, with a checkpoint. If it does not answer, terminates it, and finally kills it.
 */
export function stopRun(app: { runs: RunList; program: Program }, ...args: unknown[]): Promise<void> {
  const choice = { title: 'Stop Run', ...ACTIVE };
  return withRun(app, args, 'The run could not be stopped', choice, async (dir) => {
    const name = runName(dir);
    const state = await withProgress(
      `Stopping ${name}`,
      ({ onLine }) => app.program.answer(stoppedSchema, ['stop', dir, '--json'], { cwd: dir, onLine }),
      { cancellable: false },
    );
    await app.runs.refresh();
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

/** Watches a run in a terminal. Closing the terminal ends only the watching. */
export function attachRun(app: { runs: RunList; program: Program }, ...args: unknown[]): Promise<void> {
  const choice = { title: 'Attach Terminal to Run', ...ACTIVE };
  return withRun(app, args, 'The run cannot be watched', choice, async (dir) => {
    await vscode.tasks.executeTask(await attachTask(app.program, dir));
  });
}
