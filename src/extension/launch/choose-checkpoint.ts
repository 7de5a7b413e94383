import * as vscode from 'vscode';
import { liesIn } from '../../lab/files/inside.ts';
import type { Checkpoints } from '../../service/run-list.ts';
import type { DataRoots } from '../data-roots.ts';
import { runName } from '../../core/run-data/run-name.ts';
import { setName } from './new-config.ts';
import { dataFiles } from './new-data-set.ts';

/**
 * Lets the user pick a checkpoint of a run. @returns undefined if none was picked, or if there is none, which a message
 * says
 */
export async function chooseCheckpoint(known: Checkpoints, title: string): Promise<number | undefined> {
  return (await chooseCheckpoints(known, title, false))?.[0];
}

/** As `chooseCheckpoint`. @param many whether several can be picked */
export async function chooseCheckpoints(
  { steps, best }: Checkpoints,
  title: string,
  many: boolean,
): Promise<number[] | undefined> {
  if (steps.length === 0) {
    void vscode.window.showInformationMessage('This run has no checkpoint yet.');
    return undefined;
  }
  const newest = [...steps].reverse();
  const items = newest.map((step, i) => ({
    label: `Step ${step}`,
    description: [...(i === 0 ? ['last'] : []), ...(step === best ? ['best'] : [])].join(', '),
    step,
  }));
  const placeHolder = many ? 'Which checkpoints? Several are compared.' : 'Which checkpoint?';
  return (await pickSome(items, { title, placeHolder }, many))?.map(({ step }) => step);
}

/**
 * Lets the user pick an item, or some of them, with the first one ticked at the beginning. @returns undefined if none
 * was picked
 */
export async function pickSome<T extends vscode.QuickPickItem>(
  items: readonly T[] | Promise<readonly T[]>,
  options: vscode.QuickPickOptions,
  many: boolean,
): Promise<T[] | undefined> {
  if (!many) {
    const picked = await vscode.window.showQuickPick(items, options);
    return picked && [picked];
  }
  const ticked = Promise.resolve(items).then((all) => all.map((item, i) => ({ ...item, picked: i === 0 })));
  const picked = await vscode.window.showQuickPick(ticked, { ...options, canPickMany: true });
  return picked && picked.length > 0 ? picked : undefined;
}

/** A run's evaluation sets by name, and the other data files of the workspace, as a list shows them. */
export async function setItems({ sets }: Checkpoints) {
  const taken = Object.values(sets);
  const others = (await dataFiles()).filter(({ fsPath }) => !taken.includes(fsPath));
  return [
    ...Object.entries(sets).map(([label, path]) => ({ label, path, isOwn: true })),
    ...others.map(({ path, fsPath }) => ({ label: setName(path), path: fsPath, isOwn: false })),
  ].map((item) => ({ ...item, description: vscode.workspace.asRelativePath(item.path) }));
}

/** The run's data root; undefined if the user does not allow reading there. */
export async function allowedRoot(
  roots: DataRoots,
  dir: string,
  { root }: Checkpoints,
): Promise<string | undefined> {
  const isOpen = await liesIn(root, [dir, ...roots.allowed]);
  return isOpen || (await roots.allow([root], runName(dir))) ? root : undefined;
}
