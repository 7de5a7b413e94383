import type { RunSummary } from '../../core/run-data/run-summary.ts';
import type { RewardValues } from '../../core/run-data/interpretation.ts';
import * as z from 'zod/mini';
import { answers, copied, nothing, text, type HostOf } from '../calls.contract.ts';

export type { RunSummary };
export type RunStateSummary = NonNullable<RunSummary['state']>;

/** Options for the mapping of an external run. */
export interface RewardChoice {
  /** Evaluation sets, for an external evaluation; else empty. */
  sets: string[];
  rewards: RewardValues[];
  /** Reward that probably means right; null if there is none. */
  proposed: string | null;
}

/** Actions on selected runs in the page, each a command of the Runs view. */
const RUNS_ACTIONS = ['open', 'openTraces', 'compare', 'openReport', 'rename', 'delete', 'notes'] as const;
export type RunsAction = (typeof RUNS_ACTIONS)[number];

export interface RunsDifference {
  /** Path of the setting in the config. */
  path: string;
  /** Value in each run, in the order of the request; null if the run does not have the setting. */
  values: (string | null)[];
}

/** Survives a reload of the window. */
export const runsMemory = z.looseObject({
  filter: text,
  sort: z.nullable(z.object({ column: text, descending: z.boolean() })),
  /** Names of the shown columns; null for the default columns. */
  columns: z.nullable(z.array(text)),
});
export type RunsMemory = Pick<z.output<typeof runsMemory>, 'filter' | 'sort' | 'columns'>;
/** Order of the table; null for the order of the list: the most recently active run of each folder first. */
export type RunsSort = RunsMemory['sort'];

const dirs = z.array(text);

/** Calls that the page makes to the host, only about listed runs. */
export const runsCalls = {
  ready: nothing,
  act: z.object({ action: z.enum(RUNS_ACTIONS), dirs }),
  /** Replaces the first line of a run's notes, and leaves the other lines unchanged. */
  note: z.object({ dir: text, text: text.check(z.maxLength(1000)) }),
  copy: copied,
  newRun: nothing,
  /** Compares the configs of runs setting by setting. An unreadable config has no settings. */
  runsDifferences: answers<RunsDifference[]>()(z.object({ dirs })),
};
export type RunsHost = HostOf<typeof runsCalls>;

/** Calls that the host makes to the page. */
export interface RunsPage {
  /** Null until the runs have been read for the first time. */
  show(args: { runs: readonly RunSummary[] | null }): void;
}
