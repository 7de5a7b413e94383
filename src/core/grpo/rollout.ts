import type { Verdict } from '../answers/pair-verdict.ts';
import type { StopReason } from '../prompts/message.ts';
import type { RewardPart } from '../rewards/parts.ts';
import type { JsonSource } from '../json.ts';
import type { Sample } from '../spatial/sample.ts';
import type { PairView, ViewId } from '../spatial/views/list.ts';
import type { Effect } from './advantages.ts';
import type { KeepReason } from './dynamic-sampling.ts';

/** What was sampled on one prompt. */
export interface Stage {
  text: string;
  tokens: number[];
  /** log p at the sampling temperature, one per token (R51). */
  logprobs: number[];
  entropies: number[];
  stopReason: StopReason;
}

/** The first of two stages. */
export interface GraphStage extends Stage {
  /** Where in its text the JSON stood; `raw`: there is none (R26). */
  source: JsonSource;
}

/** A completion as it was sampled; its own text is that of the answer. */
export interface SampledRollout extends Stage {
  /** What was sampled first, where there are two stages (R48). */
  graph?: GraphStage;
}

/** One completion of a group with everything that was found out about it. */
export interface Rollout extends SampledRollout {
  /** What the rewards read as the answer; null when there is none. */
  answer: string | null;
  /** Right by the rules of its task, whatever the reward says. */
  right: boolean;
  /** Value of each part before the penalty, and why. */
  rewards: Record<string, RewardPart>;
  /** Subtracted from the semantic value, before its weight. */
  penalty: number;
  /** The final weighted sum. */
  reward: number;
  advantage: number;
}

/** What was sampled of a completion, in order; the last stage is the answer. */
export const stagesOf = (rollout: SampledRollout): Stage[] =>
  rollout.graph ? [rollout.graph, rollout] : [rollout];

/** Whether any stage was cut off at its longest length. */
export const isTruncated = (rollout: SampledRollout): boolean =>
  stagesOf(rollout).some(({ stopReason }) => stopReason === 'length');

/** One view of a row: its text, and the group of completions drawn for it. */
export interface ViewGroup {
  view: ViewId;
  /** The sample as this view reads. */
  sample: Sample;
  group: Rollout[];
}

/** A row with its views: original and mirror, or the original alone (R44). */
export interface Pair {
  sample: Sample;
  views: ViewGroup[];
  delta: number | null;
  penalised: PairView | null;
  effect: Effect | null;
  /** By majority of each view's completions being right, whatever the reward says. */
  verdict: Verdict | null;
  kept: boolean;
  why: KeepReason;
}
