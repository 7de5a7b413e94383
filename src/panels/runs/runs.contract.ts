import type { RunSummary } from '../../core/run-data/run-summary.ts';
import type { RewardValues } from '../../core/run-data/interpretation.ts';
import * as z from 'zod/mini';
import { answers, copied, nothing, text, type HostOf } from '../calls.contract.ts';

export type { RunSummary };
export type RunStateSummary = NonNullable<RunSummary['state']>;

/** Rewards and evaluation sets among which the user can choose for the mapping of an external run. */
export interface RewardChoice {
  /** Evaluation sets in an external evaluation; empty for a run. */
  sets: string[];
  rewards: RewardValues[];
  /** Reward that probably marks correct completions; null if no reward does. */
  proposed: string | null;
}

/** Actions on the runs that the user selects in the page. Each action is a command of the Runs view. */
const RUNS_ACTIONS = ['open', 'openTraces', 'compare', 'openReport', 'rename', 'delete', 'notes'] as const;
export type RunsAction = (typeof RUNS_ACTIONS)[number];

export interface RunsDifference {
  /** Path of the setting in the config, such as `coupling.eta`. */
  path: string;
  /** Value in each run, in the order of the request; null for a run without the setting. */
  values: (string | null)[];
}

/** Stored state, which survives a reload of the window. */
export const runsMemory = z.looseObject({
  filter: text,
  sort: z.nullable(z.object({ column: text, descending: z.boolean() })),
  /** Names of the shown columns; null for the default columns. */
  columns: z.nullable(z.array(text)),
});
export type RunsMemory = Pick<z.output<typeof runsMemory>, 'filter' | 'sort' | 'columns'>;
/** Sort order of the table; null for the default order: the most recently active run of each folder first. */
export type RunsSort = RunsMemory['sort'];

const dirs = z.array(text);

/** Calls that the page of the Runs panel makes to its host. They refer only to listed runs. */
export const runsCalls = {
  ready: nothing,
  act: z.object({ action: z.enum(RUNS_ACTIONS), dirs }),
  /** Tells which runs the user selected, because commands act on them. */
  choose: z.object({ dirs }),
  copy: copied,
  newRun: nothing,
  /** Compares the configs of runs setting by setting. An unreadable config counts as a config without settings. */
  runsDifferences: answers<RunsDifference[]>()(z.object({ dirs })),
};
export type RunsHost = HostOf<typeof runsCalls>;

export interface RunsPage {
  /** Shows the runs; null before the first complete read of the runs. */
  show(args: { runs: readonly RunSummary[] | null }): void;
}
