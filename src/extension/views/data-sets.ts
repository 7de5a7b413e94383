import { posix } from 'node:path';
import * as vscode from 'vscode';
import { isInside } from '../../lab/files/inside.ts';
import type { RowCount } from '../../service/rows.ts';
import type { Service } from '../service-client.ts';

/** How many files to list. */
const MAX_FILES = 500;
const DATA = '**/*.{qa.jsonl,parquet}';
/** Files that are not the user's data sets: those of libraries, and the output of runs. */
const NOT_DATA = '**/{node_modules,runs,.*}/**';
/** What TRL writes of a run: completions, which Runs lists. */
const COMPLETIONS = /\/completions\/completions_\d+\.parquet$/;

/** The number of rows in a file, or why it cannot be read. */
type Count = RowCount | { error: string };

/** The Data Sets view. Its elements are the addresses of files, so that commands for files work on them. */
export class DataSetsView implements vscode.TreeDataProvider<vscode.Uri>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<vscode.Uri>;
  private readonly subscriptions: vscode.Disposable[];
  private readonly counts = new Map<string, Count>();
  private files: vscode.Uri[] = [];
  private counting = Promise.resolve();
  private watched = false;

  constructor(private readonly service: Service) {
    this.view = vscode.window.createTreeView('chirality.dataSets', {
      treeDataProvider: this,
      canSelectMany: true,
    });
    const again = () => this.changed.fire(undefined);
    this.subscriptions = [this.changed, this.view, vscode.workspace.onDidChangeWorkspaceFolders(again)];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  refresh(): void {
    this.counts.clear();
    this.changed.fire(undefined);
  }

  async getChildren(parent?: vscode.Uri): Promise<vscode.Uri[]> {
    if (parent) return [];
    this.watch();
    const found = await vscode.workspace.findFiles(DATA, NOT_DATA, MAX_FILES + 1);
    this.files = found
      .filter(({ path }) => !COMPLETIONS.test(path))
      .sort((a, b) => a.path.localeCompare(b.path, undefined, { numeric: true }))
      .slice(0, MAX_FILES);
    this.view.message =
      found.length > MAX_FILES ? `The first ${MAX_FILES} files; there are more.` : undefined;
    for (const uri of this.files) if (!this.counts.has(uri.toString())) this.count(uri);
    return this.files;
  }

  /** Starts watching the files, when the view is first shown. */
  private watch(): void {
    if (this.watched) return;
    this.watched = true;
    const watcher = vscode.workspace.createFileSystemWatcher(DATA, false, false, true);
    const deleted = vscode.workspace.createFileSystemWatcher('**', true, true);
    const again = () => this.changed.fire(undefined);
    this.subscriptions.push(
      watcher,
      watcher.onDidCreate(again),
      watcher.onDidChange((uri) => this.counts.has(uri.toString()) && this.count(uri)),
      deleted,
      // Of a folder that is deleted, VS Code tells its name, and of the files in it nothing.
      deleted.onDidDelete(
        ({ fsPath }) => this.files.some((file) => isInside(fsPath, file.fsPath)) && again(),
      ),
    );
  }

  getTreeItem(uri: vscode.Uri): vscode.TreeItem {
    const path = vscode.workspace.asRelativePath(uri);
    const name = posix.basename(path);
    const rows = name.endsWith('.qa.jsonl');
    const count = this.counts.get(uri.toString());
    // Data sets often have the same file name in different folders; then the folder is part of the label.
    const unique = this.files.filter((file) => posix.basename(file.path) === name).length < 2;
    const label = unique ? name : posix.join(posix.basename(posix.dirname(path)), name);
    const folder = path.slice(0, -label.length).replace(/\/$/, '');
    const item = new vscode.TreeItem(label);
    item.id = uri.toString();
    item.resourceUri = uri;
    item.iconPath = rows ? vscode.ThemeIcon.File : new vscode.ThemeIcon('table');
    item.contextValue = rows ? 'data rows' : 'data table';
    item.description = [count ? rowsText(count) : '', folder].filter(Boolean).join(' · ');
    item.tooltip = tooltip(uri, count, rows);
    // VS Code has no editor for parquet, so a click only selects the file.
    if (rows) item.command = { command: 'chirality.openDataSet', title: 'Open', arguments: [uri] };
    return item;
  }

  /** Counts one file after another, so that a folder of large files does not slow the panels' disk access. */
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

function rowsText(count: Count): string {
  if ('error' in count) return 'cannot be read';
  const { rows, bytes } = count;
  if (rows === null) return `${(bytes / 2 ** 20).toLocaleString('en', { maximumFractionDigits: 0 })} MB`;
  return `${rows.toLocaleString('en')} row${rows === 1 ? '' : 's'}`;
}

function tooltip(uri: vscode.Uri, count: Count | undefined, rows: boolean): string {
  const lines = [uri.fsPath];
  if (count) lines.push('error' in count ? count.error : rowsText(count));
  if (!rows && count && 'columns' in count) {
    lines.push(
      `Columns: ${count.columns.join(', ')}`,
      '`chirality convert` turns it into a *.qa.jsonl file.',
    );
  }
  return lines.join('\n');
}
