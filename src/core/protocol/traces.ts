import type {
  OpenedPair,
  PairId,
  TraceQuery,
  TraceSource,
  TraceSourceInfo,
  TraceSummary,
} from '../run-data/summary.ts';
import type { Call } from '../call.ts';

/** The answer to a query: the number of rows; `rows` returns them in pages. */
export interface TraceList {
  /** Number of this result; `rows` refuses outdated ones. */
  list: number;
  total: number;
  /** Number of all pairs in the source. */
  of: number;
  /** True if any pair has both views; else they are single rows. */
  mirrored: boolean;
  /** Steps with traces, ascending. */
  steps: number[];
  /** How many lines cannot be read, and messages for the first of them with file and line. */
  broken: number;
  problems: string[];
}

/** Calls that the service thread handles for the traces of a run. It only reads paths in the run's folder. */
export interface TraceService {
  traceSources(args: { run: string }): Promise<TraceSourceInfo[]>;
  /**
   * Reads what is new, reports the share that has been indexed (0–1), and returns the list.
   * @param args.list the list's existing number, given by a thread that stopped.
   * @throws if the filter has a mistake; `checkFilter` of core/query finds mistakes, with their column, beforehand.
   */
  traces(args: TraceSource & { query: TraceQuery; list?: number }, call: Call<number>): Promise<TraceList>;
  traceRows(args: TraceSource & { list: number; from: number; count: number }): Promise<TraceSummary[]>;
  /** Returns the index of a pair in a list; −1 if the filter hides it. */
  traceIndex(args: TraceSource & { list: number; id: PairId }): Promise<number>;
  tracePair(args: TraceSource & { id: PairId }): Promise<OpenedPair>;
  /** Returns every pair of one sample, by step. */
  traceSample(args: TraceSource & { sample: string }): Promise<TraceSummary[]>;
}
