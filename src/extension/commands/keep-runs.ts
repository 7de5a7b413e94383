import { basename, dirname, join } from 'node:path';
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { isActiveRun, isOurs } from '../../panels/host/run-list.host.ts';
import type { RunSummary } from '../../panels/runs/runs.contract.ts';
import type { App } from '../app.ts';
import { runName } from '../../core/run-data/run-name.ts';
import { chooseRun } from '../launch/choose-run.ts';
import { confirm, reportErrors } from '../../panels/host/report-errors.host.ts';
import { isFolderName } from '../../lab/files/folders.ts';
import { runFolders } from '../command-arguments.ts';

/** Returns whether the user can delete or rename a run. */
const isAtRest = (run: RunSummary): boolean => !isActiveRun(run) && isOurs(run);

/**
 * Returns whether runs can be changed (`what`: "deleted", …). Active runs and external runs in their own folders are
 * unchangeable; a message lists such runs.
 */
async function mayChange({ runs }: App, dirs: readonly string[], what: string): Promise<boolean> {
  const listed = (await runs.refresh()).filter(({ dir }) => dirs.includes(dir));
  const refuse = (found: readonly RunSummary[], why: string) => {
    const names = found.map(({ dir }) => runName(dir)).join(', ');
    if (found.length > 0) void vscode.window.showWarningMessage(`${names}: ${why}`);
    return found.length > 0;
  };
  const foreign = listed.filter((run) => !isOurs(run));
  if (refuse(foreign, `an external run cannot be ${what} in Chirality.`)) return false;
  return !refuse(listed.filter(isActiveRun), `an active run cannot be ${what}. Stop the run first.`);
}

/** Deletes the folders of runs after a confirmation. Rejects active runs. */
export async function deleteRuns(app: App, ...args: unknown[]): Promise<void> {
  await reportErrors('Cannot delete the runs', async () => {
    const given = [...new Set(args.flatMap(runFolders))];
    const picked =
      given.length > 0 ? undefined : await chooseRun(app, [], { title: 'Delete Run', fits: isAtRest });
    const dirs = picked === undefined ? given : [picked];
    if (dirs.length === 0) return;
    if (!(await mayChange(app, dirs, 'deleted'))) return;
    // The list closes with Enter, which also presses Delete, so the question names the run's folder.
    const what =
      dirs.length === 1
        ? `run ${runName(dirs[0]!)} in ${vscode.workspace.asRelativePath(dirname(dirs[0]!))}`
        : `${dirs.length} runs`;
    const detail = `${dirs.join('\n')}\n\nChirality also deletes traces, checkpoints and evaluations. You cannot undo this action.`;
    if (!(await confirm(`Delete ${what}?`, detail, 'Delete'))) return;
    // The user could have resumed the run before answering the question.
    if (!(await mayChange(app, dirs, 'deleted'))) return;
    for (const dir of dirs) await vscode.workspace.fs.delete(vscode.Uri.file(dir), { recursive: true });
    await app.runs.refresh();
  });
}

export async function renameRun(app: App, ...args: unknown[]): Promise<void> {
  await reportErrors('Cannot rename the run', async () => {
    const choice = { title: 'Rename Run', fits: isAtRest };
    const dir = await chooseRun(app, args, choice);
    if (dir === undefined) return;
    if (!(await mayChange(app, [dir], 'renamed'))) return;
    const root = dirname(dir);
    const name = await vscode.window.showInputBox({
      title: `Rename ${runName(dir)}`,
      prompt:
        'Enter a new name. Configs that start from checkpoints of this run still contain the old path. Update these configs by hand.',
      value: basename(dir),
      validateInput: (text) => nameFlaw(root, text.trim(), basename(dir)),
    });
    if (name === undefined || name.trim() === basename(dir)) return;
    await vscode.workspace.fs.rename(vscode.Uri.file(dir), vscode.Uri.file(join(root, name.trim())));
    await app.runs.refresh();
  });
}

/** Returns the reason why a run cannot have this name; null if the name is valid. */
export function nameFlaw(root: string, name: string, now: string): string | null {
  if (!isFolderName(name)) return 'The name must be a folder name without slashes.';
  return name !== now && existsSync(join(root, name)) ? `Run ${name} already exists.` : null;
}

export async function editNotes(app: App, ...args: unknown[]): Promise<void> {
  const dir = await chooseRun(app, args, { title: 'Notes', fits: isOurs });
  if (dir === undefined) return;
  const listed = app.runs.runs().find((run) => run.dir === dir);
  if (listed && !isOurs(listed)) {
    void vscode.window.showWarningMessage(
      `Cannot write notes into the folder of the external run ${runName(dir)}. Import the run and add notes to the copy.`,
    );
    return;
  }
  const uri = vscode.Uri.file(join(dir, 'notes.md'));
  if (!existsSync(uri.fsPath)) await vscode.workspace.fs.writeFile(uri, new Uint8Array());
  await vscode.commands.executeCommand('vscode.open', uri);
}
