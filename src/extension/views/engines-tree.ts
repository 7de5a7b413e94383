import * as vscode from 'vscode';
import {
  type Fact,
  listedEndpoints,
  checkEndpoint,
  type Endpoint,
} from '../../panels/host/listed-endpoints.host.ts';
import type { LoadedModels, LoadedModel } from '../../panels/playground/loaded-models.host.ts';
import * as z from 'zod/mini';
import { homedir } from 'node:os';
import type { Program } from '../../panels/host/cli-program.host.ts';
import { tinkerKey } from '../../panels/host/endpoint-keys.host.ts';
import { access, constants, readFile, realpath } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';

/** Python executable, with the location where the search found it. */
interface Python {
  path: string;
  from: string;
}

/** Returns the Python executables of the machine and the workspace, most likely first, without starting any of them. */
export async function findPythons(
  folders: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): Promise<Python[]> {
  const isWindows = platform === 'win32';
  const inEnvironment = (folder: string) =>
    isWindows ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  const condaPython = (folder: string) =>
    isWindows ? join(folder, 'python.exe') : join(folder, 'bin', 'python');
  const conda = await readFile(join(homedir(), '.conda', 'environments.txt'), 'utf8').catch(() => '');
  const names = isWindows ? ['python.exe'] : ['python3', 'python'];
  const candidates: Python[] = [
    ...folders.flatMap((folder) =>
      ['.venv', 'venv'].map((name) => ({ path: inEnvironment(join(folder, name)), from: name })),
    ),
    ...(env.VIRTUAL_ENV ? [{ path: inEnvironment(env.VIRTUAL_ENV), from: 'active environment' }] : []),
    ...(env.CONDA_PREFIX ? [{ path: condaPython(env.CONDA_PREFIX), from: 'active environment' }] : []),
    ...conda
      .split(/\r?\n/)
      .filter(Boolean)
      .map((folder) => ({ path: condaPython(folder), from: `conda ${basename(folder)}` })),
    ...(env.PATH ?? '')
      .split(delimiter)
      .filter(Boolean)
      .flatMap((folder) => names.map((name) => ({ path: join(folder, name), from: 'PATH' }))),
  ];
  const pythons = new Map<string, Python>();
  for (const candidate of candidates) {
    if (!(await isExecutable(candidate.path))) continue;
    // `python` and `python3` in one folder count as one, and folders can link to each other (`/bin`). In a virtual
    // environment, a link to the same program is a different Python.
    const folder = await realpath(dirname(candidate.path));
    // On Windows, links to the Microsoft Store's Python or its installer cannot be resolved.
    const same = join(folder, basename(await realpath(candidate.path).catch(() => candidate.path)));
    if (!pythons.has(same)) pythons.set(same, candidate);
  }
  return [...pythons.values()];
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Entry of the Engines view: an engine, or software that an engine could use. */
interface Engine {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  readonly about: string;
  /** Context value that selects the commands in the entry's menu. */
  readonly context: 'embedded' | 'torch' | 'tinker' | 'python' | 'endpoint' | 'model';
  readonly check: () => Promise<Fact[]>;
}

/** Tools that the checks use: the program, the extension's folder (where the program starts), and the stored keys. */
interface Tools {
  program: Program;
  home: string;
  secrets: vscode.SecretStorage;
}

const selfTestSchema = z.object({ node: z.string(), runtime: z.string() });

/** Embedded engine. The view checks the engine by running it. */
const embedded = ({ program, home }: Tools): Engine => ({
  id: 'embedded',
  label: 'Embedded',
  description: 'tiny model on the CPU',
  icon: 'circuit-board',
  about:
    'Trains and evaluates a tiny vision-language model on any machine. Use this engine for the demo, for teaching and for config tests.',
  context: 'embedded',
  check: async () => {
    const { node, runtime } = await program.answer(selfTestSchema, ['self-test'], { cwd: home });
    return [`Node ${node}`, runtime].map((label) => ({ state: 'good', label, detail: '' }));
  },
});

/** Engine for real models, with the Python executable that runs currently use. */
const torch = (tools: Tools): Engine => ({
  id: 'torch',
  label: 'Torch',
  description: 'full-size models with Python',
  icon: 'chip',
  about: 'Trains and evaluates Hugging Face or local models with LoRA, transformers and peft.',
  context: 'torch',
  check: () => examine(tools),
});

const tinker = ({ secrets }: Tools): Engine => ({
  id: 'tinker',
  label: 'Tinker',
  description: 'models on a training server',
  icon: 'server-environment',
  about:
    'Trains models with SkyRL on your cluster, or on the Thinking Machines service. Set the server in the run config.',
  context: 'tinker',
  check: async () => {
    const { TINKER_API_URL: server } = await tinkerKey(secrets);
    const label = server === undefined ? 'No stored key' : `Stored key for ${server}`;
    return [{ state: 'note', label, detail: '' }];
  },
});

/** Python executable that the torch engine could use. */
const python = (tools: Tools, { path, from }: Python): Engine => ({
  id: path,
  label: 'Python',
  description: from === 'PATH' ? path.replace(homedir(), '~') : from,
  icon: 'snake',
  about: `${path}\nPython environment for the torch engine.`,
  context: 'python',
  check: () => examine(tools, path),
});

const endpoint = (each: Endpoint): Engine => ({
  id: each.url,
  label: each.name,
  description: each.url,
  icon: 'server',
  about: `${each.url}\nOpenAI-compatible server for evaluation, not training.`,
  context: 'endpoint',
  check: () => checkEndpoint(each),
});

const loadedModel = ({ source: { id, label, detail }, state }: LoadedModel): Engine => ({
  id,
  label,
  description: `${state} · ${detail}`,
  icon: 'vm-running',
  about: 'Loaded by the Playground. The Playground unloads the model after inactivity.',
  context: 'model',
  check: () => Promise.resolve([{ state: 'note', label: detail, detail: '' }]),
});

const findingsSchema = z.array(
  z.object({ state: z.enum(['good', 'warning', 'bad']), text: z.string(), fix: z.optional(z.string()) }),
);

/** Checks the requirements of the torch engine in the given Python, or in the Python that runs use. */
async function examine({ program, home }: Tools, path?: string): Promise<Fact[]> {
  const env: Record<string, string> =
    path === undefined ? {} : { CHIRALITY_PYTHON: path, VIRTUAL_ENV: '', CONDA_PREFIX: '' };
  // Exit code 1 means that a check failed; the output still contains all checks.
  const command = ['engine', 'doctor', '--json'];
  const findings = await program.answer(findingsSchema, command, { cwd: home, env, codes: [0, 1] });
  return findings.map(({ state, text, fix = '' }) => ({
    state: state === 'warning' ? 'note' : state,
    label: text,
    detail: fix,
  }));
}

/** Text in place of check results. Clicking the text opens the settings for workspace trust. */
const RESTRICTED = 'Not checked in Restricted Mode';

type Node = Engine | (Fact & { readonly of: string });

/** Engines view. Checks an engine only when the user expands its entry, and never in Restricted Mode. */
export class EnginesView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly checks = new Map<string, Promise<Fact[]>>();
  /** Results of finished checks, which the engine's line shows. */
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

  /** Discards the results of all engines or of one engine. Expanded engines are checked again. */
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
      .catch((error: Error): Fact[] => [{ state: 'bad', label: 'Engine failed', detail: error.message }]);
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
    const fault = facts && (facts.find(({ state }) => state === 'bad') ?? null);
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
