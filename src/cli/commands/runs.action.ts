import { resolve } from 'node:path';
import type { CommandUnknownOpts as Command } from 'commander';
import { listRuns } from '../../lab/operations/runs.ts';
import { ask, refuseInput } from '../operation-command.ts';
import { statusWord } from '../../core/run-data/run-status.ts';
import {
  otherRunsHint,
  requireRunsFolder,
  requireReadable,
  untilInterrupted,
  exitCodeOf,
  attach,
  requireOwn,
  nextCommands,
  goOn,
  watchStarted,
} from '../find-runs.ts';
import { tell, printJson, print, note } from '../print.ts';
import { mayBeForeign } from '../../lab/foreign/known.ts';
import { watchForeign } from '../foreign.ts';
import { stopRun } from '../../lab/runs/launch.ts';
import { isActive, readState } from '../../lab/runs/state.ts';
import { JobError } from '../errors.ts';
import { figure, percentText, points, several, withInterval } from '../../base/format.ts';
import { metricLabel } from '../../base/labels.ts';
import { viewLabel } from '../../rows/view-list.ts';
import { runSummary, type RunSummary } from '../../lab/agent/run-report.ts';
import { LeftOutLines } from '../input.ts';

interface Options {
  runs: string;
  json?: boolean;
}

/** Lists the runs of a folder, or prints the history of one run. */
export async function listOrShow(
  name: string | undefined,
  options: Options & { run?: string },
  command: Command,
): Promise<void> {
  const { runs, json } = options;
  if (name !== undefined) {
    refuseInput(command, listRuns, 'with a run');
    return showRun(name, options);
  }
  requireRunsFolder(runs);
  const { total } = await ask(command, listRuns, [resolve(runs)], { curves: true });
  if (total > 0 || json) return;
  const { match, status } = command.opts() as { match?: string; status?: string };
  print(
    match !== undefined || status !== undefined
      ? `No run in the folder ${runs} matches. Change --match or --status.`
      : ((await otherRunsHint(runs)) ??
          `The folder ${runs} contains no runs. Start a run with \`chirality train <config>\`.`),
  );
}

export async function attachTo(name: string, { runs, run }: Options & { run?: string }): Promise<void> {
  const dir = await requireReadable(runs, name, run);
  if (mayBeForeign(dir)) return untilInterrupted((signal) => watchForeign(dir, signal));
  process.exitCode = exitCodeOf(await attach(dir, name));
}

export async function stop(name: string, { runs, grace, json }: Options & { grace: number }): Promise<void> {
  const dir = await requireOwn(runs, name, 'stopped');
  const words = {
    requested: 'Stopping after the current step …',
    terminating: 'No response. Terminating …',
    killing: 'Still running. Killing …',
  };
  const state = await stopRun(dir, { grace: 1000 * grace, onPhase: (phase) => note(words[phase]) });
  if (json) printJson(state);
  else {
    tell(`${name}: ${statusWord(state)}. ${state?.message ?? ''}`);
    if (state && state.status !== 'finished') note(nextCommands(dir, state));
  }
  if (state && isActive(state)) process.exitCode = 1;
}

export async function resume(
  name: string,
  { runs, detach, force }: Options & { detach?: boolean; force?: boolean },
): Promise<void> {
  const dir = await requireOwn(runs, name, 'resumed');
  const state = await readState(dir);
  if (state?.status === 'finished') throw new JobError(`Cannot resume ${name}, because the run is finished.`);
  await goOn(dir, name, force);
  if (!detach) process.exitCode = await watchStarted(dir, name);
}

/** `chirality runs NAME`: prints the state and history of one run. */
async function showRun(
  name: string,
  { runs, run, json }: { runs: string; run?: string; json?: boolean },
): Promise<void> {
  const dir = await requireReadable(runs, name, run);
  const { summary, leftOut } = await runSummary(run ?? name, dir);
  const lines = new LeftOutLines(dir);
  for (const message of leftOut) lines.add({ name: '', message });
  lines.end();
  if (json) printJson(summary);
  else print(summaryText(summary));
}

function summaryText(summary: RunSummary): string {
  const { program, recipe, preset, steps, curves, window, evaluation, traced, verified } = summary;
  const kind = program ?? [recipe, preset && `preset ${preset}`].filter(Boolean).join(', ');
  const place =
    summary.step === null ? '' : `, step ${summary.step}${steps === undefined ? '' : ` of ${steps}`}`;
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`\n${title}`, ...lines.map((line) => `  ${line}`)];
  const change = (from: number | null, to: number | null) => `${figure(from)} → ${figure(to)}`;
  return [
    `${summary.run}: ${summary.status}${place} (${kind})`,
    ...(summary.message ? [`  ${summary.message}`] : []),
    ...section(
      'Alarms',
      summary.alarms.map(({ since, message }) => `from step ${since}: ${message}`),
    ),
    ...section(
      'Turning points: largest changes of curves',
      summary.turns.map(
        ({ metric, step, before, after }) => `step ${step}: ${metric} ${change(before, after)}`,
      ),
    ),
    ...section(
      `Curves: means of the first and last ${several(window, 'step')}`,
      Object.entries(curves).map(([metric, { first, last }]) => `${metric} ${change(first, last)}`),
    ),
    ...section(
      evaluation ? `Evaluation at step ${evaluation.step}` : '',
      (evaluation?.figures ?? []).map(
        ({ set, view, metric, n, ...figure }) =>
          `${set}, ${view === 'both' ? 'both views' : viewLabel(view)}: ${metricLabel(metric)} ${withInterval(figure, metric === 'view_gap' ? points : percentText)}, n ${n}`,
      ),
    ),
    ...section(
      'Events',
      summary.events.map(({ step, message }) => `step ${step}: ${message}`),
    ),
    ...section(
      'Missing',
      summary.missing.map(({ field, why }) => `${field}: ${why}`),
    ),
    ...(verified === undefined
      ? []
      : [`\nVerified: ${several(verified, 'step')}, recomputed from the folder.`]),
    ...(traced ? [`\nTraces of ${several(traced.steps, 'step')}, ${traced.first} to ${traced.last}.`] : []),
  ].join('\n');
}
