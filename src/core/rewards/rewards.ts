/** One part of a reward: its value before weighting, and the reason for the value in words. */
export interface RewardPart {
  value: number;
  why: string;
}

/** Description of a reward. `reward-parts.ts` computes its value. */
export interface Reward {
  /** Description of the rewarded behaviour, for configs. */
  about: string;
  /** Weight of the reward in the papers, as a text. */
  paper?: string;
  /** Heading of the reward's column in lists of pairs; `mean` describes the mean of the column. */
  column: string;
  mean: string;
  /** Whether the reward can couple the views of a pair (`coupling.signal`). */
  couples: boolean;
}

/** Rewards in display order. A new reward also needs an entry in `PARTS` and in `core/config/rewards-config.ts`. */
export const REWARDS = {
  format: {
    about: '1 for think and answer tags, each once, and nothing else, otherwise 0 (B-14 in docs/papers.md).',
    paper: 'SVQA-R1: λ1 = 0.5.',
    column: 'Format',
    mean: 'the format reward over all completions',
    couples: false,
  },
  semantic: {
    about:
      'Cosine between the sentence embeddings of answer and reference answer (B-15 in docs/papers.md). Negative values are kept (R6).',
    paper: 'SVQA-R1: λ2 = 0.5.',
    column: 'Semantic',
    mean: 'the semantic reward, before the view penalty',
    couples: true,
  },
  accuracy: {
    about: '1 if the rules of the task score the answer as correct, otherwise 0 (A-21 in docs/papers.md).',
    paper: 'arXiv 2507.13362: the only reward.',
    column: 'Right',
    mean: 'the accuracy reward',
    couples: true,
  },
  exact_match: {
    about:
      '1 for the same text as the reference answer, 0 for a different text, −0.2 for an empty text (A-22 in docs/papers.md). Both texts are normalised (R38).',
    paper: 'Released code of arXiv 2507.13362: the only reward.',
    column: 'Exact',
    mean: 'the exact-match reward',
    couples: true,
  },
  numeric: {
    about: '1 minus the relative error of a distance or count, not below 0 (B-18 in docs/papers.md).',
    column: 'Numeric',
    mean: 'the numeric reward',
    couples: true,
  },
  iou: {
    about: 'Intersection over union of the answered box and the reference box (B-18 in docs/papers.md).',
    column: 'IoU',
    mean: 'the box-overlap reward',
    couples: true,
  },
  agreement: {
    about:
      "Share of the other view's completions that agree once mapped back, correct or wrong. The reward needs no labels, but cannot distinguish a correct model from an inverted model (docs/training.md).",
    paper: 'Not in paper.',
    column: 'Agreement',
    mean: 'the agreement reward: the share of the other view’s completions that agree',
    // The agreement is equal in both views by definition, so it cannot couple them.
    couples: false,
  },
} as const satisfies Record<string, Reward>;

export type RewardName = keyof typeof REWARDS;
export const REWARD_NAMES = Object.keys(REWARDS) as RewardName[];

export type Weights = Readonly<Record<string, { weight: number } | undefined>>;

export const rewardNames = (weights: Weights): RewardName[] =>
  REWARD_NAMES.filter((name) => (weights[name]?.weight ?? 0) !== 0);
