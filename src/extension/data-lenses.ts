import * as vscode from 'vscode';
import type { RunSummary } from '../core/protocol/runs.ts';
import type { RunList } from './run-list/run-list.ts';

/** A lens above the first row of a data file. */
interface DataLens {
  title: string;
  tooltip: string;
  command: string;
  args: unknown[];
}

/** The actions for a data file and the runs that read it, the most recently active run first. */
export function dataLenses(uri: vscode.Uri, runs: readonly RunSummary[]): DataLens[] {
  const readers = runs.filter(({ data }) => data.includes(uri.fsPath));
  const [newest] = readers;
  const lenses: DataLens[] = [
    {
      title: '$(graph) Data set',
      tooltip: 'What the file holds, and its rows as a grid of pictures',
      command: 'chirality.openDataSet',
      args: [uri],
    },
    {
      title: '$(mirror) Pair',
      tooltip: 'The row of the cursor beside its mirror',
      command: 'chirality.showPair',
      args: [uri],
    },
    {
      title: '$(edit) Annotate',
      tooltip: 'Edit and review its rows beside their pictures',
      command: 'chirality.annotate',
      args: [uri],
    },
  ];
  if (!newest) return lenses;
  const names = readers.map(({ name }) => name).join(', ');
  return [
    ...lenses,
    {
      title: `$(list-tree) Traces of ${newest.name}`,
      tooltip: 'What the newest run on these rows answered',
      command: 'chirality.openTraces',
      args: [{ run: newest.dir }],
    },
    {
      title: '$(table) Report',
      tooltip: `Of the runs that read these rows: ${names}`,
      command: 'chirality.openReport',
      args: [readers.map(({ dir }) => dir)],
    },
  ];
}

/** The lenses above data files. */
export class DataLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly runs: RunList) {
    this.subscriptions = [
      this.changed,
      runs.onDidChange(() => this.changed.fire()),
      vscode.languages.registerCodeLensProvider({ language: 'qa-jsonl', scheme: 'file' }, this),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  provideCodeLenses({ uri }: vscode.TextDocument): vscode.CodeLens[] {
    const top = new vscode.Range(0, 0, 0, 0);
    return dataLenses(uri, this.runs.runs()).map(
      ({ title, tooltip, command, args }) =>
        new vscode.CodeLens(top, { title, tooltip, command, arguments: args }),
    );
  }
}
