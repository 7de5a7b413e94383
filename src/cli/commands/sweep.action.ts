import { type SweepPlan, planSweep, type PlannedRun } from '../../core/config/sweep-plan.ts';
import type { ReportDocument } from '../../core/reports/document.ts';
import { Progress } from '../progress.ts';
import { readSweepRuns } from '../../lab/sweeps/sweep-data.ts';
import { sweepReport } from '../../core/reports/sweep/build-sweep-report.ts';
import { basename, resolve, dirname, join } from 'node:path';
import type { CommandUnknownOpts as Command } from 'commander';
import { UsageError, JobError } from '../errors.ts';
import { readInput, requireFolderName } from '../input.ts';
import { recipeText, readSweep, makeSets } from '../sweep-read.ts';
import {
  printDocument,
  note,
  printJson,
  printList,
  pathHere,
  tell,
  printNamed,
  printTable,
} from '../print.ts';
import type { Tree } from '../../core/config/tree.ts';
import { amountOf, standingOf, watchSweep, standingTable } from '../sweep-watch.ts';
import { forecast, forecastText, priceLines, type Forecast, measuredRun, timedFolders } from '../pace.ts';
import { requireTrust } from '../config.ts';
import { fewRowsNotes } from '../training-sets.ts';
import { withAbsolutePaths } from '../../lab/runs/config-paths.ts';
import { findPython } from '../../lab/torch/python.ts';
import { readState, isActive } from '../../lab/runs/state.ts';
import { writeSweep, SweepChanged, runConfig, listSweeps, readPlan } from '../../lab/sweeps/sweep-folder.ts';
import { sweepName } from '../rest-of-sweep.ts';
import { launchWork, exitCodeOf, untilInterrupted } from '../find-runs.ts';
import { temporaryFolder } from '../../lab/files/leftovers.ts';
import type { RunState } from '../../lab/runs/run-folder.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import { sum } from '../../base/numbers.ts';
import { readMakeCommand } from '../../core/config/check-sweep.ts';
import { several } from '../../base/format.ts';
import { listSweepRecipes } from '../../lab/library.ts';
import { editorJsonSchema } from '../../core/config/editor/schema.ts';
import { stopRun } from '../../lab/runs/launch.ts';
import type { PrintOptions, OptionsOf } from '../command-options.ts';
import type { addSweepCommand } from './sweep.command.ts';
import { printReport } from '../print-report.ts';

async function reportOf(dir: string, plan: SweepPlan): Promise<ReportDocument> {
  const progress = new Progress('run', plan.runs.filter(({ stage }) => !stage).length);
  const runs = await readSweepRuns(dir, plan, (done) => progress.update(done));
  progress.end();
  return sweepReport(basename(dir), plan, runs);
}

/** Returns the option --json, which commander assigns to the parent if parent and child both define the option. */
const json = (command: Command): boolean => Boolean((command.optsWithGlobals() as { json?: boolean }).json);

const sweepsOf = (command: Command): string => (command.optsWithGlobals() as { sweeps: string }).sweeps;

export async function start(
  path: string | undefined,
  options: OptionsOf<typeof addSweepCommand>,
): Promise<void> {
  const { recipe, small = false } = options;
  if ((path === undefined) === (recipe === undefined))
    throw new UsageError('Pass either a sweep file or --recipe NAME.');
  const source = recipe === undefined ? { text: readInput(path!), file: path! } : recipeText(recipe);
  if (options.print) {
    printDocument(source.text);
    return;
  }
  const instead: Tree = {
    ...(options.seeds && { seeds: options.seeds }),
    ...(options.devices && { devices: options.devices }),
  };
  const loaded = readSweep(source, small, instead);
  const plan = planSweep(loaded, { file: resolve(source.file), small });
  const name = options.name ?? sweepName(source.file, small);
  requireFolderName(name, `in ${options.sweeps}`);
  const dir = resolve(options.sweeps, name);
  const configs = plan.runs.map(({ arm }) => loaded.arms.find((each) => each.name === arm)!.config);
  const amount = amountOf(configs);
  const folders = await timedFolders(undefined, options.sweeps);
  const given = loaded.arms.filter(({ config }) => !(config.data.train in plan.make));
  const warnings = await fewRowsNotes(
    given.map(({ config }) => withAbsolutePaths(config, dirname(resolve(source.file)))),
  );
  const work = workText(plan, configs);
  note(amountText(plan, work, amount));
  const time = options.dryRun
    ? await forecastOrMeasure(loaded, plan, folders)
    : await forecast(configs, folders);
  for (const line of [
    forecastText(time, plan.devices.length),
    ...priceLines(configs),
    ...warnings.map(({ message }) => message),
  ])
    note(line);
  if (options.dryRun) {
    if (options.json)
      printJson({ plan, work, ...amount, seconds: time && time.seconds / plan.devices.length, warnings });
    else
      printList(
        ['run', 'starts from'],
        plan.runs.map(({ name, after }) => [name, after ?? '']),
      );
    return;
  }

  await requireTrust(...configs.map((config) => withAbsolutePaths(config, dirname(resolve(source.file)))));
  // Report a missing Python once, before anything is written, instead of once for every run.
  for (const engine of ['torch', 'tinker'] as const)
    if (loaded.arms.some(({ config }) => config.engine.kind === engine))
      await findPython(engine).catch((error: unknown) => {
        throw new JobError((error as Error).message, { file: source.file });
      });
  const before = await readState(dir);
  if (!before || !isActive(before)) {
    await writeSweep(dir, plan, loaded.arms).catch((error: unknown) => {
      if (!(error instanceof SweepChanged)) throw error;
      throw new JobError(error.message, { file: dir, fix: 'Pass another --name, or delete the folder.' });
    });
    await makeSets(dir, plan);
  }
  const state = before && isActive(before) ? before : await launchWork(dir);
  if (options.json) printJson({ name, dir, state });
  else
    note(
      `Sweep ${name} ${before === state ? 'is already running' : 'started'} in ${pathHere(dir)} (process ${state.pid}).`,
    );
  if (!options.json && !options.detach) process.exitCode = exitCodeOf(await attach(dir, name, plan));
}

/** Forecasts a sweep from earlier runs, or from steps measured now. Creates its datasets in a temporary folder. */
async function forecastOrMeasure(
  { arms }: Parameters<typeof planSweep>[0],
  plan: SweepPlan,
  folders: readonly string[],
): Promise<Forecast | null> {
  const byName = new Map(arms.map((arm) => [arm.name, arm]));
  const { folder: scratch, remove } = temporaryFolder('sweep');
  let isMade: Promise<void> | undefined;
  const configOf = ({ name, arm, seed, stage }: PlannedRun) =>
    runConfig(scratch, plan, { name, arm, seed, stage }, byName);
  // A run that continues another run is measured with the initial model of the first run in its chain.
  const firstOf = (run: PlannedRun): PlannedRun => {
    const before = plan.runs.find(({ name }) => name === run.after);
    return before ? firstOf(before) : run;
  };
  const configs = plan.runs.map(({ arm }) => byName.get(arm)!.config);
  try {
    return await forecast(configs, folders, async (config) => {
      const run = plan.runs[configs.indexOf(config)]!;
      const { engine, init } = configOf(firstOf(run));
      const measured = { ...configOf(run), engine, init };
      await requireTrust(measured);
      await (isMade ??= makeSets(scratch, plan));
      return measuredRun(measured);
    });
  } finally {
    await remove();
  }
}

/** Shows a sweep until it ends. Ctrl-C stops only the display. */
async function attach(dir: string, name: string, plan: SweepPlan): Promise<RunState | null> {
  const state = await untilInterrupted((signal) => watchSweep(dir, plan, signal));
  tell(
    state
      ? `${name}: ${state.status}. ${state.message}`
      : `\nThe sweep continues. To watch it again, run the same command. To stop it, run \`chirality sweep stop ${name}\`.`,
  );
  return state;
}

/** Describes runs: one after the other, such as "SFT for 400 steps, then GRPO for 50 steps", or how many to compare. */
function workText({ cells, seeds, runs }: SweepPlan, configs: readonly RunConfig[]): string {
  if (runs.slice(1).every(({ after }, i) => after === runs[i]!.name))
    return configs
      .map(({ recipe, steps }) => `${recipe.toUpperCase()} for ${several(steps, 'step')}`)
      .join(', then ');
  const stages = runs.filter(({ stage }) => stage).length;
  const before = stages > 0 ? `, plus ${several(stages, 'preparatory run')}` : '';
  const steps = sum(configs.map((config) => config.steps));
  return `${several(cells.length, 'condition')} × ${several(seeds.length, 'seed')}${before}: ${several(runs.length, 'run')}, ${several(steps, 'step')}`;
}

function amountText(
  { make }: SweepPlan,
  work: string,
  { completions, samples }: ReturnType<typeof amountOf>,
): string {
  const made = Object.values(make).filter((words) => !readMakeCommand(words).makesModel).length;
  const parts = [
    work,
    ...(samples > 0 ? [`${several(samples, 'row')} read in training`] : []),
    ...(completions > 0 ? [`${several(completions, 'completion')} sampled`] : []),
    ...(made > 0 ? [`${several(made, 'dataset')} to create`] : []),
    ...(made < Object.keys(make).length ? ['one model to create'] : []),
  ];
  return `${parts.join(', ')}.`;
}

/**
 * Returns a sweep by name or path, or the only existing sweep.
 * @throws UsageError if there is no sweep, or more than one to choose from
 */
async function requireSweep(
  sweeps: string,
  name: string | undefined,
): Promise<{ dir: string; plan: SweepPlan }> {
  const folder = resolve(sweeps);
  const names = await listSweeps(folder);
  const only = names.length === 1 ? names : [];
  for (const dir of name === undefined
    ? only.map((run) => join(folder, run))
    : [resolve(name), join(folder, name)]) {
    const plan = await readPlan(dir);
    if (plan) return { dir, plan };
  }
  const several = name === undefined && names.length > 1;
  throw new UsageError(
    several
      ? `${folder} contains several sweeps. Pass the name of one.`
      : `${name === undefined ? 'No sweeps' : `Sweep "${name}" does not exist`} in ${folder}.`,
    { fix: names.length > 0 ? `Sweeps: ${names.join(', ')}.` : 'Start a sweep with `chirality sweep FILE`.' },
  );
}

export function printRecipe({ schema }: { schema?: boolean }, command: Command): void {
  const recipes = listSweepRecipes();
  if (schema) printJson(editorJsonSchema('sweep'));
  else if (json(command)) printJson(recipes);
  else printNamed(recipes);
}

export async function showStatus(name: string | undefined, _: unknown, command: Command): Promise<void> {
  const { dir, plan } = await requireSweep(sweepsOf(command), name);
  const standing = await standingOf(dir, plan);
  if (json(command)) printJson({ dir, file: plan.file, small: plan.small, ...standing });
  else {
    printTable(...standingTable(standing));
    const { state } = standing;
    if (state) tell(`${basename(dir)}: ${state.status}. ${state.message}`);
  }
}

export async function stopSweep(
  name: string | undefined,
  { grace }: { grace: number },
  command: Command,
): Promise<void> {
  const { dir } = await requireSweep(sweepsOf(command), name);
  note('Stopping after the current step …');
  const state = await stopRun(dir, { grace: 1000 * grace, patience: 30_000 });
  tell(`${basename(dir)}: ${state?.status ?? 'never started'}. ${state?.message ?? ''}`);
  if (state && isActive(state)) process.exitCode = 1;
}

export async function reportSweep(
  name: string | undefined,
  options: PrintOptions,
  command: Command,
): Promise<void> {
  const { dir, plan } = await requireSweep(sweepsOf(command), name);
  await printReport(await reportOf(dir, plan), json(command) ? { ...options, format: 'json' } : options);
}
