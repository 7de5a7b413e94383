import { setTimeout as sleep } from 'node:timers/promises';
import { paceOf } from './pace.ts';
import { liveLine, note, tell } from './print.ts';
import { derivedNumbers } from '../core/config/derived.ts';
import type { RunConfig } from '../core/config/run-config.ts';
import type { PlannedRun, SweepPlan } from '../core/config/sweep-plan.ts';
import { duration } from '../base/format.ts';
import { mean, sum } from '../base/numbers.ts';
import type { RunState } from '../lab/runs/run-folder.ts';
import { isFailedStatus } from '../core/run-data/run-status.ts';
import { readRunConfig } from '../lab/runs/make-run.ts';
import { isActive, readState } from '../lab/runs/state.ts';
import { sweepRun } from '../lab/sweeps/sweep-folder.ts';

interface RunStanding extends PlannedRun {
  state: RunState | null;
}

interface SweepStanding {
  /** State of the run; null before its start. */
  state: RunState | null;
  runs: RunStanding[];
}

export async function standingOf(dir: string, plan: SweepPlan): Promise<SweepStanding> {
  const runs: RunStanding[] = [];
  for (const run of plan.runs) runs.push({ ...run, state: await readState(sweepRun(dir, run.name)) });
  return { state: await readState(dir), runs };
}

export function standingTable({ runs }: SweepStanding): [header: string[], rows: string[][]] {
  const failed = new Set(
    runs.flatMap(({ name, state }) =>
      state && (isFailedStatus(state.status) || state.status === 'stopped') ? [name] : [],
    ),
  );
  const rows = runs.map(({ name, after, state }) =>
    state
      ? [name, state.status, `${state.step}/${state.steps}`, state.message]
      : [
          name,
          'waiting',
          '',
          after === undefined ? '' : `${failed.has(after) ? 'cannot start: ' : ''}from ${after}`,
        ],
  );
  return [['run', 'status', 'step', ''], rows];
}

/** Amount of work in runs, independent of the machine. */
interface Amount {
  runs: number;
  steps: number;
  /** Number of completions to sample or, for SFT, of rows to train on. */
  completions: number;
  samples: number;
}

export function amountOf(configs: readonly RunConfig[]): Amount {
  const totalOf = (countOf: (config: RunConfig) => number) => sum(configs.map(countOf));
  return {
    runs: configs.length,
    steps: totalOf(({ steps }) => steps),
    completions: totalOf((config) => derivedNumbers(config).completions_in_all ?? 0),
    samples: totalOf((config) => config.steps * (derivedNumbers(config).samples_per_step ?? 0)),
  };
}

interface TimeLeft {
  seconds: number;
  /** Whether the estimate includes all runs. */
  isWhole: boolean;
}

/**
 * Estimates the remaining time from steps of each run, or of runs with the same condition, or else the same recipe.
 * Null until a run has taken a step, and if all runs have finished.
 */
export async function estimateLeft(
  dir: string,
  runs: readonly RunStanding[],
  devices: number,
): Promise<TimeLeft | null> {
  const progress = await Promise.all(
    runs.map(async (run) => {
      const folder = sweepRun(dir, run.name);
      const { recipe, steps } = await readRunConfig(folder);
      return { ...run, recipe, steps, pace: await paceOf(folder) };
    }),
  );
  const unfinished = progress.filter(({ state, steps }) => state?.status !== 'finished' && steps > 0);
  const estimates = unfinished.flatMap((run) => {
    const alike = [
      [run],
      progress.filter(({ arm }) => arm === run.arm),
      progress.filter(({ recipe }) => recipe === run.recipe),
    ];
    const [pace] = alike.flatMap((some) => mean(some.flatMap((each) => each.pace ?? [])) ?? []);
    return pace === undefined ? [] : pace * (run.steps - (run.state?.step ?? 0));
  });
  if (estimates.length === 0) return null;
  return { seconds: sum(estimates) / devices, isWhole: estimates.length === unfinished.length };
}

export const leftText = ({ seconds, isWhole }: TimeLeft): string =>
  `${isWhole ? 'about' : 'at least'} ${duration(Math.round(seconds))} left`;

const POLL_MS = 500;
/** Number of polls per estimate of the remaining time. Estimates are rare because they read files. */
const ESTIMATE_EVERY = 10;

/**
 * Shows a sweep until it ends: a plain line when a run begins or ends, and in a terminal a live line with the active
 * runs and the remaining time.
 * @returns the final state; null if the signal ended the watching
 */
export async function watchSweep(
  dir: string,
  plan: SweepPlan,
  signal: AbortSignal,
): Promise<RunState | null> {
  const statuses = new Map<string, string>();
  let left: TimeLeft | null = null;
  for (let look = 0; !signal.aborted; look++) {
    const { state, runs } = await standingOf(dir, plan);
    const news = runs.flatMap((run) => {
      const line = lineOf(run);
      const isNew = line !== null && statuses.get(run.name) !== line;
      if (isNew) statuses.set(run.name, line);
      return isNew ? [line] : [];
    });
    if (news.length > 0) liveLine.clear();
    for (const line of news) tell(line);
    if (state && !isActive(state)) {
      liveLine.clear();
      return state;
    }
    if (liveLine.isShown && state) {
      if (look % ESTIMATE_EVERY === 0) left = await estimateLeft(dir, runs, plan.devices.length);
      liveLine.show(activeText(state, runs, left));
    } else if (!left?.isWhole && look % ESTIMATE_EVERY === 0) {
      const before = left;
      left = await estimateLeft(dir, runs, plan.devices.length);
      if (left && left.isWhole !== before?.isWhole) note(`Sweep: ${leftText(left)}.`);
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  liveLine.clear();
  return null;
}

/** Returns the line about a run's current state; null if the state needs no line. */
function lineOf({ name, state }: RunStanding): string | null {
  if (!state || state.status === 'starting') return null;
  if (state.status === 'running' || state.status === 'stopping') return `${name}: ${state.status}`;
  return `${name}: ${state.status} at step ${state.step} of ${state.steps}. ${state.message}`;
}

function activeText({ step, steps }: RunState, runs: readonly RunStanding[], left: TimeLeft | null): string {
  const active = runs.filter(({ state }) => state && isActive(state));
  return [
    `${step} of ${steps} runs`,
    ...active.map(({ name, state }) => `${name} ${state!.step}/${state!.steps}`),
    ...(left ? [leftText(left)] : []),
  ].join('  ');
}
