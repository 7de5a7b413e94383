import type { Dirent } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { treeOf } from '../core/config/editor/presets.ts';
import { isRecord } from '../core/json.ts';
import { readMetricsRow } from '../core/grpo/metrics.ts';
import { differencesAmong } from '../core/config/changed.ts';
import type { RunSummary } from '../core/protocol/runs.ts';
import type { RunsDifference } from '../core/protocol/runs-panel.ts';
import { bothRight, meterOfResults, meterOfSteps, newestMeter, type Meter } from '../core/run-data/meter.ts';
import { manifestSchema } from '../core/run-data/run-folder.ts';
import { originName, type ImportRecord } from '../core/run-data/foreign/origin.ts';
import { findForeign } from '../lab/foreign/find.ts';
import { quickChecks, readResults } from '../lab/evaluation/folders.ts';
import { listRuns, type ListedRun } from '../lab/runs/list.ts';
import { parseLine, parseRecord, type RowReader } from '../core/record.ts';
import { checkpointFolder, listCheckpoints, readLoopState } from '../lab/runs/checkpoints.ts';
import { readRunConfig } from '../lab/runs/run.ts';
import { stepOf } from '../lab/runs/step-names.ts';
import { explainError, ifMissing, noEntries, unlessUnreadable } from '../lab/files/disk-error.ts';
import { openFile, readText } from '../lab/files/regular.ts';

/** The name of a folder that holds runs. */
const RUNS = 'runs';
/** How deep to search below the workspace folder, and how many folders at most. */
const MAX_DEPTH = 4;
const MAX_FOLDERS = 3000;
/** How many entries of a folder to look at; a larger folder holds pictures. */
const MAX_ENTRIES = 10_000;
/** Steps whose time is averaged for a run's pace. */
const PACE_STEPS = 20;
/** How many characters of a person's notes to show in lists. */
const MAX_NOTE = 1000;
/** What lists show of a manifest; that of an imported run does not say when it began. */
const STARTED = manifestSchema.pick({ started: true }).partial();
/** Number of steps whose verdicts are averaged, since one step has few pairs. */
const METER_STEPS = 20;

/**
 * The folders named `runs` in or below `folders`, nearest first. The search is limited: it misses folders that lie deep
 * or after many others.
 */
export async function findRunRoots({ folders }: { folders: string[] }): Promise<string[]> {
  const roots = folders.filter((folder) => basename(folder) === RUNS);
  let level = folders.filter((folder) => basename(folder) !== RUNS);
  let left = MAX_FOLDERS;
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const below: string[] = [];
    for (const folder of level.slice(0, left)) {
      for (const entry of await entriesOf(folder)) {
        const path = join(folder, entry.name);
        if (entry.name === RUNS) {
          // `runs` is often a link to a larger disk; other links are not followed.
          if (await isFolder(path)) roots.push(path);
        } else if (entry.isDirectory() && !/^(?:\.|node_modules$)/.test(entry.name)) {
          below.push(path);
        }
      }
    }
    left -= level.length;
    if (left <= 0) break;
    level = below;
  }
  return roots;
}

/** The runs of other programs in or below `folders`, for lists. Recognised by file names alone; no file is read. */
export async function findForeignRuns({ folders }: { folders: string[] }): Promise<RunSummary[]> {
  const found = await findForeign(folders);
  return found.map(({ dir, name, holds, written }) => ({
    name,
    dir,
    root: dirname(dir),
    state: null,
    error: null,
    reward: null,
    meter: null,
    interval: null,
    model: null,
    started: null,
    recipe: null,
    data: [],
    note: '',
    origin: { holds, written, isCopy: false },
  }));
}

/** The first entries of a folder; none if it cannot be read. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries: Dirent[] = [];
  try {
    for await (const entry of await opendir(folder, { bufferSize: 256 })) {
      entries.push(entry);
      if (entries.length === MAX_ENTRIES) break;
    }
  } catch (error) {
    noEntries(error);
  }
  return entries.sort((a, b) => a.name.localeCompare(b.name));
}

/** Whether there is a folder at a path, links followed. */
const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(ifMissing(null)))?.isDirectory() ?? false;

/** Average seconds of the run's last steps; null if unknown. */
export async function runPace({ dir }: { dir: string }): Promise<number | null> {
  const rows = await lastLines(join(dir, 'timings.jsonl'), PACE_STEPS, readMetricsRow);
  const times = rows.flatMap(({ step_time }) => step_time ?? []);
  return times.length > 0 ? times.reduce((sum, time) => sum + time, 0) / times.length : null;
}

/** Caches what was read from a file until the file changes. */
class Remembered<T> {
  private readonly known = new Map<string, { version: string; value: T }>();

  constructor(private readonly read: (path: string) => Promise<T>) {}

  /** @returns null for a file that does not exist or is none of its kind. @throws if it cannot be read */
  async of(path: string): Promise<T | null> {
    const file = await stat(path).catch(ifMissing(null));
    if (!file) return null;
    const version = `${file.mtimeMs} ${file.size}`;
    const known = this.known.get(path);
    if (known?.version === version) return known.value;
    const value = await this.read(path).catch(unlessUnreadable(null));
    if (value !== null) this.known.set(path, { version, value });
    return value;
  }
}

/** The parts of a resolved config that lists show; nothing of a text that is no config. */
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
  private readonly metrics = new Remembered(async (path) => {
    const rows = await lastLines(path, METER_STEPS, readMetricsRow);
    return { reward: rows.at(-1)?.reward ?? null, meter: meterOfSteps(rows) };
  });
  private readonly evaluations = new Remembered(async (path) => {
    const id = basename(dirname(path));
    const results = await readResults(dirname(path));
    const meter = results && meterOfResults(results, stepOf(id) ?? NaN, id);
    return { meter, interval: (meter && bothRight(results)?.interval) ?? null };
  });
  private readonly quickChecks = new Remembered((folder) => quickChecks(dirname(folder)));
  /** Results without pairs of views. They stay that way, because a run uses the same views in all its evaluations. */
  private readonly viewless = new Set<string>();
  private readonly notes = new Remembered(async (path) => (await readText(path)).trim().slice(0, MAX_NOTE));
  private readonly starts = new Remembered(
    async (file) => parseRecord(STARTED, await readText(file), { file }).started ?? null,
  );
  private readonly configs = new Remembered(async (path) => aboutConfig(await readText(path)));

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
      state: state && {
        status: state.status,
        phase: state.phase,
        step: state.step,
        steps: state.steps,
        heartbeat: state.heartbeat,
        message: state.message,
        host: state.host,
      },
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
      const found = this.viewless.has(path) ? null : await this.evaluations.of(path);
      if (found?.meter) return found;
      if (found) this.viewless.add(path);
    }
    return null;
  }
}

/** "imported from TRL 1.16.0, step 4". */
const importText = ({ origin, last_step: step }: ImportRecord): string =>
  `imported from ${originName(origin)}${step === null ? '' : `, step ${step}`}`;

/** @see RunsService.runsDifferences */
export async function runsDifferences({ dirs }: { dirs: readonly string[] }): Promise<RunsDifference[]> {
  const read = (dir: string) => readText(join(dir, 'run.yaml')).catch(ifMissing(''));
  return differencesAmong((await Promise.all(dirs.map(read))).map(treeOf));
}

/** How many bytes to read from a file's end at first; multiplied by four until they contain enough lines. */
const FIRST_BYTES = 16 * 1024;

/**
 * The rows of the last complete lines of a file of JSON lines, at most `count`, in their order. Reads nothing above
 * them. Lines that cannot be read are left out; readers of the whole file report them. A missing file has none.
 */
export async function lastLines<T>(path: string, count: number, row: RowReader<T>): Promise<T[]> {
  const file = await openFile(path).catch(ifMissing(null));
  if (!file) return [];
  try {
    const { size } = await file.stat();
    for (let length = FIRST_BYTES; ; length *= 4) {
      const from = Math.max(0, size - length);
      const bytes = Buffer.alloc(size - from);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
      const whole = bytes.subarray(0, bytesRead);
      // Unless it starts at the beginning of the file, the first line may be the end of a longer one.
      const start = from === 0 ? 0 : whole.indexOf(10) + 1;
      const lines = whole
        .subarray(start, whole.lastIndexOf(10) + 1)
        .toString('utf8')
        .split('\n');
      const full = lines.filter((line) => line.trim() !== '');
      if (full.length >= count || from === 0)
        return full.slice(-count).flatMap((text) => parseLine(text, { file: path }, row, () => undefined));
    }
  } finally {
    await file.close();
  }
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
