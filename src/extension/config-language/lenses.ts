import { basename, dirname, join, sep } from 'node:path';
import * as vscode from 'vscode';
import type { RunSummary } from '../../core/protocol/runs.ts';
import { isActiveRun, kindOf as kindOfRun, progressText } from '../run-list/run-text.ts';
import type { RunList } from '../run-list/run-list.ts';
import { kindOf } from '../../core/config/editor/context.ts';
import { CONFIGS } from './language.ts';

/** A lens above a config. */
export interface Lens {
  title: string;
  tooltip: string;
  command: string;
  /** The argument of the command: the config, or the folder of its run. */
  of: 'config' | 'run';
}

/**
 * The newest run of a config. A run is named after its config, with a number from the second on, and lies in a folder
 * of runs beside the config or above; the nearest such folder counts.
 * @param path of the config.
 * @param runs grouped by folder, the most recently active first.
 */
export function runOf(path: string, runs: readonly RunSummary[]): RunSummary | undefined {
  const config = basename(path).replace(/\.run\.yaml$/, '');
  return runs
    .filter(({ name }) => name.startsWith(config) && /^(?:-\d+)?$/.test(name.slice(config.length)))
    .filter(({ root }) => path.startsWith(dirname(root) + sep))
    .sort((a, b) => b.root.length - a.root.length)[0];
}

/** The actions for a config and its newest run. In Restricted Mode nothing is started. */
export function lensesOf(run: RunSummary | undefined, trusted: boolean): Lens[] {
  const start: Lens[] = [
    {
      title: '$(play) Start',
      tooltip: 'Check everything, then start a run of this config',
      command: 'chirality.startRun',
      of: 'config',
    },
    {
      title: 'Dry Run',
      tooltip: 'Read every row, open the model, check the rewards, and stop',
      command: 'chirality.dryRun',
      of: 'config',
    },
  ];
  const lenses = trusted ? start : [];
  if (!run) return lenses;
  const { name } = run;
  if (isActiveRun(run)) {
    const open = {
      title: `$(pulse) ${progressText(run, null)}`,
      tooltip: `Open ${name}`,
      command: 'chirality.openRun',
      of: 'run' as const,
    };
    const stop = {
      title: 'Stop',
      tooltip: `Save ${name} and end it after this step`,
      command: 'chirality.stopRun',
      of: 'run' as const,
    };
    return [open, ...(trusted ? [stop] : []), ...lenses];
  }
  if (trusted && ['stopped', 'failed'].includes(kindOfRun(run))) {
    lenses.push({
      title: 'Resume',
      tooltip: `Continue ${name} from its last checkpoint`,
      command: 'chirality.resumeRun',
      of: 'run',
    });
  }
  if (trusted && run.state) {
    lenses.push({
      title: 'Evaluate',
      tooltip: `Evaluate a checkpoint of ${name}`,
      command: 'chirality.evaluateRun',
      of: 'run',
    });
  }
  return [...lenses, { title: `Open ${name}`, tooltip: run.dir, command: 'chirality.openRun', of: 'run' }];
}

/** A lens above a sweep. */
interface SweepLens extends Omit<Lens, 'of'> {
  /**
   * The argument of the command: whether to use the small variant of the sweep beside the file, or the folder of the
   * sweep.
   */
  of: boolean | string;
}

/** The folders of the sweeps made from a file whose runs are known. */
export function sweepsOf(path: string, runs: readonly RunSummary[]): string[] {
  const name = basename(path).replace(/\.sweep\.yaml$/, '');
  const wanted = [name, `${name}-small`].map((each) => join(dirname(path), 'sweeps', each));
  return wanted.filter((sweep) => runs.some(({ root }) => root === join(sweep, 'runs')));
}

/** The actions for a sweep. In Restricted Mode nothing is started. */
export function sweepLenses(text: string, sweeps: readonly string[], trusted: boolean): SweepLens[] {
  const command = 'chirality.runSweep';
  const run = {
    title: '$(play) Run sweep',
    tooltip: 'Run every cell for every seed, or continue where it was stopped',
    command,
    of: false,
  };
  const small = {
    title: 'Run small',
    tooltip: 'Run its small variant on the embedded engine',
    command,
    of: true,
  };
  const starts = /^small:/m.test(text) ? [run, small] : [run];
  const reports = sweeps.map((sweep) => ({
    title: `Report of ${basename(sweep)}`,
    tooltip: sweep,
    command: 'chirality.openSweepReport',
    of: sweep,
  }));
  return [...(trusted ? starts : []), ...reports];
}

/** The lenses above run configs and sweeps. */
export class ConfigLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly runs: RunList) {
    const again = () => this.changed.fire();
    this.subscriptions = [
      this.changed,
      runs.onDidChange(again),
      vscode.workspace.onDidGrantWorkspaceTrust(again),
      vscode.languages.registerCodeLensProvider(CONFIGS, this),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const { uri } = document;
    if (uri.scheme !== 'file') return [];
    const lens = ({ title, tooltip, command }: Omit<Lens, 'of'>, args: unknown[]) =>
      new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), { title, tooltip, command, arguments: args });
    const { isTrusted } = vscode.workspace;
    if (kindOf(uri.path) === 'sweep') {
      const sweeps = sweepsOf(uri.fsPath, this.runs.runs());
      return sweepLenses(document.getText(), sweeps, isTrusted).map((each) =>
        lens(each, typeof each.of === 'string' ? [each.of] : [uri, each.of]),
      );
    }
    const run = runOf(uri.fsPath, this.runs.runs());
    return lensesOf(run, isTrusted).map((each) =>
      lens(each, [each.of === 'config' ? uri : { dir: run!.dir }]),
    );
  }
}
