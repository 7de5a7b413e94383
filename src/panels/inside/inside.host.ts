import { dirname, resolve } from 'node:path';
import * as vscode from 'vscode';
import {
  insideCalls,
  insideMemory,
  insightReads,
  type InsideHost,
  type InsideMemory,
  type InsidePage,
} from './inside.contract.ts';
import type { ModelSource } from '../playground/playground.contract.ts';
import { withDistinctNames } from '../../core/run-data/run-name.ts';
import { liesIn } from '../../lab/files/inside.ts';
import type { DataRoots } from '../host/consent.host.ts';
import { requireTrust } from '../host/report-errors.host.ts';
import type { LoadedModels } from '../playground/loaded-models.host.ts';
import { forwarded, type Service } from '../service.host.ts';
import {
  besideConfig,
  HostedPanel,
  keyOfRuns,
  PanelSet,
  type KeyedPanel,
  type PanelContext,
  type Seat,
} from '../panel-set.host.ts';
import { namedRun } from '../host/run-list.host.ts';

type Subject = Pick<InsideMemory, 'dirs'>;

interface Tools {
  service: Service;
  roots: DataRoots;
  models: LoadedModels;
}

/** Interpretability panels, one for each run or combination of runs. */
export const insidePanels = (context: PanelContext, tools: Tools) =>
  new PanelSet<InsidePanel, Subject, InsideMemory>(context, {
    viewType: 'chirality.inside',
    memory: insideMemory,
    keyOf: ({ dirs }) => keyOfRuns(dirs),
    column: besideConfig,
    make: (seat, { dirs }) => new InsidePanel(seat, tools, dirs),
  });

/** Panel with interpretability results about a model: attention, probes and patches. */
export class InsidePanel extends HostedPanel<InsidePage> implements KeyedPanel<Subject> {
  readonly key: string;
  readonly dirs: readonly string[];

  constructor(
    seat: Seat<InsideMemory>,
    private readonly tools: Tools,
    dirs: readonly string[],
  ) {
    super(seat, 'inside', insideCalls);
    this.dirs = [...new Set(dirs.map((dir) => resolve(dir)))];
    this.key = keyOfRuns(dirs);
    this.panel.title = `Interpretability: ${this.runs.map(({ name }) => name).join(', ')}`;
  }

  /** Makes the page read all results again. */
  tell(): void {
    this.page.notify('show', { runs: this.runs });
  }

  private get runs() {
    return withDistinctNames(this.dirs.map(namedRun));
  }

  protected readonly host: InsideHost = {
    ready: () => this.tell(),
    ...forwarded(insightReads, (name, args, call) => {
      for (const { dir } of 'looks' in args ? args.looks : [args]) this.shown(dir);
      return this.tools.service.call(name, args, call);
    }),
    // To open a panel, no permission is needed to read more folders; to open a row, it is.
    lookedPair: (asked) => this.tools.service.call('lookedPair', this.allowed(asked)),
    lookedImage: (asked) => this.tools.service.call('lookedImage', this.allowed(asked)),
    look: async (asked, call) => {
      requireTrust();
      const { step, ...row } = await this.tools.service.call('lookedSample', this.allowed(asked));
      return this.tools.models.look(
        await this.modelOf(asked.dir, step),
        { ...row, queries: [], strategy: null },
        call,
      );
    },
    openRow: (asked) => void this.openRow(asked).catch(complain),
    lookInside: (asked) => {
      if (this.dirs.includes(asked.dir)) void vscode.commands.executeCommand('chirality.lookInside', asked);
    },
  };

  /** @throws if the panel does not show this run */
  private shown(dir: string): string {
    if (!this.dirs.includes(dir)) throw new Error('This run is not in the panel.');
    return dir;
  }

  private allowed<T extends { dir: string }>(query: T): T & { allowed: string[] } {
    return { ...query, dir: this.shown(query.dir), allowed: this.tools.roots.allowed };
  }

  /** Returns the analysed checkpoint of a run. @throws if the run no longer contains the checkpoint */
  private async modelOf(dir: string, step: number | null): Promise<ModelSource> {
    const { steps, folders } = await this.tools.service.call('checkpoints', { dir });
    const path = folders[step === null ? -1 : steps.indexOf(step)];
    const { name } = namedRun(dir);
    if (path === undefined)
      throw new Error(
        `The checkpoint of ${name} at step ${step ?? '–'} no longer exists. Look inside another checkpoint.`,
      );
    const detail = vscode.workspace.asRelativePath(dir, true);
    return { id: path, kind: 'local', label: `${name}, step ${step}`, detail, path };
  }

  private async openRow(asked: Parameters<InsideHost['openRow']>[0]): Promise<void> {
    const { service, roots } = this.tools;
    const { file } = await service.call('insight', { dir: this.shown(asked.dir), name: asked.name });
    const isOpen = await liesIn(file, [asked.dir, ...roots.allowed]);
    if (!isOpen && !(await roots.allow([dirname(file)], namedRun(asked.dir).name))) return;
    const { line } = await service.call('lookedLine', this.allowed(asked));
    await vscode.commands.executeCommand('chirality.showPair', vscode.Uri.file(file), line);
    // Images that were unreadable might now be readable.
    if (!isOpen) this.tell();
  }
}

const complain = (error: unknown) => void vscode.window.showErrorMessage((error as Error).message);
