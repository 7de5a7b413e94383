import type { OwnProgram, OwnQuestion } from '../../core/rewards/own.ts';
import type { RewardPart } from '../../core/rewards/parts.ts';
import { RunningProgram } from './program.ts';
import { requireTrusted } from './trust.ts';

/** The programs of one's own that a run or an evaluation asks, each in one process from start to end. */
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
