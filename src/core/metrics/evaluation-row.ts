import type { Score } from '../answers/score.ts';
import type { Attribution } from './attribution.ts';
import type { StopReason } from '../prompts/message.ts';
import type { Sample } from '../spatial/sample.ts';
import type { JsonSource } from '../json.ts';
import type { ViewId } from '../spatial/views/list.ts';

/** What a model wrote in one call. */
export interface AnswerSegment {
  /** The stage of the strategy. */
  stage: string;
  text: string;
  stop_reason: StopReason;
  /** Of a stage that draws a scene graph: where in the text its JSON stood. */
  source?: JsonSource;
  /** Why there is no text, for people. */
  error?: string;
}

/** One completion of a row in a view: a line of `rows.jsonl`. */
export interface EvaluationRow {
  id: string;
  set: string;
  view: ViewId;
  /** From 0; absent where each has one. */
  completion_index?: number;
  question: string;
  answer: string;
  choices?: string[];
  images: Sample['images'];
  /** What the row belongs to, for figures by it: the sample's `source`, and its `meta` as far as it is no list. */
  source?: string;
  meta?: Record<string, string | number | boolean>;
  /** What each stage wrote; the last one's text holds the answer. */
  segments: AnswerSegment[];
  /** By the rules of the task; for open answers, by the same text. */
  right: boolean;
  score: Score;
  /** Where the model drew a graph and the row's own one decides the question. */
  attribution?: Attribution;
  /** What a judge was asked and said; its verdict is `score.judge`. */
  judge?: { model: string; prompt: string; texts: string[] };
}
