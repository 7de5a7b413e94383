import { join, resolve } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { isClipAxis, type TwoAnswerAxis } from '../../core/worlds/acuity/acuity-axes.ts';
import type { Program } from '../../panels/host/cli-program.host.ts';
import type { Measuring } from '../../panels/acuity/acuity.contract.ts';

/** Active measurements of acuity. The Acuity panel shows active measurements and can stop them. */
export class Measurements {
  private readonly running = new Map<Measuring, AbortController>();
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onChange = this.changes.event;
  private next = 0;

  get all(): readonly Measuring[] {
    return [...this.running.keys()];
  }

  /** @param work gets a stop signal and a listener for output lines; after a stop, rejects with the signal's reason */
  async run<T>(
    model: string,
    work: (shown: { signal: AbortSignal; onLine: (line: string) => void }) => Promise<T>,
  ): Promise<T> {
    const measurement = { id: this.next++, model, line: '' };
    const stop = new AbortController();
    this.running.set(measurement, stop);
    this.changes.fire();
    const onLine = (line: string) => {
      measurement.line = line;
      this.changes.fire();
    };
    try {
      return await work({ signal: stop.signal, onLine });
    } finally {
      this.running.delete(measurement);
      this.changes.fire();
    }
  }

  end(id: number): void {
    for (const [measurement, stop] of this.running) if (measurement.id === id) stop.abort();
  }
}

/** Returns the folder for measurements, in the first folder of the workspace. @throws Error if no folder is open */
export function outputFolder(): string {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error('Open a folder first. Measurements are stored in its folder acuity.');
  return join(folder.uri.fsPath, 'acuity');
}

const drawn = z.array(z.object({ rows: z.string() }));

/** Renders stimuli for an axis in English: one scene per level, or fewer for slow clips. @returns the file of rows */
export async function drawStimuli(program: Program, axis: TwoAnswerAxis): Promise<string> {
  const output = outputFolder();
  const args = ['acuity', '--axis', axis, '--rows-only', '--blocks', '1', '-o', output, '--json'];
  if (isClipAxis(axis)) args.push('--quick');
  const [answered] = await program.answer(drawn, args, { cwd: resolve(output, '..') });
  return answered!.rows;
}
