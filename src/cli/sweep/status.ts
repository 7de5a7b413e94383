import type { RunState } from '../../core/run-data/run-folder.ts';
import type { PlannedRun, SweepPlan } from '../../core/reports/sweep/plan.ts';
import { isFailedStatus } from '../../core/run-data/status.ts';
import { readState } from '../../lab/runs/state.ts';
import { sweepRun } from '../../lab/runs/sweep-folder.ts';
import { formatTable } from '../table.ts';

/** A run of a sweep as it stands; its state is null before it has begun. */
export interface RunStanding extends PlannedRun {
  state: RunState | null;
}

export interface SweepStanding {
  /** Of the sweep itself; null before it has begun. */
  state: RunState | null;
  runs: RunStanding[];
}

export async function standingOf(dir: string, plan: SweepPlan): Promise<SweepStanding> {
  const runs: RunStanding[] = [];
  for (const run of plan.runs) runs.push({ ...run, state: await readState(sweepRun(dir, run.name)) });
  return { state: await readState(dir), runs };
}

/** A line for each run. */
export function standingTable({ runs }: SweepStanding): string {
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
  return formatTable(['run', 'status', 'step', ''], rows);
}
