import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { RunConfig } from '../../core/config/run-config.ts';
import type { MetricsRow } from '../../core/rewards/metrics-row.ts';
import { printable } from '../../base/printable.ts';
import type { RunStatus } from '../../core/run-data/run-status.ts';
import type { CurveWriter } from '../runs/make-run.ts';
import { WORKER_FOLDER } from '../torch/python.ts';
import { programOf, PYTHON_TARGETS, type PythonTool } from './targets.ts';

const READY = 'chirality: ready';

/** API keys for this program. They are removed from the tool's environment, because no tool needs them. */
const OTHERS_KEYS = { CHIRALITY_API_KEY: null, OPENAI_API_KEY: null, TINKER_API_KEY: null };

/** Maximum time for a tool to write its data after the run, in ms. */
const END_MS = 60_000;
/** Maximum number of characters of a tool's last output in an error message. */
const SAID = 500;

/** Error if Python lacks the tool's package, or did not start. */
class NoTool extends Error {}

/** Data about a run that a tool receives. */
interface AboutRun {
  name: string;
  folder: string;
  config: RunConfig | object;
  /** Whether the run continues from a step, under its existing name. */
  resumed: boolean;
  /** Server to which the tool sends curves. Null for local storage. */
  sendTo: string | null;
}

/**
 * Writes curves with the tool's own package, in a separate Python process, so that the tool locks and shares its files
 * correctly. If the Python process ends early, the run continues without the tool.
 */
export class PythonWriter implements CurveWriter {
  private printed = '';
  private isOver = false;
  private isClosing = false;

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly onLost: (why: string) => void,
  ) {}

  /**
   * @param pythons interpreters. The first interpreter that has the tool's package is used
   * @param onLost called if the tool ends before the run
   * @throws an error with a fix, if no interpreter has the package
   */
  static async open(
    tool: PythonTool,
    pythons: readonly string[],
    about: AboutRun,
    onLost: (why: string) => void,
  ): Promise<PythonWriter> {
    for (const python of pythons) {
      try {
        return await PythonWriter.start(tool, python, about, onLost);
      } catch (error) {
        if (!(error instanceof NoTool)) throw error;
      }
    }
    throw new Error(
      `report_to: ${tool} is not installed in ${pythons.join(', ')}. Run \`pip install ${tool}\`, and set CHIRALITY_PYTHON to that Python.`,
    );
  }

  private static async start(
    tool: PythonTool,
    python: string,
    about: AboutRun,
    onLost: (why: string) => void,
  ): Promise<PythonWriter> {
    const target = PYTHON_TARGETS[tool];
    const env = Object.entries<string | null | undefined>({
      ...process.env,
      ...OTHERS_KEYS,
      ...target.env(about.sendTo),
    });
    const child = spawn(python, ['-u', '-X', 'utf8', '-c', programOf(target)], {
      cwd: WORKER_FOLDER,
      windowsHide: true,
      stdio: 'pipe',
      env: Object.fromEntries(env.filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
    });
    const writer = new PythonWriter(child, onLost);
    const listen = (text: Buffer) => (writer.printed = (writer.printed + text.toString('utf8')).slice(-SAID));
    child.stderr.on('data', listen);
    child.stdin.on('error', () => undefined); // The handler of the event `exit` reports the error.
    const why = () => `${tool} ended: ${printable(writer.printed.trim(), SAID)}`;
    const ready = new Promise<void>((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        if (line === READY) resolve();
      });
      child.once('error', (error) => reject(new NoTool(error.message)));
      child.once('close', () => {
        // On Windows and with version managers, `python` can be a program that only prints that Python is missing.
        const isMissing = new RegExp(
          `No module named '?${tool}'?\\s*$|(?:Python was|command) not found`,
          'm',
        ).test(writer.printed);
        reject(isMissing ? new NoTool(why()) : new Error(why()));
      });
    });
    const project = process.env[target.project] ?? 'chirality';
    child.stdin.write(`${JSON.stringify({ ...about, folder: resolve(about.folder), project })}\n`);
    await ready;
    child.once('close', () => {
      writer.isOver = true;
      if (!writer.isClosing) writer.onLost(why());
    });
    return writer;
  }

  /** Passes the metrics of a step to the tool under the names of Hugging Face's trainers, without waiting. */
  row({ step, ...figures }: MetricsRow): Promise<void> {
    const numbers = Object.entries(figures).flatMap(([name, figure]) =>
      typeof figure === 'number' ? [[`train/${name}`, figure]] : [],
    );
    if (numbers.length > 0) this.send({ step, figures: Object.fromEntries(numbers) as object });
    return Promise.resolve();
  }

  private send(line: object): void {
    if (!this.isOver) this.child.stdin.write(`${JSON.stringify(line)}\n`);
  }

  /** Waits until the tool has written all data, or ends the tool after a time limit. */
  async close(status: RunStatus): Promise<void> {
    this.isClosing = true;
    if (this.isOver) return;
    const closed = once(this.child, 'close');
    this.send({ status });
    this.child.stdin.end();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), END_MS);
    await closed;
    clearTimeout(timer);
  }
}
