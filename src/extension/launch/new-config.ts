import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { several } from '../../base/format.ts';
import { chooseStart, isTiny, PLANNED, presetItem, presetsSchema, type Preset } from './choose-start.ts';
import { chooseSets, holdOut, trainingFiles, type Rows } from './choose-sets.ts';
import { chooseRows, workFolder } from './new-data-set.ts';
import { configText, namedSets, planText, startAt, type ModelStart } from './propose.ts';
import { inTurn, pickItem } from './wizard-steps.ts';
import { offer, reportErrors } from '../../panels/host/report-errors.host.ts';
import { ASK, PLAN } from './start-run.ts';
import { usableFiles } from '../../panels/host/usable-files.host.ts';
import { chooseTarget, freeFile } from '../../panels/host/data-files.host.ts';
import { commandFiles } from '../command-arguments.ts';

const TITLE = 'New Run Config';

/**
 * Creates a run config from a preset and data, and checks the config. @param args training rows, if the caller already
 * chose them, and `PLAN` for two steps of a new tiny model
 */
export const newRunConfig = (app: App, ...[rows, start]: unknown[]): Promise<void> =>
  reportErrors('Cannot create the config', () =>
    newConfig(app, {
      ...(rows instanceof vscode.Uri && rows.path.endsWith('.qa.jsonl') && { train: rows }),
      ...(start === PLAN && { preset: PLANNED, start: { kind: 'plan' } }),
    }),
  );

interface Answers {
  preset: Preset;
  start: ModelStart;
  train: vscode.Uri;
  rows: Rows;
  target: vscode.Uri;
}

/**
 * Creates and shows a config, so that the user reads it first. Then starts the dry run, whose message offers to start
 * the run. @param given answers that the caller already has
 */
export async function newConfig(tools: App, given: Partial<Answers> = {}): Promise<void> {
  const { program } = tools;
  const folder = (await workFolder('The open folder stores the config and its runs.'))?.uri;
  if (!folder) return;
  const cwd = folder.fsPath;
  const presets = given.preset ? [] : await program.answer(presetsSchema, ['presets', '--json'], { cwd });
  const usable = await usableFiles(tools, given.train ? [given.train] : []);
  if (!usable) return;
  const [givenRows] = usable;
  const answers = await inTurn<Answers>(
    {
      preset: async (_, step) => {
        const items = presets.map((preset) => ({ ...presetItem(preset), preset }));
        return (await pickItem(items, { title: TITLE, placeHolder: 'Select a preset', step }))?.preset;
      },
      train: async (_, step) => {
        const asking = { title: TITLE, placeHolder: 'Select training rows', step };
        const rows = await chooseRows(tools, asking, await trainingFiles(tools));
        return rows instanceof vscode.Uri ? rows : undefined;
      },
      start: (chosen, step) => chooseStart(tools, TITLE, chosen, step),
      rows: ({ train }, step) => chooseSets(tools, train, TITLE, step),
      target: ({ preset, start }, { place }) =>
        start.kind === 'plan'
          ? chooseTarget('.sweep.yaml', {
              defaultUri: freeFile(folder, 'sft-grpo', '.sweep.yaml'),
              filters: { Sweep: ['yaml'] },
              title: `Save Sweep${placeOf(place)}`,
            })
          : chooseNewConfig(folder, preset.name, placeOf(place)),
    },
    { given: { ...given, ...(givenRows && { train: givenRows }) } },
  );
  if (!answers) return;
  const { preset, start, target, rows } = answers;
  const { train, sets, heldOut } = rows.holdsOut ? await holdOut(tools, rows) : rows;
  const at = (path: string) => posix.relative(posix.dirname(target.path), path);
  const isPlan = start.kind === 'plan';
  const named = namedSets(sets.length === 0 && isPlan ? [train.path] : sets.map(({ path }) => path));
  const data = {
    train: at(train.path),
    eval: Object.fromEntries(Object.entries(named).map(([name, path]) => [name, at(path)])),
  };
  const parts = await tools.service.call('rowParts', { path: train.fsPath });
  const text = isPlan
    ? planText(data, parts.mirrors)
    : configText(await program.run(['presets', preset.name], { cwd }), data, startAt(start, at), parts);
  const few = heldOutText(heldOut);
  const unsure = sets.length === 0 && !isPlan ? UNEVALUATED : few;
  // The dialog before the start lists its warnings, and this one with them.
  const isAsked = !isPlan && isTiny(preset);
  await writeConfig(target, text);
  if (unsure && !isAsked) void vscode.window.showWarningMessage(`${posix.basename(target.path)}: ${unsure}`);
  // A dry run of another model can download it from the Hugging Face Hub, so the check starts only on request.
  const check = () =>
    isPlan
      ? vscode.commands.executeCommand('chirality.runSweep', target, false)
      : vscode.commands.executeCommand('chirality.startRun', target, ASK, few);
  if (isPlan || isTiny(preset)) void check();
  else
    void offer(
      vscode.window.showInformationMessage,
      `Created ${posix.basename(target.path)}. The dry run loads the model, and downloads the model if needed.`,
      { 'Dry Run': check },
    );
}

/** Returns the place for the title of VS Code's dialog, which has no Back button. */
const placeOf = (place: string): string => ` (${place})`;

/** Lets the user choose where to save a config. Proposes an unused name. */
export const chooseNewConfig = (
  folder: vscode.Uri,
  name: string,
  place = '',
): Promise<vscode.Uri | undefined> =>
  chooseTarget('.run.yaml', {
    defaultUri: freeFile(folder, name, '.run.yaml'),
    filters: { 'Run config': ['yaml'] },
    title: `Save Run Config${place}`,
  });

/** Writes and shows a config, with the CodeLens that starts a run. */
export async function showNewConfig(target: vscode.Uri, text: string): Promise<void> {
  await writeConfig(target, text);
  const name = posix.basename(target.path);
  void vscode.window.showInformationMessage(
    `Created ${name}. Review the config, then select Start Run above the config.`,
  );
}

async function writeConfig(target: vscode.Uri, text: string): Promise<void> {
  await vscode.workspace.fs.writeFile(target, Buffer.from(text));
  await vscode.window.showTextDocument(target);
}

/** Warning that is shown before a run without an evaluation. */
const UNEVALUATED =
  'The run has no evaluation set, so its report contains only training curves. Add evaluation sets under data.eval.';

/** Minimum number of rows for a 95% interval of an accuracy within ±10 percentage points. */
const ENOUGH_HELD_OUT = 100;

/** With fewer rows, even a paired test in which all rows differ stays above p = 0.05 (2 · 0.5⁵ = 0.0625). */
const FEWEST_HELD_OUT = 6;

/** Returns a warning if a run has few held-out rows. */
const heldOutText = (rows: number | undefined): string =>
  rows === undefined || rows >= ENOUGH_HELD_OUT
    ? ''
    : `The evaluation set has ${several(rows, 'row')}, ${rows < FEWEST_HELD_OUT ? 'too few to detect any difference' : 'enough to detect only large differences'}.`;

interface Kind {
  ending: string;
  title: string;
  placeHolder: string;
  /** Label of the list item that creates a new file. */
  fresh: string;
  make: () => Promise<void>;
}

/**
 * Returns the file in a command's arguments, or a workspace file of this kind that the user picks. Undefined if the
 * user cancels or creates a new file.
 */
export async function chooseConfigFile(args: unknown[], kind: Kind): Promise<vscode.Uri | undefined> {
  const { ending, title, placeHolder } = kind;
  const [file] = commandFiles(args);
  if (file?.scheme === 'file' && file.path.endsWith(ending)) return file;
  const files = await vscode.workspace.findFiles(`**/*${ending}`, '**/node_modules/**');
  const fresh = { label: `$(add) ${kind.fresh}`, uri: undefined };
  const items = files
    .map((uri) => ({
      label: posix.basename(uri.path),
      description: vscode.workspace.asRelativePath(posix.dirname(uri.path)),
      uri,
    }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const options = { title, placeHolder, matchOnDescription: true };
  const picked = items.length === 0 ? fresh : await vscode.window.showQuickPick([...items, fresh], options);
  if (picked === fresh) await kind.make();
  return picked?.uri;
}
