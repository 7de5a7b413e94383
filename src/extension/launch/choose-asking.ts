import * as vscode from 'vscode';
import { liesIn } from '../../lab/files/inside.ts';
import type { Checkpoints } from '../../panels/runs/runs.reads.ts';
import type { DataRoots } from '../../panels/host/consent.host.ts';
import { thousands } from '../../base/format.ts';
import { runName } from '../../core/run-data/run-name.ts';
import { setName } from './propose.ts';
import { type Asking, pickItems } from './wizard-steps.ts';
import { dataFiles } from './new-data-set.ts';
import { ownStrategies } from './own-strategies.ts';
import * as z from 'zod/mini';
import type { Program } from '../../panels/host/cli-program.host.ts';

/**
 * Lets the user pick a checkpoint of a run.
 * @param many whether the user can pick several checkpoints
 * @returns undefined on Back
 * @throws Error if the run has no checkpoints @throws AbortError on Escape
 */
export async function chooseCheckpoints(
  { steps, best, active }: Checkpoints,
  asking: Asking,
  many = false,
): Promise<number[] | undefined> {
  if (steps.length === 0)
    throw new Error(
      active
        ? 'This run has no checkpoints yet. Wait for the first checkpoint.'
        : 'The folder checkpoints of this run is missing or empty. Restore it from a copy, or train again.',
    );
  const newest = [...steps].reverse();
  const items = newest.map((step, i) => ({
    label: `Step ${thousands(step)}`,
    description: [...(i === 0 ? ['last'] : []), ...(step === best ? ['best'] : [])].join(', '),
    step,
  }));
  const placeHolder = many ? 'Select one checkpoint, or several to compare' : 'Select a checkpoint';
  return (await pickSome(items, { ...asking, placeHolder, many }))?.map(({ step }) => step);
}

/** Returns list items for a run's evaluation sets, by name, and for the remaining data files of the workspace. */
export async function setItems({ sets }: Checkpoints) {
  const taken = Object.values(sets);
  const others = (await dataFiles()).filter(({ fsPath }) => !taken.includes(fsPath));
  return [
    ...Object.entries(sets).map(([label, path]) => ({ label, path, isOwn: true })),
    ...others.map(({ path, fsPath }) => ({ label: setName(path), path: fsPath, isOwn: false })),
  ].map((item) => ({
    ...item,
    description: `${vscode.workspace.asRelativePath(item.path)}${item.isOwn ? ' · evaluation set of this run' : ''}`,
  }));
}

/**
 * Returns the run's data root; undefined if the user does not allow reading this folder. A message then offers to allow
 * it, because a refusal is valid for the session.
 */
export async function allowedRoot(
  roots: DataRoots,
  dir: string,
  { root }: Checkpoints,
): Promise<string | undefined> {
  const isOpen = await liesIn(root, [dir, ...roots.allowed]);
  if (isOpen || (await roots.allow([root], runName(dir)))) return root;
  const message = `Cannot read the data of ${runName(dir)} in ${root}, because you declined access.`;
  const allow = 'Allow Folder';
  if ((await vscode.window.showWarningMessage(message, allow)) !== allow) return undefined;
  await roots.keep(root);
  return root;
}

const strategiesSchema = z.array(z.object({ name: z.string(), about: z.string() }));

interface Item extends vscode.QuickPickItem {
  strategy: string | null;
}

/**
 * Lets the user choose a built-in strategy, or a strategy file in the open folders.
 * @param many whether the user can pick several strategies
 * @returns undefined on Back @throws AbortError on Escape
 */
export function chooseStrategies(
  program: Program,
  cwd: string,
  asking: Asking,
  many = false,
): Promise<readonly Item[] | undefined> {
  const items = async (): Promise<Item[]> => {
    const [builtIn, userStrategies] = await Promise.all([
      program.answer(strategiesSchema, ['strategies', '--json'], { cwd }),
      ownStrategies.list(),
    ]);
    const kind = vscode.QuickPickItemKind.Separator;
    const group = (label: string, isMember: (about: string) => boolean): Item[] => [
      { label, kind, strategy: null },
      ...builtIn
        .filter(({ about }) => isMember(about))
        // Numbers such as cite docs/papers.md.
        .map(({ name, about }) => ({
          label: name,
          detail: about.replace(/ \[[^\]]*\]/, ''),
          strategy: name,
        })),
    ];
    const isControl = (about: string) => about.startsWith('Control:');
    return [
      { label: 'Training prompt', detail: 'Uses the prompt that trained the model.', strategy: null },
      ...userStrategies.map(({ label, path }) => ({ label, description: 'custom', strategy: path })),
      ...group('Prompts of the Papers', (about) => !isControl(about)),
      ...group('Controls', isControl),
    ];
  };
  const placeHolder = many
    ? 'Select one prompting strategy, or several to compare'
    : 'Select a prompting strategy';
  return pickSome(items(), { ...asking, placeHolder, many });
}

/** Lets the user pick one item, or several, of which the first is preselected. */
const pickSome = <T extends vscode.QuickPickItem>(
  items: readonly T[] | Promise<readonly T[]>,
  listing: Asking & { placeHolder: string; many: boolean },
): Promise<readonly T[] | undefined> =>
  pickItems(
    Promise.resolve(items).then((all) => all.map((item, i) => ({ ...item, picked: i === 0 }))),
    { ...listing, refuse: ({ length }) => length === 0 && `Nothing is selected. ${listing.placeHolder}` },
  );
