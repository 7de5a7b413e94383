import type { RewardValues } from '../../core/run-data/interpretation.ts';

/** @param values of one reward; null where the program kept none. Null if it kept none at all. */
export function rewardValues(name: string, values: readonly (number | null)[]): RewardValues | null {
  let [low, high, ones, count] = [Infinity, -Infinity, 0, 0];
  let isBinary = true;
  for (const value of values) {
    if (value === null) continue;
    count += 1;
    low = Math.min(low, value);
    high = Math.max(high, value);
    if (value === 1) ones += 1;
    else if (value !== 0) isBinary = false;
  }
  return count === 0 ? null : { name, low, high, ones: ones / count, isBinary };
}

/** The rewards that a run kept. */
export interface ShownRewards {
  rewards: RewardValues[];
  /** The one that is proposed to mean "right": with only 0 and 1 as values and a suitable name; null if there is none. */
  proposed: string | null;
}

export function rewardsShown(values: ReadonlyMap<string, readonly (number | null)[]>): ShownRewards {
  const rewards = [...values].flatMap(([name, ofReward]) => rewardValues(name, ofReward) ?? []);
  const isRight = ({ name, isBinary }: RewardValues) => isBinary && /acc|correct|exact|match/i.test(name);
  return { rewards, proposed: rewards.find(isRight)?.name ?? null };
}
