import { posix } from 'node:path';
import * as vscode from 'vscode';
import { several, thousands } from '../../base/format.ts';
import { isInside } from '../../lab/files/inside.ts';
import { conflictsWith } from '../../panels/host/data-files.host.ts';
import type { RowCount } from '../../panels/data-rows.reads.ts';
import type { Service } from '../../panels/service.host.ts';

/** Glob for image files that models and panels read. */
export const PICTURES = '*.{png,jpg,jpeg,webp,gif,PNG,JPG,JPEG}';

/** Glob for folders that contain no datasets of the user: libraries and the output of runs. */
export const NOT_DATA = '**/{node_modules,runs,evals,sweeps,.*}/**';
const IS_NOT_DATA = /\/(?:node_modules|runs|evals|sweeps|\.[^/]*)\//;
/** Pattern of acuity stimuli: rows and images in a folder named after the axis and a hash of the plan. */
const STIMULI = /\/rows\/[a-z-]+-[0-9a-f]{8}\//;
/** Pattern of files with completions of a TRL run, which the Runs view lists. */
const COMPLETIONS = /\/completions\/completions_\d+\.parquet$/;

/** Returns whether a file's path in the workspace shows that the file is a program's output instead of a dataset. */
export function isOutput(uri: vscode.Uri): boolean {
  const path = `/${vscode.workspace.asRelativePath(uri, false)}`;
  return IS_NOT_DATA.test(path) || STIMULI.test(path) || COMPLETIONS.test(path);
}

const MAX_FILES = 500;
/** Maximum numbers of tables and images that the search for new datasets' material returns. */
const MAX_TABLES = 200;
const MAX_PICTURES = 2000;
const DATA = '**/*.{qa.jsonl,parquet}';
const TABLES = '**/*.{csv,tsv,xlsx,json,jsonl,xml}';
/** Time to wait for further file changes, such as copied files, in ms. */
const REST_MS = 300;

/** Number of rows in a file, or the reason why the file is unreadable. */
type Count = RowCount | { error: string };

/** Material for a dataset: a table, or a folder with this number of images. */
type Material = { pictures: number } | 'table';

/** Datasets view: the user's datasets with their conflict files, then tables and image folders to convert, as URIs. */
export class DataSetsView implements vscode.TreeDataProvider<vscode.Uri>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<vscode.Uri>;
  private readonly subscriptions: vscode.Disposable[];
  private readonly counts = new Map<string, Count>();
  private files: vscode.Uri[] = [];
  /** Whether each table can become a dataset, by the table's URI. */
  private readonly looks = new Map<string, boolean>();
  private readonly material = new Map<string, Material>();
  private rest: NodeJS.Timeout | undefined;
  private listed: vscode.Uri[] | undefined;
  private listing = Promise.resolve();
  /** Listing that has not started yet, and therefore will include all changes before its start. */
  private next: Promise<void> | undefined;
  private counting = Promise.resolve();
  private watched = false;

  constructor(private readonly service: Service) {
    this.view = vscode.window.createTreeView('chirality.dataSets', {
      treeDataProvider: this,
      canSelectMany: true,
    });
    this.subscriptions = [
      this.changed,
      this.view,
      vscode.workspace.onDidChangeWorkspaceFolders(() => void this.listAgain()),
    ];
  }

  dispose(): void {
    clearTimeout(this.rest);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  refresh(): Promise<void> {
    this.counts.clear();
    this.looks.clear();
    return this.listAgain();
  }

  async getChildren(parent?: vscode.Uri): Promise<vscode.Uri[]> {
    if (parent) return this.conflictsBelow(parent);
    this.watch();
    return (this.listed ??= await this.list());
  }

  /** Fires the event only after listing, because VS Code ignores clicks on changed items until a list is complete. */
  private listAgain(): Promise<void> {
    if (this.next) return this.next;
    const next = this.listing.then(async () => {
      this.next = undefined;
      this.listed = await this.list();
      this.changed.fire(undefined);
    });
    this.next = next;
    this.listing = next.catch(() => undefined); // A failed listing must not block the next listing.
    return next;
  }

  private async list(): Promise<vscode.Uri[]> {
    const files = await vscode.workspace.findFiles(DATA, NOT_DATA, MAX_FILES + 1);
    this.files = files
      .filter((uri) => !isOutput(uri))
      .sort((a, b) => a.path.localeCompare(b.path, undefined, { numeric: true }))
      .slice(0, MAX_FILES);
    this.view.message = files.length > MAX_FILES ? `Only the first ${MAX_FILES} files are listed` : undefined;
    for (const uri of this.files) if (!this.counts.has(uri.toString())) this.count(uri);
    const below = new Set(this.files.flatMap((uri) => this.conflictsBelow(uri)));
    const topFiles = this.files.filter((uri) => !below.has(uri));
    const listed = [...topFiles, ...(await this.findMaterial())];
    // Set the context key last, because only the check of the tables shows whether the workspace contains datasets.
    void this.counting.then(() => {
      const none =
        this.files.length === 0 && this.material.size === 0 && ![...this.looks.values()].includes(true);
      void vscode.commands.executeCommand('setContext', 'chirality.dataSets.none', none);
    });
    return listed;
  }

  private conflictsBelow({ path }: vscode.Uri): vscode.Uri[] {
    return this.files.filter((uri) => conflictsWith(uri) === path);
  }

  /** Returns tables that look like questions about images, and image folders without rows. */
  private async findMaterial(): Promise<vscode.Uri[]> {
    const [tables, pictures] = await Promise.all([
      vscode.workspace.findFiles(TABLES, NOT_DATA, MAX_TABLES),
      vscode.workspace.findFiles(`**/${PICTURES}`, NOT_DATA, MAX_PICTURES),
    ]);
    this.material.clear();
    const present = new Set(tables.map(String));
    for (const key of this.looks.keys()) if (!present.has(key)) this.looks.delete(key);
    const dataPaths = new Set(this.files.map(({ path }) => path));
    for (const uri of tables) {
      const isMade = dataPaths.has(uri.path.replace(/\.[^.]+$/, '.qa.jsonl'));
      if (isMade || isOutput(uri) || /\.(?:qa\.jsonl|frozen\.json)$/.test(uri.path)) continue;
      const looks = this.looks.get(uri.toString());
      if (looks) this.material.set(uri.toString(), 'table');
      else if (looks === undefined) this.look(uri);
    }
    const rows = [...this.files, ...tables.filter((uri) => this.material.has(uri.toString()))];
    const folders = new Map<string, number>();
    for (const uri of pictures) {
      if (isOutput(uri)) continue;
      const folder = vscode.Uri.joinPath(uri, '..');
      const key = folder.toString();
      // Rows refer to images next to the data file or in subfolders.
      if (!rows.some((row) => isInside(vscode.Uri.joinPath(row, '..').fsPath, folder.fsPath)))
        folders.set(key, (folders.get(key) ?? 0) + 1);
    }
    for (const [key, count] of folders) this.material.set(key, { pictures: count });
    return [...this.material.keys()].map((key) => vscode.Uri.parse(key));
  }

  /** Checks whether a table can become a dataset. */
  private look(uri: vscode.Uri): void {
    if (uri.scheme !== 'file') return;
    const key = uri.toString();
    this.looks.set(key, false);
    this.counting = this.counting.then(async () => {
      const looks = await this.service.call('isTable', { path: uri.fsPath }).catch(() => false);
      this.looks.set(key, looks);
      if (looks) void this.listAgain();
    });
  }

  /** Starts watching the workspace's files when the view first becomes visible. */
  private watch(): void {
    if (this.watched) return;
    this.watched = true;
    const watcher = vscode.workspace.createFileSystemWatcher(DATA, false, false, true);
    const material = [TABLES, `**/${PICTURES}`].map((files) =>
      vscode.workspace.createFileSystemWatcher(files, false, false, true),
    );
    const deleted = vscode.workspace.createFileSystemWatcher('**', true, true);
    const again = () => void this.listAgain();
    const reread = (uri: vscode.Uri) => {
      if (isOutput(uri)) return;
      clearTimeout(this.rest);
      this.rest = setTimeout(again, REST_MS);
    };
    this.subscriptions.push(
      ...material,
      ...material.map((each) => each.onDidCreate(reread)),
      ...material.map((each) =>
        each.onDidChange((uri) => {
          // The changed file can have different columns.
          if (this.looks.delete(uri.toString())) reread(uri);
        }),
      ),
      watcher,
      watcher.onDidCreate(again),
      watcher.onDidChange((uri) => this.counts.has(uri.toString()) && this.count(uri)),
      deleted,
      // When a folder is deleted, VS Code reports only the folder's name, not its files.
      deleted.onDidDelete(
        ({ fsPath }) =>
          [...this.files, ...[...this.material.keys()].map((key) => vscode.Uri.parse(key))].some((file) =>
            isInside(fsPath, file.fsPath),
          ) && again(),
      ),
    );
  }

  getTreeItem(uri: vscode.Uri): vscode.TreeItem {
    const material = this.material.get(uri.toString());
    if (material) return materialItem(uri, material);
    const path = vscode.workspace.asRelativePath(uri);
    const name = posix.basename(path);
    const rows = name.endsWith('.qa.jsonl');
    const count = this.counts.get(uri.toString());
    // Datasets in different folders often have the same file name, so their labels then include the folder.
    const unique = this.files.filter((file) => posix.basename(file.path) === name).length < 2;
    const label = unique ? name : posix.join(posix.basename(posix.dirname(path)), name);
    const folder = path.slice(0, -label.length).replace(/\/$/, '');
    const { None, Collapsed } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(label, this.conflictsBelow(uri).length > 0 ? Collapsed : None);
    item.id = uri.toString();
    item.resourceUri = uri;
    item.iconPath = rows ? vscode.ThemeIcon.File : new vscode.ThemeIcon('table');
    item.contextValue = rows ? 'data rows' : 'data table';
    item.description = [count ? rowsText(count) : '', folder].filter(Boolean).join(' · ');
    item.tooltip = tooltip(uri, count, rows);
    item.command = rows
      ? { command: 'chirality.openDataSet', title: 'Open', arguments: [uri] }
      : useCommand(uri);
    return item;
  }

  /** Counts rows one file after another, so that a folder of large files does not slow the panels' disk access. */
  private count(uri: vscode.Uri): void {
    if (uri.scheme !== 'file') return;
    this.counting = this.counting.then(async () => {
      if (!this.files.some((file) => file.toString() === uri.toString())) return;
      const count = await this.service
        .call('countRows', { path: uri.fsPath })
        .catch((error: unknown): Count => ({ error: (error as Error).message }));
      this.counts.set(uri.toString(), count);
      this.changed.fire(uri);
    });
  }
}

const useCommand = (uri: vscode.Uri): vscode.Command => ({
  command: 'chirality.useAsDataSet',
  title: 'Use as Dataset',
  arguments: [uri],
});

function materialItem(uri: vscode.Uri, material: Material): vscode.TreeItem {
  const isTable = material === 'table';
  const path = vscode.workspace.asRelativePath(uri);
  const folder = posix.dirname(path);
  const item = new vscode.TreeItem(isTable ? posix.basename(path) : path);
  item.id = uri.toString();
  item.resourceUri = uri;
  item.iconPath = new vscode.ThemeIcon(isTable ? 'table' : 'file-media');
  item.contextValue = isTable ? 'data table' : 'data images';
  item.description = isTable
    ? ['no dataset yet', folder === '.' ? '' : folder].filter(Boolean).join(' · ')
    : `${several(material.pictures, 'image')}, no rows yet`;
  item.tooltip = `${uri.fsPath}\n${isTable ? 'Preview the first rows and create a dataset.' : 'Create one row per image, then write questions and answers.'}`;
  item.command = useCommand(uri);
  return item;
}

function rowsText(count: Count): string {
  if ('error' in count) return 'unreadable';
  const { rows, bytes } = count;
  if (rows === null) return `${thousands(Math.round(bytes / 2 ** 20))} MB`;
  return several(rows, 'row');
}

function tooltip(uri: vscode.Uri, count: Count | undefined, rows: boolean): string {
  const lines = [uri.fsPath];
  if (count) lines.push('error' in count ? count.error : rowsText(count));
  if (!rows && count && 'columns' in count) {
    lines.push(
      `Columns: ${count.columns.join(', ')}`,
      'Use as Dataset converts this table to a *.qa.jsonl file.',
    );
  }
  return lines.join('\n');
}
