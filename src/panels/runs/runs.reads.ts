import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { mean } from '../../base/numbers.ts';
import { treeOf } from '../../core/config/editor/presets.ts';
import { readMetricsRow } from '../../core/rewards/metrics-row.ts';
import { differencesAmong } from '../../core/config/changed.ts';
import type { RunsDifference } from './runs.contract.ts';
import { checkpointFolder, listCheckpoints, readLoopState } from '../../lab/runs/checkpoints.ts';
import { lostSteps, readRunConfig } from '../../lab/runs/make-run.ts';
import { isActive, readState } from '../../lab/runs/state.ts';
import { ifMissing } from '../../lab/files/disk-error.ts';
import { readText } from '../../lab/files/regular.ts';
import { atPresent } from '../../lab/traces/data-folders.ts';
import { lastLines } from '../../lab/runs/tail.ts';
import { searchFolders } from '../../lab/files/folders.ts';

/** Number of last steps whose mean duration is the pace of a run. */
const PACE_STEPS = 20;

/** Returns the mean duration of a run's last steps, in seconds; null if unknown. */
export async function runPace({ dir }: { dir: string }): Promise<number | null> {
  const rows = await lastLines(join(dir, 'timings.jsonl'), PACE_STEPS, readMetricsRow);
  return mean(rows.flatMap(({ step_time }) => step_time ?? []));
}

/** Compares configs for `runsCalls.runsDifferences`. */
export async function runsDifferences({ dirs }: { dirs: readonly string[] }): Promise<RunsDifference[]> {
  const read = (dir: string) => readText(join(dir, 'run.yaml')).catch(ifMissing(''));
  return differencesAmong((await Promise.all(dirs.map(read))).map(treeOf));
}

export interface Checkpoints {
  steps: number[];
  folders: string[];
  /** Whether the run can still save checkpoints. */
  active: boolean;
  /** Number of finished steps that a resume discards, because the checkpoints are missing. */
  lost: number;
  /** Step of the run's best checkpoint; null if the run stores no best checkpoint. */
  best: number | null;
  /** Evaluation sets of the config, as absolute paths of their current location by name. */
  sets: Record<string, string>;
  /** Training rows of the config, as an absolute path of their current location. */
  train: string;
  /** Data root from the config, as an absolute path. */
  root: string;
}

export async function checkpoints({ dir }: { dir: string }): Promise<Checkpoints> {
  const steps = await listCheckpoints(dir);
  const last = steps.at(-1);
  const best = last === undefined ? null : (await readLoopState(dir, last)).best;
  const state = await readState(dir);
  const { data } = await readRunConfig(dir);
  const { files, root } = await atPresent(dir, { files: data.eval, root: data.root });
  const trained = await atPresent(dir, { files: { train: data.train }, root: data.root });
  return {
    steps,
    folders: steps.map((step) => checkpointFolder(dir, step)),
    active: state !== null && isActive(state),
    lost: await lostSteps(dir),
    best: best?.step ?? null,
    sets: files,
    train: trained.files.train!,
    root: root!,
  };
}

/** Returns the runs that contain a checkpoint. */
export async function savedRuns({ dirs }: { dirs: readonly string[] }): Promise<string[]> {
  const steps = await Promise.all(dirs.map(listCheckpoints));
  return dirs.filter((_, i) => steps[i]!.length > 0);
}

/** Name of a folder that contains runs. */
const RUNS = 'runs';

/** Returns the folders named `runs` in or below `folders`, the nearest first. */
export async function findRunRoots({ folders }: { folders: string[] }): Promise<string[]> {
  const isRoot = (folder: string) => basename(folder) === RUNS;
  const roots = folders.filter(isRoot);
  await searchFolders(
    folders.filter((folder) => !isRoot(folder)),
    async (folder, entries) => {
      const root = join(folder, RUNS);
      // Follow a link only if its name is `runs`, because `runs` is often a link to a larger disk.
      if (entries.some(({ name }) => name === RUNS) && (await isFolder(root))) roots.push(root);
      return entries.filter(({ name }) => name !== RUNS);
    },
  );
  return roots;
}

/** Returns whether a path is a folder, or a link to a folder. */
const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(ifMissing(null)))?.isDirectory() ?? false;
