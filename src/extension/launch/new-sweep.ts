import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { Program } from './program.ts';
import { offer } from './report.ts';

/** What `sweep recipes --json` tells of each. */
interface Recipe {
  name: string;
  about: string;
  small: boolean;
}

/** Keeps a copy of one of the papers' experiments and shows it: its data should be named before it is run. */
export async function newSweep(program: Program): Promise<void> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (!folder) {
    await offer(
      vscode.window.showInformationMessage,
      'Open a folder first: the sweep and its runs are kept there.',
      {
        'Open Folder': () => vscode.commands.executeCommand('workbench.action.files.openFolder'),
      },
    );
    return;
  }
  const cwd = folder.uri.fsPath;
  const recipes = JSON.parse(await program.run(['sweep', 'recipes', '--json'], { cwd })) as Recipe[];
  const recipe = await vscode.window.showQuickPick(
    recipes.map(({ name, about, small }) => ({
      label: name,
      detail: about,
      description: small ? '' : 'torch engine only',
    })),
    { title: 'New Sweep', placeHolder: 'Which experiment?', matchOnDetail: true },
  );
  if (!recipe) return;
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(folder.uri, `${recipe.label}.sweep.yaml`),
    filters: { Sweep: ['yaml'] },
    title: 'Save the sweep',
  });
  if (!target) return;
  const text = await program.run(['sweep', '--recipe', recipe.label, '--print'], { cwd });
  await vscode.workspace.fs.writeFile(target, Buffer.from(text));
  await vscode.window.showTextDocument(target);
  await offer(
    vscode.window.showInformationMessage,
    `${posix.basename(target.path)} is ready: read it, name your data under base, or run its small variant.`,
    { 'Run Sweep': () => vscode.commands.executeCommand('chirality.runSweep', target) },
  );
}
