import type { Verdict } from '../answers/pair-verdict.ts';
import type { StopReason } from '../prompts/message.ts';
import type { RewardPart } from '../rewards/parts.ts';
import type { JsonSource } from '../json.ts';
import type { Sample } from '../sample/sample.ts';
import type { ViewId } from '../views/list.ts';
import type { Effect } from './advantages.ts';
import type { KeepReason } from './dynamic-sampling.ts';

/** What was sampled for one prompt. */
export interface Stage {
  text: string;
  tokens: number[];
  /** log p at the sampling temperature, one per token (R51). */
  logprobs: number[];
  /** null: the engine does not give them. */
  entropies: number[] | null;
  stopReason: StopReason;
}

/** The first of two stages. */
export interface GraphStage extends Stage {
  /** Where the JSON was in its text; `raw`: there is none (R26). */
  source: JsonSource;
}

/** A completion as sampled; `text` is that of the answer. */
export interface SampledRollout extends Stage {
  /** The stage sampled before the answer, if there are two (R48). */
  graph?: GraphStage;
}

/** One completion of a group, with its assessment. */
export interface Rollout extends SampledRollout {
  /** The text that the rewards read as the answer; null if there is none. */
  answer: string | null;
  /** Whether the answer is right by the rules of its task, whatever the reward says. */
  right: boolean;
  /** Value of each part before the penalty, with the reason. */
  rewards: Record<string, RewardPart>;
  /** Subtracted from the semantic value, before its weight. */
  penalty: number;
  /** The final weighted sum. */
  reward: number;
  advantage: number;
}

/** The stages of a completion in order; the last one is the answer. */
export const stagesOf = (rollout: SampledRollout): Stage[] =>
  rollout.graph ? [rollout.graph, rollout] : [rollout];

/** Whether any stage was cut off at its maximum length. */
export const isTruncated = (rollout: SampledRollout): boolean =>
  stagesOf(rollout).some(({ stopReason }) => stopReason === 'length');

/** One view of a row, with the group of completions drawn for it. */
interface ViewGroup {
  view: ViewId;
  /** The sample in this view. */
  sample: Sample;
  group: Rollout[];
}

/** A row with its views: the original and its partner, or the original alone (R44). */
export interface Pair {
  sample: Sample;
  views: ViewGroup[];
  delta: number | null;
  /** The view that lost reward. */
  penalised: ViewId | null;
  effect: Effect | null;
  /**
   * Share of the pairs of completions, one of each view, whose answers agree once mapped by the views, right or wrong;
   * null where answers do not compare, or there is one view.
   */
  agreement: number | null;
  /** By majority of right completions in each view, whatever the reward says. */
  verdict: Verdict | null;
  kept: boolean;
  why: KeepReason;
}
