import * as vscode from 'vscode';
import {
  runsCalls,
  runsMemory,
  type RunsAction,
  type RunsHost,
  type RunsMemory,
  type RunsPage,
} from './runs.contract.ts';
import { type RunList, relativePath } from '../host/run-list.host.ts';
import { withDistinctNames } from '../../core/run-data/run-name.ts';
import type { Service } from '../service.host.ts';
import { copyText } from '../page.host.ts';
import { HostedPanel, PanelSet, type PanelContext, type KeyedPanel, type Seat } from '../panel-set.host.ts';

interface Tools {
  service: Service;
  list: RunList;
}

/** Returns the only Runs panel: the runs of the Runs view as a table. */
export const runsPanels = (context: PanelContext, tools: Tools) =>
  new PanelSet<RunsPanel, object, RunsMemory>(context, {
    viewType: 'chirality.runsTable',
    memory: runsMemory,
    make: (seat) => new RunsPanel(seat, tools),
    blank: {},
  });

const COMMANDS: Readonly<Record<RunsAction, string>> = {
  open: 'openRun',
  openTraces: 'openTraces',
  compare: 'compareRuns',
  openReport: 'openReport',
  rename: 'renameRun',
  delete: 'deleteRun',
  notes: 'editNotes',
};

/** Table of the runs in the Runs view. The actions of the table are the commands of the Runs view. */
export class RunsPanel extends HostedPanel<RunsPage> implements KeyedPanel<object> {
  private chosen: readonly string[] = [];

  constructor(
    seat: Seat<RunsMemory>,
    private readonly tools: Tools,
  ) {
    super(seat, 'runs', runsCalls);
    this.panel.title = 'Runs';
    for (const changed of [tools.list.onDidBegin, tools.list.onDidChange])
      this.owned.push(changed(() => this.tell()));
    if (!tools.list.isRead) void tools.list.refresh();
  }

  protected readonly host: RunsHost = {
    ready: () => {
      this.chosen = []; // A page that loads again has no selection.
      this.tell();
    },
    choose: ({ dirs }) => void (this.chosen = dirs),
    act: ({ action, dirs }) => {
      const runs = this.known(dirs);
      const [first] = runs;
      // Pass both arguments, because some commands act on all runs and some only on the first run.
      if (first) void vscode.commands.executeCommand(`chirality.${COMMANDS[action]}`, first, runs);
    },
    copy: copyText,
    newRun: () => void vscode.commands.executeCommand('chirality.startRun'),
    runsDifferences: ({ dirs }) =>
      this.tools.service.call('runsDifferences', { dirs: this.known(dirs).map(({ dir }) => dir) }),
  };

  get dirs(): string[] {
    return this.known(this.chosen).map(({ dir }) => dir);
  }

  /** Returns the listed runs among folders from the page. The page can refer only to listed runs. */
  private known(dirs: readonly string[]) {
    const runs = new Map(this.tools.list.shown?.map((run) => [run.dir, run]));
    return dirs.flatMap((dir) => runs.get(dir) ?? []);
  }

  private tell(): void {
    const { shown } = this.tools.list;
    this.page.notify('show', { runs: shown && withDistinctNames(shown, relativePath) });
  }
}
