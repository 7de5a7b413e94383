import type { Verdict } from '../answers/pair-verdict.ts';
import type { GraphStage, Pair, Rollout } from '../grpo/rollout.ts';
import type { RewardPart } from '../rewards/reward.ts';
import type { ImageRef } from '../spatial/sample.ts';
import type { ViewId } from '../spatial/views/list.ts';

/** Where an array lies in the `.bin` file beside a trace: byte offset and number of elements. */
export interface ArrayRef {
  at: number;
  n: number;
}

/** What a run recorded of a sample in one view or both: of a training step, or of an evaluation. */
export type RecordedPair = TrainedPair | EvaluatedPair;

export type TrainedPair = TracedPair & { kind: 'trained' };

/** The rows of an evaluation that belong together; nothing in it was rewarded. */
export interface EvaluatedPair extends AnsweredPair<Completion> {
  kind: 'evaluated';
  set: string;
}

/** A pair as a trace stores it: one line of `traces/step-….jsonl` (docs/records.md). */
export interface TracedPair
  extends AnsweredPair<TracedCompletion>, Pick<Pair, 'kept' | 'why' | 'delta' | 'penalised' | 'effect'> {}

interface AnsweredPair<C extends Completion> {
  /** Of the optimiser; of an evaluation, that of its checkpoint. */
  step: number;
  /** Its number within the step or the evaluation, from 0. */
  pair: number;
  sample: string;
  /** Original and mirror, or one view alone. */
  views: AnsweredView<C>[];
  /** Null where there is one view. */
  verdict: Verdict | null;
}

export interface AnsweredView<C extends Completion> {
  view: ViewId;
  question: string;
  answer: string;
  images: ImageRef[];
  group: C[];
}

/** What a model wrote, and what was made of it. */
export interface Completion {
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
  right: boolean;
}

export interface TracedCompletion extends Completion, Pick<Rollout, 'penalty' | 'reward' | 'advantage'> {
  rewards: Record<string, RewardPart>;
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
