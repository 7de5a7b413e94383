import { constants } from 'node:fs';
import { appendFile, cp, lstat, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import {
  changedConfig,
  changesText,
  configDifferences,
  type ConfigChange,
  type ConfigChanges,
} from '../../core/config/changed.ts';
import { derivedNumbers } from '../../core/config/derived.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import { problemText } from '../../core/config/config-source.ts';
import { jsonText } from '../../base/json.ts';
import { ACUITY_FILE, readAcuity, type AnyAcuityRecord } from '../../core/psychophysics/acuity-record.ts';
import { type RunEventRow, type RunManifest, stepName, stepsIn } from './run-folder.ts';
import { ifMissing } from '../files/disk-error.ts';
import { writeAtomically } from '../files/atomic.ts';
import { makeFolder } from '../files/folders.ts';
import { readText } from '../files/regular.ts';
import { readLines } from './line-writer.ts';
import {
  BrokenCheckpoint,
  checkpointFolder,
  listCheckpoints,
  readLoopState,
  verifyCheckpoint,
} from './checkpoints.ts';
import { createRun, readManifest, readRunConfig, writeManifest } from './make-run.ts';
import { gitState, hardwareText, programVersions } from './versions.ts';

/** Error with the reason why a run cannot be forked, for users. */
export class ForkError extends Error {}

export interface ForkPlan {
  parent: string;
  /** Step of the checkpoint with which the fork begins: the newest intact checkpoint up to the requested step. */
  step: number;
  config: RunConfig;
  changes: ConfigChange[];
  /** Reasons why newer checkpoints of the parent are not used. */
  broken: string[];
}

/**
 * Fields that a fork cannot change, because the weights, optimiser, random state and data position of a checkpoint
 * require the same values.
 */
const FIXED = ['recipe', 'seed', 'engine', 'init', 'data.train', 'data.order', 'data.root'];

/**
 * Selects the checkpoint and the settings of a fork. Writes nothing.
 * @param parent the run's folder
 * @param wanted step at or before which the fork branches off
 * @throws ForkError if no checkpoint exists, or the settings do not fit the checkpoint
 */
export async function planFork(parent: string, wanted: number, given: ConfigChanges): Promise<ForkPlan> {
  const before = await readRunConfig(parent);
  const { config, problems } = changedConfig(before, given, 'run.yaml with the changes');
  if (!config)
    throw new ForkError(`Cannot fork the run with these settings.\n${problems.map(problemText).join('\n')}`);
  const changes = configDifferences(before, config);
  const beyond = changes.filter(({ path }) =>
    FIXED.some((fixed) => path === fixed || path.startsWith(`${fixed}.`)),
  );
  if (beyond.length > 0) {
    const names = beyond.map(({ path }) => path).join(', ');
    throw new ForkError(
      `Cannot change ${names} in a fork, which keeps the weights, optimiser and data of its parent. Start a new run with \`init\` instead.`,
    );
  }
  const { step, broken } = await checkpointBefore(parent, wanted);
  if (config.steps <= step)
    throw new ForkError(
      `Cannot fork at step ${step}, the end of the run (steps: ${config.steps}). Raise steps, or choose an earlier step.`,
    );
  return { parent: resolve(parent), step, config, changes, broken };
}

async function checkpointBefore(parent: string, wanted: number): Promise<{ step: number; broken: string[] }> {
  const steps = await listCheckpoints(parent);
  const broken: string[] = [];
  for (const step of steps.filter((each) => each <= wanted).reverse()) {
    try {
      await verifyCheckpoint(checkpointFolder(parent, step));
      return { step, broken };
    } catch (error) {
      if (!(error instanceof BrokenCheckpoint)) throw error;
      broken.push(error.message);
    }
  }
  const name = basename(resolve(parent));
  if (broken.length > 0) throw new ForkError(broken[0]!);
  throw new ForkError(
    steps.length === 0
      ? `${name} has no checkpoint yet. It writes checkpoints every checkpoint.every steps.`
      : `${name} has no checkpoint at or before step ${wanted}, only ${stepList(steps)}. Fork from one of these steps.`,
  );
}

const stepList = (steps: readonly number[]): string =>
  `${steps.length === 1 ? 'step' : 'steps'} ${steps.slice(0, 20).join(', ')}${steps.length > 20 ? ', …' : ''}`;

/**
 * Creates a run that continues from a checkpoint of its parent, in the same folder of runs. Copies weights, optimiser,
 * random state, data position, and all metrics until that step. Without changes, the fork repeats its parent.
 * @returns the new folder. An existing name gets a number.
 */
export async function makeFork(plan: ForkPlan, name: string): Promise<string> {
  const { parent, step, config } = plan;
  const manifest = await readManifest(parent);
  const { best } = await readLoopState(parent, step);
  return createRun(dirname(parent), name, config, async (dir, taken) => {
    // The parent's best checkpoint, if it still exists, is also the best checkpoint of the fork.
    const kept = await listCheckpoints(parent);
    for (const each of new Set([...(best && kept.includes(best.step) ? [best.step] : []), step]))
      await copyCheckpoint(parent, dir, each);
    for (const file of ['metrics.jsonl', 'timings.jsonl']) await copyRows(parent, dir, file, step);
    await copyEvaluations(parent, dir, step);
    await copyAcuity(parent, dir, { last: step, run: taken });
    await writeManifest({ dir, write: writeAtomically }, forkManifest(plan, manifest, taken));
    await appendFile(join(dir, 'events.jsonl'), `${JSON.stringify(forkEvent(plan))}\n`);
  });
}

/** @throws BrokenCheckpoint if the parent has removed the checkpoint since it was selected */
async function copyCheckpoint(parent: string, dir: string, step: number): Promise<void> {
  const to = checkpointFolder(dir, step);
  await copyFolder(checkpointFolder(parent, step), to);
  await verifyCheckpoint(to);
}

async function copyRows(parent: string, dir: string, file: string, last: number): Promise<void> {
  await writeAtomically(join(dir, file), async (to) => {
    for await (const { text, row } of readLines(join(parent, file)))
      if (typeof row.step === 'number' && row.step <= last) await to.appendFile(`${text}\n`);
  });
}

async function copyEvaluations(parent: string, dir: string, last: number): Promise<void> {
  const names = await readdir(join(parent, 'eval')).catch(ifMissing([]));
  for (const { name, step } of stepsIn(names)) {
    if (step > last || name !== stepName(step)) continue;
    await copyFolder(join(parent, 'eval', name), join(dir, 'eval', name));
  }
}

/** Copies the parent's acuity records up to this step, so that curves of the fork are complete. */
async function copyAcuity(parent: string, dir: string, { last, run }: { last: number; run: string }) {
  const [from, to] = [join(parent, 'acuity'), join(dir, 'acuity')];
  const names = await readdir(from).catch(ifMissing([]));
  const measured = names.filter((name) => Number(/^step-(\d+)-/.exec(name)?.[1] ?? NaN) <= last);
  for (const name of measured.length > 0 ? [...measured, 'rows'] : [])
    await copyFolder(join(from, name), join(to, name));
  for (const name of measured) {
    const file = join(to, name, ACUITY_FILE);
    const text = await readText(file).catch(ifMissing(null));
    const record = text === null ? null : readable(text, file);
    if (!record) continue;
    const model = `${run}, step ${record.step}`;
    // Final path of the answers, because the folder is still under construction.
    const answers = join(dirname(parent), run, 'acuity', name);
    const settings = { ...record, model, run, answers };
    await writeAtomically(file, jsonText(settings));
  }
}

/** Parses a record. Null for an unreadable record, which is reported when it is displayed. */
function readable(text: string, file: string): AnyAcuityRecord | null {
  try {
    return readAcuity(text, { file });
  } catch {
    return null;
  }
}

/** Copies files and folders, except links, locks and unfinished files. */
async function copyFolder(from: string, to: string): Promise<void> {
  await makeFolder(to);
  await cp(from, to, {
    recursive: true,
    mode: constants.COPYFILE_FICLONE,
    filter: async (path) => {
      const name = basename(path);
      if (path !== from && (name === 'lock' || name.startsWith('.'))) return false;
      const entry = await lstat(path);
      return entry.isFile() || entry.isDirectory();
    },
  });
}

function forkManifest(plan: ForkPlan, source: RunManifest, name: string): RunManifest {
  const { parent, step, config, changes } = plan;
  const { reward_check, ...rest } = source;
  const sameRewards = changes.every(({ path }) => !path.startsWith('rewards.'));
  return {
    ...rest,
    name,
    versions: { ...source.versions, ...programVersions() },
    git: gitState(source.data_root),
    host: hostname(),
    hardware: hardwareText(),
    argv: process.argv.slice(2),
    started: new Date().toISOString(),
    parent: { name: basename(parent), step, changes },
    preflight: { ...source.preflight, ...derivedNumbers(config) },
    ...(reward_check && sameRewards && { reward_check }),
  };
}

const forkEvent = ({ parent, step, changes }: ForkPlan): RunEventRow => ({
  step,
  time: new Date().toISOString(),
  kind: 'fork',
  message: `Forked from ${basename(parent)} at step ${step}; changed: ${changesText(changes)}.`,
});
