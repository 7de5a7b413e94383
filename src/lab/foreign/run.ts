import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { ConventionName } from '../../core/grpo/advantages.ts';
import {
  cutGroups,
  findGroupSize,
  recomputes,
  SAME_STORED,
  type Group,
  type LoggedNumbers,
} from '../../core/run-data/foreign/groups.ts';
import {
  joinPairs,
  type JoinCounts,
  type JoinIndex,
  type JoinKey,
} from '../../core/run-data/foreign/join.ts';
import {
  idOf,
  isNumeric,
  numberOf,
  questionOf,
  viewIn,
  type LoggedRow,
} from '../../core/run-data/foreign/logged-row.ts';
import type { Figures } from '../../core/run-data/foreign/metric-names.ts';
import type { Origin } from '../../core/run-data/foreign/origin.ts';
import { pairsOf, proposedRight, totalOf, type RewardColumns } from '../../core/run-data/foreign/pairs.ts';
import type { TracedPair } from '../../core/run-data/trace.ts';
import { dataVersion, joinIndex } from './join.ts';
import { EasyR1 } from './programs/easyr1.ts';
import { MsSwift } from './programs/ms-swift.ts';
import { databaseOf, Trackio } from './programs/trackio.ts';
import { TensorBoard } from './programs/tensorboard.ts';
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

/** How far the mean of these rewards may be from the mean that the trainer logged, to count as the same. */
const SAME_MEAN = 1e-6;

/** The most specific first, because a folder of TRL may contain event files too. */
const PROGRAMS: readonly (() => ForeignReader)[] = [
  () => new MsSwift(),
  () => new EasyR1(),
  () => new Trl(),
  () => new Verl(),
  () => new Wandb(),
  () => new TensorBoard(),
];

/** Columns that are never rewards, in any program. */
const OWN_COLUMNS = [
  ...['step', 'gen_step', 'prompt', 'completion', 'advantage', 'reward'],
  ...['input', 'output', 'gts', 'score', 'uid', 'request_id'],
];

/** What is kept of a batch, without its texts. */
interface Digest {
  version: string;
  /** Equal for batches with equal rows. */
  hash: string;
  keys: string[];
  groups: (string | null)[];
  advantages: (number | null)[];
  /** Numeric columns between completion and advantage, in their order. */
  columns: string[];
  values: Record<string, (number | null)[]>;
  rewards: (number | null)[];
  proposed: string | null;
}

/** A batch with its groups. */
export interface GroupedBatch {
  batch: Batch;
  groups: Group[];
  rewards: RewardColumns;
  /** Changes whenever the pairs change. */
  version: string;
}

/** The state of another program's run at one time. */
export interface ForeignState {
  origin: Origin;
  metrics: ReadonlyMap<number, Figures>;
  batches: readonly GroupedBatch[];
  /** The convention with which recomputing gives the stored advantages; null if there is none. */
  convention: ConventionName | null;
  /** The reward that probably means "right", proposed to the user. */
  proposed: string | null;
  problems: string[];
  /** ISO time of the newest file. */
  written: string;
}

/** What a person says about a run of another program. */
export interface Choices {
  /** The reward that means "right". */
  right: string | null;
  /** The path of a data set that has the pictures, references and mirrors of its questions. */
  data: string | null;
}

export const NO_CHOICES: Choices = { right: null, data: null };

/** Different questions that are looked at to learn what text stands around all of them, and batches to take them from. */
const LEARNT_FROM = 40;
const LEARNT_BATCHES = 5;

/** A run that another program writes, read in its own folder while it grows. Nothing is ever written there. */
export class ForeignRun {
  private readonly digests = new Map<string, Digest>();
  private program: ForeignReader | null = null;
  private last: { seen: string; state: ForeignState } | null = null;
  private reading: Promise<unknown> = Promise.resolve();
  /** Counts of joined pairs by the version of their batch. */
  private readonly counts = new Map<string, JoinCounts>();
  private learnt: { from: string; index: JoinIndex } | null = null;

  constructor(
    readonly dir: string,
    private readonly choices: Choices = NO_CHOICES,
  ) {}

  private get right(): string | null {
    return this.choices.right;
  }

  /** Reads the run's current state. @throws if the folder holds no such run */
  read(): Promise<ForeignState> {
    const next = this.reading.catch(() => undefined).then(() => this.look());
    this.reading = next;
    return next;
  }

  /** The pairs of a batch. @throws with a message for people */
  async pairs(grouped: GroupedBatch): Promise<TracedPair[]> {
    return (await this.joined(grouped)).pairs;
  }

  private async joined(grouped: GroupedBatch): Promise<{ pairs: TracedPair[]; counts: JoinCounts | null }> {
    const { batch, groups, rewards } = grouped;
    const rows = await batch.rows();
    const pairs = pairsOf(batch.step, rows, groups, rewards, this.right);
    const index = await this.index([grouped]);
    if (!index) return { pairs, counts: null };
    const keys = pairs.map(({ views }, i): JoinKey => {
      const { question, answer } = views[0]!;
      const row = rows[groups[i]!.at[0]!]!;
      return { id: idOf(row), view: viewIn(row), question, reference: answer };
    });
    return joinPairs(pairs, keys, index);
  }

  /** The rows of the data set, once the text around all questions is known; null if no data set was chosen. */
  private async index(batches: readonly GroupedBatch[]): Promise<JoinIndex | null> {
    const { data } = this.choices;
    if (data === null) return null;
    const from = await dataVersion(data);
    if (this.learnt?.from === from) return this.learnt.index;
    const index = await joinIndex(data);
    const questions = new Set<string>();
    for (const { batch, groups } of batches.slice(0, LEARNT_BATCHES)) {
      const rows = await batch.rows().catch(() => []);
      for (const { at } of groups) questions.add(questionOf(rows[at[0]!]?.prompt));
    }
    index.learn([...questions].slice(0, LEARNT_FROM));
    this.learnt = { from, index };
    return index;
  }

  /** Says how many pairs belong to a row of the data set. */
  private async tellJoined(
    batches: readonly GroupedBatch[],
    notes: string[],
    problems: string[],
  ): Promise<void> {
    if (this.choices.data === null || batches.length === 0) return;
    try {
      await this.index(batches);
      const all: JoinCounts = { pairs: 0, joined: 0, ambiguous: 0 };
      for (const grouped of batches) {
        const counts = this.counts.get(grouped.version) ?? (await this.joined(grouped)).counts!;
        this.counts.set(grouped.version, counts);
        all.pairs += counts.pairs;
        all.joined += counts.joined;
        all.ambiguous += counts.ambiguous;
      }
      const several =
        all.ambiguous > 0
          ? `; the questions of ${all.ambiguous} stand in several rows, and none is taken`
          : '';
      notes.push(`${all.joined} of ${all.pairs} pairs joined with ${basename(this.choices.data)}${several}.`);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }

  private async look(): Promise<ForeignState> {
    const files = await this.files();
    const { data } = this.choices;
    const chosen = data === null ? '' : await dataVersion(data).catch(() => data);
    const seen = [...files.map(({ path, version }) => `${path} ${version}`), chosen].join('\n');
    if (this.last?.seen === seen) return this.last.state;
    const logged = await this.logged(files);
    if (!logged)
      throw new Error(`${this.dir} holds no run of a program that is known here (docs/other-trainers.md).`);
    const state = await this.stateOf(logged, files, chosen);
    this.last = { seen, state };
    return state;
  }

  private async files(): Promise<FolderFile[]> {
    const database = databaseOf(this.dir);
    if (database === null) return filesIn(this.dir);
    const names = [basename(database), `${basename(database)}-wal`];
    const files = await Promise.all(names.map((name) => fileBelow(dirname(database), name)));
    return files.filter((file) => file !== null);
  }

  private async logged(files: readonly FolderFile[]): Promise<Logged | null> {
    if (databaseOf(this.dir) !== null) this.program ??= new Trackio(this.dir);
    if (this.program) return this.program.look(files);
    for (const make of PROGRAMS) {
      const program = make();
      const logged = await program.look(files);
      if (!logged) continue;
      this.program = program;
      return logged;
    }
    return null;
  }

  private async stateOf(logged: Logged, files: readonly FolderFile[], chosen: string): Promise<ForeignState> {
    const { metrics, settings, batches } = logged;
    const notes = [...logged.notes];
    const problems = [...logged.problems];
    const missing = [...logged.missing];
    const read: { batch: Batch; digest: Digest }[] = [];
    for (const batch of batches) {
      const digest = await this.digest(batch).catch((error: Error) => void problems.push(error.message));
      if (!digest) continue;
      const before = read.at(-1);
      if (before?.digest.hash === digest.hash)
        notes.push(`${before.batch.name} was also logged at step ${batch.step}.`);
      else read.push({ batch, digest });
    }
    const rewards = rewardColumns(logged, read, notes);
    const evaluated = new Set(
      [...metrics]
        .filter(([, row]) => Object.keys(row).some((name) => name.startsWith('eval_')))
        .map(([step]) => step),
    );
    const numbers = read.map(({ batch, digest }) => numbersOf(digest, rewards, evaluated.has(batch.step)));
    const ownGroups =
      read.length > 0 && read.every(({ digest }) => digest.groups.every((group) => group !== null));
    const found = settings?.groupSize || ownGroups ? null : findGroupSize(numbers);
    const size = settings?.groupSize ?? found?.size ?? null;
    const grouped = read.map(({ batch, digest }, b): GroupedBatch => {
      const groups = ownGroups
        ? named(digest.groups)
        : cutGroups(numbers[b]!, size, settings?.evaluationGroupSize ?? null);
      const version = `${digest.version} ${JSON.stringify([size, rewards, this.right, chosen])}`;
      return { batch, groups, rewards, version };
    });
    const known = found?.convention ?? settings?.convention ?? null;
    const check = checkRewards(known, numbers, grouped, metrics, rewards);
    if (!check.isTotalChecked && rewards.weights) {
      rewards.weights = null;
      if (read.length > 0 && !read.some(({ digest }) => digest.rewards.some((reward) => reward !== null)))
        missing.push({ field: 'trace.reward', why: 'No file says how the reward parts are weighted.' });
    }
    for (const { batch, groups } of grouped) {
      if (groups.some(({ isUncertain }) => isUncertain))
        notes.push(`${batch.name}: where groups begin and end is uncertain.`);
      if (evaluated.has(batch.step)) notes.push(`${batch.name} may hold rows of an evaluation as well.`);
    }
    if (read.length > 0 && this.right === null)
      missing.push({ field: 'trace.right', why: 'Nobody has said which reward means "right".' });
    await this.tellJoined(grouped, notes, problems);
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
        group_size: {
          value: size,
          from: settings?.groupSize ? settings.from : found ? 'advantages' : ownGroups ? 'groups' : 'prompts',
        },
        reward_weights: {
          value: rewards.weights ? { ...rewards.weights } : null,
          from: settings?.weights ? settings.from : 'check',
        },
        right: this.right === null ? null : { reward: this.right, when: '= 1', by: 'user' },
      },
      ...{ metrics, batches: grouped, problems },
      convention: check.isRecomputed ? known : null,
      proposed: read.map(({ digest }) => digest.proposed).find((name) => name !== null) ?? null,
      written: new Date(newest).toISOString(),
    };
  }

  private async digest(batch: Batch): Promise<Digest> {
    const known = this.digests.get(batch.name);
    if (known?.version === batch.version) return known;
    const rows = await batch.rows();
    const first = rows[0]?.columns ?? {};
    const names = Object.keys(first).filter((name) => !OWN_COLUMNS.includes(name));
    const columns = names.filter((name) => isNumeric(rows, name));
    const digest: Digest = {
      version: batch.version,
      hash: createHash('sha256')
        .update(
          JSON.stringify(rows.map(({ prompt, completion, advantage }) => [prompt, completion, advantage])),
        )
        .digest('hex'),
      keys: rows.map(({ prompt }) => JSON.stringify(prompt) ?? ''),
      groups: rows.map(({ group }) => group),
      advantages: rows.map(({ advantage }) => advantage),
      columns,
      values: Object.fromEntries(
        columns.map((name) => [name, rows.map((row) => numberOf(row.columns[name]))]),
      ),
      rewards: rows.map(({ reward }) => reward),
      proposed: proposedRight(columns, rows),
    };
    this.digests.set(batch.name, digest);
    return digest;
  }
}

/** Groups rows by the keys that the trainer logged. */
function named(keys: readonly (string | null)[]): Group[] {
  const groups = new Map<string, number[]>();
  keys.forEach((key, i) => groups.set(key!, [...(groups.get(key!) ?? []), i]));
  return [...groups.values()].map((at) => ({ at, of: null, isUncertain: false }));
}

/** The columns that the metrics name as rewards; without such metrics, all numeric columns. */
function rewardColumns(
  { metrics, settings }: Logged,
  read: readonly { digest: Digest }[],
  notes: string[],
): { names: string[]; weights: Record<string, number> | null } {
  const columns = [...new Set(read.flatMap(({ digest }) => digest.columns))];
  const figures = new Set([...metrics.values()].flatMap((row) => Object.keys(row)));
  const told = columns.filter((name) => figures.has(`rewards/${name}/mean`));
  const names = told.length > 0 ? told : columns;
  if (told.length === 0 && columns.length > 0)
    notes.push(`No metrics say which columns are rewards: ${columns.join(', ')} are taken for such.`);
  const weights = settings?.weights;
  const given = Array.isArray(weights) && weights.length === names.length ? (weights as number[]) : null;
  return { names, weights: Object.fromEntries(names.map((name, i) => [name, given?.[i] ?? 1])) };
}

function numbersOf(digest: Digest, rewards: RewardColumns, mayBeEvaluation: boolean): LoggedNumbers {
  const { keys, advantages, values } = digest;
  const total = (i: number) =>
    totalOf(
      {
        reward: digest.rewards[i]!,
        columns: Object.fromEntries(rewards.names.map((name) => [name, values[name]?.[i] ?? null])),
      } as LoggedRow,
      rewards,
    );
  return { keys, advantages, rewards: keys.map((_, i) => total(i)), mayBeEvaluation };
}

/**
 * Checks the rewards against what the trainer stored. `isRecomputed`: GRPO gives the stored advantages from these
 * rewards for every group of training. `isTotalChecked`: this holds, or the mean over each step is the logged one, so
 * the weighted sum of the parts is the trainer's reward.
 */
function checkRewards(
  convention: ConventionName | null,
  numbers: readonly LoggedNumbers[],
  batches: readonly GroupedBatch[],
  metrics: ReadonlyMap<number, Figures>,
  { names }: RewardColumns,
): { isTotalChecked: boolean; isRecomputed: boolean } {
  const training = batches.map(({ groups, batch }, b) => ({
    numbers: numbers[b]!,
    step: batch.step,
    groups: groups.filter(({ of }) => of === null).map(({ at }) => at),
  }));
  const isRecomputed =
    convention !== null &&
    names.length > 0 &&
    training.some(({ numbers }) => numbers.advantages.some((a) => a !== null && Math.abs(a) > SAME_STORED)) &&
    training.every(({ numbers, groups }) => recomputes(numbers, groups, convention));
  const means = training.flatMap(({ numbers, step, groups }) => {
    const logged = metrics.get(step)?.reward;
    const known = groups.flat().flatMap((i) => numbers.rewards[i] ?? []);
    return logged == null || known.length === 0 || numbers.mayBeEvaluation
      ? []
      : [Math.abs(known.reduce((sum, reward) => sum + reward, 0) / known.length - logged)];
  });
  return {
    isRecomputed,
    isTotalChecked: isRecomputed || (means.length > 0 && means.every((gap) => gap <= SAME_MEAN)),
  };
}

/** Whether a folder holds a run of another program. */
export async function isForeignRun(dir: string): Promise<boolean> {
  if (databaseOf(dir) === null && !(await stat(dir).catch(() => null))?.isDirectory()) return false;
  return new ForeignRun(dir).read().then(
    () => true,
    () => false,
  );
}
