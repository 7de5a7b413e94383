import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { thousands } from '../../base/format.ts';
import type { ForkSummary, ForkSetting } from '../../panels/trace/trace.contract.ts';
import type { Program } from '../../panels/host/cli-program.host.ts';
import type { RunPanels } from '../../panels/run/run.host.ts';
import type { RunList } from '../../panels/host/run-list.host.ts';
import type { Service } from '../../panels/service.host.ts';
import { runName } from '../../core/run-data/run-name.ts';
import { chooseRun } from '../launch/choose-run.ts';
import { chooseNewConfig, showNewConfig } from '../launch/new-config.ts';
import { reportErrors, withProgress } from '../../panels/host/report-errors.host.ts';
import { nameFlaw } from './keep-runs.ts';
import { tinkerKey } from '../../panels/host/endpoint-keys.host.ts';

/** Run, and the settings that the user tried on its traces: entries such as `coupling.eta=2`. */
interface Tried {
  run: string;
  set: readonly string[];
}

const forkedSchema = z.object({ dir: z.string(), step: z.int() });

/** Writes and opens a config with the settings of a run and the settings that the user tried on the run's traces. */
export async function startWith({ service }: { service: Service }, tried?: unknown): Promise<void> {
  if (!isTried(tried)) return;
  await reportErrors('Cannot write the config', async () => {
    const folder = dirname(dirname(tried.run));
    const target = await chooseNewConfig(vscode.Uri.file(join(folder, `${nameWith(tried)}.run.yaml`)));
    if (!target) return;
    const text = await service.call('configWith', { ...tried, folder: dirname(target.fsPath) });
    await showNewConfig(target, text);
  });
}

/**
 * Starts a run that continues from a checkpoint of another run with other settings. Shows both runs as one branching
 * curve. Asks for a name, and for missing arguments: run, checkpoint and settings.
 */
export async function forkRun(
  app: {
    runs: RunList;
    service: Service;
    program: Program;
    secrets: vscode.SecretStorage;
    panels: { runs: RunPanels };
  },
  ...args: unknown[]
): Promise<void> {
  await reportErrors('Cannot fork the run', async () => {
    const wanted = isForkWanted(args[0]) ? args[0] : await ask(app, args);
    if (!wanted) return;
    const { run, step, set } = wanted;
    const plan = await app.service.call('forkPlan', { run, step, set });
    const name = await askName(wanted, plan);
    if (name === undefined) return;
    const settings = set.flatMap((entry) => ['--set', entry]);
    const env = await tinkerKey(app.secrets);
    const { dir, step: from } = await withProgress(
      `Forking ${runName(run)}`,
      () =>
        app.program.answer(
          forkedSchema,
          ['fork', run, '--step', `${plan.step}`, ...settings, '--name', name, '--json'],
          { cwd: dirname(run), env },
        ),
      { cancellable: false },
    );
    await app.runs.refresh();
    await app.panels.runs.open({ dirs: [run, dir] });
    void vscode.window.showInformationMessage(
      `Run ${runName(dir)} continues from step ${from} of ${runName(run)}.`,
    );
  });
}

type ForkWanted = Tried & { step: number };

async function ask(
  app: { runs: RunList; service: Service },
  args: unknown[],
): Promise<ForkWanted | undefined> {
  const run = await chooseRun(app.runs, args, {
    title: 'Fork Run',
    fits: ({ origin }) => !origin,
  });
  if (run === undefined) return undefined;
  const { steps } = await app.service.call('checkpoints', { dir: run });
  if (steps.length === 0) throw new Error(`${runName(run)} has no checkpoint yet.`);
  const title = `Fork ${runName(run)}`;
  const items = steps.map((step) => ({ label: `Step ${thousands(step)}`, step })).reverse();
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder: 'Select a checkpoint' });
  if (!picked) return undefined;
  const { step } = picked;
  const set = await chooseSettings({
    title,
    settings: await app.service.call('forkSettings', { run }),
    flaw: (entries) =>
      app.service.call('forkPlan', { run, step, set: entries }).then(
        () => null,
        (error: unknown) => (error as Error).message,
      ),
  });
  return set && { run, step, set };
}

function askName(wanted: ForkWanted, { step, changes, broken }: ForkSummary): Thenable<string | undefined> {
  const { run } = wanted;
  const remark = wanted.step === step ? '' : ` (the last checkpoint at or before step ${wanted.step})`;
  const skipped = broken.length > 0 ? ' Skipped a newer, damaged checkpoint.' : '';
  return vscode.window.showInputBox({
    title: `Fork ${runName(run)} from the checkpoint of step ${step}`,
    prompt: `Enter a name for the new run. The run continues from step ${step}${remark}. Changed: ${changes}.${skipped}`,
    value: nameWith(wanted),
    validateInput: (text) => nameFlaw(dirname(run), text.trim(), ''),
  });
}

/** Returns a name made from the first changed setting: `spatial-eta-2`. */
function nameWith({ run, set }: Tried): string {
  const [, setting, value] = /([\w-]+)=([\w.-]{1,24})$/.exec(set[0] ?? '') ?? [];
  return setting === undefined ? `${runName(run)}-fork` : `${runName(run)}-${setting}-${value}`;
}

function isTried(value: unknown): value is Tried {
  const { run, set } = (value ?? {}) as { run?: unknown; set?: unknown };
  return typeof run === 'string' && Array.isArray(set) && set.every((entry) => typeof entry === 'string');
}

const isForkWanted = (value: unknown): value is ForkWanted =>
  isTried(value) && Number.isSafeInteger((value as { step?: unknown }).step);

interface Choosing {
  title: string;
  settings: readonly ForkSetting[];
  /** Returns the reason why entries such as `coupling.eta=2` are invalid; null if they are valid. */
  flaw: (entries: readonly string[]) => Promise<string | null>;
}

type Item = vscode.QuickPickItem & { setting?: ForkSetting; entry?: string; own?: true };

/**
 * Lets the user change settings one by one, with the run's value next to each setting, and undo changes.
 * @returns entries such as `coupling.eta=2`; undefined if cancelled
 */
async function chooseSettings({ title, settings, flaw }: Choosing): Promise<string[] | undefined> {
  let entries: string[] = [];
  const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });
  for (;;) {
    const items: Item[] = [
      {
        label: '$(repo-forked) Fork',
        description: entries.length === 0 ? 'with the same settings' : 'with these settings',
      },
      ...entries.map((entry): Item => ({ label: `$(close) ${entry}`, description: 'reset', entry })),
      separator('settings to change'),
      ...settings.map((setting): Item => ({
        label: setting.label,
        description: `${setting.path}, now ${setting.value}`,
        setting,
      })),
      { label: 'Enter Another Setting…', description: 'path=value, as in run.yaml', own: true },
    ];
    const picked = await vscode.window.showQuickPick(items, {
      title,
      placeHolder: 'Change settings, or select Fork',
      matchOnDescription: true,
    });
    if (!picked) return undefined;
    const { setting, entry, own } = picked;
    if (entry !== undefined) entries = entries.filter((old) => old !== entry);
    else if (setting || own) {
      const path = setting ? `${setting.path}=` : '';
      const others = entries.filter((other) => path === '' || !other.startsWith(path));
      const next = await askEntry(title, setting, async (text) => flaw([...others, text]));
      if (next !== undefined) entries = [...others, next];
    } else return entries;
  }
}

/** Asks the user for the value of a setting, or for a complete entry. */
async function askEntry(
  title: string,
  setting: ForkSetting | undefined,
  flaw: (entry: string) => Promise<string | null>,
): Promise<string | undefined> {
  if (setting?.choices) {
    const choices = setting.choices.map((label) => ({ label }));
    const value = await vscode.window.showQuickPick(choices, { title, placeHolder: setting.label });
    return value && `${setting.path}=${value.label}`;
  }
  const entryOf = (text: string) => (setting ? `${setting.path}=${text.trim()}` : text.trim());
  const text = await vscode.window.showInputBox({
    title,
    prompt: setting?.label ?? 'Enter a setting and its value, for example checkpoint.every=10',
    ...(setting && { value: String(setting.value) }),
    validateInput: (typed) => flaw(entryOf(typed)),
  });
  return text === undefined ? undefined : entryOf(text);
}
