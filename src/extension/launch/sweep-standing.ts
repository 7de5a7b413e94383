import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { Program } from '../../panels/host/cli-program.host.ts';

/** Fields that the extension uses from the output of `sweep status --json`. */
const standingSchema = z.object({
  /** Sweep file, and whether the sweep is its small variant. */
  file: z.string(),
  small: z.boolean(),
  state: z.nullable(z.object({ status: z.string(), heartbeat: z.string() })),
  runs: z.array(z.object({ name: z.string(), state: z.nullable(z.object({ status: z.string() })) })),
});

/** Returns the state of the sweep in a folder, with the names of its unfinished runs. */
export async function sweepStanding(program: Program, sweep: string) {
  const words = ['sweep', 'status', sweep, '--json'];
  const { runs, ...standing } = await program.answer(standingSchema, words, { cwd: sweep });
  const left = runs.filter(({ state }) => state?.status !== 'finished').map(({ name }) => name);
  return { ...standing, left };
}

/** Title of the command and of the buttons that run a sweep. */
export const RUN_SWEEP = 'Run Sweep';

/** Returns the button that continues the sweep of a run. */
export const runSweepOf = (dir: string): Record<string, () => unknown> => ({
  [RUN_SWEEP]: () => vscode.commands.executeCommand('chirality.runSweep', { dir }),
});
