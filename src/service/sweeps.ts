import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SweepReports } from '../core/protocol/report-panel.ts';
import { Random } from '../core/random.ts';
import { sweepReport } from '../core/reports/sweep/build.ts';
import { readState } from '../lab/runs/state.ts';
import { readSweepRuns } from '../lab/runs/sweep-data.ts';
import { readPlan, sweepRun } from '../lab/runs/sweep-folder.ts';

/** The comparisons of sweeps, for the Report panel. */
export const sweepReports: SweepReports = {
  sweepVersion: async ({ sweep }) => {
    const { runs } = await planOf(sweep);
    const each = runs.map(async ({ name }) => {
      const dir = sweepRun(sweep, name);
      const evaluations = await readdir(join(dir, 'eval')).catch(() => []);
      return `${(await readState(dir))?.status} ${evaluations.length}`;
    });
    return (await Promise.all(each)).join('\n');
  },
  sweepReport: async ({ sweep }) => {
    const plan = await planOf(sweep);
    return sweepReport(basename(sweep), plan, await readSweepRuns(sweep, plan), Random.from('sweep'));
  },
};

async function planOf(sweep: string) {
  const plan = await readPlan(sweep);
  if (!plan) throw new Error(`${sweep} holds no sweep.`);
  return plan;
}
