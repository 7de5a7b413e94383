import type { MetricsRow } from '../../grpo/metrics.ts';
import type { FigureValue } from './figure.ts';

/** The results of a run of a cell. */
export interface SweepRun {
  cell: string;
  seed: number;
  /** How it ended, or what it is doing; null if it has not started. */
  status: string | null;
  message: string;
  steps: number;
  /** η if the views are coupled; null for other runs. */
  eta: number | null;
  /** Evaluations in order of their steps, each with the rows of every compared figure. */
  evaluations: { step: number; values: FigureValue[][] }[];
  /** Rows of metrics.jsonl. */
  metrics: MetricsRow[];
  /** Number of trained weights; null until the run has opened its model. */
  trainable: number | null;
  /** Duration of each step in seconds. */
  seconds: number[];
  /** Peak memory in GB; null before the first step. */
  peakMemory: number | null;
  /** Standard deviation of rewards in each traced group. */
  spreads: number[];
  /** Lines, or parts of lines, that could not be read: file, line and field. */
  leftOut: string[];
}
