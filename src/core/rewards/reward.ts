/** One part of a reward: its value before weighting, and in words how it came about. */
export interface RewardPart {
  value: number;
  why: string;
}
