import { basename, dirname, join, resolve } from 'node:path';
import * as vscode from 'vscode';
import {
  runCalls,
  runMemory,
  type RunAction,
  type RunFacts,
  type RunUpdate,
  type RunPanelMemory,
  type RunPanelHost,
  type RunPanelPage,
  type ShownRun,
} from './run.contract.ts';
import { INTERPRET_COMMANDS } from './interpretation.contract.ts';
import type { Args } from '../../base/channel.ts';
import type { Interpretation } from '../../core/run-data/interpretation.ts';
import { isActiveStatus } from '../../core/run-data/run-status.ts';
import { Poller } from '../page.host.ts';
import { withDistinctNames } from '../../core/run-data/run-name.ts';
import {
  besideConfig,
  HostedPanel,
  keyOfRuns,
  PanelSet,
  type PanelContext,
  type KeyedPanel,
  type Seat,
} from '../panel-set.host.ts';
import type { DataRoots } from '../host/consent.host.ts';
import type { Service } from '../service.host.ts';
import { isOfSweep as isSweepFolder, namedRun } from '../host/run-list.host.ts';

/** Polling intervals in ms: for an active run, and for a run that a user can resume. */
const ACTIVE_MS = 1000;
const IDLE_MS = 5000;

type Subject = Pick<RunPanelMemory, 'dirs'>;

/** Run panels, one for each shown run or combination of runs. */
export const runPanels = (context: PanelContext, service: Service, roots: DataRoots) =>
  new PanelSet<RunPanel, Subject, RunPanelMemory>(context, {
    viewType: 'chirality.run',
    memory: runMemory,
    keyOf: ({ dirs }) => keyOfRuns(dirs),
    column: besideConfig,
    make: (seat, { dirs }) => new RunPanel(seat, { service, roots }, dirs),
  });

export type RunPanels = ReturnType<typeof runPanels>;

/** Run in the panel. `run` is the run's number in calls to the service. */
interface OpenedRun {
  run: number;
  facts: RunFacts;
  news: RunUpdate;
}

/**
 * Run panel for one run, or for several runs to compare. A visible panel polls the service for updates and forwards its
 * page's requests; a hidden panel does neither.
 */
export class RunPanel extends HostedPanel<RunPanelPage> implements KeyedPanel<Subject> {
  /** Runs by folder. `share`: progress of the first read, from 0 to 1. `why`: reason why the run is unreadable. */
  private readonly opened = new Map<string, OpenedRun | { why: string } | { share: number }>();
  private readonly poller: Poller;
  private wantsConfig = false;

  constructor(
    seat: Seat<RunPanelMemory>,
    private readonly from: { service: Service; roots: DataRoots },
    dirs: readonly string[],
  ) {
    super(seat, 'run', runCalls);
    for (const dir of dirs) this.opened.set(resolve(dir), { share: 0 });
    this.title();
    this.poller = new Poller(
      this.panel,
      () => this.look(),
      () => (this.isActive() ? ACTIVE_MS : IDLE_MS),
    );
    this.owned.push(this.poller);
  }

  private get service(): Service {
    return this.from.service;
  }

  get key(): string {
    return keyOfRuns(this.dirs);
  }

  get dirs(): string[] {
    return [...this.opened.keys()];
  }

  /** Names of the runs that the panel shows, by folder. */
  private get names(): Map<string, string> {
    return new Map(withDistinctNames(this.dirs.map(namedRun)).map(({ dir, name }) => [dir, name]));
  }

  put(wanted: readonly string[]): void {
    const dirs = wanted.map((dir) => resolve(dir));
    for (const dir of this.dirs.filter((known) => !dirs.includes(known))) {
      this.release(dir);
      this.opened.delete(dir);
    }
    for (const dir of dirs) if (!this.opened.has(dir)) this.opened.set(dir, { share: 0 });
    this.title();
    this.tell();
    this.poller.now();
  }

  override dispose(): void {
    super.dispose();
    for (const dir of this.dirs) this.release(dir);
  }

  protected readonly host: RunPanelHost = {
    ready: () => {
      this.tell();
      if (this.wantsConfig) this.showConfig();
    },
    series: (query) => this.service.call('runSeries', { run: this.runOf(query.dir), query }),
    spread: (query) => this.service.call('runSpread', { run: this.runOf(query.dir), query }),
    acuity: ({ dir }) => this.service.call('runAcuity', { dir: this.shownDir(dir) }),
    watched: ({ dir }) => this.service.call('watched', { dir: this.shownDir(dir) }),
    // A Run panel never asks the user to allow more folders; the Trace panel does.
    watchedImage: (args) =>
      this.service.call('watchedImage', {
        ...args,
        dir: this.shownDir(args.dir),
        allowed: this.from.roots.allowed,
      }),
    // Accept only folders of displayed runs from the page.
    act: ({ action, dir }) => this.opened.has(dir) && void this.act(action, dir),
    interpret: ({ what, dir }) => this.opened.has(dir) && void this.interpret(what, dir),
    openTraces: ({ dir, step }) =>
      this.opened.has(dir) && void execute('chirality.openTraces', { run: dir, step }),
    openPair: (pair) => this.openPair({ ...pair, dir: this.shownDir(pair.dir) }),
    insights: ({ dir }) => this.service.call('insights', { dir: this.shownDir(dir) }),
    openInside: () => void execute('chirality.openInside', this.dirs),
  };

  private runOf(dir: string): number {
    const opened = this.opened.get(dir);
    if (!opened || !('run' in opened)) throw new Error('This run is no longer open. Open the run again.');
    return opened.run;
  }

  /** @throws if the panel does not show this run */
  private shownDir(dir: string): string {
    if (!this.opened.has(dir)) throw new Error('This run is no longer open. Open the run again.');
    return dir;
  }

  private async act(action: RunAction, dir: string): Promise<void> {
    const file = (path: string) => vscode.Uri.joinPath(vscode.Uri.file(dir), path);
    const run = namedRun(dir);
    switch (action) {
      case 'stop':
      case 'resume':
      case 'attach':
      case 'evaluate':
        await execute(`chirality.${action}Run`, run);
        return this.poller.now();
      case 'runSweep':
      case 'openInside':
        return execute(`chirality.${action}`, run);
      case 'openLog':
        return execute('vscode.open', file('logs/run.log'));
      case 'locateImages': {
        const { train } = await this.service.call('checkpoints', { dir });
        return execute('chirality.findPictures', vscode.Uri.file(train));
      }
      case 'openConfig':
        return execute('vscode.open', file('run.yaml'));
      case 'compare':
        return execute('chirality.compareRuns');
      case 'showDiverging':
        return execute('chirality.openDivergingPairs', run);
      case 'showDiffering':
        return execute('chirality.openWall', this.dirs);
      case 'showParent':
        return this.putParent(dir);
      case 'remove':
        return this.put(this.dirs.filter((other) => other !== dir));
    }
  }

  private async openPair({ dir, evaluation, step, set, id }: Args<RunPanelHost['openPair']>): Promise<void> {
    const source = evaluation ?? undefined;
    const seen = await this.service.call('traceSample', { run: dir, source, sample: id, set });
    const pair = seen.find((other) => evaluation !== null || other.step === step);
    await execute('chirality.openTraces', {
      run: dir,
      evaluation: source,
      step: pair?.step,
      pair: pair?.pair,
    });
  }

  /** Shows the config next to the curves. A page that is still loading shows the config after loading. */
  showConfig(): void {
    this.wantsConfig = true;
    this.page.notify('showConfig', null);
  }

  private async interpret(what: keyof Interpretation, dir: string): Promise<void> {
    await execute(INTERPRET_COMMANDS[what], namedRun(dir));
    return this.poller.now();
  }

  /** Inserts the parent of a forked run before the fork. */
  private putParent(dir: string): void {
    const opened = this.opened.get(dir);
    const parent = opened && 'facts' in opened ? opened.facts.parent : undefined;
    if (parent) this.put([join(dirname(dir), basename(parent.name)), ...this.dirs]);
  }

  /** Sends all runs to the page again. The page then requests all its data again. */
  tell(): void {
    this.page.notify('show', { runs: this.dirs.map((dir) => this.shown(dir)) });
  }

  private shown(dir: string): ShownRun {
    const name = this.names.get(dir)!;
    const opened = this.opened.get(dir)!;
    if ('why' in opened) return { dir, name, kind: 'missing', why: opened.why };
    if ('share' in opened) return { dir, name, kind: 'loading', share: opened.share };
    const isOfSweep = isSweepFolder(dirname(dir));
    return { dir, name, kind: 'run', facts: opened.facts, news: opened.news, isOfSweep };
  }

  private title(): void {
    const names = [...this.names.values()];
    this.panel.title = `${names.length === 1 ? 'Run' : 'Runs'}: ${names.join(', ')}`;
  }

  private isActive(): boolean {
    return [...this.opened.values()].some(
      (run) =>
        !('news' in run) ||
        run.news.readShare !== null ||
        run.facts.program !== undefined ||
        isActiveStatus(run.news.state?.status ?? 'starting'),
    );
  }

  private async look(): Promise<void> {
    for (const dir of this.dirs) {
      const opened = this.opened.get(dir);
      if (opened) await ('run' in opened ? this.readOn(dir, opened) : this.read(dir));
    }
  }

  private async read(dir: string): Promise<void> {
    const before = this.opened.get(dir);
    try {
      const onProgress = (share: number) => {
        this.opened.set(dir, { share });
        this.tell();
      };
      const opened = await this.service.call('runOpen', { dir }, { onProgress });
      if (!this.opened.has(dir) || this.closed) {
        return void this.service.call('runClose', { run: opened.run }).catch(() => undefined);
      }
      this.opened.set(dir, opened);
    } catch (error) {
      const why = (error as Error).message;
      if (before && 'why' in before && before.why === why) return;
      if (this.opened.has(dir)) this.opened.set(dir, { why });
    }
    this.tell();
  }

  private async readOn(dir: string, opened: OpenedRun): Promise<void> {
    try {
      const news = await this.service.call('runUpdate', { run: opened.run });
      if (!news || this.opened.get(dir) !== opened) return;
      opened.news = news;
      this.page.notify('news', { dir, news });
    } catch (error) {
      if (!this.opened.has(dir)) return;
      this.release(dir);
      this.opened.set(dir, { why: (error as Error).message });
      this.tell();
    }
  }

  private release(dir: string): void {
    const opened = this.opened.get(dir);
    if (opened && 'run' in opened) {
      void this.service.call('runClose', { run: opened.run }).catch(() => undefined);
    }
  }
}

/** Executes a command, possibly of another extension, and shows the command's errors. */
async function execute(command: string, ...args: unknown[]): Promise<void> {
  try {
    await vscode.commands.executeCommand(command, ...args);
  } catch (error) {
    void vscode.window.showErrorMessage((error as Error).message);
  }
}
