import { join } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { isActiveStatus } from '../../core/run-data/run-status.ts';
import type { Program } from '../../panels/host/cli-program.host.ts';

/** Fields that the extension uses from the output of `sweep status --json`. */
const standingSchema = z.object({
  /** Sweep file, and whether the sweep is its small variant. */
  file: z.string(),
  small: z.boolean(),
  state: z.nullable(z.object({ status: z.string(), heartbeat: z.string() })),
  runs: z.array(z.object({ name: z.string(), state: z.nullable(z.object({ status: z.string() })) })),
});

/** Returns the state of the sweep in a folder, with a text and a button for its unfinished runs. */
export async function sweepStanding(program: Program, sweep: string) {
  const words = ['sweep', 'status', sweep, '--json'];
  const { state, runs, ...plan } = await program.answer(standingSchema, words, { cwd: sweep });
  const left = runs.filter((run) => run.state?.status !== 'finished').map(({ name }) => name);
  const more = left.length > 3 ? ` and ${left.length - 3} more` : '';
  const some = left.slice(0, 3).join(', ') + more;
  const rest = left.length > 0 ? ` Unfinished runs of the sweep: ${some}.` : '';
  const button = left.length > 0 ? runSweepOf(join(sweep, 'runs', left[0]!)) : {};
  const isActive = isActiveStatus(state?.status ?? '');
  return { ...plan, heartbeat: state?.heartbeat ?? '', isActive, rest, button };
}

/** Title of the command and of the buttons that run a sweep. */
export const RUN_SWEEP = 'Run Sweep';

/** Returns the button that continues the sweep of a run. */
export const runSweepOf = (dir: string): Record<string, () => unknown> => ({
  [RUN_SWEEP]: () => vscode.commands.executeCommand('chirality.runSweep', { dir }),
});
