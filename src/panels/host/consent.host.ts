import { resolve } from 'node:path';
import * as vscode from 'vscode';
import { confirm } from './report-errors.host.ts';
import * as z from 'zod/mini';
import { printable } from '../../base/printable.ts';
import type { Program } from './cli-program.host.ts';

const ROOTS = 'chirality.dataRoots';

/** Returns the strings of a list in the workspace state. */
function textsIn(state: vscode.Memento, key: string): string[] {
  const kept = state.get<unknown>(key, []);
  return Array.isArray(kept) ? kept.filter((each): each is string => typeof each === 'string') : [];
}

/**
 * Folders from which Chirality can read data of runs: the workspace folders, and other folders that the user has
 * allowed. The paths come from run manifests, which are untrusted.
 */
export class DataRoots {
  /** Answers of the user in this session, by folder. Refusals are forgotten after the session. */
  private readonly said = new Map<string, Promise<boolean>>();

  constructor(private readonly state: vscode.Memento) {}

  get allowed(): string[] {
    const open = vscode.workspace.workspaceFolders ?? [];
    return [...open.map(({ uri }) => uri.fsPath), ...this.kept()];
  }

  /**
   * Asks the user once for each folder outside the workspace; never asks in Restricted Mode.
   * @param run name of the run, for the message
   * @returns whether all folders are allowed
   */
  async allow(folders: readonly string[], run: string): Promise<boolean> {
    // Do not store a refusal, because the user can trust the workspace later.
    if (!vscode.workspace.isTrusted) return folders.length === 0;
    let all = true;
    for (const folder of folders.map((each) => resolve(each))) {
      const choice = this.said.get(folder);
      const answer = choice ?? this.ask(folder, run);
      this.said.set(folder, answer);
      all = (await answer) && all;
    }
    return all;
  }

  /** Allows a folder that the user has selected for a run, without asking the user again. */
  async keep(folder: string): Promise<void> {
    if (!this.allowed.includes(folder)) await this.state.update(ROOTS, [...this.kept(), folder]);
  }

  private async ask(folder: string, run: string): Promise<boolean> {
    const message = `Allow Chirality to read data of the run “${run}” in ${folder}?`;
    const detail =
      'The folder is outside the workspace or behind a link. Decline if you do not trust the source of this run.';
    if (!(await confirm(message, detail, 'Allow'))) return false;
    await this.keep(folder);
    return true;
  }

  private kept = (): string[] => textsIn(this.state, ROOTS);
}

const PROGRAMS = 'chirality.ownPrograms';

const listSchema = z.array(z.object({ at: z.string(), command: z.array(z.string()), hash: z.string() }));

/** Custom reward and metric programs in configs that the user has allowed to start. */
export class OwnPrograms {
  constructor(private readonly state: vscode.Memento) {}

  /** Environment variables that allow the command-line program to start the allowed custom programs. */
  get environment(): Record<string, string> {
    const kept = this.kept();
    return kept.length > 0 ? { CHIRALITY_TRUST: kept.join(',') } : {};
  }

  /**
   * Asks the user about a config's custom programs, once for each version of a program.
   * @returns whether all programs are allowed
   */
  async allow(program: Pick<Program, 'answer'>, config: string, cwd: string): Promise<boolean> {
    const listed = await program.answer(listSchema, ['rewards', 'programs', config, '--json'], { cwd });
    const unknown = listed.filter(({ hash }) => !this.kept().includes(hash));
    if (unknown.length === 0) return true;
    const lines = unknown.map(
      ({ at, command }) => `${printable(at, Infinity)}: ${printable(command.join(' '), Infinity)}`,
    );
    const detail = `${lines.join('\n')}\n\nReview the script before you start. The script runs with your permissions. After a change of the script, Chirality requests permission again.`;
    const message = `${printable(config, Infinity)} runs a custom script.`;
    if (!(await confirm(message, detail, 'Trust and Start'))) return false;
    await this.state.update(PROGRAMS, [...this.kept(), ...unknown.map(({ hash }) => hash)]);
    return true;
  }

  private kept = (): string[] => textsIn(this.state, PROGRAMS);
}
