import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { Program } from '../launch/program.ts';
import { firstFault, type Fact } from './engine-facts.ts';
import { checkEndpoint, endpointsOf } from './endpoint.ts';
import { checkPython, findPythons } from './python.ts';

interface Engine {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  /** What it can be used for. */
  readonly about: string;
  readonly check: () => Promise<Fact[]>;
}
type Node = Engine | (Fact & { readonly of: string });

/** The engine that is part of Chirality, checked by running it. */
const embedded = (program: Program, cwd: string): Engine => ({
  id: 'embedded',
  label: 'Embedded',
  description: 'tiny model on the CPU',
  icon: 'circuit-board',
  about:
    'Trains and evaluates a tiny vision-language model on any machine: for the demo, for teaching, for trying a config.',
  check: async () => {
    try {
      const { node, runtime } = JSON.parse(await program.run(['self-test'], { cwd })) as Record<
        string,
        string
      >;
      return [
        { state: 'good', label: `Node ${node}`, detail: '' },
        { state: 'good', label: runtime!, detail: '' },
      ];
    } catch (error) {
      return [{ state: 'bad', label: 'Does not run', detail: (error as Error).message }];
    }
  },
});

/** The Engines view. Nothing is run or asked before somebody opens an engine, and never in Restricted Mode. */
export class EnginesView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly checks = new Map<string, Promise<Fact[]>>();
  /** What finished checks found; it stands in the engine's line. */
  private readonly found = new Map<string, Fact[]>();
  private readonly subscriptions: vscode.Disposable[];

  /** @param home a folder of ours, in which programs are started */
  constructor(
    private readonly home: string,
    private readonly program: Program,
  ) {
    this.subscriptions = [
      this.changed,
      vscode.window.createTreeView('chirality.engines', { treeDataProvider: this }),
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

  /** Forgets what was found; engines that are open are checked anew. */
  refresh(): void {
    this.checks.clear();
    this.found.clear();
    this.changed.fire(undefined);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return this.engines();
    if ('of' in node) return [];
    if (!vscode.workspace.isTrusted) {
      return [{ of: node.id, state: 'note', label: 'Not checked in Restricted Mode', detail: '' }];
    }
    return (await this.check(node)).map((fact) => ({ ...fact, of: node.id }));
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return 'of' in node ? factItem(node) : this.engineItem(node);
  }

  private check(engine: Engine): Promise<Fact[]> {
    const known = this.checks.get(engine.id);
    if (known) return known;
    const check = engine.check();
    this.checks.set(engine.id, check);
    void check.then((facts) => {
      if (this.checks.get(engine.id) !== check) return;
      this.found.set(engine.id, facts);
      this.changed.fire(engine);
    });
    return check;
  }

  private async engines(): Promise<Engine[]> {
    const settings = vscode.workspace.getConfiguration('chirality');
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    const pythons = await findPythons(
      settings.get('python', ''),
      folders.map(({ uri }) => uri.fsPath),
    );
    return [
      embedded(this.program, this.home),
      ...pythons.map(({ path, from }): Engine => ({
        id: path,
        label: 'Python',
        description: `${from} · ${path.replace(homedir(), '~')}`,
        icon: 'snake',
        about: 'The torch engine: trains real models with LoRA, by transformers and peft.',
        check: () => checkPython(path, this.home),
      })),
      ...endpointsOf(settings.get('endpoints')).map((endpoint): Engine => ({
        id: endpoint.url,
        label: endpoint.name,
        description: endpoint.url,
        icon: 'server',
        about: 'An OpenAI-compatible server: evaluates models, does not train them.',
        check: () => checkEndpoint(endpoint),
      })),
    ];
  }

  private engineItem({ id, label, description, icon, about }: Engine): vscode.TreeItem {
    const facts = this.found.get(id);
    const fault = facts && firstFault(facts);
    const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Collapsed);
    item.id = id;
    item.description = fault ? `${fault.label} · ${description}` : description;
    item.iconPath = facts ? (fault ? BAD : GOOD) : new vscode.ThemeIcon(icon);
    item.tooltip = `${about}\n${id === 'embedded' ? '' : id}`.trim();
    item.contextValue = 'engine';
    return item;
  }
}

const GOOD = new vscode.ThemeIcon('pass', new vscode.ThemeColor('testing.iconPassed'));
const BAD = new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed'));

function factItem({ of, state, label, detail }: Fact & { of: string }): vscode.TreeItem {
  const item = new vscode.TreeItem(label);
  item.id = `${of} ${label}`;
  item.description = detail;
  item.tooltip = detail === '' ? label : `${label}\n${detail}`;
  item.iconPath =
    state === 'good' ? new vscode.ThemeIcon('check') : state === 'bad' ? BAD : new vscode.ThemeIcon('info');
  item.contextValue = detail === '' ? 'fact' : 'fact detail';
  item.accessibilityInformation = { label: `${state === 'bad' ? 'Problem: ' : ''}${label} ${detail}` };
  return item;
}

/** Opens the setting that holds endpoints. */
export const addEndpoint = () =>
  vscode.commands.executeCommand('workbench.action.openSettings', 'chirality.endpoints');

/** Copies what a check says of a fault: often the command that mends it. */
export const copyFact = (_app: unknown, fact?: unknown) =>
  vscode.env.clipboard.writeText((fact as Fact | undefined)?.detail ?? '');
