import type { RewardPart } from '../rewards/reward.ts';
import type { ImageRef } from '../spatial/sample.ts';
import type { ViewId } from '../spatial/views/list.ts';
import type { GraphStage, Pair, Rollout } from '../grpo/rollout.ts';

/** Where an array lies in the `.bin` file beside a trace: byte offset and number of elements. */
export interface ArrayRef {
  at: number;
  n: number;
}

/** A pair as a trace stores it: one line of `traces/step-….jsonl` (docs/records.md). */
export interface TracedPair extends Pick<
  Pair,
  'kept' | 'why' | 'delta' | 'penalised' | 'effect' | 'verdict'
> {
  step: number;
  /** Its number within the step, from 0. */
  pair: number;
  sample: string;
  views: {
    view: ViewId;
    question: string;
    answer: string;
    images: ImageRef[];
    group: TracedCompletion[];
  }[];
}

export interface TracedCompletion extends Pick<Rollout, 'right' | 'penalty' | 'reward' | 'advantage'> {
  segments: {
    /** `graph` or `answer`; of an evaluation, the stage of its strategy. */
    stage: string;
    text: string;
    stop_reason: Rollout['stopReason'];
    /** Of a graph: where in the text its JSON stood. */
    source?: GraphStage['source'];
    tokens?: ArrayRef;
    logprobs?: ArrayRef;
    ref_logprobs?: ArrayRef;
    entropies?: ArrayRef;
  }[];
  answer_text: string | null;
  rewards: Record<string, RewardPart>;
}
