import { realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, sep } from 'node:path';
import * as vscode from 'vscode';
import type { RunSummary } from '../runs/runs.contract.ts';
import { isInside } from '../../lab/files/inside.ts';
import type { Service } from '../service.host.ts';
import { isActiveStatus, isBeforeSteps, isFailedStatus } from '../../core/run-data/run-status.ts';
import { runName } from '../../core/run-data/run-name.ts';

/** Number of runs to show while the remaining runs are read for the first time. */
const FIRST = 200;
/** Delay between the last change of a run's files and reading the files, in ms. */
const REST_MS = 300;
/** Polling interval, in ms: watchers miss killed processes, network disks, and folders below a new folder. */
const POLL_MS = 5000;
/** Files that change when the state of a run changes. */
const FILES = '{run.yaml,state.json,notes.md}';
/** Folders that the search for runs skips. */
const IGNORED = /[\\/](?:node_modules|\.[^\\/]*)(?:[\\/]|$)/;

/**
 * Runs of the workspace, in folders named `runs` and in the configured folders. The search starts only when a part of
 * the extension needs the runs, or if a usual place contains a runs folder.
 */
export class RunList implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** Fires after the first complete read of the runs, and when the list changes. */
  readonly onDidChange = this.changed.event;

  private readonly begun = new vscode.EventEmitter<void>();
  /** Fires when the latest of many runs have been read, before the remaining runs are read. */
  readonly onDidBegin = this.begun.event;

  private known: readonly RunSummary[] | null = null;
  private begin: readonly RunSummary[] | null = null;
  private roots: readonly string[] | null = null;
  /** External runs, found in the same search as the run folders. */
  private foreign: readonly RunSummary[] = [];
  /** Real paths of runs folders that the workspace's watchers miss: outside the workspace, or behind a link. */
  private elsewhere: readonly string[] = [];
  private reading: Promise<void> | null = null;
  private again = false;
  private next: { at: number; timer: NodeJS.Timeout } | null = null;
  private watchers: vscode.Disposable[] = [];
  private watched = '';
  /** Number of new runs in runs folders that were not known before. */
  private surprises = 0;
  /** Modification times at the last poll. */
  private polled = '';
  private disposed = false;
  private readonly beginning: NodeJS.Immediate;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly service: Service) {
    const moved = () => {
      this.roots = null;
      this.elsewhere = configuredFolders().filter(isOutside);
      this.watch();
      if (this.known) this.readIn(0);
      else void this.probe();
    };
    this.subscriptions = [
      this.changed,
      this.begun,
      vscode.workspace.onDidChangeWorkspaceFolders(moved),
      vscode.workspace.onDidGrantWorkspaceTrust(moved),
      vscode.workspace.onDidChangeConfiguration(
        (event) => event.affectsConfiguration('chirality.runFolders') && moved(),
      ),
    ];
    this.elsewhere = configuredFolders().filter(isOutside);
    // Defer the watchers, because a watcher costs more than everything else registered at activation.
    this.beginning = setImmediate(() => {
      this.watch();
      void this.probe();
    });
  }

  /** Returns the runs from the last read, by folder, most recently active first. The first call starts the search. */
  runs(): readonly RunSummary[] {
    if (!this.known && !this.reading) this.readIn(0);
    return this.known ?? [];
  }

  /** Runs to show: the latest runs during the first read, then all runs; null until the latest runs are read. */
  get shown(): readonly RunSummary[] | null {
    return this.known ?? this.begin;
  }

  /** Whether all runs have been read at least once. */
  get isRead(): boolean {
    return this.known !== null;
  }

  /** Returns the runs to show, as soon as some runs have been read. @throws if the service's worker thread stopped */
  async toShow(): Promise<readonly RunSummary[]> {
    if (this.shown) return this.shown;
    let listener: vscode.Disposable | undefined;
    const begun = new Promise<void>((resolve) => (listener = this.onDidBegin(resolve)));
    await Promise.race([begun, this.refresh()]).finally(() => listener?.dispose());
    return this.shown ?? [];
  }

  /** Searches for runs folders and reads the runs immediately. @throws if the service's worker thread stopped */
  async refresh(): Promise<readonly RunSummary[]> {
    this.roots = null;
    await this.read();
    return this.runs();
  }

  dispose(): void {
    this.disposed = true;
    clearImmediate(this.beginning);
    if (this.next) clearTimeout(this.next.timer);
    for (const each of [...this.watchers, ...this.subscriptions]) each.dispose();
  }

  /** Starts a search for runs. A request during a search causes another search after the current one. */
  private read(): Promise<void> {
    if (this.reading) this.again = true;
    this.reading ??= this.readAll().finally(() => (this.reading = null));
    return this.reading;
  }

  private async readAll(): Promise<void> {
    let failed = true;
    try {
      do {
        this.again = false;
        const roots = this.roots ?? (await this.findRoots());
        const ask = async (limit?: number) => {
          const { runs = [], next } = await this.service.ask('runs', { programs: ['own'], limit }, roots);
          const ours = roots.flatMap((folder) => runs.filter(({ root }) => root === folder));
          return { runs: [...ours, ...this.foreign], next };
        };
        const { runs: first, next } = await ask(this.known ? undefined : FIRST);
        if (next) {
          this.begin = first;
          this.begun.fire();
        }
        const runs = next ? (await ask()).runs : first;
        if (this.disposed) return;
        void this.tellOfEvaluations(runs);
        if (JSON.stringify(runs) !== JSON.stringify(this.known)) {
          this.known = runs;
          this.tellContext();
          this.changed.fire();
        }
      } while (this.again);
      failed = false;
    } finally {
      // Without this context key, the view would show its search message indefinitely.
      void vscode.commands.executeCommand('setContext', 'chirality.runs.failed', failed && !this.known);
      if (this.known) this.readIn(POLL_MS, () => this.poll());
    }
  }

  /** Reads the runs if one is active, or if a runs folder or the state file of an unfinished run has changed. */
  private async poll(): Promise<void> {
    const states = this.runs().filter((run) => isResumable(run) || kindOf(run) === 'planned');
    const paths = [...(this.roots ?? []), ...states.map(({ dir }) => join(dir, 'state.json'))];
    const stats = await Promise.all(paths.map((path) => stat(path).catch(() => null)));
    const times = stats.map((each) => each?.mtimeMs).join();
    if (times === this.polled && !this.runs().some(isActiveRun))
      return this.readIn(POLL_MS, () => this.poll());
    await this.read();
    this.polled = times;
  }

  /** Sets VS Code's context keys, such as `chirality.runs.none`, so that menus hide commands that apply to no run. */
  private tellContext(): void {
    const tell = (name: string, fits: (run: RunSummary) => boolean) =>
      tellContext(name, !this.known!.some(fits));
    tell('none', () => true);
    tell('noneActive', isActiveRun);
    tell('noneToResume', isResumable);
    tell('noneForeign', ({ origin }) => origin !== undefined);
    tell('noneMeasured', ({ meter }) => meter !== null);
    tell('noneOfSweep', ({ root }) => isOfSweep(root));
  }

  /** Sets a context key if there are evaluations but no runs. The view then links to the report on the evaluations. */
  private async tellOfEvaluations(runs: readonly RunSummary[]): Promise<void> {
    const version =
      runs.length > 0 ? '' : await this.service.call('reportVersion', besideRuns([])).catch(() => '');
    tellContext('noneButEvaluations', version !== '');
  }

  /** Schedules a read of the runs after at most `ms`. After a failure, the next change schedules another read. */
  private readIn(ms: number, read = () => this.read()): void {
    const due = Date.now() + ms;
    if (this.disposed || (this.next && this.next.at <= due)) return;
    if (this.next) clearTimeout(this.next.timer);
    const timer = setTimeout(() => {
      this.next = null;
      read().catch(() => undefined);
    }, ms);
    this.next = { at: due, timer };
  }

  private async findRoots(): Promise<readonly string[]> {
    const { surprises } = this;
    const folders = await this.service.call('findRunRoots', { folders: workspaceFolders() });
    const searched = [...workspaceFolders(), ...configuredFolders()];
    this.foreign = (await this.service.ask('runs', { programs: ['other'] }, searched)).runs ?? [];
    const roots = [...new Set([...folders, ...configuredFolders()])];
    const real = await Promise.all(roots.map((root) => realpath(root).catch(() => root)));
    // A run that appeared during the search can be in a folder that was searched before; if so, search again next time.
    this.roots = this.surprises === surprises ? roots : null;
    this.elsewhere = [...new Set(real)].filter(isOutside);
    if (!this.disposed) this.watch();
    return roots;
  }

  /** Starts the search only if a usual place contains a runs folder. This check needs few disk accesses, no thread. */
  private async probe(): Promise<void> {
    const usual = workspaceFolders().flatMap((folder) => [
      join(folder, 'runs'),
      join(folder, 'chirality-demo', 'runs'),
    ]);
    const stats = await Promise.all(
      [...usual, ...configuredFolders()].map((path) => stat(path).catch(() => null)),
    );
    if (!this.disposed && stats.some((each) => each?.isDirectory())) this.runs();
  }

  /** Searches again after a folder was moved into the workspace, because the moved folder can contain runs. */
  private async lookInto(path: string): Promise<void> {
    if (!this.known || this.roots?.some((root) => isInside(root, path)) || IGNORED.test(path)) return;
    const there = await stat(path).catch(() => null);
    if (this.disposed || !there?.isDirectory()) return;
    this.roots = null;
    this.readIn(REST_MS);
  }

  private watch(): void {
    // Avoid restarts: a restarted watcher misses changes for a moment, such as the first run in a folder.
    const folders = JSON.stringify([workspaceFolders(), this.elsewhere]);
    if (folders === this.watched) return;
    this.watched = folders;
    for (const watcher of this.watchers) watcher.dispose();
    const news = () => this.readIn(REST_MS);
    // The new run can be the first in its folder.
    const add = (root: string) => {
      if (!this.roots?.includes(root)) this.surprises += 1;
      if (this.roots && !this.roots.includes(root)) this.roots = [...this.roots, root];
      news();
    };
    const watched = (folder: string, files: string, created: (uri: vscode.Uri) => void) => {
      const pattern = new vscode.RelativePattern(vscode.Uri.file(folder), files);
      const watcher = vscode.workspace.createFileSystemWatcher(pattern);
      return [watcher, watcher.onDidCreate(created), watcher.onDidChange(news), watcher.onDidDelete(news)];
    };
    // When a folder is deleted, renamed or moved, VS Code reports only the folder's name, not its files.
    const moved = (folder: string) => {
      const pattern = new vscode.RelativePattern(vscode.Uri.file(folder), '**');
      const watcher = vscode.workspace.createFileSystemWatcher(pattern, false, true);
      const created = watcher.onDidCreate(({ fsPath }) => {
        const root = [fsPath, dirname(fsPath)].find((path) => basename(path) === 'runs');
        if (root !== undefined) add(root);
        else void this.lookInto(fsPath);
      });
      const deleted = watcher.onDidDelete(({ fsPath }) => {
        if (this.known?.some(({ dir }) => isInside(fsPath, dir))) news();
      });
      return [watcher, created, deleted];
    };
    this.watchers = [
      ...workspaceFolders().flatMap((folder) => [
        ...watched(folder, `**/runs/*/${FILES}`, ({ fsPath }) => add(dirname(dirname(fsPath)))),
        ...moved(folder),
      ]),
      ...this.elsewhere.flatMap((root) => watched(root, `*/${FILES}`, news)),
    ];
  }
}

const isOutside = (path: string): boolean =>
  !workspaceFolders().some((folder) => path.startsWith(folder + sep));

export const workspaceFolders = (): string[] =>
  (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === 'file')
    .map(({ uri }) => uri.fsPath);

/** Returns the folders in the setting. Resolves a relative folder in every workspace folder. */
export function configuredFolders(
  wished = vscode.workspace.getConfiguration('chirality').get<string[]>('runFolders', []),
): string[] {
  return wished.flatMap((path) => {
    const full = path.replace(/^~(?=[/\\]|$)/, homedir());
    return isAbsolute(full) ? [full] : workspaceFolders().map((folder) => join(folder, full));
  });
}

const tellContext = (name: string, value: boolean) =>
  void vscode.commands.executeCommand('setContext', `chirality.runs.${name}`, value);

/**
 * Returns the runs and runs folders for a report on the whole workspace. Evaluations of endpoints are next to runs
 * folders, and can exist without any run.
 */
export function besideRuns(runs: readonly RunSummary[]): { runs: string[]; roots: string[] } {
  const folders = workspaceFolders().map((folder) => join(folder, 'runs'));
  const roots = [...new Set([...runs.map(({ root }) => root), ...folders])];
  return { runs: runs.map(({ dir }) => dir), roots };
}

/**
 * State of a run, which determines the run's commands. `waiting`: the state file is missing or unreadable. `planned`:
 * likewise, in a sweep, so that the runs before it might not have finished. `foreign`: an external run, read in place. `imported`: a copy of an external run.
 */
export type RunKind =
  'active' | 'finished' | 'stopped' | 'failed' | 'waiting' | 'planned' | 'foreign' | 'imported';

export function kindOf({ state, origin, root }: RunSummary): RunKind {
  if (origin) return origin.isCopy ? 'imported' : 'foreign';
  if (!state || state.status === 'unknown' || isBeforeSteps(state))
    return isOfSweep(root) ? 'planned' : 'waiting';
  if (isActiveStatus(state.status)) return 'active';
  return isFailedStatus(state.status) ? 'failed' : state.status === 'finished' ? 'finished' : 'stopped';
}
export const isActiveRun = (run: RunSummary): boolean => kindOf(run) === 'active';
/** Returns whether a run has steps left and is not active. Only its sweep starts a planned run. */
export const isResumable = (run: RunSummary): boolean =>
  !['active', 'finished', 'planned', 'foreign', 'imported'].includes(kindOf(run));
/** Returns whether Chirality can change a run's folder. Chirality never changes the folders of external runs. */
export const isOurs = (run: RunSummary): boolean => kindOf(run) !== 'foreign';

export const isOfSweep = (root: string): boolean => /[\\/]sweeps[\\/][^\\/]+[\\/]runs$/.test(root);

/** Returns a run's folder as VS Code's own lists show it. */
export const relativePath = (dir: string): string => vscode.workspace.asRelativePath(dir);

export const namedRun = (dir: string): { dir: string; name: string } => ({ dir, name: runName(dir) });
