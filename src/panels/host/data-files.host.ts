import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, posix } from 'node:path';
import * as vscode from 'vscode';
import type { ImageRef } from '../../rows/sample/sample.ts';
import type { ImageFolders } from '../data-rows.reads.ts';
import type { Service } from '../service.host.ts';
import { existsSync } from 'node:fs';

/** Language ID of `*.qa.jsonl` files, declared in package.json. */
const LANGUAGE = 'qa-jsonl';
const CONFLICTS = '.conflict.qa.jsonl';

/** Returns the name of the file for conflicting edits of a data file: `data.conflict.qa.jsonl` for `data.qa.jsonl`. */
export const conflictsOf = (name: string): string => name.replace(/(?:\.qa\.jsonl)?$/, CONFLICTS);

/** Returns the path of the data file that belongs to a conflict file; null for any other file. */
export const conflictsWith = ({ path }: vscode.Uri): string | null =>
  path.endsWith(CONFLICTS) ? path.slice(0, -CONFLICTS.length) + '.qa.jsonl' : null;

/** Returns whether a document is an editable data file; false for Git's documents of older versions. */
export const isDataFile = ({ languageId, uri }: vscode.TextDocument): boolean =>
  languageId === LANGUAGE &&
  (['file', 'untitled'].includes(uri.scheme) || vscode.workspace.getWorkspaceFolder(uri) !== undefined);

/** Returns the document of a file that is open in an editor. Its text can differ from the file on disk. */
export function openDocument(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
}

export function visibleEditor(uri: vscode.Uri): vscode.TextEditor | undefined {
  return vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
}

/** Returns whether a file has unsaved changes in an editor of texts or rows. */
export const hasChanges = (uri: vscode.Uri): boolean =>
  vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .some(
      ({ isDirty, input }) =>
        isDirty &&
        (input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom) &&
        input.uri.toString() === uri.toString(),
    );

/** Saves the unsaved changes of a file. @returns whether there were any @throws if the file cannot be saved */
export async function saveChanges(uri: vscode.Uri): Promise<boolean> {
  if (!hasChanges(uri)) return false;
  if (await vscode.workspace.save(uri)) return true;
  throw new Error(`${nameOf(uri)} has unsaved changes. Save the file and try again.`);
}

export const nameOf = (uri: vscode.Uri): string => posix.basename(uri.path);

/** Returns the manifest next to a data file, which freezing the file writes. */
export const manifestOf = (file: vscode.Uri): vscode.Uri =>
  vscode.Uri.joinPath(file, '..', `${nameOf(file).replace(/(?:\.qa)?\.jsonl$/, '')}.frozen.json`);

/** Returns whether a file was frozen: false if never, `changed` if the file is newer than its manifest. */
export async function frozenState(file: vscode.Uri): Promise<boolean | 'changed'> {
  const [data, manifest] = await Promise.all(
    [file, manifestOf(file)].map(({ fsPath }) => stat(fsPath).catch(() => null)),
  );
  return data && manifest ? manifest.mtimeMs >= data.mtimeMs || 'changed' : false;
}

/** Returns the name of a data file. For the common name `data.qa.jsonl`, adds the folder. */
export const titleOf = (uri: vscode.Uri): string =>
  nameOf(uri) === 'data.qa.jsonl'
    ? posix.join(posix.basename(posix.dirname(uri.path)), nameOf(uri))
    : nameOf(uri);

/** Watches a file. @param news called when the file is created or changed @param gone called when it is deleted */
export function watchFile(file: vscode.Uri, news: () => void, gone?: () => void): vscode.Disposable[] {
  // A name with brackets or wildcards would be a pattern.
  const name = nameOf(file).replace(/[[\]{}?*]/g, '?');
  const watcher = vscode.workspace.createFileSystemWatcher(
    new vscode.RelativePattern(vscode.Uri.joinPath(file, '..'), name),
  );
  const watching = [watcher, watcher.onDidCreate(news), watcher.onDidChange(news)];
  return gone ? [...watching, watcher.onDidDelete(gone)] : watching;
}

/** Returns the name of the person who annotates or rates: from the settings, otherwise the name of the user's account. */
export function reviewerName(): string {
  const configured = vscode.workspace.getConfiguration('chirality').get<string>('reviewer');
  return configured?.trim() || userInfo().username;
}

/** Returns the location of a data file's images: the workspace folder or, outside the workspace, the file's folder. */
export function imageFolders(uri: vscode.Uri): ImageFolders | null {
  if (uri.scheme !== 'file') return null;
  const folder = dirname(uri.fsPath);
  return { folder, root: vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? folder };
}

/** Reads an image that a data-file row refers to. @throws if the file is not on disk */
export function pictureOf(service: Service, uri: vscode.Uri, image: ImageRef) {
  const place = imageFolders(uri);
  if (!place) throw new Error('Cannot show images of a data file that is not on disk.');
  return service.call('image', { image, place });
}

/** Returns the options for opening a document at a line, from 1. */
export function atLine(line: number, viewColumn: vscode.ViewColumn): vscode.TextDocumentShowOptions {
  const start = new vscode.Position(line - 1, 0);
  return { viewColumn, selection: new vscode.Range(start, start) };
}

/** Returns the first unused path. @param pathOf returns a path with a suffix: "", then "-2", "-3", … */
export function freePath(pathOf: (number: string) => string): string {
  for (let n = 1; ; n++) {
    const path = pathOf(n === 1 ? '' : `-${n}`);
    if (!existsSync(path)) return path;
  }
}

/** Returns the first unused file of a name, such as `demo.run.yaml`, then `demo-2.run.yaml`. */
export const freeFile = (folder: vscode.Uri, name: string, suffix: string): vscode.Uri =>
  vscode.Uri.file(freePath((number) => vscode.Uri.joinPath(folder, `${name}${number}${suffix}`).fsPath));

/**
 * Asks where to save a file with a two-part suffix, such as `.qa.jsonl`. VS Code's dialog preselects all but the last
 * part, so a typed name replaces the first part. This function restores the first part.
 * @throws if another file has the restored name, because the dialog did not ask about overwriting that file
 */
export async function chooseTarget(
  suffix: `.${string}.${string}`,
  options: vscode.SaveDialogOptions,
): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showSaveDialog(options);
  if (!chosen || chosen.path.endsWith(suffix)) return chosen;
  const folder = vscode.Uri.joinPath(chosen, '..');
  const target = vscode.Uri.joinPath(folder, posix.basename(chosen.path, posix.extname(suffix)) + suffix);
  if (existsSync(target.fsPath))
    throw new Error(
      `${nameOf(target)} already exists. Select that file in the dialog, or enter a different name.`,
    );
  return target;
}
