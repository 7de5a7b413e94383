import { spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunConfig } from '../core/config/run-config.ts';
import type { RunState } from '../lab/runs/run-folder.ts';
import { isFailedStatus } from '../core/run-data/run-status.ts';
import { WARNINGS } from '../lab/files/process.ts';
import { newestEvaluation } from '../lab/evaluation/evaluation-folders.ts';
import { findRun, readOnlyReason, readImport } from '../lab/runs/listed-runs.ts';
import { launchDetached, askToStop } from '../lab/runs/launch.ts';
import { noKnownRun } from '../lab/foreign/foreign-run.ts';
import { mayBeForeign, findSource } from '../lab/foreign/known.ts';
import { lostSteps, readRunConfig } from '../lab/runs/make-run.ts';
import { isActive, readState } from '../lab/runs/state.ts';
import { listSweeps } from '../lab/sweeps/sweep-folder.ts';
import { atPresent } from '../lab/traces/data-folders.ts';
import { several } from '../base/format.ts';
import { printable } from '../base/printable.ts';
import { nearest } from '../base/problem.ts';
import { JobError, UsageError } from './errors.ts';
import { RUNS_FOLDER } from './command-options.ts';
import { requireTrust } from './config.ts';
import { nearChance, outcomeLines } from '../core/reports/figures-text.ts';
import { watchRun } from './live.ts';
import { note, pathHere, tell } from './print.ts';
import { restOfSweep } from './rest-of-sweep.ts';

/** Returns a hint if the runs folder does not exist, but the demo or sweeps have runs here; otherwise null. */
export async function otherRunsHint(runs: string): Promise<string | null> {
  if (existsSync(runs)) return null;
  const sweeps = await listSweeps('sweeps');
  const others = [
    { whose: 'demo', folder: join('chirality-demo', 'runs') },
    ...sweeps.map((name) => ({ whose: `sweep ${name}`, folder: join('sweeps', name, 'runs') })),
  ]
    .filter(({ folder }) => existsSync(folder))
    .map(({ whose, folder }) => `To use the runs of the ${whose}, add --runs ${folder}.`);
  return others.length === 0 ? null : [`Folder ${runs} does not exist.`, ...others].join(' ');
}

/** @param mayBeMissing whether the runs folder is optional. @throws UsageError if it is a file or is missing */
export function requireRunsFolder(runs: string, mayBeMissing = runs === RUNS_FOLDER): void {
  const stats = statSync(runs, { throwIfNoEntry: false });
  if (stats?.isDirectory() === false)
    throw new UsageError(`--runs ${runs}: the path is a file, not a folder.`);
  if (!stats && !mayBeMissing)
    throw new UsageError(`--runs ${runs}: the folder does not exist.`, {
      fix: 'Pass the folder that contains the runs.',
    });
}

/** Returns the folder of a run. @throws UsageError if no run has this name or path */
export async function requireRun(runs: string, name: string): Promise<string> {
  const dir = await findRun(runs, name);
  if (dir) return dir;
  const stats = statSync(name, { throwIfNoEntry: false });
  if (stats?.isDirectory()) throw new UsageError(noKnownRun(name));
  if (stats?.isFile())
    throw new UsageError(`${name} is a file, not the folder of a run or evaluation.`, {
      fix: `For the metrics of scored answers, run \`chirality metrics ${name}\`.`,
    });
  const near = nearest(name, await readdir(runs).catch(() => []));
  throw new UsageError(`Run "${name}" does not exist in ${resolve(runs)}.`, {
    fix:
      (await otherRunsHint(runs)) ??
      (near && `Did you mean "${near}"?`) ??
      `List the runs with \`chirality runs${runs === RUNS_FOLDER ? '' : ` --runs ${runs}`}\`.`,
  });
}

/**
 * Finds the external run in a folder (docs/other-trainers.md); null without an external run.
 * @param run name of one of several runs. @throws UsageError for several runs without `run`
 */
export async function findForeignRun(source: string, run?: string): Promise<string | null> {
  const sought = await findSource(source, run);
  if (!sought || 'dir' in sought) return sought?.dir ?? null;
  const names = sought.several.map(({ dir }) => printable(relative(resolve(source), dir), 200));
  const shown = names.slice(0, 20).join(', ');
  const all = names.length > 20 ? `${shown} and ${names.length - 20} more` : shown;
  throw new UsageError(
    run === undefined
      ? `${source} contains ${names.length} runs. Pass one with --run: ${all}.`
      : `--run: ${source} does not contain exactly one run "${run}". Runs: ${all || 'none'}.`,
  );
}

/** Like `requireRun`, but also finds external runs; for read-only commands. @throws UsageError */
export async function requireReadable(runs: string, name: string, run?: string): Promise<string> {
  for (const source of [name, join(runs, name)]) {
    const dir = await findForeignRun(source, run);
    if (dir !== null) return dir;
  }
  if (run !== undefined)
    throw new UsageError(`--run requires the folder of an external trainer, not ${name}.`);
  return requireRun(runs, name);
}

/**
 * Finds a run like `requireRun`, for commands that stop or resume a run. Rejects imported and external runs.
 * @throws JobError
 */
export async function requireOwn(runs: string, name: string, what: string): Promise<string> {
  const read = await requireReadable(runs, name);
  if (mayBeForeign(read)) throw new JobError(`${name} is an external run. It can be read but not ${what}.`);
  const imported = await readImport(read);
  if (imported) throw new JobError(readOnlyReason(name, imported, what));
  return read;
}

/** Starts this program on a run folder, detached. @throws if the folder's run.yaml has mistakes */
export async function launch(dir: string): Promise<RunState> {
  await requireTrust(await readRunConfig(dir));
  const interrupt = () => {
    tell(goesOn(dir));
    process.exit(128 + constants.signals.SIGINT);
  };
  process.once('SIGINT', interrupt);
  return launchWork(dir).finally(() => process.off('SIGINT', interrupt));
}

/** Starts a new run as `launch` does, and removes the run's folder if the process ends before it writes a state. */
export async function launchNew(dir: string): Promise<RunState> {
  try {
    return await launch(dir);
  } catch (error) {
    if (!(await readState(dir))) await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

/** Starts this program on the folder of a run or of a sweep, detached. */
export const launchWork = (dir: string): Promise<RunState> =>
  launchDetached(dir, [process.execPath, thisProgram(), 'work', dir]);

/**
 * Resumes a run from its last checkpoint, unless the run is active.
 * @param force whether to begin again if the checkpoints are missing
 * @returns whether this call resumed the run
 * @throws JobError if the resume would discard all finished steps
 */
export async function goOn(dir: string, name: string, force = false): Promise<boolean> {
  const state = await readState(dir);
  if (state && isActive(state)) {
    tell(`${name} is already running (process ${state.pid} on ${state.host}).`);
    return false;
  }
  const lost = force ? 0 : await lostSteps(dir);
  if (lost > 0)
    throw new JobError(`Cannot resume ${name}, because its checkpoints are missing.`, {
      fix: `Restore the folder ${pathHere(join(dir, 'checkpoints'))} from a copy, or pass --force to discard ${several(lost, 'finished step')}.`,
    });
  // Print the step of the started run, because the newest checkpoint can be broken.
  const { step } = await launch(dir);
  note(`${basename(dir)} continues from step ${step}.`);
  return true;
}

/** Returns a run as a command argument, with `--runs` if the run is not in the default folder. */
function asArgument(dir: string): string {
  const runs = dirname(resolve(dir));
  return runs === resolve(RUNS_FOLDER) ? basename(dir) : `${basename(dir)} --runs ${pathHere(runs)}`;
}

/** Returns the message for a user who stops watching before the run ends. */
function goesOn(dir: string): string {
  const run = asArgument(dir);
  return `\nThe run continues. To watch it again, run \`chirality attach ${run}\`. To stop it, run \`chirality stop ${run}\`.`;
}

export function nextCommands(dir: string, state: RunState, isEvaluated = false): string {
  const run = asArgument(dir);
  if (isActive(state)) return `To watch the run, use \`chirality attach ${run}\`.`;
  // A resumed run would overflow again; the alarm's message describes how to continue.
  if (state.alarm === 'overflow') return `For the summary of the run, use \`chirality runs ${run}\`.`;
  if (state.status !== 'finished') return `To continue the run, use \`chirality resume ${run}\`.`;
  return isEvaluated
    ? `For all metrics, use \`chirality report ${run}\`. For the weights, use \`chirality export ${run} -o FOLDER\`.`
    : `To evaluate the run, use \`chirality eval ${run} --set FILE\`.`;
}

const thisProgram = (): string => process.argv[1] ?? fileURLToPath(import.meta.url);

/** Runs this program in a separate process until it ends. @returns its exit code; null if a signal ended the process */
export async function runThisProgram(args: readonly string[], options: SpawnOptions): Promise<number | null> {
  const child = spawn(process.execPath, [thisProgram(), ...args], { ...options, windowsHide: true });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

/** Calls `watch` with a signal that is aborted by Ctrl-C. */
export async function untilInterrupted<T>(watch: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once('SIGINT', interrupt);
  return watch(abort.signal).finally(() => process.off('SIGINT', interrupt));
}

/**
 * Shows a run until it ends. Ctrl-C stops only the display.
 * @param told events of earlier displays, which are not printed again; if defined, no next command is printed either
 * @param isOneOfSeveral whether the terminal shows further runs at the same time
 * @returns the final state of the run; null after Ctrl-C
 */
export async function attach(
  dir: string,
  name: string,
  told: Set<string> | null = null,
  isOneOfSeveral = false,
): Promise<RunState | null> {
  const state = await untilInterrupted((signal) => watchRun(dir, signal, told, isOneOfSeveral ? name : null));
  // A run counts as ended even if its results are unreadable.
  const newest = state?.status === 'finished' ? await newestEvaluation(dir).catch(() => null) : null;
  const results = newest?.results ?? [];
  for (const line of outcomeLines(results)) tell(line);
  for (const line of nearChance(results)) tell(`${line} More steps might help.`);
  if (state) {
    tell(`${name}: ${state.status} at step ${state.step} of ${state.steps}. ${state.message}`);
    const rest = told === null ? await restOfSweep(dir) : null;
    if (told === null) note(nextCommands(dir, state, newest !== null));
    if (rest !== null) note(rest);
  } else tell(goesOn(dir));
  return state;
}

/** Returns the exit code after watching a run: 1 if the run failed. */
export const exitCodeOf = (state: RunState | null): number => (state && isFailedStatus(state.status) ? 1 : 0);

/**
 * Watches a run that this command started. If the system announces the end of the command, as clusters do before they
 * reclaim a machine, the run saves its state and ends, and this function waits for the run's end.
 * @returns the exit code of the run, or 128 plus the number of the signal
 */
export async function watchStarted(dir: string, name: string): Promise<number> {
  let warning: NodeJS.Signals | null = null;
  const warned = (signal: NodeJS.Signals) => {
    warning = signal;
    void askToStop(dir, 'warning');
  };
  // Handle every signal, because a scheduler can send a signal twice.
  for (const signal of WARNINGS) process.on(signal, warned);
  const code = exitCodeOf(await attach(dir, name));
  for (const signal of WARNINGS) process.off(signal, warned);
  return code === 0 && warning ? 128 + constants.signals[warning] : code;
}

/** Returns the config of a run, with the current paths of its evaluation sets. */
export async function configAtPresent(dir: string): Promise<RunConfig> {
  const config = await readRunConfig(dir);
  const { files, root } = await atPresent(dir, { files: config.data.eval, root: config.data.root });
  return { ...config, data: { ...config.data, eval: files, root } };
}
