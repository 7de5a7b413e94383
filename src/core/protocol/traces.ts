import type { TracedCompletion, TracedPair } from '../grpo/traced.ts';
import type { Verdict } from '../answers/pair-verdict.ts';

/** Where a traced pair lies in its run. */
export interface PairId {
  step: number;
  pair: number;
}

/** One row of the list: what can be filtered and sorted without opening the pair. */
export interface TraceSummary extends PairId {
  sample: string;
  question: string;
  kept: boolean;
  why: string;
  verdict: Verdict | null;
  /** Mean rewards of the original's and of the mirror's group; null without that view. */
  reward: number | null;
  reward_mirror: number | null;
  /** Share of right completions over all views, 0–1. */
  accuracy: number;
  delta: number | null;
  penalised: string | null;
  effect: string | null;
}

export interface TraceQuery {
  /** The filter language (core/query); empty: everything. */
  filter: string;
  /** Searched for in questions, answers and completions, without regard to case; empty: everything. */
  text: string;
  /** Null: in the order of steps. */
  sort: { field: string; descending: boolean } | null;
}

/** The answer to a query: how many rows there are; `rows` pages through them. */
export interface TraceList {
  /** Names this result; an outdated one is refused by `rows`. */
  list: number;
  total: number;
  /** All traced pairs of the run. */
  of: number;
  /** Steps with traces, ascending. */
  steps: number[];
}

/** The arrays of one segment of one completion, where the trace kept them. */
export interface SegmentArrays {
  tokens: number[];
  /** Each token as text, where the run's tokeniser can be had; else null. */
  texts: string[] | null;
  logprobs: number[];
  ref_logprobs: number[] | null;
  entropies: number[];
}

export interface OpenedPair {
  traced: TracedPair;
  /** `[view][completion][segment]`; null where the arrays were not kept. */
  arrays: (SegmentArrays | null)[][][];
}

export type { TracedCompletion, TracedPair };

/** What the service thread offers for the traces of a run; `run` is the run's folder. */
export interface TraceService {
  /** Reads what is new, reports the share that is indexed (0–1), and answers. Throws with the column of a filter's mistake. */
  traces(args: { run: string; query: TraceQuery }): Promise<TraceList>;
  traceRows(args: { run: string; list: number; from: number; count: number }): Promise<TraceSummary[]>;
  /** The place of a pair in a list; −1 where the filter hides it. */
  tracePlace(args: { run: string; list: number; id: PairId }): Promise<number>;
  tracePair(args: { run: string; id: PairId }): Promise<OpenedPair>;
  /** Every traced pair of one sample, by step. */
  traceSample(args: { run: string; sample: string }): Promise<TraceSummary[]>;
}
