import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { mean } from '../base/numbers.ts';
import { duration } from '../base/format.ts';
import { derivedNumbers } from '../core/config/derived.ts';
import type { RunConfig } from '../core/config/run-config.ts';
import { isRecord } from '../base/json.ts';
import { modelNameOf } from '../lab/evaluation/evaluation-plan.ts';
import { ifMissing } from '../lab/files/disk-error.ts';
import { readText } from '../lab/files/regular.ts';
import { listRuns, type ListedRun } from '../lab/runs/listed-runs.ts';
import { readRunConfig } from '../lab/runs/make-run.ts';
import { measureStep } from '../lab/measure-step.ts';
import { openTools, type Tools } from '../lab/models/recipe-tools.ts';
import { listSweeps } from '../lab/sweeps/sweep-folder.ts';
import { RUNS_FOLDER } from './command-options.ts';
import { tell } from './print.ts';

/** Returns the seconds per step of a run; null before the first step. Excludes evaluations and other pauses. */
export async function paceOf(folder: string): Promise<number | null> {
  const timings = await readText(join(folder, 'timings.jsonl')).catch(ifMissing(''));
  return mean(
    timings.split('\n').flatMap((line) => {
      const time = /"step_time":([\d.e-]+)/.exec(line)?.[1];
      return time === undefined ? [] : [Number(time)];
    }),
  );
}

/** Returns the number of completions (in SFT, of rows) that a config computes per step. */
function workOf(config: RunConfig): number {
  const { completions_per_step, samples_per_step } = derivedNumbers(config);
  return completions_per_step ?? samples_per_step!;
}

export interface Forecast {
  seconds: number;
  /** Earlier runs that the forecast uses. */
  by: string[];
  /** Whether some steps were measured now, because no earlier run was comparable. */
  measured: boolean;
}

/** Returns the folders whose runs a forecast uses: the given runs, and the runs of all sweeps. */
export async function timedFolders(runs = RUNS_FOLDER, sweeps = 'sweeps'): Promise<string[]> {
  const names = await listSweeps(resolve(sweeps));
  return [resolve(runs), ...names.map((name) => join(resolve(sweeps), name, 'runs'))];
}

/**
 * Forecasts the total time of runs in sequence. Uses the newest run on this machine with the same recipe, engine and
 * model. The time of a step is proportional to its completions or rows.
 * @param measure measures the seconds per step of a config without a comparable run
 * @returns null if a config has neither a comparable run nor a measurement
 */
export async function forecast(
  configs: readonly RunConfig[],
  folders: readonly string[],
  measure: (config: RunConfig) => Promise<number | null> = () => Promise.resolve(null),
): Promise<Forecast | null> {
  const active = (run: ListedRun) => run.state?.heartbeat ?? '';
  const runs = (await Promise.all(folders.map((folder) => listRuns(folder))))
    .flat()
    .sort((a, b) => active(b).localeCompare(active(a)));
  const paces = new Map<string, Pace | null>();
  let seconds = 0;
  let measured = false;
  const by = new Set<string>();
  for (const config of configs) {
    const kind = kindOf(config);
    if (!paces.has(kind))
      paces.set(kind, (await newestAlike(kind, runs)) ?? paceIn(config, null, await measure(config)));
    const pace = paces.get(kind);
    if (!pace) return null;
    seconds += pace.secondsPerItem * workOf(config) * config.steps;
    if (pace.name === null) measured = true;
    else by.add(pace.name);
  }
  return { seconds, by: [...by], measured };
}

/** Seconds per completion or row in an earlier run, or, without a name, in steps that were measured now. */
interface Pace {
  name: string | null;
  secondsPerItem: number;
}

const paceIn = (config: RunConfig, name: string | null, seconds: number | null): Pace | null =>
  seconds === null ? null : { name, secondsPerItem: seconds / workOf(config) };

const kindOf = ({ recipe, engine }: RunConfig): string =>
  JSON.stringify([recipe, engine.kind, modelNameOf(engine)]);

async function newestAlike(kind: string, runs: readonly ListedRun[]): Promise<Pace | null> {
  for (const { name, dir } of runs) {
    // Skip an unreadable run.
    const config = await readRunConfig(dir).catch(() => null);
    if (!config || kindOf(config) !== kind || !(await isOfThisMachine(dir))) continue;
    const pace = paceIn(config, name, await paceOf(dir));
    if (pace) return pace;
  }
  return null;
}

async function isOfThisMachine(dir: string): Promise<boolean> {
  const text = await readText(join(dir, 'manifest.json')).catch(() => 'null');
  try {
    const manifest: unknown = JSON.parse(text);
    return isRecord(manifest) && manifest.host === hostname();
  } catch {
    return false;
  }
}

/** Returns lines about the price of training, because a training service bills by tokens. */
export const priceLines = (configs: readonly RunConfig[]): string[] =>
  configs.some(({ engine }) => engine.kind === 'tinker')
    ? ['Cannot estimate the cost. The service bills by tokens, and the config contains no prices.']
    : [];

/** Returns a forecast as text. @param devices number of devices that work in parallel */
export function forecastText(told: Forecast | null, devices = 1): string {
  if (!told) return 'The first steps show the remaining time.';
  const basis = [
    ...(told.by.length > 0
      ? [`the ${told.by.length > 1 ? 'runs' : 'run'} ${told.by.join(' and ')} on this machine`]
      : []),
    ...(told.measured ? ['a timed step'] : []),
  ];
  return `About ${duration(Math.round(told.seconds / devices))} of training${devices > 1 ? ` on ${devices} devices` : ''}, estimated from ${basis.join(' and ')}. Evaluations take extra time.`;
}

/** Returns the seconds per step, measured now on two steps; null if steps cost money, or the run has no steps. */
export async function measuredStep(config: RunConfig, tools: Tools): Promise<number | null> {
  if (config.engine.kind === 'tinker') return null;
  tell('Measuring two steps, because no run with this recipe and model has trained on this machine.');
  return measureStep(config, tools);
}

/** Measures a step like `measuredStep`, with a new trainer; null after a message if the run cannot be opened. */
export async function measuredRun(config: RunConfig): Promise<number | null> {
  if (config.engine.kind === 'tinker') return null;
  try {
    const tools = await openTools(config, null);
    return await measuredStep(config, tools).finally(tools.close);
  } catch (error) {
    tell(`Cannot measure a step: ${(error as Error).message}`);
    return null;
  }
}
