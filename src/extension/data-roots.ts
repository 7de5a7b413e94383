import { resolve } from 'node:path';
import * as vscode from 'vscode';
import { confirm } from './launch/report.ts';

const KEY = 'chirality.dataRoots';

/** The texts that are kept in a list of the workspace's state. */
export function textsIn(state: vscode.Memento, key: string): string[] {
  const kept = state.get<unknown>(key, []);
  return Array.isArray(kept) ? kept.filter((each): each is string => typeof each === 'string') : [];
}

/**
 * The folders in which data of runs may be read: the workspace folders, and others that a person has allowed. The paths
 * come from manifests of runs, which are untrusted.
 */
export class DataRoots {
  /** The person's answers in this session, by folder; a no is only remembered here. */
  private readonly said = new Map<string, Promise<boolean>>();

  constructor(private readonly state: vscode.Memento) {}

  get allowed(): string[] {
    const open = vscode.workspace.workspaceFolders ?? [];
    return [...open.map(({ uri }) => uri.fsPath), ...this.kept()];
  }

  /**
   * Asks once for each folder outside the workspace; never in Restricted Mode.
   * @param run name of the run, for the message
   * @returns whether all of them may be read
   */
  async allow(folders: readonly string[], run: string): Promise<boolean> {
    let all = true;
    for (const folder of folders.map((each) => resolve(each))) {
      const choice = this.said.get(folder);
      const answer = choice ?? this.ask(folder, run);
      this.said.set(folder, answer);
      all = (await answer) && all;
    }
    return all;
  }

  /** Keeps a folder that a person has chosen for a run, without asking about it again. */
  async keep(folder: string): Promise<void> {
    if (!this.allowed.includes(folder)) await this.state.update(KEY, [...this.kept(), folder]);
  }

  private async ask(folder: string, run: string): Promise<boolean> {
    if (!vscode.workspace.isTrusted) return false;
    const message = `The data of the run “${run}” are outside the workspace, or behind a link that leads out of it: ${folder}`;
    const detail =
      'May Chirality read pictures and rows there? It asks once for each folder. Decline if you do not know who made this run.';
    if (!(await confirm(message, detail, 'Allow'))) return false;
    await this.keep(folder);
    return true;
  }

  private kept = (): string[] => textsIn(this.state, KEY);
}
