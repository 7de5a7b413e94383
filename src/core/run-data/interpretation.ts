import type { MirrorSets } from '../evaluation/source-evaluation.ts';

/** What the user says about a run, because its files do not: nearly all of it about runs of other programs. */
export interface Interpretation {
  /** The reward that means "right": value 1 is right, every other value wrong. */
  right: string | null;
  /** The path of a data set that has the pictures, references and mirrors of its questions. */
  data: string | null;
  /** Of an evaluation: the sets that ask the same questions in both views. */
  mirrorOf: MirrorSets | null;
  /** Of a run of ours: the folder that its data were moved to, in place of the data root in its manifest. */
  root: string | null;
}

/**
 * The interpretation of what a panel shows: of a run or an evaluation of another program, where an evaluation itself
 * states what is right, or of one of ours whose data are not where its manifest says.
 */
export type ShownInterpretation = Interpretation & { what: 'run' | 'evaluation' | 'moved' };

/** The interpretation before anybody has chosen anything. */
export const NO_INTERPRETATION: Interpretation = { right: null, data: null, mirrorOf: null, root: null };

/** The actions by which the user says how a run is read. */
export const INTERPRET_ACTIONS = {
  right: 'chooseRight',
  data: 'joinDataSet',
  mirrorOf: 'chooseMirror',
  root: 'findPictures',
} as const satisfies Record<keyof Interpretation, string>;

/** What the values of a reward show, by which the user sees whether it can mean "right". */
export interface RewardValues {
  name: string;
  low: number;
  high: number;
  /** The share of completions whose value is 1. */
  ones: number;
  /** Whether all values are 0 or 1. */
  isBinary: boolean;
}

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

/**
 * What the values of each reward show, and the reward that is proposed to mean "right": one with only 0 and 1 as values
 * and a suitable name; null if there is none.
 */
export function rewardsShown(values: ReadonlyMap<string, readonly (number | null)[]>): {
  rewards: RewardValues[];
  proposed: string | null;
} {
  const rewards = [...values].flatMap(([name, ofReward]) => rewardValues(name, ofReward) ?? []);
  const isRight = ({ name, isBinary }: RewardValues) => isBinary && /acc|correct|exact|match/i.test(name);
  return { rewards, proposed: rewards.find(isRight)?.name ?? null };
}
