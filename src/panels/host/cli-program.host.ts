import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import * as vscode from 'vscode';
import { parseRecord, type RecordSchema } from '../../base/record.ts';
import { Channel, type Api } from '../../base/channel.ts';
import { environment, findNode, runNode, type Node } from './node.host.ts';

export interface RunOptions {
  cwd: string;
  /** Receives each line of standard error, which contains messages for users. */
  onLine?: (line: string) => void;
  signal?: AbortSignal;
  /** Environment variables to set for the program. */
  env?: Record<string, string>;
  /** Exit codes that mean success; by default only 0. */
  codes?: readonly number[];
  /** Functions of this process that the program can call over an IPC channel. */
  offers?: Offers;
}

type Offers = Api<Record<string, unknown>>;

/** Running program that answers calls until the caller stops it. */
export interface Running<Theirs extends Api<Theirs>> {
  channel: Channel<Theirs>;
  /** Asks the program to exit. Kills the program if it does not exit in time. */
  stop(): void;
  /** Resolves when the program has ended, with the program's last error message, or ''. */
  ended: Promise<string>;
}

/** Maximum time for the program to exit on request, in ms. */
const GRACE_MS = 5000;

interface CommandLine {
  executable: string;
  args: string[];
  env: Record<string, string>;
}

/** Error for a program that rejected its arguments or failed. The message is the program's own. */
export class ProgramError extends Error {}

/** Error for an attempt to start a process in an untrusted folder. */
export class NotTrusted extends Error {
  constructor() {
    super('Chirality cannot run programs in Restricted Mode. You can still view data and runs.');
  }
}

/**
 * Runs the command-line program in separate processes, so that the extension host loads no native module, and runs
 * continue after the window closes. Only this class starts processes.
 */
export class Program implements vscode.Disposable {
  private node: Promise<Node> | null = null;
  private readonly subscription = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('chirality.nodePath')) this.node = null;
  });

  /**
   * @param script path of the program's bundle
   * @param settings environment variables with the custom programs that the user has allowed
   */
  constructor(
    readonly script: string,
    private readonly settings: { environment: Record<string, string> } = { environment: {} },
  ) {}

  dispose(): void {
    this.subscription.dispose();
  }

  /** Returns the complete command line of the program. @throws NotTrusted, NodeNotFound */
  async commandLine(args: readonly string[]): Promise<CommandLine> {
    if (!vscode.workspace.isTrusted) throw new NotTrusted();
    const { path, env } = await this.findNode();
    return {
      executable: path,
      args: [this.script, ...args],
      env: { ...env, ...environment(), ...this.settings.environment },
    };
  }

  /**
   * Runs the program and returns its output.
   * @throws NotTrusted, NodeNotFound, the signal's reason; ProgramError with the program's message after a failure
   */
  async run(args: readonly string[], options: RunOptions): Promise<string> {
    const { cwd, onLine, signal, env, codes = [0], offers } = options;
    const line = await this.commandLine(args);
    signal?.throwIfAborted();
    const child = spawn(line.executable, line.args, {
      cwd,
      env: { ...process.env, ...line.env, ...env, CHIRALITY_PROGRESS: 'lines' },
      stdio: ['ignore', 'pipe', 'pipe', ...(offers ? ['ipc' as const] : [])],
      windowsHide: true,
    });
    if (offers) channelTo(child, offers);
    // Send the signal of Ctrl+C: the program then removes unfinished output. Kill a program that does not exit in time.
    const end = () => {
      child.kill('SIGINT');
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      child.once('exit', () => clearTimeout(timer));
    };
    signal?.addEventListener('abort', end);
    const out: Buffer[] = [];
    child.stdout!.on('data', (bytes: Buffer) => out.push(bytes));
    const lastLines = lastLinesOf(child, onLine);
    try {
      const code = await new Promise<number | null>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', resolve);
      });
      signal?.throwIfAborted();
      if (code === null || !codes.includes(code))
        throw new ProgramError(
          complaint(lastLines) || `The chirality command failed with exit code ${code}.`,
        );
      return Buffer.concat(out).toString('utf8');
    } finally {
      signal?.removeEventListener('abort', end);
    }
  }

  /**
   * Runs the program and parses its output as JSON.
   * @throws like `run`; RecordError with the name of an invalid field
   */
  async answer<T>(schema: RecordSchema<T>, args: readonly string[], options: RunOptions): Promise<T> {
    return parseRecord(schema, await this.run(args, options), { file: `Output of chirality ${args[0]}` });
  }

  /**
   * Starts the program to answer calls over an IPC channel. The program ends with this process.
   * @throws NotTrusted, NodeNotFound
   */
  async serve<Theirs extends Api<Theirs>>(
    args: readonly string[],
    { cwd, env, offers = {} }: Pick<RunOptions, 'cwd' | 'env' | 'offers'>,
  ): Promise<Running<Theirs>> {
    const line = await this.commandLine(args);
    const child = spawn(line.executable, line.args, {
      cwd,
      env: { ...process.env, ...line.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      windowsHide: true,
    });
    const channel = channelTo<Theirs>(child, offers);
    const lastLines = lastLinesOf(child);
    // A child process does not emit `close` after a disconnect.
    const quiet = new Promise((resolve) => child.stderr!.once('close', resolve));
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', () => {
        void quiet.then(() => resolve(complaint(lastLines.filter((text) => text.startsWith('chirality: ')))));
      });
    });
    const stop = () => {
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      void ended.then(() => clearTimeout(timer));
    };
    return { channel, stop, ended };
  }

  /** Finds Node once. After a failure, searches again, because the user might have fixed the cause. */
  private findNode(): Promise<Node> {
    this.node ??= findNode(
      {
        setting: vscode.workspace.getConfiguration('chirality').get('nodePath', ''),
        path: process.env.PATH ?? '',
        host: process.execPath,
      },
      this.script,
      runNode,
    ).catch((error: unknown) => {
      this.node = null;
      throw error;
    });
    return this.node;
  }
}

/** Returns the channel to a program until it ends. @param offers functions that the program can call */
function channelTo<Theirs extends Api<Theirs>>(child: ChildProcess, offers: Offers): Channel<Theirs> {
  const channel = new Channel<Theirs>(
    {
      // Messages after the end are lost. Without the callback, each lost message would be an error event of the child.
      post: (message) => child.send(message as object, () => undefined),
      listen: (receive) => child.on('message', receive),
    },
    offers,
  );
  child.once('disconnect', () => channel.close(new Error('The chirality command has ended.')));
  return channel;
}

/** Returns the last lines of a child's standard error. The returned list grows with further output. */
function lastLinesOf(child: ChildProcess, onLine?: (text: string) => void): readonly string[] {
  const lines: string[] = [];
  createInterface(child.stderr!).on('line', (text) => {
    lines.push(text);
    if (lines.length > 40) lines.shift();
    onLine?.(text);
  });
  return lines;
}

/** Returns the program's last error message without the prefix. Earlier lines show progress. */
function complaint(said: readonly string[]): string {
  const from = said.findLastIndex((line) => line.startsWith('chirality: '));
  return said
    .slice(Math.max(0, from))
    .join('\n')
    .replace(/^chirality: /, '')
    .trim();
}
