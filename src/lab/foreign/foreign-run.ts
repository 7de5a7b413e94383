import { several } from '../../base/format.ts';
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
 * Returns a message about texts that are all empty. A new version of the program might store texts in another place,
 * without any other sign.
 * @param texts description of the texts: "answers of worlds"
 * @param right number of these answers that the program scored as right
 */
function emptyTexts(n: number, texts: string, right = 0): string {
  const why =
    right > 0
      ? `The program scored ${several(right, 'answer')} as correct, so this version of the program stores texts in another place.`
      : 'The completions are empty, or this version of the program stores texts in another place.';
  return `No texts in ${n} ${texts}. ${why} To report the layout, run \`chirality import skeleton\`.`;
}

/** Returns a message for each evaluation set whose answers are all empty. */
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
  /** @param arrays receives tokens and log-probabilities. @throws an error with a message for users */
  pairs(arrays?: ArrayWriter): Promise<TracedPair[]>;
}

/** Source of an external run. Chirality reads the run in place, or a copy of it. */
export type RunOrigin = Pick<ImportRecord, 'origin' | 'convention' | 'last_step'> & {
  /** ISO time of the copy. Null if Chirality reads the run in place. */
  imported: string | null;
};

/** State of an external run in Chirality's format. Values that the program did not store are null. */
export interface ForeignState extends RunOrigin, ShownRewards {
  /** Metrics by step, in ascending order of step. */
  metrics: ReadonlyMap<number, Figures>;
  names: Names;
  batches: readonly PairBatch[];
  /** Steps that have batches, without duplicates. */
  steps: readonly number[];
  problems: string[];
  /** Version of the state, which changes when a file or the user's mapping changes. */
  seen: string;
  /** Questions and answers, if the files contain an evaluation. */
  evaluation: SourceEvaluation | null;
  /** Names of the evaluation sets, as the program wrote them. */
  sets: readonly string[];
  /** Outcome of the run. Null if the files do not contain the outcome. */
  ended: 'finished' | 'failed' | null;
  /** Readers of images inside other files, by the image's name in `images`. */
  pictures: ReadonlyMap<string, () => Promise<Uint8Array>>;
  /** ISO time of the newest file of the run. */
  written: string;
}

/** Returns the fields of a copied run about its source. */
export const originIn = ({ origin, convention, last_step, imported }: RunOrigin): RunOrigin => ({
  origin,
  convention,
  last_step,
  imported,
});

/** Returns the pairs of all batches of a step, in the form in which a copy stores them in one file. */
export async function pairsOfStep(
  { batches }: ForeignState,
  step: number,
  arrays?: ArrayWriter,
): Promise<TracedPair[]> {
  const ofStep = batches.filter(({ batch }) => batch.step === step);
  return (await Promise.all(ofStep.map((batch) => batch.pairs(arrays)))).flat();
}

/** Returns a message if all stored completions are empty, unless the reader already reports missing texts. */
function emptyCompletions({ missing }: RunFiles, read: readonly ReadBatch[]): string[] {
  const all = sum(read.map(({ digest }) => digest.rows.length));
  if (missing.some(({ field }) => field === 'trace.text')) return [];
  return all > 0 && read.every(({ digest }) => digest.texts === 0) ? [emptyTexts(all, 'completions')] : [];
}

export const noKnownRun = (dir: string): string =>
  `${dir} does not contain a run of a program that Chirality can read (docs/other-trainers.md).`;

/** Error for a folder without files of a known program. */
export class NoKnownRun extends Error {
  /** @param unread reasons why files are unreadable. These files can include files of the run */
  constructor(
    dir: string,
    readonly unread: readonly string[],
  ) {
    super([noKnownRun(dir), ...unread].join('\n'));
  }
}

/** An external run, read in its own folder while it grows. Chirality writes nothing to this folder. */
export class ForeignRun {
  private readonly digests: Digests;
  private readonly program: Program;
  /** Last state of the run, and the time (ms) until which it is returned if no file changes. */
  private last: { seen: string; state: ForeignState; until: number } | null = null;
  private reading: Promise<unknown> = Promise.resolve();
  private readonly joining: Joining | null;

  constructor(
    readonly dir: string,
    private readonly choices: Interpretation = NO_INTERPRETATION,
    /** Time (ms) after which `read` returns partial results and continues reading in the background. */
    patience = Infinity,
  ) {
    this.digests = new Digests(patience);
    this.program = new Program(dir);
    this.joining = choices.data === null ? null : new Joining(choices.data);
  }

  /** Reads the run's current state. @throws if the folder contains no run of a known program */
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
    // Ignores errors of the dataset, because the join reports them.
    const chosen = data === null ? '' : await dataVersion(data).catch(() => data);
    const seen = [...files.map(({ path, version }) => `${path} ${version}`), chosen].join('\n');
    if (this.last?.seen === seen && performance.now() < this.last.until) return this.last.state;
    const logged = await this.program.look(files, unread);
    if (!logged) throw new NoKnownRun(this.dir, unread);
    const state = await this.stateOf(logged, files, chosen, seen);
    state.problems.push(...unread);
    // After unreadable files, the next call reads all files again.
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
      // Notes are written before their completions, so a new version of the completions covers new notes.
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

/** @param values values of one reward, or null where the program stored none. @returns null if all are null */
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

/** Rewards that another program's run stores. */
interface ShownRewards {
  rewards: RewardValues[];
  /** Proposed reward for "right": only 0 and 1 as values, and a suitable name. Null if no reward has both. */
  proposed: string | null;
}

function rewardsShown(values: ReadonlyMap<string, readonly (number | null)[]>): ShownRewards {
  const rewards = [...values].flatMap(([name, ofReward]) => rewardValues(name, ofReward) ?? []);
  const isRight = ({ name, isBinary }: RewardValues) => isBinary && /acc|correct|exact|match/i.test(name);
  return { rewards, proposed: rewards.find(isRight)?.name ?? null };
}
