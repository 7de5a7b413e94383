import { posix } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { several, thousands } from '../../base/format.ts';
import type { ConfigMistake } from '../../core/config/editor/config-mistakes.ts';
import type { App } from '../app.ts';
import { isActiveRun } from '../../panels/host/run-list.host.ts';
import { tinkerKey } from '../../panels/host/endpoint-keys.host.ts';
import { SHOW_PROBLEMS } from '../problems.ts';
import { openRun } from './choose-run.ts';
import { timeText } from './choose-start.ts';
import { offer, tellStarted, withProgress } from '../../panels/host/report-errors.host.ts';
import { usableFiles } from '../../panels/host/usable-files.host.ts';

/** Argument of the wizard for two steps of a new tiny model: SFT, then GRPO. */
export const PLAN = 'plan';
/** Argument that makes a start ask the user first, even if there are no warnings. */
export const ASK = 'ask';

/** Displayed fields of the output of `train --dry-run --json`. */
const checkedSchema = z.object({
  rows: z.int(),
  paired: z.int(),
  /** Number of weights; null for a model on a training server, which does not report the number. */
  parameters: z.nullable(z.int()),
  trainable_parameters: z.nullable(z.int()),
  /** Forecast of the training time; null if nothing was measured. */
  seconds: z.nullable(z.number()),
  warnings: z.array(z.object({ code: z.string(), message: z.string(), fix: z.optional(z.string()) })),
});
type Checked = z.infer<typeof checkedSchema>;

const startedSchema = z.object({ dir: z.string() });

/** Button that offers to train a new tiny model with SFT before GRPO. */
export const SFT_FIRST = {
  label: 'Train with SFT First, Then GRPO',
  apply: () => vscode.commands.executeCommand('chirality.newRunConfig', undefined, PLAN),
};

/** Button that creates rows for the training of a new tiny model. */
export const MAKE_SCENES = {
  label: 'Generate Synthetic Scenes',
  apply: () => vscode.commands.executeCommand('chirality.newDataSet', 'scenes'),
};

/** Remedies by the code of a warning. */
const REMEDIES: Readonly<Record<string, typeof SFT_FIRST>> = {
  untrained: SFT_FIRST,
  'few-rows': MAKE_SCENES,
};

/** What to do in the editor, in place of a command for the terminal, by the code of a warning. */
const FIXES: Readonly<Record<string, string>> = {
  'no-set': 'To split these rows, run New Run Config, and select Hold Out 10% of the Rows.',
};

/** Asks in a dialog whether to start, below all warnings of the check, with the commands that remedy them. */
export async function askToStart(
  name: string,
  start: string,
  plan: string,
  warnings: readonly { code: string; message: string; fix?: string | undefined }[],
): Promise<boolean> {
  const [show, title, button] =
    warnings.length === 0
      ? [vscode.window.showInformationMessage, `${name} can start.`, start]
      : [
          vscode.window.showWarningMessage,
          `${name}: ${several(warnings.length, 'warning')} of the dry run`,
          `${start} Anyway`,
        ];
  const told = warnings.map(({ code, message, fix }) =>
    [message, FIXES[code] ?? fix].filter(Boolean).join(' '),
  );
  const remedies = [...new Set(warnings.flatMap(({ code }) => REMEDIES[code] ?? []))];
  const detail = [...told, `${plan}.`].join('\n\n');
  const picked = await show(title, { modal: true, detail }, ...remedies.map(({ label }) => label), button);
  await remedies.find(({ label }) => label === picked)?.apply();
  return picked === button;
}

/**
 * Checks the rows, images and model of a config, and starts a run. The run's process continues after the window is
 * closed. First lists the warnings of the check, and asks whether to start.
 * @param asks whether to ask before the start even without warnings
 * @param few warning about the number of held-out rows, or ""
 */
export async function startConfig(app: App, config: vscode.Uri, asks = false, few = ''): Promise<void> {
  const replaced = app.starts.replace(config.fsPath);
  const document = await vscode.workspace.openTextDocument(config);
  await document.save();
  const errors = await app.configs.errors(document);
  if (errors.length > 0) return showErrors(document, errors);
  const cwd = vscode.Uri.joinPath(config, '..').fsPath;
  // Folder of runs, relative to the config like all paths in the config.
  const runs = vscode.Uri.joinPath(config, '../runs').fsPath;
  const name = posix.basename(config.path);
  const env = await tinkerKey(app.secrets);
  const checked = await app.starts.during(name, 'running checks before the start', async (stopped) => {
    const signal = AbortSignal.any([stopped, replaced]);
    if (!(await withUsableRows(app, document, signal))) return null;
    if (!(await mayStart(app, document, cwd))) return null;
    signal.throwIfAborted();
    const check = ['train', name, '--dry-run', '--json'];
    return withProgress(
      `Start Run: checking rows of ${name}`,
      (shown) => app.program.answer(checkedSchema, check, { cwd, env, ...shown }),
      { signal },
    );
  });
  if (!checked) return;
  const told = JSON.stringify(checked.warnings);
  const isKnown = app.starts.accepted.get(config.fsPath) === told;
  const stem = name.replace(/\.run\.ya?ml$/, '');
  const active = (await app.runs.refresh()).filter(
    (run) => isActiveRun(run) && run.root === runs && run.name.replace(/-\d+$/, '') === stem,
  );
  const running = active.map((run) => ({
    code: 'running',
    message: `${run.name} is already running with this config. Start Run starts a second run.`,
  }));
  const held = few === '' ? [] : [{ code: 'few-held-out', message: few }];
  const warnings = [...running, ...checked.warnings, ...held];
  const mustAsk = asks || running.length > 0 || (warnings.length > 0 && !isKnown);
  if (mustAsk && !(await askToStart(name, 'Start Run', summary(checked), warnings))) return;
  replaced.throwIfAborted();
  app.starts.accepted.set(config.fsPath, told);
  const start = ['train', name, '--json', '--runs', runs];
  const dir = await app.starts.during(name, 'starting', async () => {
    const started = await withProgress(
      `Start Run: starting ${name}`,
      () => app.program.answer(startedSchema, start, { cwd, env }),
      { cancellable: false },
    );
    return started.dir;
  });
  await app.runs.refresh();
  await openRun(dir);
  tellStarted(`Started run ${posix.basename(dir)}: ${summary(checked)}.`);
}

/** Returns whether the custom programs in a config can start; asks the user if the config contains any. */
export const mayStart = async (
  { ownPrograms, program }: App,
  config: vscode.TextDocument,
  cwd: string,
): Promise<boolean> =>
  !config.getText().includes('command') || ownPrograms.allow(program, posix.basename(config.uri.path), cwd);

/**
 * Checks the rows of a config. If the user excludes unusable rows, replaces the config's files by copies without them.
 * @returns whether to continue
 */
async function withUsableRows(app: App, config: vscode.TextDocument, signal: AbortSignal): Promise<boolean> {
  const text = config.getText();
  const { sets, root } = await app.service.call('setsOfConfig', { text, path: config.uri.fsPath });
  const files = sets.map(({ path }) => vscode.Uri.file(path));
  const usable = await usableFiles(app, files, { root, stop: signal });
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

/** Returns a config with some files replaced. Each file is the whole value of a field, bare or quoted. */
export const withCopies = (
  text: string,
  copies: readonly (readonly [named: string, copy: string])[],
): string =>
  copies.reduce((changed, [named, copy]) => {
    const plain = named.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const value = new RegExp(`(:\\s+)(["']?)${plain}\\2(?=[\\s,}]|$)`, 'g');
    return changed.replace(value, (_, colon: string) => `${colon}${JSON.stringify(copy)}`);
  }, text);

/** Opens a config at its first mistake, and shows the message about the mistake. */
async function showErrors(document: vscode.TextDocument, errors: readonly ConfigMistake[]): Promise<void> {
  const [{ line, from, to, message }] = errors as [ConfigMistake];
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(line, from, line, to) });
  const more = errors.length > 1 ? ` ${several(errors.length - 1, 'more error')}.` : '';
  await offer(
    vscode.window.showErrorMessage,
    `Cannot start the run: ${posix.basename(document.uri.path)}, line ${line + 1}: ${message}${more}`,
    SHOW_PROBLEMS,
  );
}

/**
 * Describes the result of the dry run: "4,000 rows, 3,990 with a partner view; 66,000 of 3,000,000 weights trainable;
 * about 26 s of training". Omits the weights if all are trainable.
 */
function summary({ rows, paired, parameters, trainable_parameters: trainable, seconds }: Checked): string {
  const pairs = paired > 0 ? `, ${thousands(paired)} with a partner view` : '';
  const weights =
    parameters === null || trainable === null || trainable === parameters
      ? ''
      : `; ${thousands(trainable)} of ${thousands(parameters)} weights trainable`;
  const time = seconds === null ? '' : `; ${timeText(seconds)}`;
  return `${thousands(rows)} rows${pairs}${weights}${time}`;
}
