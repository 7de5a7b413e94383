import { basename, dirname, join, sep } from 'node:path';
import * as vscode from 'vscode';
import { kindOf } from '../core/config/editor/config-context.ts';
import type { RunSummary } from '../panels/runs/runs.contract.ts';
import { CONFIGS } from './config-language.ts';
import { type RunList, isActiveRun, kindOf as kindOfRun } from '../panels/host/run-list.host.ts';
import { progressText } from './run-text.ts';

/** CodeLenses above run configs, sweeps and data files, with actions for the document and its runs. */
export class Lenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly runs: RunList) {
    const again = () => this.changed.fire();
    this.subscriptions = [
      this.changed,
      runs.onDidChange(again),
      vscode.workspace.onDidGrantWorkspaceTrust(again),
      vscode.languages.registerCodeLensProvider([CONFIGS, { language: 'qa-jsonl', scheme: 'file' }], this),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const { uri, languageId } = document;
    if (uri.scheme !== 'file') return [];
    const runs = this.runs.runs();
    const { isTrusted } = vscode.workspace;
    const commands =
      languageId === 'qa-jsonl'
        ? dataLenses(uri, runs)
        : kindOf(uri.path) === 'sweep'
          ? sweepLenses(uri, document.getText(), runs, isTrusted)
          : runLenses(uri, runOf(uri.fsPath, runs), isTrusted);
    return commands.map((command) => new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), command));
  }
}

const lens = (title: string, tooltip: string, command: string, ...args: unknown[]): vscode.Command => ({
  title,
  tooltip,
  command: `chirality.${command}`,
  arguments: args,
});

/**
 * Returns the newest run of a config. A run has its config's name, with a number from the second run on. The runs
 * folder is next to the config or in a parent folder; only the nearest runs folder counts.
 * @param runs runs grouped by folder, the most recently active run first
 */
export function runOf(path: string, runs: readonly RunSummary[]): RunSummary | undefined {
  const config = basename(path).replace(/\.run\.yaml$/, '');
  return runs
    .filter(({ name }) => name.startsWith(config) && /^(?:-\d+)?$/.test(name.slice(config.length)))
    .filter(({ root }) => path.startsWith(dirname(root) + sep))
    .sort((a, b) => b.root.length - a.root.length)[0];
}

/** Returns the actions for a config and its newest run. Restricted Mode offers no actions that start runs. */
export function runLenses(
  config: vscode.Uri,
  run: RunSummary | undefined,
  isTrusted: boolean,
): vscode.Command[] {
  const starts = [
    lens('$(play) Start Run', 'Check the config, then start the run', 'startRun', config),
    lens('Dry Run', 'Check rows, model and rewards without training', 'dryRun', config),
  ];
  const lenses = isTrusted ? starts : [];
  if (!run) return lenses;
  const { name, dir } = run;
  if (isActiveRun(run)) {
    const stop = lens('Stop Run', `Save and stop ${name} after the current step`, 'stopRun', { dir });
    const open = lens(`$(pulse) ${progressText(run, null)}`, `Open ${name}`, 'openRun', { dir });
    return [open, ...(isTrusted ? [stop] : []), ...lenses];
  }
  if (isTrusted && ['stopped', 'failed'].includes(kindOfRun(run)))
    lenses.push(lens('Resume Run', `Continue ${name} from its last checkpoint`, 'resumeRun', { dir }));
  if (isTrusted && run.state)
    lenses.push(lens('Evaluate Checkpoint…', `Evaluate a checkpoint of ${name}`, 'evaluateRun', { dir }));
  return [...lenses, lens(`Open ${name}`, dir, 'openRun', { dir })];
}

/** Returns the actions for a sweep and its run folders. Restricted Mode offers no actions that start runs. */
export function sweepLenses(
  file: vscode.Uri,
  text: string,
  runs: readonly RunSummary[],
  isTrusted: boolean,
): vscode.Command[] {
  const name = basename(file.fsPath).replace(/\.sweep\.yaml$/, '');
  const sweeps = [name, `${name}-small`]
    .map((each) => join(dirname(file.fsPath), 'sweeps', each))
    .filter((sweep) => runs.some(({ root }) => root === join(sweep, 'runs')));
  const run = 'Run all conditions with all seeds, or continue a stopped sweep';
  const small = 'Run the small variant on the embedded engine';
  return [
    ...(isTrusted ? [lens('$(play) Run Sweep', run, 'runSweep', file, false)] : []),
    ...(isTrusted && /^small:/m.test(text) ? [lens('Run Small Variant', small, 'runSweep', file, true)] : []),
    ...sweeps.map((sweep) => lens(`Open Report of ${basename(sweep)}`, sweep, 'openSweepReport', sweep)),
  ];
}

/** Returns the actions for a data file and for the runs that read it, the most recently active run first. */
export function dataLenses(uri: vscode.Uri, runs: readonly RunSummary[]): vscode.Command[] {
  const readers = runs.filter(({ data }) => data.includes(uri.fsPath));
  const [newest] = readers;
  const names = readers.map(({ name }) => name).join(', ');
  const dirs = readers.map(({ dir }) => dir);
  const answered = 'Show answers of the newest run to these rows';
  return [
    lens('$(graph) Open Dataset', 'Show a summary of the file and its rows as a grid', 'openDataSet', uri),
    lens('$(mirror) Show Pair', 'Show the row at the cursor next to its mirror', 'showPair', uri),
    lens('$(edit) Annotate Rows', 'Edit and review rows next to their images', 'annotate', uri),
    ...(newest
      ? [
          lens(`$(list-tree) Open Traces of ${newest.name}`, answered, 'openTraces', { run: newest.dir }),
          lens('$(table) Open Report', `Open the report of runs on these rows: ${names}`, 'openReport', dirs),
        ]
      : []),
  ];
}
