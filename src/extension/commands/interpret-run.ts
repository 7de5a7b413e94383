import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { percentText, short } from '../../base/format.ts';
import type { MirrorSets } from '../../core/evaluation/source-evaluation.ts';
import type { Interpretation, RewardValues } from '../../core/run-data/interpretation.ts';
import { kindOf } from '../../panels/host/run-list.host.ts';
import type { App } from '../app.ts';
import { runName } from '../../core/run-data/run-name.ts';
import { chooseRun } from '../launch/choose-run.ts';
import { pickFolder } from '../../panels/host/quick-picks.host.ts';
import { commandFiles } from '../command-arguments.ts';
import { dataFiles } from '../launch/new-data-set.ts';
import { mend } from '../../panels/host/usable-files.host.ts';
import { confirm, offer } from '../../panels/host/report-errors.host.ts';

/** Lets the user select the reward of an external run that marks correct completions. */
export function chooseRight(app: App, ...args: unknown[]): Promise<void> {
  return interpret(app, args, 'Select Correctness Reward', async (dir, title) => {
    const { rewards, proposed } = await app.service.call('rewardsOfRun', { dir });
    if (rewards.length === 0) throw new Error('the run has no stored completions with rewards.');
    const { right } = app.interpretations.of(dir);
    const items = [...rewards].sort((a, b) => Number(b.name === proposed) - Number(a.name === proposed));
    const picked = await vscode.window.showQuickPick(
      [
        ...items.map((reward) => ({
          label: `${reward.name === right ? '$(check) ' : ''}${reward.name}`,
          description: reward.name === proposed ? 'suggested' : '',
          detail: valuesText(reward),
          right: reward.name,
        })),
        {
          label: '$(circle-slash) Continue Without Correctness Reward',
          detail: 'Correctness of completions stays unknown.',
          right: null,
        },
      ],
      { title, placeHolder: 'Completions with a reward of 1 count as correct, all others as wrong' },
    );
    return picked && { right: picked.right };
  });
}

/** Describes the values of a reward, so that the user can recognise its meaning: "Only 0 and 1; 38 % are 1". */
export function valuesText({ low, high, ones, isBinary }: RewardValues): string {
  if (low === high) return `Constant reward of ${short(low)}.`;
  const values = isBinary ? 'Only 0 and 1' : `From ${short(low)} to ${short(high)}`;
  return `${values}; ${ones === 0 ? 'never 1' : `${percentText(ones)} are 1`}.`;
}

/** File extensions of tables that can be joined to a run. */
const TABLES = ['jsonl', 'parquet', 'json', 'csv', 'tsv', 'xlsx'];

/** Lets the user select the dataset with the images, reference answers and mirrors of an external run. */
export function joinDataSet(app: App, ...args: unknown[]): Promise<void> {
  return interpret(app, args, 'Add Dataset', async (dir, title) => {
    const { data } = app.interpretations.of(dir);
    const paths = (await dataFiles()).map(({ fsPath }) => fsPath);
    const files = data === null || paths.includes(data) ? paths : [data, ...paths];
    const browse = { label: '$(folder-opened) Browse…', detail: '*.qa.jsonl file or table of rows' };
    const none = {
      label: '$(circle-slash) Continue Without Dataset',
      detail: 'Images, reference answers and mirrors stay unknown.',
    };
    const picked = await vscode.window.showQuickPick<vscode.QuickPickItem & { path?: string }>(
      [
        ...files.map((path) => ({
          label: `${path === data ? '$(check) ' : ''}${basename(path)}`,
          description: vscode.workspace.asRelativePath(dirname(path)),
          path,
        })),
        browse,
        none,
      ],
      { title, placeHolder: 'Select the dataset of the run. Rows are matched by id or identical text.' },
    );
    if (!picked) return undefined;
    if (picked === none) return { data: null };
    if (picked.path !== undefined) return { data: picked.path };
    const [file] = (await vscode.window.showOpenDialog({ title, filters: { Datasets: TABLES } })) ?? [];
    return file && { data: file.fsPath };
  });
}

/**
 * Lets the user select the new data location of a run that was copied or moved without its data. For a data file,
 * writes a copy with the images of the folder, and opens the copy.
 */
export function findPictures(app: App, ...args: unknown[]): Promise<void> {
  const [file = app.panels.dataSets.front?.uri] = commandFiles(args);
  if ((args[0] === undefined || args[0] === file) && file?.path.endsWith('.qa.jsonl'))
    return mend(app, file, 'locate', (copy) => vscode.commands.executeCommand('chirality.openDataSet', copy));
  return interpret(
    app,
    args,
    'Locate Images',
    async (dir, title) => {
      const chosen = await pickFolder(`${title}: Select the Data Root`, { openLabel: 'Use This Folder' });
      if (!chosen) return undefined;
      const { root, missed } = await app.service.call('newRoot', { dir, folder: chosen.fsPath });
      const message = `${root} does not contain ${missed}, a data file of ${runName(dir)}.`;
      const detail =
        'Without this file, Chirality can find only images, not rows. Select the folder that contains the file at this path.';
      if (missed !== null && !(await confirm(message, detail, 'Use Folder Anyway'))) return undefined;
      await app.roots.keep(root);
      return { root };
    },
    'any',
  );
}

/** Lets the user select the mirror set among the sets in an external run's evaluation. */
export function chooseMirror(app: App, ...args: unknown[]): Promise<void> {
  return interpret(app, args, 'Select Mirror Set', async (dir, title) => {
    const { sets } = await app.service.call('rewardsOfRun', { dir });
    if (sets.length < 2) throw new Error('a mirror set requires an evaluation with at least two sets.');
    const now = app.interpretations.of(dir).mirrorOf;
    const pairs = sets.flatMap((original) =>
      sets.filter((mirror) => mirror !== original).map((mirror) => ({ original, mirror })),
    );
    const picked = await vscode.window.showQuickPick(
      [
        ...pairs.map((mirrorOf) => ({
          label: `${isSamePair(mirrorOf, now) ? '$(check) ' : ''}${mirrorOf.mirror}`,
          description: `mirror of ${mirrorOf.original}`,
          mirrorOf,
        })),
        { label: '$(circle-slash) Continue Without Mirror Set', description: '', mirrorOf: null },
      ],
      { title, placeHolder: 'Chirality pairs the rows of both sets by id', matchOnDescription: true },
    );
    return picked && { mirrorOf: picked.mirrorOf };
  });
}

const isSamePair = (a: MirrorSets, b: MirrorSets | null): boolean =>
  a.original === b?.original && a.mirror === b.mirror;

/**
 * Asks about a run, chosen as in `chooseRun`. `kind` restricts the user's choice to external runs.
 */
async function interpret(
  app: App,
  args: unknown[],
  title: string,
  ask: (dir: string, title: string) => Promise<Partial<Interpretation> | undefined>,
  kind: 'foreign' | 'any' = 'foreign',
): Promise<void> {
  const { traces } = app.panels;
  const dir = await chooseRun(app, args, {
    title,
    ...(kind === 'foreign' && {
      fits: (run) => kindOf(run) === kind,
      none: 'No external runs in this workspace. Open a folder that contains an external run.',
    }),
  });
  if (dir === undefined) return;
  try {
    const before = app.interpretations.of(dir);
    const change = await ask(dir, `${title}: ${runName(dir)}`);
    if (!change) return;
    const undone = Object.fromEntries(
      Object.keys(change).map((what) => [what, before[what as keyof Interpretation]]),
    );
    const keep = async (what: Partial<Interpretation>) => {
      await app.interpretations.keep(dir, what);
      for (const panel of traces.all) if (panel.key === dir) panel.changed();
    };
    await keep(change);
    void offer(vscode.window.showInformationMessage, interpretationText(dir, change), {
      Undo: () => keep(undone),
    });
  } catch (error) {
    void vscode.window.showErrorMessage(`${runName(dir)}: ${(error as Error).message}`);
  }
}

function interpretationText(dir: string, { right, data, mirrorOf, root }: Partial<Interpretation>): string {
  const name = runName(dir);
  if (root !== undefined)
    return root === null
      ? `${name}: loading images from their original location.`
      : `${name}: loading images and rows from ${root}.`;
  if (mirrorOf !== undefined)
    return mirrorOf
      ? `${name}: ${mirrorOf.mirror} is the mirror of ${mirrorOf.original}.`
      : `${name}: removed the mirror set.`;
  if (data !== undefined)
    return data === null ? `${name}: removed the dataset.` : `${name}: added the dataset ${basename(data)}.`;
  return right
    ? `${name}: completions with ${right} = 1 count as correct.`
    : `${name}: removed the correctness reward.`;
}
