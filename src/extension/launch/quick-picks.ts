import { hostname } from 'node:os';
import * as vscode from 'vscode';
import { isActiveRun } from '../run-list/run-text.ts';
import type { RunList } from '../run-list/run-list.ts';
import type { Service } from '../../panels/service.host.ts';
import { confirm } from './report-errors.ts';

/**
 * Asks questions one after the other: Escape goes back to the previous question, and out of the first. A question
 * writes no file, because a later one can still be left.
 * @param questions by the names of their answers; each gets the answers so far and its place among the questions that
 *   are asked, as in `2 of 4`. undefined: Escape
 * @param given answers that are decided, whose questions are not asked
 * @returns undefined if the first was left with Escape
 */
export async function inTurn<A extends object>(
  questions: { [Name in keyof A]: (answers: A, place: string) => Thenable<A[Name] | undefined> },
  given: Partial<A> = {},
): Promise<A | undefined> {
  const names = (Object.keys(questions) as (keyof A)[]).filter((name) => given[name] === undefined);
  const answers = { ...given } as A;
  for (let at = 0; at < names.length;) {
    const name = names[at]!;
    const answer = await questions[name](answers, `${at + 1} of ${names.length}`);
    if (answer === undefined) at -= 1;
    else [answers[name], at] = [answer, at + 1];
    if (at < 0) return undefined;
  }
  return answers;
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

/** Lets the user choose a folder. @returns undefined if cancelled */
export async function pickFolder(
  title: string,
  more: Pick<vscode.OpenDialogOptions, 'openLabel' | 'defaultUri'>,
): Promise<vscode.Uri | undefined> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      title,
      canSelectFiles: false,
      canSelectFolders: true,
      ...more,
    })) ?? [];
  return folder;
}

/**
 * Asks before a model is loaded on the GPU of an active run, which could end that run for lack of memory.
 * @param path the model's folder
 * @returns whether to load it
 */
export async function askForGpu(
  { service, runs }: { service: Service; runs: RunList },
  path: string,
  label: string,
): Promise<boolean> {
  if (!(await service.call('wantsGpu', { path }))) return true;
  const here = (await runs.refresh()).filter((run) => isActiveRun(run) && run.state?.host === hostname());
  const wants = await Promise.all(here.map(({ dir }) => service.call('wantsGpu', { path: dir })));
  const [busy] = here.filter((_, i) => wants[i]);
  if (!busy) return true;
  const message = `${busy.name} is training on this machine. Load ${label} anyway?`;
  return confirm(message, 'Both need GPU memory. The run fails if it runs out of memory.', 'Load Anyway');
}
