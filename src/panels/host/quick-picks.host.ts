import { hostname } from 'node:os';
import * as vscode from 'vscode';
import { type RunList, isActiveRun } from './run-list.host.ts';
import type { Service } from '../service.host.ts';
import { confirm } from './report-errors.host.ts';

/** Lets the user choose a folder. @returns undefined if cancelled */
export async function pickFolder(
  title: string,
  more: Pick<vscode.OpenDialogOptions, 'openLabel' | 'defaultUri'>,
): Promise<vscode.Uri | undefined> {
  const [folder] =
    (await vscode.window.showOpenDialog({ title, canSelectFiles: false, canSelectFolders: true, ...more })) ??
    [];
  return folder;
}

/**
 * Asks before a model is loaded on a GPU that an active run uses, because that run could run out of memory and fail.
 * @param path folder of the model
 * @returns whether to load the model
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
  return confirm(message, 'If GPU memory is too small for both models, the run fails.', 'Load Anyway');
}
