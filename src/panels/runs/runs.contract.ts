import type { Meter } from '../../core/run-data/meter.ts';
import type { RewardValues } from '../../core/run-data/interpretation.ts';
import type { RunStatus } from '../../core/run-data/run-status.ts';
import * as z from 'zod/mini';
import { answers, copied, nothing, text, type HostOf } from '../calls.contract.ts';

/** A run as shown in lists and code lenses. */
export interface RunSummary {
  name: string;
  dir: string;
  /** The folder of runs that contains it. */
  root: string;
  /** Null if no state has been written yet or it cannot be read. */
  state: RunStateSummary | null;
  /** Why the state cannot be read. */
  error: string | null;
  /** `reward` in the last line of metrics; null if there is none. */
  reward: number | null;
  /** How often both views were right recently; null if nothing was asked in both views. */
  meter: Meter | null;
  /** The interval of `meter.both`; null if that comes from training steps, or its evaluation has none. */
  interval: readonly [number, number] | null;
  /** Engine and model in its run.yaml: "torch Qwen/Qwen2.5-VL-3B-Instruct"; null if that cannot be read. */
  model: string | null;
  /** ISO time at which it was started; null if its manifest does not say. */
  started: string | null;
  /** The recipe in its run.yaml (sft, grpo, …); null if that cannot be read. */
  recipe: string | null;
  /** The user's notes, from its `notes.md`; empty if there are none. */
  note: string;
  /** Paths of the training and evaluation data, as its run.yaml gives them. */
  data: string[];
  /** For a run of another program. */
  origin?: {
    /** What its folder contains, or where it was imported from. */
    holds: string;
    /** ISO time at which it was last written or imported. */
    written: string;
    /** Whether the folder is Chirality's copy of that run, which it may change. */
    isCopy: boolean;
  };
}

/** The summary of a run of which only the folder is known. */
export const UNREAD = {
  state: null,
  error: null,
  reward: null,
  meter: null,
  interval: null,
  model: null,
  started: null,
  recipe: null,
  note: '',
  data: [],
} satisfies Partial<RunSummary>;

/** What the user chooses from to say how a run of another program is read. */
export interface RewardChoice {
  /** Of an evaluation: its sets. */
  sets: string[];
  rewards: RewardValues[];
  /** The one that probably means right; null: none. */
  proposed: string | null;
}

export interface RunStateSummary {
  status: RunStatus | 'unknown';
  phase: string;
  step: number;
  steps: number;
  heartbeat: string;
  message: string;
  host: string;
  /** Whether it has nothing to learn from, as the message says. */
  unrewarded?: boolean;
  /** The signature of failure that it shows, as the message says: "reward hacking". */
  signature?: string;
}

/** What the page can ask for about chosen runs; the commands of the same names do it. */
const RUNS_ACTIONS = ['open', 'openTraces', 'compare', 'openReport', 'rename', 'delete', 'notes'] as const;
export type RunsAction = (typeof RUNS_ACTIONS)[number];

/** A setting in which runs differ. */
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
