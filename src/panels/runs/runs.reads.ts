import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { mean } from '../../base/numbers.ts';
import { treeOf } from '../../core/config/editor/presets.ts';
import { isRecord } from '../../base/json.ts';
import { readMetricsRow } from '../../core/rewards/metrics-row.ts';
import { differencesAmong } from '../../core/config/changed.ts';
import { type RunStateSummary, type RunSummary, UNREAD, type RunsDifference } from './runs.contract.ts';
import { bothRight } from '../../core/metrics/view-gaps.ts';
import { meterOfResults, meterOfSteps, newestMeter, type Meter } from '../../core/run-data/meter.ts';
import { RECENT } from '../run/series.reads.ts';
import { manifestSchema, stepOf } from '../../lab/runs/run-folder.ts';
import { originName, type ImportRecord } from '../../core/run-data/origin.ts';
import { quickChecks, readResults } from '../../lab/evaluation/evaluation-folders.ts';
import { listRuns, type ListedRun } from '../../lab/runs/listed-runs.ts';
import { parseRecord } from '../../base/record.ts';
import { checkpointFolder, listCheckpoints, readLoopState } from '../../lab/runs/checkpoints.ts';
import { readRunConfig } from '../../lab/runs/make-run.ts';
import { explainError, ifMissing, unlessUnreadable } from '../../lab/files/disk-error.ts';
import { readText } from '../../lab/files/regular.ts';
import { UntilChanged } from '../../lab/files/version.ts';
import { lastLines } from '../../lab/runs/tail.ts';
import { searchFolders } from '../../lab/files/folders.ts';
import { findForeign } from '../../lab/foreign/find.ts';

/** Steps whose time is averaged for a run's pace. */
const PACE_STEPS = 20;
/** How many characters of the user's notes to show in lists. */
const MAX_NOTE = 1000;
/** What lists show of a manifest; that of an imported run does not say when it began. */
const STARTED = manifestSchema.pick({ started: true }).partial();

/** Average seconds of the run's last steps; null if unknown. */
export async function runPace({ dir }: { dir: string }): Promise<number | null> {
  const rows = await lastLines(join(dir, 'timings.jsonl'), PACE_STEPS, readMetricsRow);
  return mean(rows.flatMap(({ step_time }) => step_time ?? []));
}

/** What was read at some paths, each read again when the file or folder there has changed. */
class ByPath<T> {
  private readonly values = new UntilChanged<T>();

  constructor(private readonly read: (path: string) => Promise<T>) {}

  /** @returns null for a file that does not exist or is none of its kind. @throws if it cannot be read */
  async of(path: string): Promise<T | null> {
    const file = await stat(path).catch(ifMissing(null));
    if (!file) return null;
    return this.values
      .of(path, `${file.mtimeMs} ${file.size}`, () => this.read(path))
      .catch(unlessUnreadable(null));
  }
}

/** The parts of a resolved config that lists show; nothing of a text that is not a config. */
function aboutConfig(text: string): Pick<RunSummary, 'recipe' | 'data' | 'model'> {
  const { recipe, data, engine } = treeOf(text);
  const { kind, model } = isRecord(engine) ? engine : {};
  const { train, eval: sets } = isRecord(data) ? data : {};
  const paths = [train, ...(isRecord(sets) ? Object.values(sets) : [])];
  return {
    recipe: typeof recipe === 'string' ? recipe : null,
    data: paths.filter((path) => typeof path === 'string'),
    model: [kind, model].filter((part) => typeof part === 'string').join(' ') || null,
  };
}

/** Lists runs again and again, and reads only what has changed in their files. */
export class RunSummaries {
  private readonly metrics = new ByPath(async (path) => {
    const rows = await lastLines(path, RECENT, readMetricsRow);
    return { reward: rows.at(-1)?.reward ?? null, meter: meterOfSteps(rows) };
  });
  private readonly evaluations = new ByPath(async (path) => {
    const id = basename(dirname(path));
    const results = await readResults(dirname(path));
    const meter = results && meterOfResults(results, stepOf(id) ?? NaN, id);
    return { meter, interval: (meter && bothRight(results)?.interval) ?? null };
  });
  private readonly quickChecks = new ByPath((folder) => quickChecks(dirname(folder)));
  /** Results without pairs of views. They stay that way, because a run uses the same views in all its evaluations. */
  private readonly viewless = new Set<string>();
  private readonly notes = new ByPath(async (path) => (await readText(path)).trim().slice(0, MAX_NOTE));
  private readonly starts = new ByPath(
    async (file) => parseRecord(STARTED, await readText(file), { file }).started ?? null,
  );
  private readonly configs = new ByPath(async (path) => aboutConfig(await readText(path)));

  /** The runs in some folders, grouped by folder, the most recently active first. */
  async list({ roots }: { roots: string[] }): Promise<RunSummary[]> {
    const lists = roots.map(async (root) => {
      const runs = await listRuns(root);
      return Promise.all(runs.map((run) => this.summary(root, run)));
    });
    return (await Promise.all(lists)).flat();
  }

  private async summary(root: string, { name, dir, state, error, imported }: ListedRun): Promise<RunSummary> {
    let unread: string | null = null;
    const orWhy = <T>(reading: Promise<T>): Promise<T | null> =>
      reading.catch((why: Error) => {
        unread ??= explainError(why);
        return null;
      });
    const [metrics, evaluated, config, note, started] = await Promise.all([
      orWhy(this.metrics.of(join(dir, 'metrics.jsonl'))),
      orWhy(this.newestEvaluation(dir)),
      orWhy(this.configs.of(join(dir, 'run.yaml'))),
      orWhy(this.notes.of(join(dir, 'notes.md'))),
      orWhy(this.starts.of(join(dir, 'manifest.json'))),
    ]);
    const meter = newestMeter([metrics?.meter ?? null, evaluated?.meter ?? null]);
    return {
      name,
      dir,
      root,
      state: state && stateSummary(state),
      error: error ?? unread,
      reward: metrics?.reward ?? null,
      meter,
      interval: meter && meter === evaluated?.meter ? evaluated.interval : null,
      model: config?.model ?? null,
      started,
      recipe: config?.recipe ?? null,
      note: note ?? '',
      data: config?.data ?? [],
      ...(imported && { origin: { holds: importText(imported), written: imported.imported, isCopy: true } }),
    };
  }

  /** The meter from the newest evaluation made during training that has both views; null if none has. */
  private async newestEvaluation(
    dir: string,
  ): Promise<{ meter: Meter | null; interval: RunSummary['interval'] } | null> {
    for (const check of (await this.quickChecks.of(join(dir, 'eval'))) ?? []) {
      const path = join(check.dir, 'results.json');
      const evaluation = this.viewless.has(path) ? null : await this.evaluations.of(path);
      if (evaluation?.meter) return evaluation;
      if (evaluation) this.viewless.add(path);
    }
    return null;
  }
}

/** What panels show of a run's state. */
export const stateSummary = (state: RunStateSummary & { alarm?: string | undefined }): RunStateSummary => {
  const { status, phase, step, steps, heartbeat, message, host, alarm } = state;
  const summary = { status, phase, step, steps, heartbeat, message, host };
  if (alarm === undefined) return summary;
  return alarm === 'no-reward'
    ? { ...summary, unrewarded: true }
    : { ...summary, signature: alarm.replaceAll('-', ' ') };
};

/** "imported from TRL 1.16.0, step 4". */
const importText = ({ origin, last_step: step }: ImportRecord): string =>
  `imported from ${originName(origin)}${step === null ? '' : `, step ${step}`}`;

/** @see runsCalls.runsDifferences */
export async function runsDifferences({ dirs }: { dirs: readonly string[] }): Promise<RunsDifference[]> {
  const read = (dir: string) => readText(join(dir, 'run.yaml')).catch(ifMissing(''));
  return differencesAmong((await Promise.all(dirs.map(read))).map(treeOf));
}

/** The checkpoints of a run, and what is needed to evaluate them. */
export interface Checkpoints {
  /** Ascending. */
  steps: number[];
  /** The folder of each. */
  folders: string[];
  /** The checkpoint that the run keeps as its best; null if it keeps none. */
  best: number | null;
  /** The config's evaluation sets: name → absolute path. */
  sets: Record<string, string>;
  /** The config's data root, absolute. */
  root: string;
}

export async function checkpoints({ dir }: { dir: string }): Promise<Checkpoints> {
  const steps = await listCheckpoints(dir);
  const last = steps.at(-1);
  const best = last === undefined ? null : (await readLoopState(dir, last)).best;
  const { data } = await readRunConfig(dir);
  return {
    steps,
    folders: steps.map((step) => checkpointFolder(dir, step)),
    best: best?.step ?? null,
    sets: data.eval,
    root: data.root!,
  };
}

/** The name of a folder that holds runs. */
const RUNS = 'runs';

/** The folders named `runs` in or below `folders`, nearest first. */
export async function findRunRoots({ folders }: { folders: string[] }): Promise<string[]> {
  const isRoot = (folder: string) => basename(folder) === RUNS;
  const roots = folders.filter(isRoot);
  await searchFolders(
    folders.filter((folder) => !isRoot(folder)),
    async (folder, entries) => {
      const root = join(folder, RUNS);
      // `runs` is often a link to a larger disk; other links are not followed.
      if (entries.some(({ name }) => name === RUNS) && (await isFolder(root))) roots.push(root);
      return entries.filter(({ name }) => name !== RUNS);
    },
  );
  return roots;
}

/** The runs of other programs in or below `folders`, for lists. Recognised by file names alone; no file is read. */
export async function findForeignRuns({ folders }: { folders: string[] }): Promise<RunSummary[]> {
  const runs = await findForeign(folders);
  return runs.map(({ dir, name, holds, written }) => ({
    ...UNREAD,
    name,
    dir,
    root: dirname(dir),
    origin: { holds, written, isCopy: false },
  }));
}

/** Whether there is a folder at a path, links followed. */
const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(ifMissing(null)))?.isDirectory() ?? false;
