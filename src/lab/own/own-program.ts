import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { isRecord, linesText } from '../../base/json.ts';
import type { OwnProgram, OwnQuestion } from '../../core/rewards/own.ts';
import type { RewardPart } from '../../core/rewards/rewards.ts';
import { printable } from '../../base/printable.ts';
import { signalGroup } from '../files/process.ts';
import { executableOf, folderOf, TRUSTED, requireTrusted } from './trust.ts';

/** Number of questions that are written together. A program can read all questions before it answers the first. */
const AT_ONCE = 256;
/** Maximum length of standard error in messages, and of an output line, in characters. */
const KEPT = 2000;
const LONGEST = 1 << 16;
/** Maximum time for a program to end after its last question, in ms. */
const END_MS = 2000;
/** Maximum time to wait for output after a program's end, in ms, if a subprocess holds the output open. */
const DRAIN_MS = 250;
/** Maximum length of a stored reason, in characters. A trace stores a reason for every completion. */
const LONGEST_WHY = 500;
/** Names of environment variables that contain keys. */
const SECRET = /(?:KEY|TOKEN|SECRET|PASSWORD)$/i;
/** Minimum length of a key that is removed. Shorter keys can occur in a reason by chance. */
const LEAST_SECRET = 8;

/** Returns the environment of a program: without CHIRALITY_TRUST and keys, which could get into traces. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== TRUSTED && !SECRET.test(name)));

/** Removes the keys in this process's environment from a text. A program might find such keys in other places. */
function withoutKeys(text: string): string {
  const keys = Object.entries(process.env).flatMap(([name, value = '']) =>
    SECRET.test(name) && value.length >= LEAST_SECRET ? [value] : [],
  );
  return keys.reduce((redacted, key) => redacted.replaceAll(key, '[key]'), text);
}

interface Asked {
  /** Number of the first question in a batch. */
  first: number;
  questions: readonly OwnQuestion[];
  parts: RewardPart[];
  resolve: (parts: RewardPart[]) => void;
  reject: (error: Error) => void;
}

/** A running custom program, which reads questions as JSON Lines, and writes one answer per question, in order. */
export class RunningProgram {
  private asked: Asked | null = null;
  /** Number of the next question to the program. */
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
    child.stdin.on('error', () => undefined); // The handler of the program's end reports the reason.
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
          // A subprocess can still hold the streams open.
          for (const stream of child.stdio) stream?.destroy();
          resolve();
        };
        const timer = setTimeout(end, DRAIN_MS);
        child.once('close', end);
      });
    });
  }

  /**
   * Starts a program, which the user must trust (`requireTrusted`). The program runs in its folder, in a separate
   * process group, so that its subprocesses end with it.
   * @throws Error if the program's executable is not on the PATH
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

  /** Kills the program and its subprocesses. */
  private kill(): void {
    if (this.child.pid !== undefined) signalGroup(this.child.pid, 'SIGKILL');
  }

  /**
   * Returns a value with a reason for each completion. Calls must not overlap.
   * @throws Error with the row, if the program ends, writes an invalid answer, or exceeds its time limit
   */
  async values(questions: readonly OwnQuestion[]): Promise<RewardPart[]> {
    const parts: RewardPart[] = [];
    for (let from = 0; from < questions.length; from += AT_ONCE)
      parts.push(...(await this.ask(questions.slice(from, from + AT_ONCE))));
    return parts;
  }

  /** Closes the program's input, and kills the program after a timeout. */
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
      this.child.stdin.write(linesText(questions.map((question, i) => ({ n: first + i, ...question }))));
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

  /** Ends the program. Current and future questions fail with an error. */
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

/** Custom programs of a run or an evaluation. Each program is one process from start to end. */
export class OwnPrograms {
  private constructor(private readonly running: ReadonlyMap<OwnProgram, RunningProgram>) {}

  /** Starts the programs. @throws Error with instructions, if the user does not trust the programs */
  static async open(programs: readonly OwnProgram[]): Promise<OwnPrograms> {
    await requireTrusted(programs);
    return new OwnPrograms(new Map(programs.map((program) => [program, RunningProgram.start(program)])));
  }

  /** Returns an object with only some of the programs. Closing the full object ends these programs. */
  only(programs: readonly OwnProgram[]): OwnPrograms {
    return new OwnPrograms(new Map([...this.running].filter(([program]) => programs.includes(program))));
  }

  /** Returns, for each completion, the values of all programs, by program name. */
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
 * Parses an answer: a JSON line with a number as `value` and a reason as `why`. Null for any other line, and for the
 * answer to a question other than `n`, because an extra line would shift all later values.
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
