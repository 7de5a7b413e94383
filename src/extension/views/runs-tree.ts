import { endsOf } from '../../core/metrics/metric.ts';
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { statusWord } from '../../core/run-data/run-status.ts';
import { several, short, percentsText } from '../../base/format.ts';
import type { RunSummary } from '../../panels/runs/runs.contract.ts';
import { withDistinctNames } from '../../core/run-data/run-name.ts';
import { phaseLabel } from '../../base/labels.ts';
import { age, bothText, meterSource, meterText, runDescription, runIcon } from '../run-text.ts';
import {
  type RunList,
  isActiveRun,
  isOfSweep,
  kindOf,
  type RunKind,
  relativePath,
} from '../../panels/host/run-list.host.ts';

type Grouping = 'folder' | 'status';

/** Argument of the Runs view's commands. */
export interface RunNode {
  readonly dir: string;
  readonly run: RunSummary;
}
interface GroupNode {
  readonly label: string;
  readonly detail: string;
  readonly runs: RunNode[];
}
type Node = RunNode | GroupNode;

const GROUPS: Readonly<Record<RunKind, string>> = {
  active: 'Active',
  failed: 'Failed or Lost',
  stopped: 'Stopped',
  finished: 'Finished',
  waiting: 'Not Started',
  planned: 'Planned in a Sweep',
  imported: 'Imported',
  foreign: 'External',
};

/** Interval for refreshing the ages of runs while the view is visible, in ms. */
const AGES_MS = 60_000;
const GROUPING = 'chirality.runs.grouping';

/** Runs view. Shows no groups if all runs have the same folder or status. */
export class RunsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<Node>;
  private readonly subscriptions: vscode.Disposable[];
  private ages: NodeJS.Timeout | undefined;

  constructor(
    private readonly list: RunList,
    private readonly memory: vscode.Memento,
  ) {
    this.view = vscode.window.createTreeView('chirality.runs', {
      treeDataProvider: this,
      canSelectMany: true,
      showCollapseAll: true,
    });
    this.subscriptions = [
      this.changed,
      this.view,
      list.onDidChange(() => {
        this.changed.fire();
        this.count();
      }),
      this.view.onDidChangeVisibility(({ visible }) => this.keepAges(visible)),
    ];
    void this.tellGrouping();
  }

  dispose(): void {
    clearInterval(this.ages);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  async refresh(): Promise<void> {
    await this.list.refresh();
    this.changed.fire();
  }

  async groupBy(grouping: Grouping): Promise<void> {
    await this.memory.update(GROUPING, grouping);
    await this.tellGrouping();
    this.changed.fire();
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (node) return 'runs' in node ? node.runs : [];
    const runs = await this.list.toShow();
    const nodes = (all: readonly RunSummary[]): RunNode[] => all.map((run) => ({ dir: run.dir, run }));
    const groups =
      this.grouping === 'status'
        ? byStatus(nodes(withDistinctNames(runs, relativePath)))
        : byFolder(nodes(runs)); // Folder groups separate runs with the same name.
    return groups.length === 1 ? groups[0]!.runs : groups;
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return 'runs' in node ? groupItem(node) : runItem(node, Date.now());
  }

  private get grouping(): Grouping {
    return this.memory.get<Grouping>(GROUPING, 'folder');
  }

  private tellGrouping() {
    return vscode.commands.executeCommand('setContext', GROUPING, this.grouping);
  }

  private count(): void {
    const active = this.list.runs().filter(isActiveRun).length;
    this.view.badge = active === 0 ? undefined : { value: active, tooltip: several(active, 'active run') };
  }

  private keepAges(visible: boolean): void {
    clearInterval(this.ages);
    if (!visible) return;
    this.changed.fire();
    this.ages = setInterval(() => this.changed.fire(), AGES_MS);
  }
}

function byFolder(runs: readonly RunNode[]): GroupNode[] {
  const roots = [...new Set(runs.map(({ run }) => run.root))];
  return roots.map((root) => {
    const shown = vscode.workspace.asRelativePath(root);
    const label = shown === '.' ? basename(root) : shown;
    return { label, detail: root, runs: runs.filter(({ run }) => run.root === root) };
  });
}

function byStatus(runs: readonly RunNode[]): GroupNode[] {
  const kinds = Object.keys(GROUPS) as RunKind[];
  return kinds
    .map((kind) => ({
      label: GROUPS[kind],
      detail: GROUPS[kind],
      runs: runs.filter(({ run }) => kindOf(run) === kind),
    }))
    .filter((group) => group.runs.length > 0);
}

function groupItem({ label, detail, runs }: GroupNode): vscode.TreeItem {
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Expanded);
  item.id = `group ${detail}`;
  item.tooltip = detail;
  item.description = `${runs.length}`;
  item.contextValue = isOfSweep(detail) ? 'group sweep' : 'group';
  return item;
}

function runItem({ dir, run }: RunNode, now: number): vscode.TreeItem {
  const item = new vscode.TreeItem(run.name);
  const { id, color } = runIcon(run);
  item.id = dir;
  item.description = runDescription(run, null);
  item.iconPath = new vscode.ThemeIcon(id, color === undefined ? undefined : new vscode.ThemeColor(color));
  item.contextValue = `run ${kindOf(run)}${run.meter ? ' meter' : ''}`;
  item.tooltip = runTooltip(run, now);
  item.command = { command: 'chirality.openRun', title: 'Open', arguments: [{ dir }] };
  item.accessibilityInformation = {
    label: [
      run.name,
      run.origin?.holds ?? statusWord(run.state),
      run.state ? `step ${run.state.step} of ${run.state.steps}` : '',
      run.meter ? `${bothText(run.meter)}, ${meterText(run.meter)}` : '',
      run.reward === null ? '' : `reward ${short(run.reward)}`,
      run.state ? age(run.state.heartbeat, now) : '',
    ]
      .filter(Boolean)
      .join(', '),
  };
  return item;
}

/** Returns the tooltip of a run. Never treats text from a run's files as Markdown. */
function runTooltip(
  { name, state, reward, meter, recipe, note, error, dir, origin }: RunSummary,
  now: number,
): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  const facts: (readonly [string, string])[] = state
    ? [
        [
          'Status',
          state.status === state.phase ? state.status : `${state.status} (${phaseLabel(state.phase)})`,
        ],
        ['Step', `${state.step} of ${state.steps}`],
        ['Pair accuracy', meter ? `${percentsText(endsOf(meter.both))} (${meterText(meter)})` : ''],
        ['Source', meter ? meterSource(meter) : ''],
        ['Reward', reward === null ? '' : short(reward)],
        ['Last update', `${age(state.heartbeat, now)}, ${state.host}`],
      ]
    : origin
      ? [
          ['Content', origin.holds],
          ['Reward', reward === null ? '' : short(reward)],
          [origin.isCopy ? 'Imported' : 'Last written', age(origin.written, now)],
        ]
      : [];
  text.appendMarkdown('**').appendText(name).appendMarkdown('**');
  if (recipe !== null) text.appendText(` ${recipe}`);
  for (const [label, value] of [...facts, ['Folder', dirname(dir)] as const]) {
    if (value !== '') text.appendMarkdown(`  \n${label}: `).appendText(value);
  }
  if (note !== '') text.appendMarkdown('\n\n').appendText(note);
  const message = error ?? state?.message ?? '';
  if (message !== '') text.appendMarkdown('\n\n').appendText(message);
  return text;
}
