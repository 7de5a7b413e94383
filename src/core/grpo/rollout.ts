import type { Verdict } from '../answers/pair-verdict.ts';
import type { RewardPart } from '../rewards/reward.ts';
import type { Sample } from '../spatial/sample.ts';
import type { View } from '../spatial/view.ts';
import type { KeepReason } from './dynamic-sampling.ts';

/** One completion of a group with everything that was found out about it. */
export interface Rollout {
  text: string;
  tokens: number[];
  /** log p at the sampling temperature, one per token (R51). */
  logprobs: number[];
  entropies: number[];
  stopReason: 'end' | 'stop' | 'length' | 'failed';
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

/** One view of a row: its text, and the group of completions drawn for it. */
export interface ViewGroup {
  view: View;
  /** The sample as this view reads. */
  sample: Sample;
  group: Rollout[];
}

/** A row with its views: original and mirror, or the original alone (R44). */
export interface Pair {
  sample: Sample;
  views: ViewGroup[];
  delta: number | null;
  penalised: View | null;
  effect: 'none' | 'scaled' | 'inverted' | 'erased' | null;
  /** By majority of each view's completions being right, whatever the reward says. */
  verdict: Verdict | null;
  kept: boolean;
  why: KeepReason;
}
