import type { Score } from '../../core/answers/score.ts';
import type { Metric } from '../../core/metrics/metric.ts';
import type { JsonSource } from '../../core/spatial/text/json.ts';
import type { Sample } from '../../core/spatial/sample.ts';
import type { StopReason } from '../../engines/sampler.ts';

export type EvaluatedView = 'original' | 'mirror' | 'polarity';

/** One evaluated row: `rows.jsonl`. */
export interface EvaluationRow {
  id: string;
  set: string;
  view: EvaluatedView;
  question: string;
  answer: string;
  choices?: string[];
  images: Sample['images'];
  /** The answer; before it the graph, where there are two stages. */
  segments: { stage: 'graph' | 'answer'; text: string; stop_reason: StopReason; source?: JsonSource }[];
  /** By the rules of the task; for open answers, by the same text. */
  right: boolean;
  score: Score;
}

/** One figure of one set: `results.json` is a list of these. Shares are 0–1. */
export interface EvaluationResult extends Metric {
  set: string;
  /** Null for figures over both views of a row. */
  view: EvaluatedView | null;
  /** The task it is a figure of; `all` over all tasks. */
  task: string;
  metric: string;
}
