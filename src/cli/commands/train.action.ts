import type { OptionsOf } from '../command-options.ts';
import type { addTrainCommand } from './train.command.ts';
import { planLabel } from '../../base/labels.ts';
import { memoryParts, memoryText } from '../../lab/models/memory-parts.ts';
import { noteStart, startNotes } from '../training-sets.ts';
import { requireUsable } from '../print-usable.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import type { Problem } from '../../base/problem.ts';
import { requireOwn, goOn, watchStarted, launch, launchNew } from '../find-runs.ts';
import { configDifferences } from '../../core/config/changed.ts';
import { readRunConfig, createRun } from '../../lab/runs/make-run.ts';
import { JobError, UsageError } from '../errors.ts';
import { readState } from '../../lab/runs/state.ts';
import { tell, printJson, print, note, pathHere } from '../print.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { openTools, type Tools } from '../../lab/models/recipe-tools.ts';
import { Progress } from '../progress.ts';
import { sightNotes } from '../../lab/evaluation/sight-notes.ts';
import { preflight, viewWarnings } from '../../lab/models/preflight.ts';
import { derivedNumbers } from '../../core/config/derived.ts';
import { checkRewards } from '../../lab/models/check-rewards.ts';
import { forecast, measuredStep, forecastText, priceLines, timedFolders } from '../pace.ts';
import { probeWarnings } from '../../core/rewards/reward-probe.ts';
import { pictureEffectText, type PictureCheck } from '../../core/metrics/picture-effect.ts';
import { checkPictures } from '../../lab/models/likely-with-picture.ts';
import { readRunFile, requireTrust } from '../config.ts';
import { basename } from 'node:path';
import { requireFolderName } from '../input.ts';
import { findRun } from '../../lab/runs/listed-runs.ts';
import { readPlan } from '../../lab/sweeps/sweep-folder.ts';
import { workOnSweep } from '../../lab/sweeps/work.ts';
import { workOnRun } from '../../lab/train.ts';
import { probeTable } from './rewards.action.ts';

/** Continues the run of a config. @throws JobError if the run was started with another config */
async function resumeSame(
  path: string,
  config: RunConfig,
  name: string,
  { runs, detach, json, force }: { runs: string; detach?: boolean; json?: boolean; force?: boolean },
): Promise<void> {
  const dir = await requireOwn(runs, name, 'resumed');
  const changed = configDifferences(await readRunConfig(dir), config).map((change) => change.path);
  if (changed.length > 0)
    throw new JobError(`Cannot resume ${name}: its config differs from ${path} in ${changed.join(', ')}.`, {
      fix: 'Pass another --name, or fork the run with `chirality fork`.',
    });
  const isFinished = (await readState(dir))?.status === 'finished';
  if (isFinished) tell(`${name} is finished.`);
  const isElsewhere = !isFinished && !(await goOn(dir, name, force));
  if (json) printJson({ name, dir, state: await readState(dir) });
  if (json || detach) return;
  process.exitCode = await watchStarted(dir, name);
  if (!isElsewhere || (await readState(dir))?.status !== 'lost') return;
  // A cluster can move the job to another machine before the run's lock expires.
  await sleep(LOCK_LAG_MS);
  await goOn(dir, name, force);
  process.exitCode = await watchStarted(dir, name);
}

/** Extra time until the lock of a run on another machine expires, in ms. */
const LOCK_LAG_MS = 5000;

/** Performs all preparations for a run's first step, without a run folder. @param warnings warnings about the config */
async function dryRun(
  config: RunConfig,
  { runs, json, warnings }: { runs: string; json: boolean; warnings: readonly object[] },
): Promise<void> {
  const tools = await openTools(config, null);
  try {
    const progress = new Progress('row', tools.rows.count);
    const onRow = (done: number) => progress.update(done);
    const check = await preflight(config, tools.rows, tools.trainer, { onRow });
    progress.end();
    const { train, eval: sets, root } = config.data;
    const seen = await sightNotes(config.engine, {
      sets: { ...sets, train },
      root: root!,
      symmetric: config.pairs.symmetric,
    });
    const sight = seen?.warnings ?? [];
    const { sizes } = tools.trainer.info();
    const memory = sizes && memoryParts(config, sizes, check);
    const { longest_target, ...others } = { ...check, ...derivedNumbers(config) };
    // Omit the longest target unless the recipe is SFT, because only SFT has target texts.
    const numbers = config.recipe === 'sft' ? { ...others, longest_target } : others;
    const probes =
      config.recipe === 'grpo' ? await checkRewards(config, tools.rows, tools.encoder, tools.ownRewards) : [];
    // Check images before measuring steps, because steps train the model.
    const pictures = await lookAtPictures(config, tools);
    const time = await forecast([config], await timedFolders(runs), () => measuredStep(config, tools));
    if (json) {
      printJson({
        config,
        ...numbers,
        ...(memory && { memory_bytes: memory }),
        reward_check: probes,
        picture_check: pictures,
        seconds: time && time.seconds,
        warnings: [
          ...warnings,
          ...(await startNotes(config)),
          ...[...viewWarnings(config, check), ...probeWarnings(probes, null)].map(warningOf('rewards')),
          ...sight.map(warningOf('seen')),
          ...(isUnseen(pictures) ? [pictureEffectText(pictures)] : []).map(warningOf('pictures')),
        ],
      });
      return;
    }
    for (const [name, value] of Object.entries(numbers)) print(`${planLabel(name).padEnd(26)}${value}`);
    if (memory) print(memoryText(memory, { config, sizes, check }));
    for (const warning of [...viewWarnings(config, check), ...sight]) print(warning);
    if (probes.length > 0) print(['', probeTable(probes), ...probeWarnings(probes, null)].join('\n'));
    print(`\n${pictureEffectText(pictures)}`);
    for (const line of [forecastText(time), ...priceLines([config])]) note(line);
    await noteStart(config);
    note('Dry run passed. Nothing was written.');
  } finally {
    await tools.close();
  }
}

/** Returns a function that makes a machine-readable warning with a code. */
const warningOf = (code: string) => (message: string) => ({ code, message });

/** Returns whether the image check asked the model, and no image improved its answers. */
const isUnseen = ({ sight }: PictureCheck): boolean => ['misled', 'blind', 'unmoved'].includes(sight);

/** Returns the files with the rows of a run. */
const setsOf = ({ data }: RunConfig) =>
  [data.train, ...Object.values(data.eval)].map((path) => ({ path, root: data.root! }));

/** Checks whether the model sees the images. A failure of the check itself does not stop the run. */
const lookAtPictures = (config: RunConfig, { rows, trainer }: Tools): Promise<PictureCheck> =>
  checkPictures(config, rows, trainer).catch((error: unknown) => ({
    sight: 'not-asked',
    why: `Cannot check whether the model sees the images: ${(error as Error).message}`,
  }));

export async function train(path: string, options: OptionsOf<typeof addTrainCommand>): Promise<void> {
  if (options.force && !options.resume)
    throw new UsageError('--force has no effect without --resume. Add --resume.');
  const warnings: object[] = [];
  const onWarning = ({ code, message, fix }: Problem) => warnings.push({ code, message, fix });
  const config = readRunFile(path, { onWarning });
  await requireTrust(config);
  if (!options.resume) await requireUsable(setsOf(config));
  if (options.dryRun) {
    await dryRun(config, { runs: options.runs, json: options.json ?? false, warnings });
    return;
  }
  const wanted = options.name ?? basename(path).replace(/(\.run)?\.ya?ml$/, '');
  requireFolderName(wanted, `in ${options.runs}`);
  if (options.resume && (await findRun(options.runs, wanted))) {
    await resumeSame(path, config, wanted, options);
    return;
  }
  const time = await forecast([config], await timedFolders(options.runs));
  const dir = await createRun(options.runs, wanted, config);
  const name = basename(dir);
  const state = await launchNew(dir);
  if (options.json) printJson({ name, dir, state });
  else {
    if (name !== wanted) note(`Run ${wanted} already exists. The new run is named ${name}.`);
    note(`Run ${name} started in ${pathHere(dir)} (process ${state.pid}).`);
    note(forecastText(time));
    await noteStart(config);
  }
  if (!options.json && !options.detach) process.exitCode = await watchStarted(dir, name);
}

export async function work(dir: string): Promise<void> {
  if (await readPlan(dir)) await workOnSweep(dir, launch);
  else await workOnRun(dir);
}
