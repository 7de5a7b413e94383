import type { TracedCompletion, TracedPair } from '../grpo/traced.ts';
import type { Verdict } from '../answers/pair-verdict.ts';
import type { Attribution } from '../metrics/attribution.ts';
import type { Call } from './channel.ts';
import type { ImageBytes } from './pair.ts';

/** Where a traced pair lies in its source. */
export interface PairId {
  step: number;
  pair: number;
}

/**
 * Where pairs come from: the run's folder, and what of it. Absent, the traces of its steps; else the id of an
 * evaluation (`eval/<id>`), whose original and mirror rows of one sample make a pair.
 */
export interface TraceSource {
  run: string;
  source?: string | undefined;
}

/** One row of the list: what can be filtered and sorted without opening the pair. */
export interface TraceSummary extends PairId {
  sample: string;
  /** As the first view asks it. */
  question: string;
  /** The reference of the first view. */
  answer: string;
  /** Original and mirror, or the only one that there is. */
  views: 'pair' | 'original' | 'mirror' | 'polarity';
  /** The evaluation set, and the task as which the rows were scored; null in traces. */
  set: string | null;
  task: string | null;
  kept: boolean;
  /** Why it was kept or dropped; null in evaluations. */
  why: string | null;
  verdict: Verdict | null;
  /** Mean rewards of the original's and of the mirror's group; null without that view, and in evaluations. */
  reward: number | null;
  reward_mirror: number | null;
  /** The larger standard deviation (n − 1) of a group's rewards; null in evaluations. */
  reward_std: number | null;
  /** Share of right completions over all views, 0–1. */
  accuracy: number;
  /**
   * Mean values of reward parts over all completions, before penalty and weight; null where the run does not have the
   * part. Of an evaluation's rows `format` is the share that keeps to it.
   */
  format: number | null;
  semantic: number | null;
  exact_match: number | null;
  numeric: number | null;
  iou: number | null;
  /** Share of the first stages' texts that held JSON, 0–1; null where nothing had a first stage. */
  graph: number | null;
  /** Of an evaluation's rows, what the first wrong answer is due to; null where nothing is known of it. */
  error: Attribution['error'];
  /** Share of completions that were cut off at the length limit, 0–1. */
  truncated: number;
  /** Mean length of completions in characters. */
  length: number;
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
  /** All pairs of the source. */
  of: number;
  /** Whether any has both views; else they are rows. */
  mirrored: boolean;
  /** Steps with traces, ascending. */
  steps: number[];
  /** Lines that cannot be read, in words with file and line: how many, and the first of them. */
  broken: number;
  problems: string[];
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
  summary: TraceSummary;
  /** An evaluation's pair has the same shape: one completion per view, no rewards, advantage 0. */
  traced: TracedPair;
  /** `[view][completion][segment]`; null where the arrays were not kept. */
  arrays: (SegmentArrays | null)[][][];
  /** Why arrays that were kept cannot be read; else null. */
  arraysProblem: string | null;
}

export type { TracedCompletion, TracedPair };

/** What can be chosen as `source`: the traces, and every evaluation that has rows. */
export interface TraceSourceInfo {
  /** Undefined for the traces. */
  source: string | undefined;
  label: string;
}

/** What the service thread offers for the traces of a run. Every path that it reads lies in the run's folder. */
export interface TraceService {
  traceSources(args: { run: string }): Promise<TraceSourceInfo[]>;
  /**
   * Reads what is new, reports the share that is indexed (0–1), and answers.
   * @throws where the filter has a mistake; `checkFilter` of core/query says beforehand which, and at which column.
   */
  traces(args: TraceSource & { query: TraceQuery }, call: Call<number>): Promise<TraceList>;
  traceRows(args: TraceSource & { list: number; from: number; count: number }): Promise<TraceSummary[]>;
  /** The place of a pair in a list; −1 where the filter hides it. */
  tracePlace(args: TraceSource & { list: number; id: PairId }): Promise<number>;
  tracePair(args: TraceSource & { id: PairId }): Promise<OpenedPair>;
  /** Every pair of one sample, by step. */
  traceSample(args: TraceSource & { sample: string }): Promise<TraceSummary[]>;
  /** A picture of a pair: the `image`-th of its references. Its views show the same pictures; the mirror is drawn. */
  traceImage(args: TraceSource & { id: PairId; image: number }): Promise<ImageBytes>;
}
