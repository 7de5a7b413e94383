import type {
  OpenedPair,
  PairId,
  TraceQuery,
  TraceSource,
  TraceSourceInfo,
  TraceSummary,
} from '../run-data/summary.ts';
import type { Call } from '../call.ts';
import type { ImageBytes } from './pair.ts';

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

/** What the service thread offers for the traces of a run. Every path that it reads lies in the run's folder. */
export interface TraceService {
  traceSources(args: { run: string }): Promise<TraceSourceInfo[]>;
  /**
   * Reads what is new, reports the share that is indexed (0–1), and answers.
   * @param args.list the number that the list has already, from a thread that stopped.
   * @throws where the filter has a mistake; `checkFilter` of core/query says beforehand which, and at which column.
   */
  traces(args: TraceSource & { query: TraceQuery; list?: number }, call: Call<number>): Promise<TraceList>;
  traceRows(args: TraceSource & { list: number; from: number; count: number }): Promise<TraceSummary[]>;
  /** The index of a pair in a list; −1 where the filter hides it. */
  traceIndex(args: TraceSource & { list: number; id: PairId }): Promise<number>;
  tracePair(args: TraceSource & { id: PairId }): Promise<OpenedPair>;
  /** Every pair of one sample, by step. */
  traceSample(args: TraceSource & { sample: string }): Promise<TraceSummary[]>;
  /** A picture of a pair: the `image`-th of its references. Its views show the same pictures; the mirror is drawn. */
  traceImage(args: TraceSource & { id: PairId; image: number }): Promise<ImageBytes>;
}
