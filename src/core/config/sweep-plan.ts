import * as z from 'zod';
import { readMakeCommand, startOf } from './check-sweep.ts';
import type { LoadedSweep } from './load-sweep.ts';
import { SweepConfig } from './sweep.ts';

const PlannedRun = z.strictObject({
  /** Name of the run's folder under `runs/`. */
  name: z.string(),
  /** Name of the stage or condition that the run belongs to. */
  arm: z.string(),
  stage: z.boolean(),
  seed: z.int(),
  /** Run whose last checkpoint is the start of this run, through `init` or `engine.model`. */
  after: z.string().optional(),
});
export type PlannedRun = z.infer<typeof PlannedRun>;

/** Contents of `sweep.yaml` in a sweep's folder: the complete settings when the sweep starts (docs/sweeps.md). */
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
  contrast: SweepConfig.shape.contrast.optional(),
  file: z.string(),
  small: z.boolean(),
  /** Words of the command in `make` that creates each dataset or model. */
  make: z.record(z.string(), z.array(z.string())),
  /** Names of the conditions in order. All other conditions are compared with the first condition. */
  cells: z.array(z.string()),
  /** Names of conditions in reports; default: the names of the conditions in the sweep. */
  labels: z.record(z.string(), z.string()).default({}),
  /** Runs of the sweep, in the order in which they start. */
  runs: z.array(PlannedRun),
});
export type SweepPlan = z.infer<typeof SweepPlan>;

/** Returns a condition's name in reports. */
export const labelOf = ({ labels }: SweepPlan, cell: string): string => labels[cell] ?? cell;

const runName = (arm: string, seed: number): string => `${arm}-seed-${seed}`;

/** Plans the runs seed by seed, so that conditions can be compared once the runs of the first seed are finished. */
export function planSweep({ config, arms }: LoadedSweep, from: { file: string; small: boolean }): SweepPlan {
  const { about, seeds, devices, compare, also, contrast, at_steps, published, show } = config;
  const names = arms.map(({ name }) => name);
  const cells = arms.filter(({ isStage }) => !isStage);
  return {
    ...from,
    about,
    seeds,
    devices,
    compare,
    also,
    published,
    show,
    ...(contrast.length > 0 && { contrast }),
    ...(at_steps && { at_steps }),
    make: Object.fromEntries(
      Object.entries(config.make).map(([name, command]) => [name, readMakeCommand(command).words]),
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
