import { dirname } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { ForkSummary, ForkSetting } from '../../panels/trace/trace.contract.ts';
import type { App } from '../app.ts';
import { runName } from '../../core/run-data/run-name.ts';
import { chooseCheckpoints } from '../launch/choose-asking.ts';
import { chooseRun, runInFront } from '../launch/choose-run.ts';
import { type Asking, inTurn, pickItem, type Step, typeText } from '../launch/wizard-steps.ts';
import { runFolders } from '../command-arguments.ts';
import { chooseNewConfig, showNewConfig } from '../launch/new-config.ts';
import { reportErrors, tellStarted, withProgress } from '../../panels/host/report-errors.host.ts';
import { nameFlaw } from './keep-runs.ts';
import { tinkerKey } from '../../panels/host/endpoint-keys.host.ts';

/** Run, and the settings that the user tried on its traces: entries such as `coupling.eta=2`. */
interface Tried {
  run: string;
  set: readonly string[];
}

const forkedSchema = z.object({ dir: z.string(), step: z.int() });

/** Writes and opens a config with the settings of a run and the settings that the user tried on the run's traces. */
export async function startWith({ service }: App, tried?: unknown): Promise<void> {
  if (!isTried(tried)) return;
  await reportErrors('Cannot write the config', async () => {
    const folder = dirname(dirname(tried.run));
    const target = await chooseNewConfig(vscode.Uri.file(folder), nameWith(tried));
    if (!target) return;
    const text = await service.call('configWith', { ...tried, folder: dirname(target.fsPath) });
    await showNewConfig(target, text);
  });
}

/**
 * Starts a run that continues from a checkpoint of another run with other settings. Shows both runs as one branching
 * curve. Asks for a name, and for missing arguments: run, checkpoint and settings.
 */
export async function forkRun(app: App, ...args: unknown[]): Promise<void> {
  await reportErrors('Cannot fork the run', async () => {
    const wanted = await ask(app, args);
    if (!wanted) return;
    const { run, step, set, name } = wanted;
    const settings = set.flatMap((entry) => ['--set', entry]);
    const env = await tinkerKey(app.secrets);
    const { dir, step: from } = await withProgress(
      `Forking ${runName(run)}`,
      () =>
        app.program.answer(
          forkedSchema,
          ['fork', run, '--step', `${step}`, ...settings, '--name', name, '--json'],
          { cwd: dirname(run), env },
        ),
      { cancellable: false },
    );
    await app.runs.refresh();
    await app.panels.runs.open({ dirs: [run, dir] });
    tellStarted(`Run ${runName(dir)} continues from step ${from} of ${runName(run)}.`);
  });
}

type ForkWanted = Tried & { step: number };
type Fork = ForkWanted & { name: string };

/** Asks for what the arguments lack: run, checkpoint and settings. Then asks for the name. */
async function ask(app: App, args: unknown[]): Promise<Fork | undefined> {
  const title = (dir: string) => `Fork ${runName(dir)}`;
  const run = runFolders(args)[0] ?? (await runInFront(app, { title: 'Fork Run', saved: app.service }));
  const given = isForkWanted(args[0]) ? args[0] : run === undefined ? {} : { run };
  return inTurn<Fork>(
    {
      run: (_, step) => chooseRun(app, [], { title: 'Fork Run', saved: app.service, step }),
      step: async ({ run }, step) =>
        (
          await chooseCheckpoints(await app.service.call('checkpoints', { dir: run }), {
            title: title(run),
            step,
          })
        )?.[0],
      set: async ({ run, step: from }, step) =>
        chooseSettings({
          asking: { title: title(run), step },
          settings: await app.service.call('forkSettings', { run }),
          flaw: (set) =>
            app.service.call('forkPlan', { run, step: from, set }).then(
              () => null,
              (error: unknown) => (error as Error).message,
            ),
        }),
      name: async ({ run, step, set }, asking) =>
        askName({ run, step, set }, await app.service.call('forkPlan', { run, step, set }), asking),
    },
    { given },
  );
}

function askName(
  wanted: ForkWanted,
  { step, changes, broken }: ForkSummary,
  place: Step,
): Promise<string | undefined> {
  const { run } = wanted;
  const remark = wanted.step === step ? '' : ` (the last checkpoint at or before step ${wanted.step})`;
  const skipped = broken.length > 0 ? ' Skipped a newer, damaged checkpoint.' : '';
  return typeText({
    title: `Fork ${runName(run)} from the checkpoint of step ${step}`,
    step: place,
    prompt: `Enter a name for the new run. The run continues from step ${step}${remark}. Changed: ${changes}.${skipped}`,
    value: nameWith(wanted),
    flaw: (text) => nameFlaw(dirname(run), text, ''),
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
  asking: Asking & { step: Step };
  settings: readonly ForkSetting[];
  /** Returns the reason why entries such as `coupling.eta=2` are invalid; null if they are valid. */
  flaw: (entries: readonly string[]) => Promise<string | null>;
}

type Item = vscode.QuickPickItem & { setting?: ForkSetting; entry?: string; own?: true };

/**
 * Lets the user change settings one by one, with the run's value next to each setting, and undo changes.
 * @returns entries such as `coupling.eta=2`; undefined on Back @throws AbortError on Escape
 */
async function chooseSettings({ asking, settings, flaw }: Choosing): Promise<string[] | undefined> {
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
    const placeHolder = 'Change settings, or select Fork';
    const picked = await pickItem(items, { ...asking, placeHolder, scope: entries.join() });
    if (!picked) return undefined;
    const { setting, entry, own } = picked;
    if (entry !== undefined) entries = entries.filter((old) => old !== entry);
    else if (setting || own) {
      const path = setting ? `${setting.path}=` : '';
      const others = entries.filter((other) => path === '' || !other.startsWith(path));
      const next = await askEntry(asking, setting, async (text) => flaw([...others, text]));
      if (next !== undefined) entries = [...others, next];
    } else return entries;
  }
}

/** Asks the user for the value of a setting, or for a complete entry. @returns undefined on Back */
async function askEntry(
  { title, step: { place } }: Choosing['asking'],
  setting: ForkSetting | undefined,
  flaw: (entry: string) => Promise<string | null>,
): Promise<string | undefined> {
  const step = { place, hasBack: true, told: new Map<string, string>() };
  if (setting?.choices) {
    const choices = setting.choices.map((label) => ({ label }));
    const value = await pickItem(choices, { title, placeHolder: setting.label, step });
    return value && `${setting.path}=${value.label}`;
  }
  const entryOf = (text: string) => (setting ? `${setting.path}=${text}` : text);
  const text = await typeText({
    title,
    step,
    prompt: setting?.label ?? 'Enter a setting and its value, for example checkpoint.every=10',
    value: setting ? String(setting.value) : '',
    flaw: (typed) => flaw(entryOf(typed)),
  });
  return text === undefined ? undefined : entryOf(text);
}
