import { z } from 'zod';
import { startOf, commandWords } from '../../config/check-sweep.ts';
import type { LoadedSweep } from '../../config/load-sweep.ts';
import { SweepConfig } from '../../config/sweep.ts';

const PlannedRun = z.strictObject({
  /** Of its folder under `runs/`. */
  name: z.string(),
  /** The stage or cell that it is of. */
  arm: z.string(),
  stage: z.boolean(),
  seed: z.int(),
  /** The run whose last checkpoint it starts from, as `init` or as `engine.model`. */
  after: z.string().optional(),
});
export type PlannedRun = z.infer<typeof PlannedRun>;

/** `sweep.yaml` in the folder of a sweep: what it was started with, resolved (docs/experiments.md). */
export const SweepPlan = SweepConfig.pick({
  about: true,
  seeds: true,
  devices: true,
  compare: true,
  also: true,
  at_steps: true,
  published: true,
  show: true,
}).extend({
  /** The file that it comes from. */
  file: z.string(),
  small: z.boolean(),
  /** The words of the command that makes each set or model. */
  make: z.record(z.string(), z.array(z.string())),
  /** In order; others are compared with the first. */
  cells: z.array(z.string()),
  /** What a report calls them; by their names where one lacks it. */
  labels: z.record(z.string(), z.string()).default({}),
  /** In the order in which they begin. */
  runs: z.array(PlannedRun),
});
export type SweepPlan = z.infer<typeof SweepPlan>;

/** What a report calls a cell. */
export const labelOf = ({ labels }: SweepPlan, cell: string): string => labels[cell] ?? cell;

const runName = (arm: string, seed: number): string => `${arm}-seed-${seed}`;

/** Seed by seed, so that there is something to compare as soon as the first seed is through. */
export function planSweep({ config, arms }: LoadedSweep, from: { file: string; small: boolean }): SweepPlan {
  const { about, seeds, devices, compare, also, at_steps, published, show } = config;
  const names = arms.map(({ name }) => name);
  const cells = arms.filter(({ isStage }) => !isStage);
  return {
    ...from,
    ...{ about, seeds, devices, compare, also, published, show },
    ...(at_steps && { at_steps }),
    make: Object.fromEntries(
      Object.entries(config.make).map(([name, command]) => [name, commandWords(command)]),
    ),
    cells: cells.map(({ name }) => name),
    labels: Object.fromEntries(cells.map(({ name, label }) => [name, label])),
    runs: seeds.flatMap((seed) =>
      arms.map(({ name: arm, isStage, config }) => {
        const start = startOf(config, names);
        return {
          name: runName(arm, seed),
          arm,
          stage: isStage,
          seed,
          ...(start !== undefined && { after: runName(start, seed) }),
        };
      }),
    ),
  };
}

/** How far a run of a sweep is. `failed` also where it cannot begin, because the run that it starts from failed. */
export type Progress = 'waiting' | 'running' | 'finished' | 'failed';

/** The run that begins next, in the order of the plan; null while none can. */
export function nextRun(
  runs: readonly PlannedRun[],
  progress: ReadonlyMap<string, Progress>,
): PlannedRun | null {
  const canBegin = ({ name, after }: PlannedRun) =>
    progress.get(name) === 'waiting' && (after === undefined || progress.get(after) === 'finished');
  return runs.find(canBegin) ?? null;
}

/** The waiting runs that can no longer begin, because the run that they start from failed. */
export const blockedRuns = (
  runs: readonly PlannedRun[],
  progress: ReadonlyMap<string, Progress>,
): PlannedRun[] =>
  runs.filter(
    ({ name, after }) =>
      progress.get(name) === 'waiting' && after !== undefined && progress.get(after) === 'failed',
  );
