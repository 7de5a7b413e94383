import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { ConventionName } from '../../core/grpo/advantages.ts';
import {
  withMirrors,
  type MirrorSets,
  type SourceEvaluation,
} from '../../core/run-data/foreign/evaluation.ts';
import type { Figures } from '../../core/run-data/foreign/metric-names.ts';
import type { Origin } from '../../core/run-data/foreign/origin.ts';
import {
  pairsOf,
  proposedRight,
  type RewardValues,
  type Interpretation,
} from '../../core/run-data/foreign/pairs.ts';
import type { TracedPair } from '../../core/run-data/trace.ts';
import { digestOf, groupBatches, valuesOf, type Digest, type GroupedBatch } from './grouping.ts';
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
import { Trl } from './programs/trl.ts';
import { Verl } from './programs/verl.ts';
import { Wandb } from './programs/wandb.ts';
import {
  fileBelow,
  filesIn,
  type Batch,
  type FolderFile,
  type ForeignReader,
  type Logged,
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
  () => new Trl(),
  () => new Verl(),
  () => new Wandb(),
  () => new TensorBoard(),
];

/** The state of another program's run at one time. */
export interface ForeignState {
  origin: Origin;
  metrics: ReadonlyMap<number, Figures>;
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
  /** Pictures that lie inside other files, by their name in `images`. */
  pictures: ReadonlyMap<string, () => Promise<Uint8Array>>;
  /** ISO time of the newest file. */
  written: string;
}

/** What a person says about a run or an evaluation of another program. */
export interface Choices extends Interpretation {
  /** Of an evaluation: the sets that ask the same questions in both views. */
  mirrorOf: MirrorSets | null;
}

export const NO_CHOICES: Choices = { right: null, data: null, mirrorOf: null };

/** What was learnt of a batch, and which of its rows cannot be read. */
interface Digested {
  digest: Digest;
  problems: readonly string[];
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
  private readonly digests = new Map<string, Digested>();
  private program: ForeignReader | null = null;
  private last: { seen: string; state: ForeignState } | null = null;
  private reading: Promise<unknown> = Promise.resolve();
  private readonly joining: Joining | null;

  constructor(
    readonly dir: string,
    private readonly choices: Choices = NO_CHOICES,
  ) {
    this.joining = choices.data === null ? null : new Joining(choices.data);
  }

  /** Reads the run's current state. @throws if the folder holds no such run */
  read(): Promise<ForeignState> {
    const next = this.reading.catch(() => undefined).then(() => this.look());
    this.reading = next;
    return next;
  }

  /** The pairs of a batch. @throws with a message for people */
  async pairs(grouped: GroupedBatch): Promise<TracedPair[]> {
    const { batch, groups, rewards } = grouped;
    if (this.joining) return this.joining.join(grouped, this.choices.right);
    return pairsOf(batch.step, await batch.rows(), groups, rewards, this.choices.right);
  }

  private async look(): Promise<ForeignState> {
    const unread: string[] = [];
    const files = await this.files(unread);
    const { data } = this.choices;
    // Joining tells why the data set cannot be read.
    const chosen = data === null ? '' : await dataVersion(data).catch(() => data);
    const seen = [...files.map(({ path, version }) => `${path} ${version}`), chosen].join('\n');
    if (this.last?.seen === seen) return this.last.state;
    const logged = await this.logged(files, unread);
    if (!logged) throw new NoKnownRun(this.dir, unread);
    const state = await this.stateOf(logged, files, chosen, seen);
    state.problems.push(...unread);
    // What could not be read is tried again at the next look.
    if (unread.length === 0) this.last = { seen, state };
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
    if (this.program) return this.program.look(files, unread);
    for (const make of PROGRAMS) {
      const program = make();
      const logged = await program.look(files, unread);
      if (!logged) continue;
      this.program = program;
      return logged;
    }
    return null;
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
    const { metrics, settings } = logged;
    const notes = [...logged.notes];
    const problems = [...logged.problems];
    const read: { batch: Batch; digest: Digest }[] = [];
    for (const batch of logged.batches) {
      const found = await this.digest(batch).catch((error: Error) => void problems.push(error.message));
      if (!found) continue;
      const { digest } = found;
      problems.push(...found.problems);
      const before = read.at(-1);
      if (before?.digest.hash === digest.hash)
        notes.push(`${before.batch.name} was also logged at step ${batch.step}.`);
      else read.push({ batch, digest });
    }
    const { right } = this.choices;
    const grouping = groupBatches(logged, read);
    notes.push(...grouping.notes);
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
    const newest = Math.max(0, ...used.map(({ modified }) => modified));
    return {
      origin: {
        ...{ kind: logged.kind, version: logged.version, missing, notes },
        files: used.map(({ path, bytes, modified }) => ({
          ...{ path, role: roles.get(path)!, bytes },
          modified: new Date(modified).toISOString(),
        })),
        group_size: grouping.group_size,
        reward_weights: {
          value: grouping.rewards.weights,
          from: settings?.weights ? settings.from : 'check',
        },
        right: right === null ? null : { reward: right, when: '= 1', by: 'user' },
      },
      ...{
        metrics,
        batches,
        problems,
        seen: [seen, JSON.stringify(this.choices)].join(' '),
        evaluation: this.evaluated(logged),
        pictures: logged.pictures ?? new Map(),
      },
      convention: grouping.convention,
      ...{ rewards, proposed: proposedRight(rewards) },
      written: new Date(newest).toISOString(),
    };
  }

  private async digest(batch: Batch): Promise<Digested> {
    const known = this.digests.get(batch.name);
    if (known?.digest.version === batch.version) return known;
    const problems: string[] = [];
    const digested = { digest: digestOf(batch, await batch.rows(problems)), problems };
    this.digests.set(batch.name, digested);
    return digested;
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
