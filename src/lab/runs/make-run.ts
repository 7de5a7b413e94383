import { jsonText } from '../../base/json.ts';
import { existsSync } from 'node:fs';
import { lstat, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { loadRun } from '../../core/config/load.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import { problemText, yamlText } from '../../core/config/config-source.ts';
import type { MetricsRow } from '../../core/rewards/metrics-row.ts';
import { parseRecord } from '../../base/record.ts';
import { manifestSchema, type RunEventRow, type RunManifest, type RunState } from './run-folder.ts';
import type { RunStatus } from '../../core/run-data/run-status.ts';
import { ifMissing, noEntries } from '../files/disk-error.ts';
import { writeAtomically } from '../files/atomic.ts';
import { makeFolder } from '../files/folders.ts';
import { removeLeftovers, writeFolder } from '../files/leftovers.ts';
import { LineWriter } from './line-writer.ts';
import type { FolderLock } from './folder-lock.ts';
import { thisProcess } from '../files/process.ts';
import { listCheckpoints } from './checkpoints.ts';
import { readState, writeState } from './state.ts';
import { readText } from '../files/regular.ts';

/**
 * Creates a run folder with its resolved config and the files of `fill`. The folder appears when all files are
 * complete, so that an incomplete fork is never continued. An existing name gets a number; nothing is overwritten.
 */
export async function createRun(
  runs: string,
  name: string,
  config: RunConfig,
  fill: (folder: string, name: string) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const isNew = !existsSync(runs);
  await makeFolder(runs);
  // Excludes runs from git, because checkpoints are large. Users can remove this file.
  if (isNew) await writeFile(join(runs, '.gitignore'), '*\n');
  for (let i = 1; ; i++) {
    const dir = join(runs, i === 1 ? name : `${name}-${i}`);
    if (existsSync(dir) && !(await removeUnbegun(dir))) continue;
    try {
      await writeFolder(dir, async (staging) => {
        await fillRun(staging, config);
        await fill(staging, basename(dir));
      });
      return dir;
    } catch (error) {
      // Another process might have created a folder with this name.
      if (!existsSync(dir)) throw error;
    }
  }
}

/** Files of a run that failed before its first step. All other files belong to the user. */
const OF_A_FAILED_START = new Set(
  'run.yaml manifest.json state.json events.jsonl metrics.jsonl timings.jsonl traces checkpoints eval logs control lock'.split(
    ' ',
  ),
);

/** Removes a run that failed before its first step and contains no user files. @returns whether the run was removed */
async function removeUnbegun(dir: string): Promise<boolean> {
  const state = await readState(dir).catch(() => null);
  if (state?.status !== 'failed' || state.step > 0) return false;
  if (!(await readdir(dir)).every((name) => OF_A_FAILED_START.has(name))) return false;
  for (const part of ['traces', 'checkpoints', 'eval'])
    if ((await readdir(join(dir, part)).catch(noEntries)).length > 0) return false;
  await rm(dir, { recursive: true, force: true });
  return true;
}

/** Turns a folder into a run folder: creates its parts, then the config, which identifies a run. */
export async function fillRun(dir: string, config: RunConfig): Promise<void> {
  for (const folder of ['traces', 'checkpoints', 'eval', 'logs', 'control'])
    await makeFolder(join(dir, folder));
  await writeAtomically(join(dir, 'run.yaml'), yamlText(config));
}

/**
 * Reads the resolved config of a run.
 * @throws an error with file, line and mistake if a manual edit made the config invalid
 */
export async function readRunConfig(dir: string): Promise<RunConfig> {
  const path = join(dir, 'run.yaml');
  // Reads no presets: the file contains their values, so that a changed preset does not change an old run.
  const { config, problems } = loadRun(await readText(path), path, () => '{}');
  if (!config) throw new Error(problems.map(problemText).join('\n'));
  return config;
}

/**
 * Returns the number of finished steps that a resume discards, because the run's checkpoints are missing. 0 for a run
 * that ended before its first checkpoint.
 */
export async function lostSteps(dir: string): Promise<number> {
  const state = await readState(dir);
  if (!state || (await listCheckpoints(dir)).length > 0) return 0;
  const { checkpoint, steps } = await readRunConfig(dir);
  const first = Math.min(checkpoint.every || steps, steps);
  return state.status === 'stopped' || state.step >= first ? state.step : 0;
}

/** Reads the manifest of a run. @throws RecordError */
export async function readManifest(dir: string): Promise<RunManifest> {
  const file = join(dir, 'manifest.json');
  return parseRecord(manifestSchema, await readText(file), { file, madeBy: 'chirality train' });
}

export const writeManifest = (
  { dir, write }: Pick<FolderLock, 'dir' | 'write'>,
  manifest: RunManifest,
): Promise<void> => write(join(dir, 'manifest.json'), jsonText(manifest));

const HEARTBEAT_MS = 2000;
/** Minimum time (ms) between writes of the run's phase. */
const PHASE_MS = 200;

/** A run folder that this process uses: holds the lock, writes the heartbeat, and appends rows and events. */
export class ActiveRun {
  private ending: Promise<void> | null = null;
  private heart: NodeJS.Timeout | undefined;
  /** Last of the queued state writes. The queue prevents an older write from overtaking a newer write. */
  private writing: Promise<void> = Promise.resolve();
  private written = 0;
  private isToStop = false;
  private readonly curves: CurveWriter[] = [];

  private constructor(
    readonly lock: FolderLock,
    private state: RunState,
    private readonly files: { metrics: LineWriter; timings: LineWriter; events: LineWriter },
  ) {}

  /** Adds a tool that receives the curves from now on. */
  reportTo(curves: CurveWriter): void {
    this.curves.push(curves);
  }

  /**
   * Opens a run folder at a committed step. Removes files of later steps, so that resuming gives the same files as an
   * uninterrupted run.
   * @param lock lock of the folder. The run releases it at the end; if `open` throws, the caller must release it.
   */
  static async open(lock: FolderLock, { step, steps }: { step: number; steps: number }): Promise<ActiveRun> {
    const { dir } = lock;
    for (const folder of ['traces', 'eval', 'acuity']) await removeBeyond(lock, folder, step);
    await removeLeftovers(join(dir, 'traces'));
    for (const request of ['stop', 'warning']) await rm(join(dir, 'control', request), { force: true });
    const committed = (row: Record<string, unknown>) => typeof row.step === 'number' && row.step <= step;
    const files = {
      metrics: await LineWriter.open(lock, join(dir, 'metrics.jsonl'), committed),
      timings: await LineWriter.open(lock, join(dir, 'timings.jsonl'), committed),
      events: await LineWriter.open(lock, join(dir, 'events.jsonl')),
    };
    const state: RunState = {
      status: 'starting',
      phase: 'starting',
      step,
      steps,
      ...(await thisProcess()),
      heartbeat: new Date().toISOString(),
      message: '',
    };
    const run = new ActiveRun(lock, state, files);
    await run.update({});
    run.heart = setInterval(() => void run.update({}).catch(() => undefined), HEARTBEAT_MS);
    run.heart.unref();
    return run;
  }

  get dir(): string {
    return this.lock.dir;
  }

  get name(): string {
    return basename(this.dir);
  }

  /** Returns the message of the run's current alarm, or '' if there is none. */
  get trouble(): string {
    return this.state.alarm ? this.state.message : '';
  }

  update(change: Partial<Pick<RunState, 'status' | 'phase' | 'step' | 'message' | 'alarm'>>): Promise<void> {
    this.state = { ...this.state, ...change, heartbeat: new Date().toISOString() };
    const state = this.state;
    this.written = performance.now();
    this.writing = this.writing
      .catch(() => undefined)
      .then(() => writeState(this.dir, state, this.lock.write));
    return this.writing;
  }

  /** Sets the current phase without waiting. The next write or heartbeat saves the phase in any case. */
  busyWith(phase: string): void {
    this.state = { ...this.state, phase };
    if (performance.now() > this.written + PHASE_MS) void this.update({}).catch(() => undefined);
  }

  /** Appends the metrics row of an optimiser step. The row has no values that depend on the clock. */
  async metrics(row: MetricsRow): Promise<void> {
    await this.files.metrics.append(row);
    for (const curves of this.curves) await curves.row(row);
  }

  async timings(row: MetricsRow): Promise<void> {
    await this.files.timings.append(row);
    for (const curves of this.curves) await curves.row(row);
  }

  /** Records an alarm, a stop, a resume or a fallback. */
  event(kind: string, message: string, data?: object): Promise<void> {
    const time = new Date().toISOString();
    const row: RunEventRow = {
      step: this.state.step,
      time,
      kind,
      message,
      ...(data && { data: { ...data } }),
    };
    return this.files.events.append(row);
  }

  /** Flushes the files that a valid checkpoint requires on disk. */
  async sync(): Promise<void> {
    await this.files.metrics.sync();
  }

  requestStop(): void {
    this.isToStop = true;
  }

  /** Whether this process, or another process by a file, has requested a stop. */
  async stopRequested(): Promise<boolean> {
    return this.isToStop || (await this.requests()).some((name) => name === 'stop' || name === 'warning');
  }

  /** Whether a stop was requested before the system announced the end of the process. */
  async stopRequestedBeforeWarning(): Promise<boolean> {
    return this.isToStop || (await this.requests()).includes('stop');
  }

  private requests = (): Promise<string[]> => readdir(join(this.dir, 'control'));

  /**
   * Writes the final state, closes the files, and releases the lock. The first call decides status and message. Later
   * calls wait for the first call.
   */
  close(status: RunStatus, message: string): Promise<void> {
    return (this.ending ??= this.end(status, message));
  }

  private async end(status: RunStatus, message: string): Promise<void> {
    clearInterval(this.heart);
    try {
      for (const file of Object.values(this.files)) await file.close();
      for (const curves of this.curves) await curves.close(status);
      await this.update({ status, phase: status, message });
    } finally {
      await this.lock.release();
    }
  }
}

/**
 * Removes entries of later steps: `step-000012.jsonl`, `step-000012/`, `step-000012-side-…/`.
 * @throws if the folder is a link, because its files can belong to other people
 */
async function removeBeyond(lock: FolderLock, folder: string, step: number): Promise<void> {
  const path = join(lock.dir, folder);
  const beyond = (await readdir(path).catch(ifMissing([]))).filter(
    (name) => Number(/^step-(\d+)/.exec(name)?.[1] ?? NaN) > step,
  );
  if (beyond.length > 0 && (await lstat(path)).isSymbolicLink())
    throw new Error(
      `Cannot delete ${beyond[0]} (beyond step ${step}) through the link ${path}. If the folder belongs to this run, delete the entries beyond step ${step}, and resume again.`,
    );
  for (const name of beyond) await lock.remove(join(path, name));
}

/** Writes the curves of a run in the form of another tool. */
export interface CurveWriter {
  row(row: MetricsRow): Promise<void>;
  close(status: RunStatus): Promise<void>;
}
