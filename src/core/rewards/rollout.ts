import type { Verdict } from '../answers/pair-verdict.ts';
import type { JsonSource } from '../../base/find-json.ts';
import type { StopReason } from '../prompts/message.ts';
import type { RewardPart } from './rewards.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import type { ViewId } from '../../rows/view-list.ts';
import type { Effect } from './advantages.ts';
import type { KeepReason } from './dynamic-sampling.ts';

/** What was sampled for one prompt: a stage of a completion. */
export interface SampledSegment {
  stage: 'graph' | 'answer';
  text: string;
  stop_reason: StopReason;
  /** Of a graph: where the JSON was in its text; `raw`: there is none (R26). */
  source?: JsonSource;
  tokens: number[];
  /** log p at the sampling temperature, one per token (R51). */
  logprobs: number[];
  /** null: the engine does not give them. */
  entropies: number[] | null;
}

/** A completion as sampled: the answer, or a graph and the answer (R48). */
export interface SampledRollout {
  segments: SampledSegment[];
}

export interface ScoredRollout extends SampledRollout {
  /** The text that the rewards read as the answer; null if there is none. */
  answer_text: string | null;
  /**
   * Whether the answer is right by the rules of its task, whatever the reward says; null in a counterfactual whose right
   * answer is not known.
   */
  right: boolean | null;
  /** Whether it agrees with its partner in the other view, where the joint reward asks for it and answers compare. */
  agrees?: boolean | undefined;
  /** In a counterfactual: whether it changes with the images as it should (R56). */
  behaves?: boolean | undefined;
  /** Value of each part before the penalty, with the reason. */
  rewards: Record<string, RewardPart>;
}

/** What `assess` says of a completion. */
export interface Assessed {
  /** Subtracted from the value of the part that couples the views, before its weight; negative where that adds to it. */
  penalty: number;
  /** The final weighted sum. */
  reward: number;
  advantage: number;
}

/** One completion of a group, as it is trained on. */
export type Rollout = ScoredRollout & Assessed;

/** Whether any stage was truncated at its maximum length. */
export const isTruncated = ({
  segments,
}: {
  segments: readonly { stop_reason: StopReason | null }[];
}): boolean => segments.some(({ stop_reason }) => stop_reason === 'length');

/** A row in its views: the original and its partner, or the original alone (R44), each with a group of completions. */
interface PairOf<Completion> {
  sample: Sample;
  views: { view: ViewId; sample: Sample; group: Completion[] }[];
}

export interface ScoredPair extends PairOf<ScoredRollout> {
  /**
   * Share of the pairs of completions, one of each view, whose answers agree once mapped by the views, right or wrong;
   * null where answers do not compare, or there is one view.
   */
  agreement: number | null;
  /** Whether the answer should change in the counterfactual; absent where there is none (R56). */
  changes?: boolean | undefined;
}

/** What `assess` says of a pair. */
export interface PairAssessment {
  delta: number | null;
  penalised: ViewId | null;
  effect: Effect | null;
  /** How many pairs of completions, one of each view, earned the joint reward; absent where none was given. */
  joint?: number | undefined;
  /** How many completions of the counterfactual behave; absent where there is none. */
  behaving?: number | undefined;
  /** Whether right completions earned more for needing the order of their frames; absent where none is shuffled. */
  bonus?: boolean | undefined;
  /** By majority of right completions in each view, whatever the reward says. */
  verdict: Verdict | null;
  kept: boolean;
  why: KeepReason;
}

export type Pair = PairOf<Rollout> & Omit<ScoredPair, 'views'> & PairAssessment;
