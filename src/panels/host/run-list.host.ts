import { realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, sep } from 'node:path';
import * as vscode from 'vscode';
import type { RunSummary } from '../runs/runs.contract.ts';
import { isInside } from '../../lab/files/inside.ts';
import type { Service } from '../service.host.ts';
import { isActiveStatus, isFailedStatus, statusWord } from '../../core/run-data/run-status.ts';
import { runName } from '../../core/run-data/run-name.ts';

/** How many runs to show while all others are read for the first time. */
const FIRST = 200;
/** How long after the last change to read a run's files, in ms. */
const REST_MS = 300;
/**
 * An active run is also polled this often (ms), because watchers fail on network disks and do not notice a killed
 * process.
 */
const POLL_MS = 5000;
/** The files that change when something happens to a run. */
const FILES = '{run.yaml,state.json,notes.md}';
/** Folders in which no runs are looked for. */
const IGNORED = /[\\/](?:node_modules|\.[^\\/]*)(?:[\\/]|$)/;

/**
 * The runs of the workspace: those in folders named `runs` and in the folders of the setting. Nothing is searched until
 * it is needed, unless there is a folder of runs in a usual place.
 */
export class RunList implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** Fires when the list has been read for the first time, and when it changes. */
  readonly onDidChange = this.changed.event;

  private readonly begun = new vscode.EventEmitter<void>();
  /** Fires when the latest of many runs have been read, before all have. */
  readonly onDidBegin = this.begun.event;

  private known: readonly RunSummary[] | null = null;
  private begin: readonly RunSummary[] | null = null;
  private roots: readonly string[] | null = null;
  /** External runs, found together with the roots. */
  private foreign: readonly RunSummary[] = [];
  /** The real paths of roots that the workspace's own watchers do not see: outside the workspace, or behind a link. */
  private elsewhere: readonly string[] = [];
  private reading: Promise<void> | null = null;
  private again = false;
  private next: { at: number; timer: NodeJS.Timeout } | null = null;
  private watchers: vscode.Disposable[] = [];
  private watched = '';
  /** How many runs have appeared in folders that were not known. */
  private surprises = 0;
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
    // Deferred, because a watcher costs more than everything else registered at activation.
    this.beginning = setImmediate(() => {
      this.watch();
      void this.probe();
    });
  }

  /** The runs as last read, grouped by folder, the most recently active first. The first call starts the search. */
  runs(): readonly RunSummary[] {
    if (!this.known && !this.reading) this.readIn(0);
    return this.known ?? [];
  }

  /** The runs to show: the latest ones while the others are read for the first time; null before. */
  get shown(): readonly RunSummary[] | null {
    return this.known ?? this.begin;
  }

  /** Whether all runs have been read yet. */
  get isRead(): boolean {
    return this.known !== null;
  }

  /** The runs to show, once some have been read. @throws if the reading thread stopped. */
  async toShow(): Promise<readonly RunSummary[]> {
    if (this.shown) return this.shown;
    let listener: vscode.Disposable | undefined;
    const begun = new Promise<void>((resolve) => (listener = this.onDidBegin(resolve)));
    await Promise.race([begun, this.refresh()]).finally(() => listener?.dispose());
    return this.shown ?? [];
  }

  /** Searches for folders of runs and reads them now. @throws if the reading thread stopped. */
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

  /** Searches never overlap; a request during a search is served after it. */
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
      // Otherwise the view would say for ever that it is looking for runs.
      void vscode.commands.executeCommand('setContext', 'chirality.runs.failed', failed && !this.known);
      if (this.known?.some(isActiveRun)) this.readIn(POLL_MS);
    }
  }

  /** Sets VS Code's context keys, so that menus do not offer what no run can do: `chirality.runs.none` and others. */
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

  /** Without runs, the view leads to the report of evaluations that lie next to where they would be. */
  private async tellOfEvaluations(runs: readonly RunSummary[]): Promise<void> {
    const version =
      runs.length > 0 ? '' : await this.service.call('reportVersion', besideRuns([])).catch(() => '');
    tellContext('noneButEvaluations', version !== '');
  }

  /** Reads the runs after at most this time. If that fails, the next sign of a change starts another try. */
  private readIn(ms: number): void {
    const due = Date.now() + ms;
    if (this.disposed || (this.next && this.next.at <= due)) return;
    if (this.next) clearTimeout(this.next.timer);
    const timer = setTimeout(() => {
      this.next = null;
      this.read().catch(() => undefined);
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
    // A run that appeared meanwhile may lie in a folder that was searched before: the next reading searches again.
    this.roots = this.surprises === surprises ? roots : null;
    this.elsewhere = [...new Set(real)].filter(isOutside);
    if (!this.disposed) this.watch();
    return roots;
  }

  /** Looks for runs only if a usual place has a folder of them, which takes a few disk accesses and no thread. */
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

  /** Searches again if a folder has come from elsewhere, which may hold runs: VS Code tells only its name. */
  private async lookInto(path: string): Promise<void> {
    if (!this.known || this.roots?.some((root) => isInside(root, path)) || IGNORED.test(path)) return;
    const there = await stat(path).catch(() => null);
    if (this.disposed || !there?.isDirectory()) return;
    this.roots = null;
    this.readIn(REST_MS);
  }

  private watch(): void {
    // Restarting the watcher leaves a gap in which the first run of a folder would go unseen.
    const folders = JSON.stringify([workspaceFolders(), this.elsewhere]);
    if (folders === this.watched) return;
    this.watched = folders;
    for (const watcher of this.watchers) watcher.dispose();
    const news = () => this.readIn(REST_MS);
    // This run may be the first in its folder.
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
    // Of a folder that is deleted, renamed or moved, VS Code tells its name, and of the files in it nothing.
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

/** Folders as the setting names them; a relative one is looked up in every workspace folder. */
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
 * What all runs of the workspace are reported with: the evaluations of endpoints lie next to folders of runs, and may
 * have been made before there is a run.
 */
export function besideRuns(runs: readonly RunSummary[]): { runs: string[]; roots: string[] } {
  const folders = workspaceFolders().map((folder) => join(folder, 'runs'));
  const roots = [...new Set([...runs.map(({ root }) => root), ...folders])];
  return { runs: runs.map(({ dir }) => dir), roots };
}

/**
 * Decides what can be done with a run. `waiting`: no state was written yet, or it cannot be read. `foreign`: a run of
 * another program, in its own folder. `imported`: our copy of such a run.
 */
export type RunKind = 'active' | 'finished' | 'stopped' | 'failed' | 'waiting' | 'foreign' | 'imported';

export function kindOf({ state, origin }: RunSummary): RunKind {
  if (origin) return origin.isCopy ? 'imported' : 'foreign';
  if (!state || state.status === 'unknown' || statusWord(state) === 'not started') return 'waiting';
  if (isActiveStatus(state.status)) return 'active';
  return isFailedStatus(state.status) ? 'failed' : state.status === 'finished' ? 'finished' : 'stopped';
}
export const isActiveRun = (run: RunSummary): boolean => kindOf(run) === 'active';
/** Whether a run has steps left and is not running. */
export const isResumable = (run: RunSummary): boolean =>
  !['active', 'finished', 'foreign', 'imported'].includes(kindOf(run));
/** Whether we may change a run's folder: nothing is ever written into that of another program. */
export const isOurs = (run: RunSummary): boolean => kindOf(run) !== 'foreign';

/** Whether a folder holds the runs of a sweep. */
export const isOfSweep = (root: string): boolean => /[\\/]sweeps[\\/][^\\/]+[\\/]runs$/.test(root);

/** A run's folder as the workspace's own lists show it. */
export const relativePath = (dir: string): string => vscode.workspace.asRelativePath(dir);

export const namedRun = (dir: string): { dir: string; name: string } => ({ dir, name: runName(dir) });
