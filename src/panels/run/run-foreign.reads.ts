import { RunAlarms } from '../../core/rewards/alarms.ts';
import { originName, type Origin } from '../../core/run-data/origin.ts';
import type { Interpretation } from '../../core/run-data/interpretation.ts';
import type { ShownInterpretation } from './interpretation.contract.ts';
import type { RewardChoice, RunStateSummary } from '../runs/runs.contract.ts';
import type { TraceSource } from '../../core/run-data/trace-summary.ts';
import type { RunFacts, RunUpdate, SpreadAnswer, SpreadQuery } from './run.contract.ts';
import { chooseFor, choicesFor, readForeign, readInPlace } from '../../lab/foreign/known.ts';
import { pairsOfStep, type ForeignState } from '../../lab/foreign/foreign-run.ts';
import { isMoved, newRoot } from '../../lab/traces/data-folders.ts';
import { Spreads } from './run-spread.reads.ts';
import { MetricsTable } from './run-series.reads.ts';

export interface CurveReader {
  table: MetricsTable;
  facts(): Promise<RunFacts>;
  /** Makes the next `read` return all data, even without changes. */
  tellAll(): void;
  /** Reads new lines; null if the files have not changed since the last call. */
  read(report?: (share: number) => void): Promise<RunUpdate | null>;
  spread(query: SpreadQuery): Promise<SpreadAnswer | null>;
  close(): void;
}

/** Reader of an external run. Its results have the same form as for Chirality's own runs. */
export class ForeignCurves implements CurveReader {
  table = new MetricsTable();
  private told: ForeignState | null = null;
  private readonly alarms = new RunAlarms();
  private readonly spreads = new Spreads(async (step) =>
    // `read` counts the unreadable pairs.
    pairsOfStep(await readForeign(this.dir), step).catch(() => []),
  );

  constructor(private readonly dir: string) {}

  async facts(): Promise<RunFacts> {
    const { origin } = await readForeign(this.dir);
    return { recipe: null, program: originName(origin), config: [], configError: null };
  }

  tellAll(): void {
    this.told = null;
  }

  close(): void {
    // No file stays open between calls.
  }

  async read(): Promise<RunUpdate | null> {
    const state = await readForeign(this.dir);
    if (state === this.told) return null;
    this.told = state;
    // Make a new table, because later files can replace steps, while the rows of a table never change.
    this.table = new MetricsTable();
    const metrics = [...state.metrics].map(([step, figures]) => ({ step, ...figures }));
    for (const row of metrics) this.table.add(row);
    this.spreads.reset();
    const { rows, start, end } = this.table;
    const summary = this.table.summary();
    const { origin, steps, problems } = state;
    const interpretation = await interpretationOf({ run: this.dir });
    return {
      state: stateOf(origin, { status: state.ended ?? 'unknown', step: end.step, heartbeat: state.written }),
      rows,
      readShare: null,
      foldedSteps: 1,
      ...summary,
      start,
      end,
      events: this.alarms.through(metrics).map(({ kind, message, since }) => ({
        place: this.table.place(since),
        time: '',
        kind: 'alarm',
        message,
        alarm: kind,
      })),
      evaluations: [],
      traced: Uint32Array.from(steps),
      secondsPerStep: summary.recent.step_time ?? null,
      about: aboutOrigin(origin),
      sources: Object.fromEntries(state.names),
      leftOut: problems.length,
      firstLeftOut: problems[0] ?? null,
      ...(interpretation && { interpretation }),
    };
  }

  async spread({ of, x }: SpreadQuery): Promise<SpreadAnswer | null> {
    const { steps } = await readForeign(this.dir);
    return this.spreads.read(steps, of, x, (step) => this.table.place(step));
  }
}

/**
 * Returns the mapping of an external run or evaluation, or of a Chirality run with moved data; null if none applies.
 */
export async function interpretationOf(source: TraceSource): Promise<ShownInterpretation | null> {
  const { run: dir } = source;
  const state = source.source === undefined ? await readInPlace(dir) : null;
  if (!state) {
    const choices = choicesFor(dir);
    return choices.root !== null || (await isMoved(source)) ? { ...choices, what: 'moved' } : null;
  }
  const what = state.batches.length > 0 ? 'run' : state.sets.length > 1 ? 'evaluation' : null;
  return what && { ...choicesFor(dir), what };
}

export const interpretationCalls = {
  /** Makes this worker thread read an external run with the user's mapping. */
  interpretRun({ dir, ...interpretation }: { dir: string } & Interpretation): void {
    chooseFor(dir, interpretation);
  },

  /** Returns the data root that follows from a selected folder, and a data file that is missing below that root. */
  newRoot: ({ dir, folder }: { dir: string; folder: string }) => newRoot({ run: dir }, folder),

  /** Returns the rewards and sets for a mapping. @throws if the folder contains no external run */
  async rewardsOfRun({ dir }: { dir: string }): Promise<RewardChoice> {
    const state = await readInPlace(dir);
    if (!state) throw new Error(`${dir} does not contain an external run.`);
    const { rewards, proposed, sets } = state;
    return { rewards, proposed, sets: [...sets] };
  },
};

/** Returns the state of an external run. Its message lists missing data and notes, one sentence per line. */
export const stateOf = ({ missing, notes }: Origin, known: KnownState): RunStateSummary =>
  partlyKnown(known, [...missing.map(({ why }) => why), ...notes].join('\n'));

type KnownState = Pick<RunStateSummary, 'status' | 'step' | 'heartbeat'>;

export const partlyKnown = (known: KnownState, message: string): RunStateSummary => ({
  ...known,
  phase: '',
  steps: 0,
  host: '',
  message,
});

/** Returns the settings of an external run that the files of its program contain. */
export function aboutOrigin(origin: Origin): [string, string][] {
  const { group_size: size, reward_weights: weights, right, files } = origin;
  const listed = weights.value && Object.entries(weights.value).map(([name, weight]) => `${name} ${weight}`);
  return (
    [
      ['Training program', originName(origin)],
      ['Completions per group', size.value === null ? 'unknown' : `${size.value} (${size.from})`],
      ['Reward weights', listed && listed.length > 0 ? `${listed.join(', ')} (${weights.from})` : 'unknown'],
      ['Correct', right ? `${right.reward} ${right.when}, selected by you` : ''],
      [
        'Source files',
        files
          .map(({ path }) => path)
          .slice(0, 20)
          .join(', '),
      ],
    ] as [string, string][]
  ).filter(([, value]) => value !== '');
}
