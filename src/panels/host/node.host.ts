import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import * as vscode from 'vscode';

/** Oldest supported version of Node. Older versions lack features that the program uses. */
const OLDEST = [20, 9] as const;

/** Executable that can run the command-line program as Node. */
export interface Node {
  path: string;
  /** Variables to add to the environment of Node's processes. */
  env: Record<string, string>;
}

interface NodeCandidates {
  /** Value of the setting `chirality.nodePath`; '' if the setting is empty. */
  setting: string;
  /** PATH of the environment. */
  path: string;
  /** Executable of this process: VS Code's own, which can also run as Node. */
  host: string;
}

/** Error if no executable can run the program. The message contains the reason and an action for the user. */
export class NodeNotFound extends Error {}

/** Runs Node and returns its output. @throws with the reason if Node fails */
export type RunNode = (node: Node, args: string[]) => Promise<string>;

/**
 * Finds an executable that can run the program: from the setting, else the first on PATH, else VS Code's own. Tests
 * each executable with the program's self-test, which loads onnxruntime. Throws if the executable in the setting fails,
 * because the user wants only this executable.
 * @param program path of the command-line program
 * @throws NodeNotFound
 */
export async function findNode(
  { setting, path, host }: NodeCandidates,
  program: string,
  ask: RunNode,
): Promise<Node> {
  if (setting !== '') {
    const why = await flaw({ path: setting, env: {} }, program, ask);
    if (why === null) return { path: setting, env: {} };
    throw new NodeNotFound(`Cannot use ${setting} from the setting chirality.nodePath: ${why}. ${FIX}`);
  }
  const nodeOnPath = onPath('node', path);
  const bundled: Node = { path: host, env: { ELECTRON_RUN_AS_NODE: '1' } };
  const flaws: string[] = nodeOnPath === null ? ['no Node on PATH'] : [];
  for (const node of [...(nodeOnPath === null ? [] : [{ path: nodeOnPath, env: {} }]), bundled]) {
    const why = await flaw(node, program, ask);
    if (why === null) return node;
    flaws.push(`${node === bundled ? "VS Code's own executable" : node.path}: ${why}`);
  }
  throw new NodeNotFound(`Cannot find a usable Node: ${flaws.join('; ')}. ${FIX}`);
}

const FIX = `Install Node ${OLDEST.join('.')} or later (nodejs.org), or set chirality.nodePath to a Node executable.`;

/**
 * Returns the reason why an executable cannot run the program; null if it can. The self-test also reports the Node
 * version, so a suitable Node starts only once. If the self-test fails, an old version can be the reason.
 */
async function flaw(node: Node, program: string, ask: RunNode): Promise<string | null> {
  try {
    const tested = JSON.parse(await ask(node, [program, 'self-test'])) as { node?: unknown };
    return flawOf(String(tested.node));
  } catch (error) {
    const why = (error as Error).message;
    const version = await ask(node, ['-p', 'process.versions.node']).catch(() => null);
    return version === null ? why : (flawOf(version.trim()) ?? why);
  }
}

function flawOf(version: string): string | null {
  const [, major, minor] = (/^(\d+)\.(\d+)\./.exec(version) ?? []).map(Number);
  if (major === undefined || minor === undefined) return 'not a Node executable';
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
    ? `Node ${version} is older than ${OLDEST.join('.')}`
    : null;
}

/** Returns the first file with this name in the folders of PATH, as a shell does; null if no folder has the file. */
export function onPath(name: string, path: string, platform = process.platform): string | null {
  const file = platform === 'win32' ? `${name}.exe` : name;
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder, file);
    const stats = folder === '' ? undefined : statSync(candidate, { throwIfNoEntry: false });
    if (stats?.isFile()) return candidate;
  }
  return null;
}

/** Maximum time for an executable to answer, in s. On a machine that trains a run, answers can take half a minute. */
const PATIENCE_S = 120;

/** Runs Node in a child process, so that a crash does not affect the extension. */
export const runNode: RunNode = (node, args) =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, ...node.env };
    execFile(
      node.path,
      args,
      { env, timeout: PATIENCE_S * 1000, windowsHide: true },
      (error, stdout, stderr) => {
        if (error) reject(new Error(reasonOf(error, stderr)));
        else resolve(stdout);
      },
    );
  });

function reasonOf(error: { code?: unknown; signal?: unknown; killed?: boolean }, stderr: string): string {
  if (error.code === 'ENOENT') return 'the file does not exist';
  if (error.code === 'EACCES') return 'no permission to execute';
  if (error.killed) return `no response within ${PATIENCE_S} s`;
  if (typeof error.signal === 'string') return `crashed (${error.signal})`;
  return stderr.trim().split('\n').at(-1) || `exit code ${String(error.code)}`;
}

/**
 * Adds the command `chirality` to the PATH of terminals in trusted folders, as a small script that runs the extension's
 * program. Does not test the chosen Node, because this function starts no process.
 * @param bin folder of the script
 */
export function offerInTerminals(
  terminals: vscode.EnvironmentVariableCollection,
  bin: string,
): vscode.Disposable {
  terminals.description = 'Adds the `chirality` command.';
  const update = () => {
    terminals.clear();
    if (!vscode.workspace.isTrusted) return;
    const setting = vscode.workspace.getConfiguration('chirality').get('nodePath', '');
    terminals.prepend('PATH', bin + delimiter);
    terminals.replace(
      'CHIRALITY_NODE',
      setting || (onPath('node', process.env.PATH ?? '') ?? process.execPath),
    );
    for (const [name, value] of Object.entries(environment())) terminals.replace(name, value);
  };
  update();
  const listening = [
    vscode.workspace.onDidGrantWorkspaceTrust(update),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('chirality') && update()),
  ];
  return vscode.Disposable.from(...listening);
}

/** Returns environment variables for settings of VS Code that the program needs. */
export function environment(): Record<string, string> {
  const python = vscode.workspace.getConfiguration('chirality').get('python', '');
  return python === '' ? {} : { CHIRALITY_PYTHON: python };
}
