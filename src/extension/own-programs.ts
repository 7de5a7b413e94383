import type * as vscode from 'vscode';
import { confirm } from './launch/report.ts';
import * as z from 'zod/mini';
import { printable } from '../core/printable.ts';
import { textsIn } from './data-roots.ts';
import type { Program } from './launch/program.ts';

const KEY = 'chirality.ownPrograms';

const listSchema = z.array(z.object({ at: z.string(), command: z.array(z.string()), hash: z.string() }));

/** The programs of rewards and metrics that configs bring along, and that a person has agreed to start. */
export class OwnPrograms {
  constructor(private readonly state: vscode.Memento) {}

  /** The environment in which the command-line program starts those that a person has agreed to. */
  get environment(): Record<string, string> {
    const kept = this.kept();
    return kept.length > 0 ? { CHIRALITY_TRUST: kept.join(',') } : {};
  }

  /**
   * Asks about the programs of a config as they are now, once for each.
   * @returns whether all of them may be started
   */
  async allow(program: Pick<Program, 'answer'>, config: string, cwd: string): Promise<boolean> {
    const listed = await program.answer(listSchema, ['rewards', 'programs', config, '--json'], { cwd });
    const unknown = listed.filter(({ hash }) => !this.kept().includes(hash));
    if (unknown.length === 0) return true;
    const lines = unknown.map(
      ({ at, command }) => `${printable(at, Infinity)}: ${printable(command.join(' '), Infinity)}`,
    );
    const detail = `${lines.join('\n')}\n\nRead the program first: it runs with your rights. It is asked about again when it changes.`;
    const message = `${printable(config, Infinity)} brings a program of its own.`;
    if (!(await confirm(message, detail, 'Trust and Start'))) return false;
    await this.state.update(KEY, [...this.kept(), ...unknown.map(({ hash }) => hash)]);
    return true;
  }

  private kept = (): string[] => textsIn(this.state, KEY);
}
