import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { chooseRun } from '../launch/choose-run.ts';

interface Wanted {
  run: string;
  step?: number;
  pair?: number;
  evaluation?: string;
}

/**
 * Opens the traces of a run: `{run, step?, pair?, evaluation?}`, a run's folder, an item of a view, else the run whose
 * panel is in front, else one that is picked.
 */
export async function openTraces(app: App, ...args: unknown[]): Promise<void> {
  const wanted = wantedBy(args[0]) ?? (await chosen(app));
  if (!wanted) return;
  const { run, step, pair, evaluation } = wanted;
  if (!(await stat(join(run, 'run.yaml')).catch(() => null))) {
    void vscode.window.showErrorMessage(`${run} is no folder of a run: it has no run.yaml.`);
    return;
  }
  await app.panels.traces.open({
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

async function chosen({ runs, panels }: App): Promise<Wanted | null> {
  const front = panels.runs.front?.dirs;
  const run = await chooseRun(runs, front?.length === 1 ? front : [], {
    title: 'Open Traces',
    fits: () => true,
    none: 'There are no runs in this workspace.',
  });
  return run === undefined ? null : { run };
}
