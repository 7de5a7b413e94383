import { basename } from 'node:path';
import type { Command } from 'commander';
import { changesText, readChanges, SettingError } from '../../core/config/changed.ts';
import { ForkError, makeFork, planFork, type ForkPlan } from '../../lab/runs/fork.ts';
import { UsageError } from '../errors.ts';
import { collect, requireFolderName, wholeNumber } from '../input.ts';
import { note, pathHere, printJson } from '../print.ts';
import { attach, exitCodeOf, launchNew, requireRun, withRuns } from '../runs.ts';
import { requireTrust, withTrust } from '../config.ts';

interface Options {
  runs: string;
  step: number;
  name?: string;
  set: string[];
  detach?: boolean;
  json?: boolean;
}

export function addForkCommand(program: Command): void {
  withTrust(withRuns(program.command('fork')))
    .argument('<run>', 'run name or folder')
    .description(
      'Start a run that continues from another run’s checkpoint, with other settings, and watch it. The newest checkpoint at or before the step is taken: weights, optimiser, random state and position in the data. Metrics and evaluations up to it are copied.',
    )
    .requiredOption('--step <n>', 'branch off at this step, or at the last checkpoint before it', wholeNumber)
    .option(
      '--set <path=value>',
      'change a setting, as in run.yaml: --set coupling.eta=2; can be repeated',
      collect,
      [],
    )
    .option(
      '--name <name>',
      'name of the new run, beside its parent (default: <run>-fork, with a number if taken)',
    )
    .option('--detach', 'return as soon as the run has started')
    .option('--json', 'print name, folder, checkpoint and state as one JSON object (implies --detach)')
    .addHelpText(
      'after',
      `
Examples:
  chirality fork spatial --step 40 --set coupling.eta=2 --name eta-2
  chirality fork spatial --step 40 --set steps=200 --set optimizer.learning_rate=1e-5`,
    )
    .action(async (run: string, options: Options) => {
      const name = options.name ?? `${basename(run)}-fork`;
      requireFolderName(name, `beside ${run}`);
      const parent = await requireRun(options.runs, run);
      const plan = await asked(async () => planFork(parent, options.step, readChanges(options.set)));
      await requireTrust(plan.config);
      const dir = await asked(() => makeFork(plan, name));
      await start(dir, plan, options);
    });
}

async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SettingError) throw new UsageError(`--set ${error.message}`);
    if (error instanceof ForkError) throw new UsageError(error.message);
    throw error;
  }
}

async function start(dir: string, plan: ForkPlan, { json, detach }: Options): Promise<void> {
  const { step, changes, broken } = plan;
  const name = basename(dir);
  const parent = basename(plan.parent);
  const state = await launchNew(dir);
  if (json) {
    printJson({ name, dir, parent, step, changes, broken, state });
    return;
  }
  for (const why of broken) note(why);
  note(
    `Run ${name} continues from step ${step} of ${parent}, in ${pathHere(dir)}. Changed: ${changesText(changes)}.`,
  );
  if (!detach) process.exitCode = exitCodeOf(await attach(dir, name));
}
