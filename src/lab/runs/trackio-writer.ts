import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { MetricsRow } from '../../core/grpo/metrics.ts';
import { printable } from '../../core/printable.ts';
import type { CurveWriter } from './event-writer.ts';

/** Logs rows as they come. trackio prints to stdout, so the one line that is meant for us is marked. */
const SCRIPT = `
import json, sys
import trackio
about = json.loads(sys.stdin.readline())
trackio.init(embed=False, auto_log_gpu=False, auto_log_cpu=False, **about)
print("\\nchirality: ready", flush=True)
for line in sys.stdin:
    row = json.loads(line)
    trackio.log(row["figures"], step=row["step"])
trackio.finish()
`;
const READY = 'chirality: ready';

/** How long trackio may take to write what it holds at the end, in ms. */
const END_MS = 60_000;
/** How much of what it says last is shown if it ends by itself, in characters. */
const SAID = 500;

/** Python has no trackio, or could not be started. */
class NoTrackio extends Error {}

/**
 * Writes curves by trackio itself, in a Python process of its own, so that its database is locked and shared as it
 * expects. If that process ends before the run, the run continues without it.
 */
export class TrackioWriter implements CurveWriter {
  private said = '';
  private isOver = false;
  private isClosing = false;

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly onLost: (why: string) => void,
  ) {}

  /**
   * @param pythons where to look for trackio: the first that has it is taken
   * @param about the names and the config that trackio shows. A resumed run keeps its name; its reader lets
   *   later rows of a step replace earlier ones.
   * @param onLost called once, if trackio ends before the run
   * @throws with the fix, if no Python has trackio
   */
  static async open(
    pythons: readonly string[],
    about: { project: string; name: string; config: object; resume: 'never' | 'allow' },
    onLost: (why: string) => void,
  ): Promise<TrackioWriter> {
    for (const python of pythons) {
      try {
        return await TrackioWriter.start(python, about, onLost);
      } catch (error) {
        if (!(error instanceof NoTrackio)) throw error;
      }
    }
    throw new Error(
      `report_to: trackio needs a Python that has it: \`pip install trackio\` there, and name it in CHIRALITY_PYTHON. None of these has: ${pythons.join(', ')}.`,
    );
  }

  private static async start(
    python: string,
    about: object,
    onLost: (why: string) => void,
  ): Promise<TrackioWriter> {
    const child = spawn(python, ['-u', '-X', 'utf8', '-c', SCRIPT], { stdio: 'pipe', windowsHide: true });
    const writer = new TrackioWriter(child, onLost);
    const listen = (text: Buffer) => (writer.said = (writer.said + text.toString('utf8')).slice(-SAID));
    child.stderr.on('data', listen);
    child.stdin.on('error', () => undefined); // `exit` tells
    const ready = new Promise<void>((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => line === READY && resolve());
      child.once('error', (error) => reject(new NoTrackio(error.message)));
      child.once('close', () => {
        const isMissing = /No module named '?trackio|not found/.test(writer.said);
        const why = `trackio ended: ${printable(writer.said.trim(), SAID)}`;
        reject(isMissing ? new NoTrackio(why) : new Error(why));
      });
    });
    child.stdin.write(`${JSON.stringify(about)}\n`);
    await ready;
    child.once('close', () => {
      writer.isOver = true;
      if (!writer.isClosing) writer.onLost(`trackio ended: ${printable(writer.said.trim(), SAID)}`);
    });
    return writer;
  }

  /** Hands on the figures of a step, under the names that trainers of Hugging Face use. Does not wait for trackio. */
  row({ step, ...figures }: MetricsRow): Promise<void> {
    const numbers = Object.entries(figures).flatMap(([name, figure]) =>
      typeof figure === 'number' ? [[`train/${name}`, figure]] : [],
    );
    if (numbers.length > 0 && !this.isOver)
      this.child.stdin.write(`${JSON.stringify({ step, figures: Object.fromEntries(numbers) as object })}\n`);
    return Promise.resolve();
  }

  /** Waits until trackio has written everything, or ends it. */
  async close(): Promise<void> {
    this.isClosing = true;
    if (this.isOver) return;
    const closed = once(this.child, 'close');
    this.child.stdin.end();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), END_MS);
    await closed;
    clearTimeout(timer);
  }
}
