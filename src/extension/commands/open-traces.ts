import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { App } from '../app.ts';

interface Wanted {
  run: string;
  step?: number;
  pair?: number;
  evaluation?: string;
}

/** Opens the traces of a run: `{run, step?, pair?, evaluation?}`, a run's folder, an item of a view, or one that is picked. */
export async function openTraces({ traces, runs }: App, ...args: unknown[]): Promise<void> {
  const wanted = wantedBy(args[0]) ?? (await pick(await runs.refresh()));
  if (!wanted) return;
  const { run, step, pair, evaluation } = wanted;
  if (!(await stat(join(run, 'run.yaml')).catch(() => null))) {
    void vscode.window.showErrorMessage(`${run} is no folder of a run: it has no run.yaml.`);
    return;
  }
  await traces.show({
    run,
    source: evaluation,
    id: step === undefined ? null : { step, pair: pair ?? 0 },
  });
}

function wantedBy(target: unknown): Wanted | null {
  if (target instanceof vscode.Uri) {
    // A file of the run may have been chosen, too.
    const path = target.fsPath;
    if (basename(dirname(path)) === 'traces') return { run: dirname(dirname(path)), ...stepOf(path) };
    return { run: basename(path) === 'run.yaml' ? dirname(path) : path };
  }
  const { run, dir } = (target ?? {}) as { run?: unknown; dir?: unknown };
  if (typeof run === 'string') return target as Wanted;
  return typeof dir === 'string' ? { run: dir } : null;
}

function stepOf(path: string): { step?: number } {
  const step = /step-(\d+)\.jsonl$/.exec(path)?.[1];
  return step === undefined ? {} : { step: Number(step) };
}

async function pick(runs: readonly { name: string; dir: string }[]): Promise<Wanted | null> {
  if (runs.length === 0) {
    void vscode.window.showInformationMessage('There are no runs in this workspace yet.');
    return null;
  }
  const items = runs.map(({ name, dir }) => ({
    label: name,
    description: vscode.workspace.asRelativePath(dir),
    dir,
  }));
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: 'Traces of which run?' });
  return chosen ? { run: chosen.dir } : null;
}
