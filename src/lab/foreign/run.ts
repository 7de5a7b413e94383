import { stat } from 'node:fs/promises';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { basename, dirname } from 'node:path';
import type { ConventionName } from '../../core/grpo/advantages.ts';
import { withMirrors, type SourceEvaluation } from '../../core/run-data/foreign/evaluation.ts';
import { withGroupSpread, type Figures } from '../../core/run-data/foreign/metric-names.ts';
import type { Origin } from '../../core/run-data/foreign/origin.ts';
import { NO_INTERPRETATION, type Interpretation } from '../../core/run-data/foreign/interpretation.ts';
import {
  pairsOf,
  proposedRight,
  type ArrayWriter,
  type RewardValues,
} from '../../core/run-data/foreign/pairs.ts';
import type { TracedPair } from '../../core/run-data/trace.ts';
import { digestOf, groupBatches, valuesOf, type Digest, type GroupedBatch } from './grouping.ts';
import { passedOver } from './find.ts';
import { dataVersion, Joining } from './join.ts';
import { EvalScope } from './evaluations/evalscope.ts';
import { Inspect } from './evaluations/inspect.ts';
import { isLog } from './evaluations/log-file.ts';
import { LmmsEval } from './evaluations/lmms-eval.ts';
import { SkyRl } from './evaluations/skyrl.ts';
import { Verifiers } from './evaluations/verifiers.ts';
import { VlmEvalKit } from './evaluations/vlmevalkit.ts';
import { DebugLogs, formatLog } from './programs/debug-log.ts';
import { EasyR1 } from './programs/easyr1.ts';
import { TensorBoard } from './programs/event-files.ts';
import { MsSwift } from './programs/ms-swift.ts';
import { PrimeRl } from './programs/prime-rl.ts';
import { TinkerCookbook } from './programs/tinker-cookbook.ts';
import { databaseOf, Trackio } from './programs/trackio.ts';
import { joinFigures, Trl } from './programs/trl.ts';
import { Verl } from './programs/verl.ts';
import { Wandb, WANDB_LOG } from './programs/wandb.ts';
import {
  fileBelow,
  filesIn,
  type Batch,
  type FolderFile,
  type ForeignReader,
  type Logged,
  type Names,
} from './reader.ts';
import { ifMissing } from '../files/disk-error.ts';

/** The most specific first, because a folder of TRL may contain event files too. */
const PROGRAMS: readonly (() => ForeignReader)[] = [
  () => new Inspect(),
  () => new LmmsEval(),
  () => new EvalScope(),
  () => new VlmEvalKit(),
  () => new SkyRl(),
  () => new Verifiers(),
  () => new PrimeRl(),
  () => new TinkerCookbook(),
  () => new DebugLogs(),
  () => new MsSwift(),
  () => new EasyR1(),
  () => new Trl('completions'),
  () => new Verl(),
  () => new Trl('curves'),
  () => new Wandb(),
  () => new TensorBoard(),
];

/** The state of another program's run at one time. */
export interface ForeignState {
  origin: Origin;
  metrics: ReadonlyMap<number, Figures>;
  names: Names;
  batches: readonly GroupedBatch[];
  /** The convention with which recomputing gives the stored advantages; null if there is none. */
  convention: ConventionName | null;
  /** The rewards of the completions. */
  rewards: RewardValues[];
  /** The reward that probably means "right", proposed to the user. */
  proposed: string | null;
  problems: string[];
  /** Changes whenever a file, or what a person says, does. */
  seen: string;
  /** What was asked and answered, if the files hold an evaluation. */
  evaluation: SourceEvaluation | null;
  /** The names of its sets, as the program wrote them. */
  sets: readonly string[];
  /** How the run ended; null if no file tells. */
  ended: 'finished' | 'failed' | null;
  /** Pictures that lie inside other files, by their name in `images`. */
  pictures: ReadonlyMap<string, () => Promise<Uint8Array>>;
  /** ISO time of the newest file. */
  written: string;
}

/** What was learnt of a batch, null if it cannot be read, and why some of its rows or all cannot be read. */
interface Digested {
  digest: Digest | null;
  problems: readonly string[];
}

/** A batch that is being read, or has been. */
interface Reading {
  version: string;
  digested: Promise<Digested>;
  isDone: boolean;
}

/** No program's files were found in a folder. */
class NoKnownRun extends Error {
  /** @param unread why files in it cannot be read, which may be those that were looked for */
  constructor(
    dir: string,
    readonly unread: readonly string[],
  ) {
    super(
      [`${dir} holds no run of a program that is known here (docs/other-trainers.md).`, ...unread].join('\n'),
    );
  }
}

/** A run that another program writes, read in its own folder while it grows. Nothing is ever written there. */
export class ForeignRun {
  private readonly digests = new Map<string, Reading>();
  private isReadingOn = false;
  private program: ForeignReader | null = null;
  private readonly wandb = new Wandb();
  /** The last state, and until when (ms) it is given again if no file changes. */
  private last: { seen: string; state: ForeignState; until: number } | null = null;
  private reading: Promise<unknown> = Promise.resolve();
  private readonly joining: Joining | null;

  constructor(
    readonly dir: string,
    private readonly choices: Interpretation = NO_INTERPRETATION,
    /** Time (ms) after which `read` answers with what it has, while it reads on. */
    private readonly patience = Infinity,
  ) {
    this.joining = choices.data === null ? null : new Joining(choices.data);
  }

  /** Reads the run's current state. @throws if the folder holds no such run */
  read(): Promise<ForeignState> {
    const next = this.reading.catch(() => undefined).then(() => this.look());
    this.reading = next;
    return next;
  }

  /** The pairs of a batch. @param arrays takes their tokens and log-probabilities. @throws with a message for people */
  async pairs(grouped: GroupedBatch, arrays?: ArrayWriter): Promise<TracedPair[]> {
    const { batch, groups, rewards, from } = grouped;
    const { right } = this.choices;
    if (this.joining) return this.joining.join(grouped, right, arrays);
    return pairsOf(batch.step, await batch.rows(), groups, { rewards, right, from, arrays });
  }

  private async look(): Promise<ForeignState> {
    const unread: string[] = [];
    const files = await this.files(unread);
    const { data } = this.choices;
    // Joining tells why the data set cannot be read.
    const chosen = data === null ? '' : await dataVersion(data).catch(() => data);
    const seen = [...files.map(({ path, version }) => `${path} ${version}`), chosen].join('\n');
    if (this.last?.seen === seen && performance.now() < this.last.until) return this.last.state;
    const logged = await this.logged(files, unread);
    if (!logged) throw new NoKnownRun(this.dir, unread);
    const state = await this.stateOf(logged, files, chosen, seen);
    state.problems.push(...unread);
    // What could not be read is tried again at the next look.
    const until = this.isReadingOn ? performance.now() + this.pause : Infinity;
    if (unread.length === 0) this.last = { seen, state, until };
    return state;
  }

  private async files(unread: string[]): Promise<FolderFile[]> {
    const database = databaseOf(this.dir);
    const file = database ?? this.dir;
    if (database === null && !isLog(file)) return filesIn(file, unread);
    const beside = database === null ? formatLog(file) : `${file}-wal`;
    const names = new Set([file, beside].map((path) => basename(path)));
    const files = await Promise.all([...names].map((name) => fileBelow(dirname(file), name)));
    return files.filter((each) => each !== null);
  }

  private async logged(files: readonly FolderFile[], unread: string[]): Promise<Logged | null> {
    if (databaseOf(this.dir) !== null) this.program ??= new Trackio(this.dir);
    if (this.program) return this.withWandb(await this.program.look(files, unread), files);
    for (const make of PROGRAMS) {
      const program = make();
      const logged = await program.look(files, unread);
      if (!logged) continue;
      this.program = program;
      return this.withWandb(logged, files);
    }
    return null;
  }

  /** Adds what wandb has in the same folder, of one run: older steps, settings, how it ended, else its completions. */
  private async withWandb(logged: Logged | null, files: readonly FolderFile[]): Promise<Logged | null> {
    if (!logged || logged.kind === 'wandb' || logged.evaluation) return logged;
    const ids = new Set(files.flatMap(({ path }) => WANDB_LOG.exec(path)?.[1] ?? []));
    const beside = ids.size === 1 ? await this.wandb.look(files) : null;
    if (!beside) return logged;
    const own = logged.batches.some(({ of }) => of === undefined);
    return {
      ...logged,
      ...(beside.ended && { ended: beside.ended }),
      roles: [...logged.roles, ...beside.roles],
      metrics: joinFigures([beside.metrics, logged.metrics]),
      names: new Map([...(beside.names ?? []), ...(logged.names ?? [])]),
      settings: beside.settings ?? logged.settings,
      batches: own ? logged.batches : [...logged.batches, ...beside.batches],
      missing: own || beside.batches.length === 0 ? logged.missing : beside.missing,
      problems: [...logged.problems, ...beside.problems],
    };
  }

  private evaluated({ evaluation }: Logged): SourceEvaluation | null {
    const { mirrorOf } = this.choices;
    if (!evaluation || !mirrorOf) return evaluation ?? null;
    return { ...evaluation, rows: withMirrors(evaluation.rows, mirrorOf) };
  }

  private async stateOf(
    logged: Logged,
    files: readonly FolderFile[],
    chosen: string,
    seen: string,
  ): Promise<ForeignState> {
    const { settings } = logged;
    const { read, notes: ofReading, problems: ofBatches } = await this.digestAll(logged.batches);
    const notes = [...logged.notes, ...ofReading];
    const problems = [...logged.problems, ...ofBatches];
    const { right } = this.choices;
    const grouping = groupBatches(logged, read);
    notes.push(...grouping.notes);
    const isOfGroups = logged.isSpreadOfGroups || grouping.isSpreadOfGroups;
    const metrics = isOfGroups ? withGroupSpread(logged.metrics) : logged.metrics;
    const names = new Map(logged.names);
    const spread = names.get('reward_std');
    if (isOfGroups && spread !== undefined) names.set('group_reward_std', spread);
    const missing = [...logged.missing, ...grouping.missing];
    if (read.length > 0 && right === null)
      missing.push({ field: 'trace.right', why: 'Nobody has said which reward means "right".' });
    const batches = grouping.batches.map((batch) => ({
      ...batch,
      version: `${batch.version} ${JSON.stringify([right, chosen])}`,
    }));
    if (this.joining && batches.length > 0)
      await this.joining.count(batches, right).then(
        (note) => notes.push(note),
        (error: Error) => problems.push(error.message),
      );
    const rewards = valuesOf(read, grouping.rewards.names);
    const roles = new Map(logged.roles.map(({ path, role }) => [path, role]));
    const used = files.filter(({ path }) => roles.has(path));
    const left = files.filter(({ path }) => !roles.has(path));
    notes.push(...passedOver(this.dir, logged.kind, left));
    const newest = Math.max(0, ...used.map(({ modified }) => modified));
    return {
      origin: {
        kind: logged.kind,
        version: logged.version,
        missing,
        notes,
        files: used.map(({ path, bytes, modified }) => ({
          path,
          role: roles.get(path)!,
          bytes,
          modified: new Date(modified).toISOString(),
        })),
        group_size: grouping.group_size,
        reward_weights: {
          value: grouping.rewards.weights,
          from: settings?.weights ? settings.from : 'check',
        },
        right: right === null ? null : { reward: right, when: '= 1', by: 'user' },
      },
      metrics,
      names,
      batches,
      problems,
      seen: [seen, JSON.stringify(this.choices)].join(' '),
      evaluation: this.evaluated(logged),
      sets: [...new Set(logged.evaluation?.rows.map(({ set }) => set))],
      ended: logged.ended ?? null,
      pictures: logged.pictures ?? new Map(),
      convention: grouping.convention,
      rewards,
      proposed: proposedRight(rewards),
      written: new Date(newest).toISOString(),
    };
  }

  /** Digests what `patience` leaves time for, and the rest after that, for the next state. */
  private async digestAll(batches: readonly Batch[]) {
    const read: { batch: Batch; digest: Digest }[] = [];
    const notes: string[] = [];
    const problems: string[] = [];
    const waiting: Batch[] = [];
    const until = performance.now() + this.patience;
    for (const batch of batches) {
      if (performance.now() > until && !this.isDigested(batch)) {
        waiting.push(batch);
        continue;
      }
      const { digest, problems: own } = await this.digest(batch);
      problems.push(...own);
      if (!digest) continue;
      const before = read.at(-1);
      // Programs that name groups do not log a queue again.
      if (before?.digest.hash === digest.hash && digest.groups.includes(null))
        notes.push(`${before.batch.name} was also logged at step ${batch.step}.`);
      else read.push({ batch, digest });
    }
    if (waiting.length > 0) {
      const all = batches.length;
      notes.push(`Read so far: ${all - waiting.length} of ${all} files or tables of completions.`);
      void this.readOn(waiting);
    }
    return { read, notes, problems };
  }

  private isDigested({ name, version }: Batch): boolean {
    const known = this.digests.get(name);
    return known?.version === version && known.isDone;
  }

  private digest(batch: Batch): Promise<Digested> {
    const { name, version } = batch;
    const known = this.digests.get(name);
    if (known?.version === version) return known.digested;
    const problems: string[] = [];
    const digested = batch.rows(problems).then(
      (rows) => ({ digest: digestOf(batch, rows), problems }),
      (error: Error) => ({ digest: null, problems: [error.message] }),
    );
    const reading = { version, digested, isDone: false };
    void digested.then(() => (reading.isDone = true));
    this.digests.set(name, reading);
    return digested;
  }

  /** Time (ms) in which a list is built of what has been read, before more is. */
  private get pause(): number {
    return 4 * this.patience;
  }

  /** Reads what the last state lacks, for the next one. */
  private async readOn(batches: readonly Batch[]): Promise<void> {
    if (this.isReadingOn) return;
    this.isReadingOn = true;
    await sleep(this.pause);
    for (const batch of batches) {
      await this.digest(batch);
      await nextTurn();
    }
    this.isReadingOn = false;
  }
}

/** Whether a folder holds a run of another program. @throws if it is there and cannot be read */
export async function isForeignRun(dir: string): Promise<boolean> {
  if (databaseOf(dir) === null && !isLog(dir) && !(await stat(dir).catch(ifMissing(null)))?.isDirectory())
    return false;
  return new ForeignRun(dir).read().then(
    () => true,
    (error: unknown) => {
      if (error instanceof NoKnownRun && error.unread.length === 0) return false;
      throw error;
    },
  );
}
