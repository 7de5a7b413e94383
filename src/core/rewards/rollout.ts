import type { Verdict } from '../answers/pair-verdict.ts';
import type { JsonSource } from '../../base/find-json.ts';
import type { StopReason } from '../prompts/message.ts';
import type { RewardPart } from './rewards.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import type { ViewId } from '../../rows/view-list.ts';
import type { Effect } from './advantages.ts';
import type { KeepReason } from './dynamic-sampling.ts';

/** Sampled text for one prompt: one segment of a completion. */
export interface SampledSegment {
  stage: 'graph' | 'answer';
  text: string;
  stop_reason: StopReason;
  /** Source of a graph's JSON in its text; `raw`: there is none (R26). */
  source?: JsonSource;
  tokens: number[];
  /** log p at the sampling temperature, one per token (R51). */
  logprobs: number[];
  /** Null if the engine does not provide entropies. */
  entropies: number[] | null;
}

/** A sampled completion: the answer, or a graph and the answer (R48). */
export interface SampledRollout {
  segments: SampledSegment[];
}

export interface ScoredRollout extends SampledRollout {
  /** Text that rewards read as the answer; null without one. */
  answer_text: string | null;
  /**
   * Whether the answer is right by the rules of its task, whatever the reward; null in a counterfactual whose right
   * answer is unknown.
   */
  right: boolean | null;
  /** Whether the answer agrees with its partner in the other view; only for the joint reward and comparable answers. */
  agrees?: boolean | undefined;
  /** Whether a completion of a counterfactual changes with the images as it should (R56). */
  behaves?: boolean | undefined;
  /** Value of each part before the penalty, with the reason. */
  rewards: Record<string, RewardPart>;
}

/** Fields of a completion that `assess` computes. */
export interface Assessed {
  /** Amount subtracted from the value of the coupled part, before its weight; negative for additions. */
  penalty: number;
  /** Final weighted sum. */
  reward: number;
  advantage: number;
}

/** One completion of a group, as used in training. */
export type Rollout = ScoredRollout & Assessed;

/** Whether any stage was truncated at its maximum length. */
export const isTruncated = ({
  segments,
}: {
  segments: readonly { stop_reason: StopReason | null }[];
}): boolean => segments.some(({ stop_reason }) => stop_reason === 'length');

/** A row in its views: the original and its partner, or only the original (R44), each with a group of completions. */
interface PairOf<Completion> {
  sample: Sample;
  views: { view: ViewId; sample: Sample; group: Completion[] }[];
}

export interface ScoredPair extends PairOf<ScoredRollout> {
  /**
   * Share of completion pairs, one of each view, whose mapped answers agree, right or wrong; null if answers cannot be
   * compared, or with one view.
   */
  agreement: number | null;
  /** Whether the answer should change in the counterfactual; absent without one (R56). */
  changes?: boolean | undefined;
}

/** Fields of a pair that `assess` computes. */
export interface PairAssessment {
  delta: number | null;
  penalised: ViewId | null;
  effect: Effect | null;
  /** Number of completion pairs, one of each view, that earned the joint reward; absent in other modes. */
  joint?: number | undefined;
  /** Number of counterfactual completions that behave; absent without a counterfactual. */
  behaving?: number | undefined;
  /** Whether right completions earned a bonus for needing the order of frames; absent without shuffled frames. */
  bonus?: boolean | undefined;
  /** Outcome by majority of right completions in each view, whatever the reward. */
  verdict: Verdict | null;
  kept: boolean;
  why: KeepReason;
}

export type Pair = PairOf<Rollout> & Omit<ScoredPair, 'views'> & PairAssessment;
