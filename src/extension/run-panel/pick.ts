import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { runDescription } from '../runs/run-text.ts';
import type { RunList } from '../runs/watch.ts';

/** The run folders in an argument of a command: a path, a thing with `dir`, a file in the folder, or a list of these. */
export function runFolders(argument: unknown): string[] {
  if (Array.isArray(argument)) return argument.flatMap(runFolders);
  if (typeof argument === 'string') return [argument];
  const { dir, fsPath } = (argument ?? {}) as { dir?: unknown; fsPath?: unknown };
  if (typeof dir === 'string') return [dir];
  if (typeof fsPath !== 'string') return [];
  return [basename(fsPath) === 'run.yaml' ? dirname(fsPath) : fsPath];
}

/** Asks for runs of the workspace. None, when the person turns away. */
export async function pickRuns(
  runs: RunList,
  title: string,
  picked: readonly string[] = [],
): Promise<string[]> {
  const known = runs.isRead ? runs.runs() : await runs.refresh();
  const others = picked.filter((dir) => !known.some((run) => run.dir === dir));
  if (known.length + others.length === 0) {
    void vscode.window.showInformationMessage('There are no runs in this workspace.');
    return [];
  }
  const items = [
    ...known.map((run) => ({
      label: run.name,
      description: runDescription(run, Date.now()),
      detail: vscode.workspace.asRelativePath(run.root),
      dir: run.dir,
      picked: picked.includes(run.dir),
    })),
    ...others.map((dir) => ({ label: basename(dir), detail: dirname(dir), dir, picked: true })),
  ];
  const options = { title, matchOnDescription: true, matchOnDetail: true, canPickMany: true as const };
  const chosen = await vscode.window.showQuickPick(items, options);
  return (chosen ?? []).map(({ dir }) => dir);
}
