import type { MetricsRow } from '../../core/grpo/metrics.ts';
import type { RunStatus } from '../../core/run-data/status.ts';

/** A pair of an evaluation as other tools show it: its pictures beside each other, and what was asked and answered. */
export interface PicturedPair {
  set: string;
  /** From 1, in its set. */
  number: number;
  id: string;
  /** The pictures of both views, as WebP. */
  picture: Uint8Array;
  text: string;
}

/** Writes the curves of a run for another tool, as they come. */
export interface CurveWriter {
  row(row: MetricsRow): Promise<void>;
  /** Shows pairs of an evaluation; absent where the tool cannot. */
  pairs?(step: number, pairs: readonly PicturedPair[]): Promise<void>;
  close(status: RunStatus): Promise<void>;
}
