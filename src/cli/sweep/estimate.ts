import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { derivedNumbers } from '../../core/config/derived.ts';
import type { RunConfig } from '../../core/config/run.ts';
import { readRunConfig } from '../../lab/runs/run.ts';
import { sweepRun } from '../../lab/runs/sweep-folder.ts';
import type { RunStanding } from './status.ts';

/** What runs will compute together, whatever the machine. */
export interface Amount {
  runs: number;
  steps: number;
  /** Completions that are sampled, and rows that are learnt by SFT. */
  completions: number;
  samples: number;
}

export function amountOf(configs: readonly RunConfig[]): Amount {
  const sum = (of: (config: RunConfig) => number) => configs.reduce((total, config) => total + of(config), 0);
  return {
    runs: configs.length,
    steps: sum(({ steps }) => steps),
    completions: sum((config) => derivedNumbers(config).completions_in_all ?? 0),
    samples: sum((config) => config.steps * (derivedNumbers(config).samples_per_step ?? 0)),
  };
}

/**
 * About how many seconds the rest takes, by what the runs of this sweep took so far: those of the same arm, else of
 * the same recipe. Null while nothing like a run that is left has taken a step.
 */
export async function secondsLeft(
  dir: string,
  runs: readonly RunStanding[],
  devices: number,
): Promise<number | null> {
  const known = await Promise.all(
    runs.map(async (run) => {
      const folder = sweepRun(dir, run.name);
      const { recipe, steps } = await readRunConfig(folder);
      return { ...run, recipe, steps, pace: await paceOf(folder) };
    }),
  );
  let seconds = 0;
  for (const run of known.filter(({ state, steps }) => state?.status !== 'finished' && steps > 0)) {
    const alike = [
      known.filter(({ arm }) => arm === run.arm),
      known.filter(({ recipe }) => recipe === run.recipe),
    ].map((some) => some.flatMap(({ pace }) => pace ?? []));
    const paces = run.pace === null ? alike.find((some) => some.length > 0) : [run.pace];
    if (!paces) return null;
    const mean = paces.reduce((sum, pace) => sum + pace, 0) / paces.length;
    seconds += mean * (run.steps - (run.state?.step ?? 0));
  }
  return seconds / devices;
}

/** Seconds a step; null before the first one. What is done between steps, such as evaluation, is not in it. */
async function paceOf(folder: string): Promise<number | null> {
  const timings = await readFile(join(folder, 'timings.jsonl'), 'utf8').catch(() => '');
  const times = timings.split('\n').flatMap((line) => /"step_time":([\d.e-]+)/.exec(line)?.[1] ?? []);
  return times.length === 0 ? null : times.reduce((sum, time) => sum + Number(time), 0) / times.length;
}
