import * as vscode from 'vscode';
import { firstFault, type Fact, listedEndpoints } from './endpoint.ts';
import type { LoadedModels } from '../playground/loaded-models.ts';
import {
  embedded,
  endpoint,
  loadedModel,
  python,
  tinker,
  torch,
  type Engine,
  type Tools,
} from './engine-kinds.ts';
import { findPythons } from './python.ts';

/** Replaces the results of a check; a click opens the settings for workspace trust. */
const RESTRICTED = 'Not checked in Restricted Mode';

type Node = Engine | (Fact & { readonly of: string });

/** The Engines view. Nothing is checked until the user expands an engine, and never in Restricted Mode. */
export class EnginesView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly checks = new Map<string, Promise<Fact[]>>();
  /** The results of finished checks, shown on the engine's line. */
  private readonly found = new Map<string, Fact[]>();
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly tools: Tools,
    private readonly models: LoadedModels,
  ) {
    this.subscriptions = [
      this.changed,
      models.onDidChange(() => this.changed.fire(undefined)),
      vscode.window.createTreeView('chirality.engines', { treeDataProvider: this }),
      tools.secrets.onDidChange(() => this.refresh('tinker')),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.refresh()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.refresh()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (['python', 'endpoints'].some((name) => event.affectsConfiguration(`chirality.${name}`)))
          this.refresh();
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Forgets the results, or those of one engine; expanded engines are checked again. */
  refresh(id?: string): void {
    for (const kept of [this.checks, this.found]) {
      if (id === undefined) kept.clear();
      else kept.delete(id);
    }
    this.changed.fire(undefined);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return this.engines();
    if ('of' in node) return [];
    if (!vscode.workspace.isTrusted) {
      return [{ of: node.id, state: 'note', label: RESTRICTED, detail: '' }];
    }
    return (await this.check(node)).map((fact) => ({ ...fact, of: node.id }));
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return 'of' in node ? factItem(node) : this.engineItem(node);
  }

  private check(engine: Engine): Promise<Fact[]> {
    const running = this.checks.get(engine.id);
    if (running) return running;
    const check = engine
      .check()
      .catch((error: Error): Fact[] => [{ state: 'bad', label: 'Does not run', detail: error.message }]);
    this.checks.set(engine.id, check);
    void check.then((facts) => {
      if (this.checks.get(engine.id) !== check) return;
      this.found.set(engine.id, facts);
      this.changed.fire(engine);
    });
    return check;
  }

  private async engines(): Promise<Engine[]> {
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    const pythons = await findPythons(folders.map(({ uri }) => uri.fsPath));
    const endpoints = listedEndpoints();
    return [
      ...this.models.list().map(loadedModel),
      embedded(this.tools),
      torch(this.tools),
      tinker(this.tools),
      ...pythons.map((each) => python(this.tools, each)),
      ...endpoints.map(endpoint),
    ];
  }

  private engineItem({ id, label, description, icon, about, context }: Engine): vscode.TreeItem {
    const facts = this.found.get(id);
    const fault = facts && firstFault(facts);
    const used = context === 'python' && id === usedPython();
    const { None, Collapsed } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(label, context === 'model' ? None : Collapsed);
    item.id = id;
    item.description = [used ? 'used' : '', description, fault?.label ?? ''].filter(Boolean).join(' · ');
    const isGood = facts?.some(({ state }) => state === 'good');
    item.iconPath = fault ? BAD : isGood ? GOOD : new vscode.ThemeIcon(icon);
    item.tooltip = [about, fault ? `${fault.label} ${fault.detail}` : ''].filter(Boolean).join('\n\n');
    item.contextValue = `engine ${context}${used ? ' used' : ''}`;
    return item;
  }
}

const usedPython = (): string => vscode.workspace.getConfiguration('chirality').get('python', '');

const GOOD = new vscode.ThemeIcon('pass', new vscode.ThemeColor('charts.green'));
const BAD = new vscode.ThemeIcon('error', new vscode.ThemeColor('charts.red'));

function factItem({ state, label, detail }: Fact): vscode.TreeItem {
  const item = new vscode.TreeItem(label);
  item.description = detail;
  item.tooltip = detail === '' ? label : `${label}\n${detail}`;
  item.iconPath =
    state === 'good' ? new vscode.ThemeIcon('check') : state === 'bad' ? BAD : new vscode.ThemeIcon('info');
  if (label === RESTRICTED)
    item.command = { command: 'workbench.trust.manage', title: 'Manage Workspace Trust' };
  item.contextValue = detail === '' ? 'fact' : 'fact detail';
  item.accessibilityInformation = { label: `${state === 'bad' ? 'Problem: ' : ''}${label} ${detail}` };
  return item;
}
