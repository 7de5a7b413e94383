import type { PairTable } from '../../core/run-data/table.ts';
import type { PairFile } from './files.ts';

/** What one file holds; it is read again as a whole when it changes. */
export interface Part {
  file: PairFile;
  version: string;
  table: PairTable;
  /** Number of the pair by row, ascending. */
  pairs: Float64Array;
  /** By row: `at, bytes` of the first line and of the second, whose length is 0 where there is none. */
  spans: Float64Array;
  /** The lines that cannot be read, in words. */
  problems: string[];
}

/** All pairs of a source at one time. It does not change: what is read later makes another one. */
export interface Snapshot {
  parts: readonly Part[];
  /** The first row of every part. */
  starts: readonly number[];
  table: PairTable;
}

/** The row of a pair in its part, or −1. */
export const rowOf = ({ pairs }: Part, pair: number): number => pairs.indexOf(pair);
