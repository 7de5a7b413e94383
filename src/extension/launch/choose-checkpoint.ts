import * as vscode from 'vscode';
import { liesIn } from '../../lab/files/inside.ts';
import type { Checkpoints } from '../../service/run-list.ts';
import type { DataRoots } from '../data-roots.ts';
import { runName } from '../../core/run-data/run-name.ts';

/**
 * Lets the user pick a checkpoint of a run. @returns undefined if none was picked, or if there is none, which a message
 * says
 */
export async function chooseCheckpoint(
  { steps, best }: Checkpoints,
  title: string,
): Promise<number | undefined> {
  const newest = [...steps].reverse();
  const items = newest.map((step, i) => ({
    label: `Step ${step}`,
    description: [...(i === 0 ? ['last'] : []), ...(step === best ? ['best'] : [])].join(', '),
    step,
  }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage('This run has no checkpoint yet.');
    return undefined;
  }
  return (await vscode.window.showQuickPick(items, { title, placeHolder: 'Which checkpoint?' }))?.step;
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
