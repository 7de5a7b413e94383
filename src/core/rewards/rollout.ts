import type { Verdict } from '../answers/pair-verdict.ts';
import type { JsonSource } from '../../base/find-json.ts';
import type { StopReason } from '../prompts/message.ts';
import type { RewardPart } from './rewards.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import type { ViewId } from '../../rows/view-list.ts';
import type { Effect } from './advantages.ts';
import type { KeepReason } from './dynamic-sampling.ts';

/** Text that a model sampled for one prompt: one segment of a completion. */
export interface SampledSegment {
  stage: 'graph' | 'answer';
  text: string;
  stop_reason: StopReason;
  /** Source of the scene graph's JSON in the text; `raw`: the text contains no JSON (R26). */
  source?: JsonSource;
  tokens: number[];
  /** Log-probabilities at the sampling temperature, one per token (R51). */
  logprobs: number[];
  /** Entropies, one per token; null if the engine provides no entropies. */
  entropies: number[] | null;
}

/** A sampled completion: an answer, or a scene graph and an answer (R48). */
export interface SampledRollout {
  segments: SampledSegment[];
}

export interface ScoredRollout extends SampledRollout {
  /** Text that the rewards use as the answer; null if the completion has none. */
  answer_text: string | null;
  /**
   * Whether the answer is right by the rules of its task, regardless of the reward; null for a counterfactual whose
   * right answer is unknown.
   */
  right: boolean | null;
  /** Whether the answer agrees with the partner's answer; set only for the joint reward and comparable answers. */
  agrees?: boolean | undefined;
  /** Whether a counterfactual's completion changes with the images as it should (R56). */
  behaves?: boolean | undefined;
  /** Value of each reward part before the penalty, with the reason for the value. */
  rewards: Record<string, RewardPart>;
}

/** Fields of a completion that `assess` computes. */
export interface Assessed {
  /** Amount subtracted from the value of the coupled part before weighting; negative for additions. */
  penalty: number;
  /** Final reward: the weighted sum of the parts. */
  reward: number;
  advantage: number;
}

/** One completion of a group, as a run uses it for training. */
export type Rollout = ScoredRollout & Assessed;

/** Whether any stage of a completion was truncated at the maximum length. */
export const isTruncated = ({
  segments,
}: {
  segments: readonly { stop_reason: StopReason | null }[];
}): boolean => segments.some(({ stop_reason }) => stop_reason === 'length');

/** A row in its views: original and partner, or only the original (R44). Each view has a group of completions. */
interface PairOf<Completion> {
  sample: Sample;
  views: { view: ViewId; sample: Sample; group: Completion[] }[];
}

export interface ScoredPair extends PairOf<ScoredRollout> {
  /**
   * Share of completion pairs (one completion of each view) whose mapped answers agree, right or wrong; null if the
   * answers cannot be compared, or for a single view.
   */
  agreement: number | null;
  /** Whether the answer should change in the counterfactual; absent if the pair has no counterfactual (R56). */
  changes?: boolean | undefined;
}

/** Fields of a pair that `assess` computes. */
export interface PairAssessment {
  delta: number | null;
  penalised: ViewId | null;
  effect: Effect | null;
  /** Number of completion pairs (one of each view) that earned the joint reward; absent in other modes. */
  joint?: number | undefined;
  /** Number of counterfactual completions that behave; absent if the pair has no counterfactual. */
  behaving?: number | undefined;
  /** Whether right completions earned a bonus because they need the frame order; absent without shuffled frames. */
  bonus?: boolean | undefined;
  /** Outcome by the majority of completions in each view, regardless of the reward. */
  verdict: Verdict | null;
  kept: boolean;
  why: KeepReason;
}

export type Pair = PairOf<Rollout> & Omit<ScoredPair, 'views'> & PairAssessment;
