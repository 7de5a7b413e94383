import type { RunSummary } from '../../core/run-data/run-summary.ts';
import type { RewardValues } from '../../core/run-data/interpretation.ts';
import * as z from 'zod/mini';
import { answers, copied, nothing, text, type HostOf } from '../calls.contract.ts';

export type { RunSummary };
export type RunStateSummary = NonNullable<RunSummary['state']>;

/** What the user chooses from to say how an external run is read. */
export interface RewardChoice {
  /** Of an evaluation: its sets. */
  sets: string[];
  rewards: RewardValues[];
  /** The one that probably means right; null: none. */
  proposed: string | null;
}

/** What the page can ask for about chosen runs; the commands of the same names do it. */
const RUNS_ACTIONS = ['open', 'openTraces', 'compare', 'openReport', 'rename', 'delete', 'notes'] as const;
export type RunsAction = (typeof RUNS_ACTIONS)[number];

export interface RunsDifference {
  /** The setting's path in the config. */
  path: string;
  /** Its value in each run, in the order asked; null where a run does not have it. */
  values: (string | null)[];
}

/** Survives a reload of the window. */
export const runsMemory = z.looseObject({
  filter: text,
  sort: z.nullable(z.object({ column: text, descending: z.boolean() })),
  /** The names of the columns shown; null for the usual ones. */
  columns: z.nullable(z.array(text)),
});
export type RunsMemory = Pick<z.output<typeof runsMemory>, 'filter' | 'sort' | 'columns'>;
/** The order of the table; null for that of the list: the most recently active run of each folder first. */
export type RunsSort = RunsMemory['sort'];

const dirs = z.array(text);

/** Calls that the page makes to the host, only about runs of the list. */
export const runsCalls = {
  ready: nothing,
  act: z.object({ action: z.enum(RUNS_ACTIONS), dirs }),
  /** Replaces the first line of a run's notes; the lines below it stay. */
  note: z.object({ dir: text, text: text.check(z.maxLength(1000)) }),
  copy: copied,
  newRun: nothing,
  /** Compares the configs of runs setting by setting. A config that cannot be read has none. */
  runsDifferences: answers<RunsDifference[]>()(z.object({ dirs })),
};
export type RunsHost = HostOf<typeof runsCalls>;

/** Calls that the host makes to the page. */
export interface RunsPage {
  /** Null until the runs have been read for the first time. */
  show(args: { runs: readonly RunSummary[] | null }): void;
}
