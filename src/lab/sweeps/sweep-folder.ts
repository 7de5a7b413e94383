import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse, YAMLParseError } from 'yaml';
import { yamlText } from '../../core/config/config-source.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import { changesText, configDifferences } from '../../core/config/changed.ts';
import type { SweepArm } from '../../core/config/sweep-cells.ts';
import { SweepPlan, type PlannedRun } from '../../core/config/sweep-plan.ts';
import { ifMissing, noEntries } from '../files/disk-error.ts';
import { writeAtomically } from '../files/atomic.ts';
import { makeFolder } from '../files/folders.ts';
import { checkpointFolder } from '../runs/checkpoints.ts';
import { withAbsolutePaths } from '../runs/config-paths.ts';
import { fillRun, readRunConfig } from '../runs/make-run.ts';
import { readText } from '../files/regular.ts';

/**
 * Returns the folder of a run in a sweep. A sweep's folder contains `sweep.yaml` (the plan), `state.json`, `data/` with
 * its own sets and models, `runs/`, and `logs/` and `control/` as in a run.
 */
export const sweepRun = (sweep: string, run: string): string => join(sweep, 'runs', run);

export const madeFolder = (sweep: string, set: string): string => join(sweep, 'data', set);
export const madeSet = (sweep: string, set: string): string => join(madeFolder(sweep, set), 'data.qa.jsonl');

/** Reads the plan of a sweep. Null if the folder has no plan. @throws if a manual edit made the plan invalid */
export async function readPlan(sweep: string): Promise<SweepPlan | null> {
  const path = join(sweep, 'sweep.yaml');
  const text = await readText(path).catch(ifMissing(null));
  if (text === null) return null;
  const { success, data, error } = SweepPlan.safeParse(parsed(text, path));
  if (success) return data;
  const issue = error.issues[0]!;
  throw new Error(`${path}: ${issue.path.join('.')}: ${issue.message}`);
}

/** Parses a plan, which can be longer than a user's config. @throws an error with file and line */
function parsed(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const line = error instanceof YAMLParseError ? `:${error.linePos?.[0].line ?? 1}` : '';
    throw new Error(`${path}${line}: the file is not valid YAML.`, { cause: error });
  }
}

/** Returns the names of the sweeps in a folder, sorted. Empty for a missing folder. */
export async function listSweeps(sweeps: string): Promise<string[]> {
  const names = await readdir(sweeps).catch(noEntries);
  return names.filter((name) => existsSync(join(sweeps, name, 'sweep.yaml'))).sort();
}

/** Error if a run of the plan would no longer match its folder. */
export class SweepChanged extends Error {}

/**
 * Writes the plan, and a folder with a config for every run. Existing folders stay, so that a sweep continues, even
 * with more conditions or seeds than before.
 * @param sweep absolute path of the sweep
 * @throws SweepChanged before it writes anything
 */
export async function writeSweep(sweep: string, plan: SweepPlan, arms: readonly SweepArm[]): Promise<void> {
  const before = await readPlan(sweep);
  const remade = Object.entries(plan.make).find(
    ([set, words]) => before?.make[set] && !isDeepStrictEqual(before.make[set], words),
  );
  if (remade) throw new SweepChanged(`The dataset "${remade[0]}" was created with another command.`);
  const byName = new Map(arms.map((arm) => [arm.name, arm]));
  const configs: { dir: string; config: RunConfig; isNew: boolean }[] = [];
  for (const run of plan.runs) {
    const dir = sweepRun(sweep, run.name);
    const config = runConfig(sweep, plan, run, byName);
    const written = await readRunConfig(dir).catch(ifMissing(null));
    if (written && !isDeepStrictEqual(written, plain(config)))
      throw new SweepChanged(
        `${run.name} was started with a different config: ${changesText(configDifferences(written, plain(config)))}.`,
      );
    configs.push({ dir, config, isNew: written === null });
  }
  for (const folder of ['logs', 'control', 'data', 'runs']) await makeFolder(join(sweep, folder));
  await writeAtomically(join(sweep, 'sweep.yaml'), yamlText(plan));
  for (const { dir, config, isNew } of configs) if (isNew) await fillRun(dir, config);
}

/** Returns a config as a run would read it back from its file. */
const plain = (config: RunConfig): RunConfig => parse(yamlText(config)) as RunConfig;

/** Returns the config of a run: its condition's config, with the seed and paths for the sweep's sets and models. */
export function runConfig(
  sweep: string,
  { make, runs, file }: SweepPlan,
  { arm, seed, after }: PlannedRun,
  arms: ReadonlyMap<string, SweepArm>,
): RunConfig {
  const { config } = arms.get(arm)!;
  const { train, eval: sets, root } = config.data;
  const start = runs.find(({ name }) => name === after);
  const checkpoint =
    start && checkpointFolder(sweepRun(sweep, start.name), arms.get(start.arm)!.config.steps);
  const isMade = [train, ...Object.values(sets)].every((set) => set in make);
  const fileOf = (set: string) => (set in make ? madeSet(sweep, set) : set);
  const modelAt = (engine: RunConfig['engine']): RunConfig['engine'] => {
    if (engine.kind !== 'torch') return engine;
    if (checkpoint && engine.model === start.arm) return { ...engine, model: checkpoint };
    return engine.model in make ? { ...engine, model: madeFolder(sweep, engine.model) } : engine;
  };
  const absolute = {
    ...config,
    seed,
    ...(checkpoint && config.init === start.arm && { init: checkpoint }),
    engine: modelAt(config.engine),
    data: {
      ...config.data,
      train: fileOf(train),
      eval: Object.fromEntries(Object.entries(sets).map(([name, set]) => [name, fileOf(set)])),
      root: root ?? (isMade ? join(sweep, 'data') : '.'),
    },
  };
  return withAbsolutePaths(absolute, dirname(file));
}
