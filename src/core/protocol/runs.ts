import type { Meter } from '../run-data/meter.ts';
import type { RunStatus } from '../run-data/status.ts';

/** A run as lists and lenses show it. */
export interface RunSummary {
  name: string;
  dir: string;
  /** Folder of runs that holds it. */
  root: string;
  /** Null where no state was written yet or it cannot be read. */
  state: RunStateSummary | null;
  /** Why the state cannot be read. */
  error: string | null;
  /** `reward` of the last metrics line; null where there is none. */
  reward: number | null;
  /** How often both views were right recently; null if nothing was asked in both. */
  meter: Meter | null;
  /** sft, grpo, … as its run.yaml says; null where that cannot be read. */
  recipe: string | null;
  /** What a person wrote of it in its `notes.md`; '' where there is nothing. */
  note: string;
  /** Paths of the rows it trains and is evaluated on, as its run.yaml names them. */
  data: string[];
  /** Of another program's run. */
  origin?: {
    /** What its folder holds, or where it was imported from. */
    holds: string;
    /** ISO time at which it was last written or imported. */
    written: string;
    /** Whether the folder is our copy of that run, which we may change. */
    isCopy: boolean;
  };
}

export interface RunStateSummary {
  status: RunStatus | 'unknown';
  phase: string;
  step: number;
  steps: number;
  heartbeat: string;
  message: string;
  host: string;
}
