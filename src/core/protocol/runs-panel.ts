import type { RunSummary } from './runs.ts';

/** What the page can ask for about chosen runs; the commands of the same names do it. */
export const RUNS_ACTIONS = [
  'open',
  'openTraces',
  'compare',
  'openReport',
  'rename',
  'delete',
  'notes',
] as const;
export type RunsAction = (typeof RUNS_ACTIONS)[number];

/** A setting in which runs differ. */
export interface RunsDifference {
  /** The setting's path in the config. */
  path: string;
  /** Its value in each run, in the order asked; null where a run does not have it. */
  values: (string | null)[];
}

/** The order of the table; null for that of the list: the most recently active run of each folder first. */
export type RunsSort = { column: string; descending: boolean } | null;

/** Survives a reload of the window. */
export interface RunsMemory {
  filter: string;
  sort: RunsSort;
  /** The names of the columns shown; null for the usual ones. */
  columns: string[] | null;
}

/** Calls that the service thread handles. */
export interface RunsService {
  /** Compares the configs of runs setting by setting. A config that cannot be read has none. */
  runsDifferences(args: { dirs: readonly string[] }): Promise<RunsDifference[]>;
}

/** Calls that the page makes to the host, only about runs of the list. */
export interface RunsHost extends RunsService {
  ready(args: null): void;
  act(args: { action: RunsAction; dirs: readonly string[] }): void;
  /** Replaces the first line of a run's notes; the lines below it stay. */
  note(args: { dir: string; text: string }): Promise<void>;
  copy(args: { text: string; done: string }): Promise<void>;
  newRun(args: null): void;
}

/** Calls that the host makes to the page. */
export interface RunsPage {
  /** Null until the runs have been read for the first time. */
  show(args: { runs: readonly RunSummary[] | null }): void;
}
