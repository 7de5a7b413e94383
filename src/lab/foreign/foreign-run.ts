import {
  withMirrors,
  type SourceEvaluation,
  type SourceRow,
} from '../../core/evaluation/source-evaluation.ts';
import { withGroupSpread, type Figures } from './values/metric-names.ts';
import { sum } from '../../base/numbers.ts';
import { laterNote, type ImportRecord } from '../../core/run-data/origin.ts';
import { pairsOf, type ArrayWriter } from './values/logged-pairs.ts';
import {
  NO_INTERPRETATION,
  type Interpretation,
  type RewardValues,
} from '../../core/run-data/interpretation.ts';
import type { TracedPair } from '../../core/run-data/trace.ts';
import { Digests, type ReadBatch } from './digests.ts';
import { groupBatches, valuesOf, type GroupedBatch } from './grouping.ts';
import { passedOver } from './find.ts';
import { Joining, dataVersion, type BatchPairs } from './join-run.ts';
import { pairedByNotes, withNotes, type RunNotes } from './notes.ts';
import { Program, filesOfRun, type RunFiles } from './foreign-program.ts';
import type { FolderFile } from './foreign-files.ts';
import type { Names } from './foreign-reader.ts';
import { groupBy } from '../../core/evaluation/scored-row.ts';
import { printable } from '../../base/printable.ts';

/**
 * What to say of texts that are all empty: some version of a program may keep them where its reader does not look, and
 * nothing but the emptiness would show it.
 * @param texts "answers of worlds"
 * @param right how many of them the program judged right
 */
function emptyTexts(n: number, texts: string, right = 0): string {
  const why =
    right > 0
      ? `, although ${right} of them are scored as right. This version stores its texts elsewhere.`
      : '. The completions are empty, or this version stores its texts elsewhere.';
  return `No texts in ${n} ${texts}${why} To report the layout, run \`chirality import skeleton\`.`;
}

/** What to say of each set of an evaluation of which all answers are empty. */
const emptySets = (rows: readonly SourceRow[]): string[] =>
  [...groupBy(rows, ({ set }) => set)]
    .filter(([, ofSet]) => ofSet.every(({ segments: [{ text }] }) => text.trim() === ''))
    .map(([set, ofSet]) =>
      emptyTexts(
        ofSet.length,
        `answers of ${printable(set, 60)}`,
        ofSet.filter(({ right }) => right === true).length,
      ),
    );

export interface PairBatch extends GroupedBatch {
  /** @param arrays takes their tokens and log-probabilities. @throws with a message for people */
  pairs(arrays?: ArrayWriter): Promise<TracedPair[]>;
}

/** Where an external run comes from, read in place or a copy. */
export type RunOrigin = Pick<ImportRecord, 'origin' | 'convention' | 'last_step'> & {
  /** ISO time at which it was copied; null if it is read in place. */
  imported: string | null;
};

/** The state of an external run at one time, as our records; what the program did not keep is null. */
export interface ForeignState extends RunOrigin, ShownRewards {
  /** By step, ascending. */
  metrics: ReadonlyMap<number, Figures>;
  names: Names;
  batches: readonly PairBatch[];
  /** The steps of the batches, each once. */
  steps: readonly number[];
  problems: string[];
  /** Changes whenever a file, or what the user says, does. */
  seen: string;
  /** What was asked and answered, if the files hold an evaluation. */
  evaluation: SourceEvaluation | null;
  /** The names of its sets, as the program wrote them. */
  sets: readonly string[];
  /** How the run ended; null if no file tells. */
  ended: 'finished' | 'failed' | null;
  /** Images that lie inside other files, by their name in `images`. */
  pictures: ReadonlyMap<string, () => Promise<Uint8Array>>;
  /** ISO time of the newest file. */
  written: string;
}

/** What a copy of a run says of itself. */
export const originIn = ({ origin, convention, last_step, imported }: RunOrigin): RunOrigin => ({
  origin,
  convention,
  last_step,
  imported,
});

/** The pairs of a step, as one file of a copy holds them: several batches may belong to it. */
export async function pairsOfStep(
  { batches }: ForeignState,
  step: number,
  arrays?: ArrayWriter,
): Promise<TracedPair[]> {
  const ofStep = batches.filter(({ batch }) => batch.step === step);
  return (await Promise.all(ofStep.map((batch) => batch.pairs(arrays)))).flat();
}

/** What to say of a run that kept completions, all of them without a text, unless its reader says that it may. */
function emptyCompletions({ missing }: RunFiles, read: readonly ReadBatch[]): string[] {
  const all = sum(read.map(({ digest }) => digest.rows.length));
  if (missing.some(({ field }) => field === 'trace.text')) return [];
  return all > 0 && read.every(({ digest }) => digest.texts === 0) ? [emptyTexts(all, 'completions')] : [];
}

export const noKnownRun = (dir: string): string =>
  `${dir} does not contain a run of a program that Chirality can read (docs/other-trainers.md).`;

/** No program's files were found in a folder. */
export class NoKnownRun extends Error {
  /** @param unread why files in it cannot be read, which may be those that were looked for */
  constructor(
    dir: string,
    readonly unread: readonly string[],
  ) {
    super([noKnownRun(dir), ...unread].join('\n'));
  }
}

/** A run that another program writes, read in its own folder while it grows. Nothing is ever written there. */
export class ForeignRun {
  private readonly digests: Digests;
  private readonly program: Program;
  /** The last state, and until when (ms) it is given again if no file changes. */
  private last: { seen: string; state: ForeignState; until: number } | null = null;
  private reading: Promise<unknown> = Promise.resolve();
  private readonly joining: Joining | null;

  constructor(
    readonly dir: string,
    private readonly choices: Interpretation = NO_INTERPRETATION,
    /** Time (ms) after which `read` answers with what it has, while it reads on. */
    patience = Infinity,
  ) {
    this.digests = new Digests(patience);
    this.program = new Program(dir);
    this.joining = choices.data === null ? null : new Joining(choices.data);
  }

  /** Reads the run's current state. @throws if the folder holds no such run */
  read(): Promise<ForeignState> {
    const next = this.reading.catch(() => undefined).then(() => this.look());
    this.reading = next;
    return next;
  }

  private async pairs(grouped: GroupedBatch, beside: RunNotes, arrays?: ArrayWriter): Promise<TracedPair[]> {
    const made = await this.made(grouped, beside, arrays);
    return this.joining ? this.joining.join(grouped, made) : pairedByNotes(made.pairs, made.notes);
  }

  private async made(
    { batch, groups, rewards, from }: GroupedBatch,
    beside: RunNotes,
    arrays?: ArrayWriter,
  ): Promise<BatchPairs> {
    const { right } = this.choices;
    const rows = await batch.rows();
    const notes = beside.of(batch.step, rows, groups);
    const pairs = withNotes(pairsOf(batch.step, rows, groups, { rewards, right, from, arrays }), notes);
    return { rows, pairs, notes };
  }

  private async look(): Promise<ForeignState> {
    const unread: string[] = [];
    const files = await filesOfRun(this.dir, unread);
    const { data } = this.choices;
    // Joining tells why the dataset cannot be read.
    const chosen = data === null ? '' : await dataVersion(data).catch(() => data);
    const seen = [...files.map(({ path, version }) => `${path} ${version}`), chosen].join('\n');
    if (this.last?.seen === seen && performance.now() < this.last.until) return this.last.state;
    const logged = await this.program.look(files, unread);
    if (!logged) throw new NoKnownRun(this.dir, unread);
    const state = await this.stateOf(logged, files, chosen, seen);
    state.problems.push(...unread);
    // What could not be read is tried again at the next look.
    if (unread.length === 0) this.last = { seen, state, until: this.digests.validUntil };
    return state;
  }

  private evaluated({ evaluation }: RunFiles): SourceEvaluation | null {
    const { mirrorOf } = this.choices;
    if (!evaluation || !mirrorOf) return evaluation ?? null;
    return { ...evaluation, rows: withMirrors(evaluation.rows, mirrorOf) };
  }

  private async stateOf(
    logged: RunFiles,
    files: readonly FolderFile[],
    chosen: string,
    seen: string,
  ): Promise<ForeignState> {
    const { settings } = logged;
    const { read, notes: ofReading, problems: ofBatches } = await this.digests.of(logged.batches);
    const notes = [...logged.notes, ...ofReading];
    const empty = [...emptySets(logged.evaluation?.rows ?? []), ...emptyCompletions(logged, read)];
    notes.push(...empty);
    const problems = [...logged.problems, ...ofBatches, ...empty];
    const { right } = this.choices;
    const grouping = groupBatches(logged, read);
    notes.push(...grouping.notes);
    const isOfGroups = logged.isSpreadOfGroups || grouping.isSpreadOfGroups;
    const figures = isOfGroups ? withGroupSpread(logged.metrics) : logged.metrics;
    const metrics = new Map([...figures].sort(([a], [b]) => a - b));
    const names = new Map(logged.names);
    const spread = names.get('reward_std');
    if (isOfGroups && spread !== undefined) names.set('group_reward_std', spread);
    const { beside } = logged;
    const missing = [...logged.missing, ...grouping.missing].filter(
      ({ field }) => !(field === 'trace.images' && beside.hasImages),
    );
    if (read.length > 0 && right === null && !beside.hasRight)
      missing.push({ field: 'trace.right', why: 'The reward for correct completions is not set.' });
    const batches = grouping.batches.map((batch) => ({
      ...batch,
      // Notes are written before the completions that they are about.
      version: `${batch.version} ${JSON.stringify([right, chosen, beside.isEmpty])}`,
      pairs: (arrays?: ArrayWriter) => this.pairs(batch, beside, arrays),
    }));
    if (this.joining && batches.length > 0)
      await this.joining
        .count(batches, (batch) => this.made(batch, beside))
        .then(
          (note) => notes.push(note),
          (error: Error) => problems.push(error.message),
        );
    const roles = new Map(
      Object.entries(logged.roles).flatMap(([role, some]) =>
        some.flatMap((file) => (file ? [[file.path, role as keyof RunFiles['roles']]] : [])),
      ),
    );
    const used = files.filter(({ path }) => roles.has(path));
    const left = files.filter(({ path }) => !roles.has(path));
    const later = laterNote(logged);
    if (later !== null) notes.push(later);
    notes.push(...passedOver(this.dir, logged.kind, left));
    const newest = Math.max(0, ...used.map(({ modified }) => modified));
    const steps = [...new Set(batches.map(({ batch }) => batch.step))];
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
      steps,
      problems,
      seen: [seen, JSON.stringify(this.choices)].join(' '),
      evaluation: this.evaluated(logged),
      sets: [...new Set(logged.evaluation?.rows.map(({ set }) => set))],
      ended: logged.ended ?? null,
      pictures: logged.pictures,
      convention: grouping.convention,
      last_step: [...metrics.keys(), ...steps].reduce<number | null>((a, b) => Math.max(a ?? b, b), null),
      imported: null,
      ...rewardsShown(valuesOf(read, grouping.rewards.names)),
      written: new Date(newest).toISOString(),
    };
  }
}

/** @param values of one reward; null where the program kept none. Null if it kept none at all. */
export function rewardValues(name: string, values: readonly (number | null)[]): RewardValues | null {
  let [low, high, ones, count] = [Infinity, -Infinity, 0, 0];
  let isBinary = true;
  for (const value of values) {
    if (value === null) continue;
    count += 1;
    low = Math.min(low, value);
    high = Math.max(high, value);
    if (value === 1) ones += 1;
    else if (value !== 0) isBinary = false;
  }
  return count === 0 ? null : { name, low, high, ones: ones / count, isBinary };
}

/** The rewards that a run kept. */
interface ShownRewards {
  rewards: RewardValues[];
  /** The one that is proposed to mean "right": with only 0 and 1 as values and a suitable name; null if there is none. */
  proposed: string | null;
}

function rewardsShown(values: ReadonlyMap<string, readonly (number | null)[]>): ShownRewards {
  const rewards = [...values].flatMap(([name, ofReward]) => rewardValues(name, ofReward) ?? []);
  const isRight = ({ name, isBinary }: RewardValues) => isBinary && /acc|correct|exact|match/i.test(name);
  return { rewards, proposed: rewards.find(isRight)?.name ?? null };
}
