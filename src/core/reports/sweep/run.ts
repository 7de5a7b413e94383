import type { MetricsRow } from '../../grpo/metrics.ts';
import type { FigureValue } from './figure.ts';

/** The results of a run of a cell. */
export interface SweepRun {
  cell: string;
  seed: number;
  /** How it ended, or what it is doing; null before it has begun. */
  status: string | null;
  message: string;
  steps: number;
  /** η where the views are coupled; null for other runs. */
  eta: number | null;
  /** Evaluations in order of their steps, each with the rows of every compared figure. */
  evaluations: { step: number; values: FigureValue[][] }[];
  /** Rows of metrics.jsonl. */
  metrics: MetricsRow[];
  /** Weights that are trained; null before the run has opened its model. */
  trainable: number | null;
  /** Of each step, in seconds. */
  seconds: number[];
  /** In GB, at most; null before the first step. */
  peakMemory: number | null;
  /** Standard deviation of the rewards of each traced group. */
  spreads: number[];
  /** The lines of its files, or the parts of them, that could not be read: file, line and field. */
  leftOut: string[];
}
