import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { isRecord } from '../../base/json.ts';
import type { OwnProgram, OwnQuestion } from '../../core/rewards/own.ts';
import type { RewardPart } from '../../core/rewards/rewards.ts';
import { printable } from '../../base/printable.ts';
import { signalGroup } from '../files/process.ts';
import { executableOf, folderOf, TRUSTED, requireTrusted } from './trust.ts';

/** How many questions are written at once: a program may read them all before it answers the first. */
const AT_ONCE = 256;
/** Characters of what a program says on standard error that are kept for its errors, and of a line that it writes. */
const KEPT = 2000;
const LONGEST = 1 << 16;
/** How long a program may take to end once nothing more will be asked. */
const END_MS = 2000;
/** How long what it wrote before it ended may take to arrive, where a helper of its own keeps its output open. */
const DRAIN_MS = 250;
/** The longest reason that is kept: every completion of a trace has one. */
const LONGEST_WHY = 500;
/** Names of environment variables that hold keys. */
const SECRET = /(?:KEY|TOKEN|SECRET|PASSWORD)$/i;
/** Shorter values may stand in a reason by chance. */
const LEAST_SECRET = 8;

/** The environment of a program: without keys, which it could write into traces, and without the trust in others. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== TRUSTED && !SECRET.test(name)));

/** A text in which no key of this environment stands: a program may have found one elsewhere. */
function withoutKeys(text: string): string {
  const keys = Object.entries(process.env).flatMap(([name, value = '']) =>
    SECRET.test(name) && value.length >= LEAST_SECRET ? [value] : [],
  );
  return keys.reduce((redacted, key) => redacted.replaceAll(key, '[key]'), text);
}

interface Asked {
  /** The number of the first. */
  first: number;
  questions: readonly OwnQuestion[];
  parts: RewardPart[];
  resolve: (parts: RewardPart[]) => void;
  reject: (error: Error) => void;
}

/** A running program of the user's: reads questions as lines of JSON, and writes one answer for each, in their order. */
export class RunningProgram {
  private asked: Asked | null = null;
  /** The number of the next question. */
  private next = 0;
  private failure: string | null = null;
  private unread = '';
  private errors = '';
  private timer: NodeJS.Timeout | undefined;
  private readonly ended: Promise<void>;

  private constructor(
    private readonly program: OwnProgram,
    private readonly child: ChildProcessWithoutNullStreams,
  ) {
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.read(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.errors = (this.errors + text).slice(-KEPT);
    });
    child.stdin.on('error', () => undefined); // its end says why
    this.ended = new Promise((resolve) => {
      child.once('error', ({ message }) => {
        this.fail(`did not start (${message})`);
        resolve();
      });
      child.once('exit', (code, signal) => {
        const end = () => {
          clearTimeout(timer);
          child.off('close', end);
          this.fail(signal ? `was stopped by ${signal}` : `ended with exit code ${code}`);
          // A helper may still hold them.
          for (const stream of child.stdio) stream?.destroy();
          resolve();
        };
        const timer = setTimeout(end, DRAIN_MS);
        child.once('close', end);
      });
    });
  }

  /**
   * The program must be trusted: see `requireTrusted`. It works in its folder, in a process group of its own, so that
   * its helpers end with it.
   * @throws Error if its executable is not on the PATH
   */
  static start(program: OwnProgram): RunningProgram {
    const executable = executableOf(program.command);
    if (executable === null)
      throw new Error(`${program.at}: program ${printable(program.command[0]!, 100)} is not on the PATH.`);
    const detached = process.platform !== 'win32';
    const cwd = folderOf(program.command);
    return new RunningProgram(
      program,
      spawn(executable, program.command.slice(1), {
        cwd,
        env: environment(),
        detached,
        stdio: 'pipe',
        windowsHide: true,
      }),
    );
  }

  /** Ends the program with all that it started. */
  private kill(): void {
    if (this.child.pid !== undefined) signalGroup(this.child.pid, 'SIGKILL');
  }

  /**
   * Asks about completions, and returns a value with a reason for each. Called again only after it has returned.
   * @throws Error that names the row, if the program ends, writes anything else, or is silent for longer than its limit
   */
  async values(questions: readonly OwnQuestion[]): Promise<RewardPart[]> {
    const parts: RewardPart[] = [];
    for (let from = 0; from < questions.length; from += AT_ONCE)
      parts.push(...(await this.ask(questions.slice(from, from + AT_ONCE))));
    return parts;
  }

  /** Closes its input, and ends it if it then does not end by itself. */
  async close(): Promise<void> {
    this.child.stdin.end();
    const timer = setTimeout(() => this.kill(), END_MS);
    await this.ended;
    clearTimeout(timer);
  }

  private ask(questions: readonly OwnQuestion[]): Promise<RewardPart[]> {
    return new Promise((resolve, reject) => {
      const first = this.next;
      this.next += questions.length;
      this.asked = { first, questions, parts: [], resolve, reject };
      if (this.failure !== null) {
        this.fail(this.failure);
        return;
      }
      this.child.stdin.write(
        questions.map((question, i) => `${JSON.stringify({ n: first + i, ...question })}\n`).join(''),
      );
      this.wait();
    });
  }

  private wait(): void {
    clearTimeout(this.timer);
    const { timeout } = this.program;
    this.timer = setTimeout(() => {
      this.fail(`did not answer within ${timeout} s`);
    }, timeout * 1000);
  }

  private read(text: string): void {
    const lines = (this.unread + text).split('\n');
    this.unread = lines.pop()!;
    for (const line of lines) if (line.trim() !== '') this.take(line);
    if (this.unread.length > LONGEST) this.fail(`wrote a line of more than ${LONGEST} characters`);
  }

  private take(line: string): void {
    const { asked } = this;
    const shown = printable(withoutKeys(line), 100);
    if (asked === null) {
      this.fail(`wrote unexpected output ${shown}`);
      return;
    }
    const n = asked.first + asked.parts.length;
    const part = readAnswer(line, n);
    if (part === null) this.fail(`wrote ${shown} instead of {"n": ${n}, "value": 0.5, "why": "…"}`);
    else if (asked.parts.push({ ...part, why: withoutKeys(part.why) }) < asked.questions.length) this.wait();
    else {
      clearTimeout(this.timer);
      this.asked = null;
      asked.resolve(asked.parts);
    }
  }

  /** Ends the program. What was asked is answered by an error; otherwise what is asked next. */
  private fail(why: string): void {
    this.failure ??= why;
    clearTimeout(this.timer);
    this.kill();
    const { asked } = this;
    this.asked = null;
    if (asked === null) return;
    const { sample, view, index } = asked.questions[asked.parts.length]!;
    const errors = withoutKeys(this.errors).trim();
    asked.reject(
      new Error(
        `${this.program.at}: \`${printable(this.program.command.join(' '), 300)}\` ${this.failure} (completion ${index + 1} of "${sample}", view ${view}).${errors && `\n${printable(errors, KEPT)}`}`,
      ),
    );
  }
}

/** The user's own programs that a run or an evaluation asks, each in one process from start to end. */
export class OwnPrograms {
  private constructor(private readonly running: ReadonlyMap<OwnProgram, RunningProgram>) {}

  /** Starts them. @throws Error that says how to trust them, if they are not trusted */
  static async open(programs: readonly OwnProgram[]): Promise<OwnPrograms> {
    await requireTrusted(programs);
    return new OwnPrograms(new Map(programs.map((program) => [program, RunningProgram.start(program)])));
  }

  /** Some of them, to be closed with all. */
  only(programs: readonly OwnProgram[]): OwnPrograms {
    return new OwnPrograms(new Map([...this.running].filter(([program]) => programs.includes(program))));
  }

  /** For each completion, what each program gives it, by the programs' names. */
  async values(questions: readonly OwnQuestion[]): Promise<Record<string, RewardPart>[]> {
    const all = await Promise.all(
      [...this.running].map(async ([{ name }, running]) => [name, await running.values(questions)] as const),
    );
    return questions.map((_, i) => Object.fromEntries(all.map(([name, parts]) => [name, parts[i]!])));
  }

  async close(): Promise<void> {
    await Promise.all([...this.running.values()].map((running) => running.close()));
  }
}

/**
 * Reads an answer, a line of JSON with a number as `value` and a reason as `why`; null for anything else, and for the
 * answer to another question than `n`: a line too many would give everything after it to the wrong completion.
 */
function readAnswer(line: string, n: number): RewardPart | null {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isRecord(read)) return null;
  const { n: count, value, why = '' } = read;
  if (count !== n || typeof value !== 'number' || !Number.isFinite(value) || typeof why !== 'string')
    return null;
  return { value, why: why.slice(0, LONGEST_WHY) };
}
