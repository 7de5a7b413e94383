import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Call } from '../../base/call.ts';
import type { RunEvent, RunFacts, RunUpdate, SpreadAnswer, SpreadQuery } from './run.contract.ts';
import { readMetricsRow } from '../../core/rewards/metrics-row.ts';
import { readEvent, type RunEventRow, stepsIn } from '../../lab/runs/run-folder.ts';
import { isBeforeSteps } from '../../core/run-data/run-status.ts';
import { Fold } from './fold.reads.ts';
import { originName } from '../../core/run-data/origin.ts';
import { readImport } from '../../lab/runs/listed-runs.ts';
import { readRunConfig } from '../../lab/runs/make-run.ts';
import { isActive, readState } from '../../lab/runs/state.ts';
import { Tail, type TailRead } from '../../lab/runs/tail.ts';
import { configFields, readAbout, readParent } from './run-config.reads.ts';
import { stepEvaluations } from '../../lab/evaluation/evaluation-folders.ts';
import {
  aboutOrigin,
  interpretationOf,
  partlyKnown,
  stateOf,
  type CurveReader,
} from './run-foreign.reads.ts';
import { runPace } from '../runs/runs.reads.ts';
import { Spreads, tracedRewards } from './run-spread.reads.ts';
import { sampleRun } from './run-sample.reads.ts';
import { MetricsTable } from './run-series.reads.ts';
import { stateSummary } from '../../lab/operations/list-runs.action.ts';
import { explainError, unlessUnreadable, ifMissing } from '../../lab/files/disk-error.ts';

/** Number of bytes to read before the worker thread serves other calls. */
const CHUNK = 2 ** 20;

/** Maximum number of values of a run to keep in memory (128 MB). */
const VALUES = 2 ** 24;

/** Returns the number of steps per two folded rows with which the values fit into `VALUES`; 1 for no folding. */
function foldedStepsOf({ start, end, figures, axes: { step: steps } }: MetricsTable): number {
  // The last rows of a sample are consecutive, so the distance between them is the logging interval.
  const gap = Math.max(Math.round((end.step - steps.at(steps.length - 11)) / 10), 1);
  const values = ((end.step - start.step) / gap) * figures.size;
  return values <= VALUES ? 1 : gap * 2 ** Math.ceil(Math.log2((2 * values) / VALUES));
}

const sizeOf = (path: string) =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

function tailsOf(dir: string) {
  return {
    metrics: new Tail(join(dir, 'metrics.jsonl'), readMetricsRow),
    timings: new Tail(join(dir, 'timings.jsonl'), readMetricsRow),
    events: new Tail(join(dir, 'events.jsonl'), readEvent),
  };
}

/** Reads a run from its folder: first all lines, then only new lines. */
export class RunReader implements CurveReader {
  private whole = new MetricsTable();
  /** Table that replaces `whole` while a large run is read; undefined before the first read. */
  private sample: MetricsTable | null | undefined;
  private share = 0;
  private foldedSteps = 1;
  /** Whether a file was truncated while the sample replaced `whole`. */
  private cut = false;
  private closed = false;
  private readonly spreads: Spreads;
  private traced: number[] = [];

  private tails: ReturnType<typeof tailsOf>;
  private events: RunEventRow[] = [];
  private leftOut = 0;
  private firstLeftOut: string | null = null;
  private about: [string, string][] = [];
  private tracesVersion = '';
  /** Last result as text, to detect changes in the next result. */
  private told = '';
  private reading: Promise<RunUpdate | null> = Promise.resolve(null);

  constructor(readonly dir: string) {
    this.spreads = new Spreads((step) => tracedRewards(dir, step));
    this.tails = tailsOf(dir);
  }

  get table(): MetricsTable {
    return this.sample ?? this.whole;
  }

  close(): void {
    this.closed = true;
  }

  /** Returns the facts about a run. @throws if the folder contains no run */
  async facts(): Promise<RunFacts> {
    const names = await readdir(this.dir).catch(ifMissing(null));
    if (!names) throw new Error(`The folder ${this.dir} no longer exists.`);
    if (!names.includes('run.yaml')) throw new Error(`${this.dir} does not contain a run.yaml.`);
    try {
      const imported = await readImport(this.dir);
      if (imported)
        return {
          recipe: null,
          config: [],
          configError: null,
          program: originName(imported.origin),
          imported: imported.imported,
        };
      const config = await readRunConfig(this.dir);
      const parent = await readParent(this.dir);
      const facts = { recipe: config.recipe, config: configFields(config), configError: null };
      return parent ? { ...facts, parent } : facts;
    } catch (error) {
      return { recipe: null, config: [], configError: explainError(error as Error) };
    }
  }

  /** Makes the next `read` return all data, even without changes. */
  tellAll(): void {
    this.told = '';
  }

  spread({ of, x }: SpreadQuery): Promise<SpreadAnswer | null> {
    return this.spreads.read(this.traced, of, x, (step) => this.table.place(step));
  }

  /** Reads new lines; null if the files have not changed since the last call. Concurrent calls are queued. */
  read(report: Call<number>['onProgress'] = () => undefined): Promise<RunUpdate | null> {
    this.reading = this.reading.catch(() => null).then(() => this.readOn(report));
    return this.reading;
  }

  private async readOn(report: (share: number) => void): Promise<RunUpdate | null> {
    if (!(await stat(this.dir).catch(ifMissing(null)))) {
      throw new Error(`The folder ${this.dir} no longer exists.`);
    }
    // Read the state first, so that all lines that were written before the run's end are read afterwards.
    const state = await readState(this.dir).catch((error: unknown) =>
      partlyKnown({ status: 'unknown', step: 0, heartbeat: '' }, explainError(error as Error)),
    );
    // The runs of a sweep are in its folder `runs`.
    const sweep = isBeforeSteps(state) ? await readState(join(this.dir, '../..')).catch(() => null) : null;
    const isQueued = sweep !== null && isActive(sweep);
    const imported = state
      ? null
      : await readImport(this.dir).catch(unlessUnreadable(null)); /* `facts` reports the error. */
    while (!(await this.readLines(report))) this.restart();
    await this.readTraced();
    // The run writes the manifest only once, before the first step, so read it only once.
    if (this.about.length === 0)
      this.about = imported ? aboutOrigin(imported.origin) : await readAbout(this.dir);
    const interpretation = imported
      ? null
      : await interpretationOf({ run: this.dir }).catch(() => null); /* `about` reports the error. */
    const problems: string[] = [];
    const evaluated = await stepEvaluations(this.dir, (why) => problems.push(explainError(why)));
    const secondsPerStep = await runPace({ dir: this.dir });
    // Do not await between this line and `readShare`, which must describe the same table as `rows`.
    const { rows, start, end } = this.table;
    const summary = this.table.summary();
    const news: RunUpdate = {
      state: imported
        ? // An imported run is never active. Its length is the last imported step.
          stateOf(imported.origin, {
            status: 'unknown',
            step: imported.last_step ?? 0,
            heartbeat: imported.imported,
          })
        : // A new heartbeat alone does not count as a change.
          state && { ...stateSummary(state), heartbeat: '' },
      ...(isQueued && { isQueued }),
      rows,
      readShare: this.sample ? this.share : null,
      foldedSteps: this.foldedSteps,
      ...summary,
      start,
      end,
      events: this.events.map((row) => this.event(row)),
      evaluations: evaluated.map(({ step, ...evaluation }) => ({
        ...evaluation,
        place: this.table.place(step),
      })),
      traced: new Uint32Array(0),
      secondsPerStep,
      about: this.about,
      leftOut: this.leftOut + problems.length,
      firstLeftOut: this.firstLeftOut ?? problems[0] ?? null,
      ...(interpretation && { interpretation }),
    };
    const text = JSON.stringify([news, this.traced.length, this.traced.at(-1)]);
    if (text === this.told) return null;
    this.told = text;
    return { ...news, traced: Uint32Array.from(this.traced) };
  }

  /** Returns false if a file was truncated, because all rows that were read before are then invalid. */
  private async readLines(report: (share: number) => void): Promise<boolean> {
    if (this.sample === undefined && (this.sample = await sampleRun(this.dir))) this.readMeanwhile();
    if (this.cut || (!this.sample && !(await this.readRows(report)))) return false;
    for (let complete = false; !complete;) {
      const events = await this.tails.events.read();
      if (events.restarted) return false;
      this.noteLeftOut(events);
      this.events.push(...events.rows);
      ({ complete } = events);
    }
    return true;
  }

  /** Reads all rows in the background while the panel shows the sample. */
  private readMeanwhile(): void {
    const { tails } = this;
    this.share = 0;
    this.foldedSteps = foldedStepsOf(this.sample!);
    void this.readRows((share) => (this.share = share))
      .catch(() => true) // The next `read` continues and reports the error.
      .then((valid) => {
        if (this.tails !== tails) return;
        this.sample = null;
        this.cut = !valid;
      });
  }

  private async readRows(report: (share: number) => void): Promise<boolean> {
    const { tails, whole } = this;
    const files = ['metrics', 'timings'] as const;
    const sizes = await Promise.all(files.map((name) => sizeOf(join(this.dir, `${name}.jsonl`))));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    let read = 0;
    for (const name of files) {
      const fold = this.sample && this.foldedSteps > 1 ? new Fold(this.foldedSteps) : null;
      for (let complete = false; !complete && !this.closed && this.tails === tails;) {
        const part = await tails[name].read(CHUNK);
        if (part.restarted) return false;
        if (fold) for (const folded of fold.add(part.rows)) whole.add(...folded);
        else for (const row of part.rows) whole.add(row);
        this.noteLeftOut(part);
        complete = part.complete;
        read += CHUNK;
        if (!complete) report(Math.min(read / total, 1));
      }
      for (const row of fold?.end() ?? []) whole.add(row);
    }
    return true;
  }

  private noteLeftOut({ leftOut, firstLeftOut }: TailRead<unknown>): void {
    this.leftOut += leftOut;
    this.firstLeftOut ??= firstLeftOut;
  }

  private restart(): void {
    this.whole = new MetricsTable();
    this.sample = undefined;
    this.foldedSteps = 1;
    this.cut = false;
    this.tails = tailsOf(this.dir);
    this.events = [];
    this.leftOut = 0;
    this.firstLeftOut = null;
    this.spreads.reset();
  }

  private async readTraced(): Promise<void> {
    const folder = join(this.dir, 'traces');
    const stats = await stat(folder).catch(ifMissing(null));
    const version = stats ? `${stats.mtimeMs}` : 'none';
    if (version === this.tracesVersion) return;
    const names = await readdir(folder).catch(ifMissing([]));
    this.tracesVersion = version;
    this.traced = stepsIn(names, '.jsonl').map(({ step }) => step);
  }

  private event({ step, time, kind, message, data }: RunEventRow): RunEvent {
    const alarm = typeof data?.alarm === 'string' ? data.alarm : null;
    return { place: this.table.place(step), time, kind, message, alarm };
  }
}
