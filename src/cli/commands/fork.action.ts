import type { OptionsOf } from '../command-options.ts';
import type { addForkCommand } from './fork.command.ts';
import { SettingError, changesText, readChanges } from '../../core/config/changed.ts';
import { UsageError } from '../errors.ts';
import { ForkError, type ForkPlan, planFork, makeFork } from '../../lab/runs/fork.ts';
import { basename } from 'node:path';
import { launchNew, exitCodeOf, attach, requireRun } from '../find-runs.ts';
import { printJson, note, pathHere } from '../print.ts';
import { requireFolderName } from '../input.ts';
import { requireTrust } from '../config.ts';

type Options = OptionsOf<typeof addForkCommand>;

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
    `Run ${name} started from step ${step} of ${parent} in ${pathHere(dir)}. Changed: ${changesText(changes)}.`,
  );
  if (!detach) process.exitCode = exitCodeOf(await attach(dir, name));
}

export async function fork(run: string, options: Options): Promise<void> {
  const name = options.name ?? `${basename(run)}-fork`;
  requireFolderName(name, `next to ${run}`);
  const parent = await requireRun(options.runs, run);
  const plan = await asked(async () => planFork(parent, options.step, readChanges(options.set)));
  await requireTrust(plan.config);
  const dir = await asked(() => makeFork(plan, name));
  await start(dir, plan, options);
}
