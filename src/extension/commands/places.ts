import * as vscode from 'vscode';
import type { App } from '../app.ts';

/** The places of what was selected in a view: files of data sets, folders of runs. */
function placesOf([node, selected]: unknown[]): vscode.Uri[] {
  const nodes = Array.isArray(selected) && selected.length > 0 ? (selected as unknown[]) : [node];
  return nodes.flatMap((each) => {
    if (each instanceof vscode.Uri) return [each];
    const dir = (each as { dir?: unknown } | undefined)?.dir;
    return typeof dir === 'string' ? [vscode.Uri.file(dir)] : [];
  });
}

/** Shows a file or a run's folder in the Explorer, or in the system's file manager where it lies outside of the workspace. */
export async function reveal(_app: App, ...args: unknown[]): Promise<void> {
  const [place] = placesOf(args);
  if (!place) return;
  const inside = vscode.workspace.getWorkspaceFolder(place) !== undefined;
  await vscode.commands.executeCommand(inside ? 'revealInExplorer' : 'revealFileInOS', place);
}

export async function copyPaths(_app: App, ...args: unknown[]): Promise<void> {
  const paths = placesOf(args).map(({ fsPath }) => fsPath);
  if (paths.length > 0) await vscode.env.clipboard.writeText(paths.join('\n'));
}
