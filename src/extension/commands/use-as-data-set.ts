import { basename, extname, relative, sep } from 'node:path';
import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { PICTURES } from '../views/data-sets.ts';
import { reportReading, requireTrust } from '../../panels/host/report-errors.host.ts';
import { commandFiles } from '../command-arguments.ts';

/**
 * Creates datasets from the user's files. Shows a table's first rows, and converts the table when the user confirms the
 * columns. A folder of images becomes one row per image. Rows without questions open in the annotation editor.
 */
export async function useAsDataSet(app: App, ...args: unknown[]): Promise<void> {
  // Viewing a table requires no workspace trust; converting a table does.
  await reportReading('Cannot create the dataset', async () => {
    const files = commandFiles(args).filter(({ scheme }) => scheme === 'file');
    const [first] = files;
    if (!first) return;
    const { type } = await vscode.workspace.fs.stat(first);
    if (type & vscode.FileType.Directory) return usePictures(app, first);
    const made = await useTable(app, files);
    if (!made) return;
    app.views.dataSets.refresh();
    if (made.isUnasked) await app.annotation.open(made.uri);
    else await app.panels.dataSets.open({ uri: made.uri.toString() });
  });
}

/**
 * Shows a table until the user converts it. @returns the dataset, and whether its questions are missing; undefined if
 * the user closed the panel first
 */
export async function useTable(
  { panels }: App,
  files: readonly vscode.Uri[],
): Promise<{ uri: vscode.Uri; isUnasked: boolean } | undefined> {
  const panel = await panels.tables.open({ uris: files.map((uri) => uri.toString()) });
  const uri = await panel.made;
  if (!uri) return undefined;
  tellOwnData();
  return { uri, isUnasked: panel.isUnasked };
}

/** Opens the rows of an image folder in the annotation editor. Creates rows without text if no rows exist yet. */
export async function usePictures({ annotation, views }: App, folder: vscode.Uri): Promise<void> {
  requireTrust();
  const isRoot = vscode.workspace.getWorkspaceFolder(folder)?.uri.toString() === folder.toString();
  const beside = isRoot ? folder : vscode.Uri.joinPath(folder, '..');
  const target = vscode.Uri.joinPath(beside, `${basename(folder.fsPath)}.qa.jsonl`);
  const isThere = await vscode.workspace.fs.stat(target).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    const pictures = await vscode.workspace.findFiles(
      new vscode.RelativePattern(folder, `**/${PICTURES}`),
      '**/.*/**',
    );
    if (pictures.length === 0) throw new Error(`${folder.fsPath} contains no PNG, JPEG, WebP or GIF images.`);
    const paths = pictures.map(({ fsPath }) => relative(folder.fsPath, fsPath).split(sep).join('/'));
    const text = blankRows(paths, isRoot ? '' : basename(folder.fsPath));
    await vscode.workspace.fs.writeFile(target, Buffer.from(text));
    views.dataSets.refresh();
  }
  tellOwnData();
  await annotation.open(target);
}

/** Completes the walkthrough's step about the user's own data. */
const tellOwnData = () => void vscode.commands.executeCommand('setContext', 'chirality.hasOwnData', true);

/** Returns one row without text per image. @param folder folder of the images, relative to the folder of the rows */
function blankRows(paths: readonly string[], folder: string): string {
  const sorted = [...paths].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const stem = (path: string) => path.slice(0, path.length - extname(path).length);
  const isNamesake = (path: string) => paths.some((other) => other !== path && stem(other) === stem(path));
  return sorted
    .map((path) => {
      const id = isNamesake(path) ? path : stem(path);
      return `${JSON.stringify({ id, question: '', answer: '', images: [folder === '' ? path : `${folder}/${path}`] })}\n`;
    })
    .join('');
}
