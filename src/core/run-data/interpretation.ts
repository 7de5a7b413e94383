import type { MirrorSets } from '../evaluation/source-evaluation.ts';

/** What the user says about a run, because its files do not: nearly all of it about external runs. */
export interface Interpretation {
  /** The reward that means "right": value 1 is right, every other value wrong. */
  right: string | null;
  /** The path of a dataset that has the images, references and mirrors of its questions. */
  data: string | null;
  /** Of an evaluation: the sets that ask the same questions in both views. */
  mirrorOf: MirrorSets | null;
  /** Of a run of ours: the folder that its data were moved to, in place of the data root in its manifest. */
  root: string | null;
}

/** The interpretation before anybody has chosen anything. */
export const NO_INTERPRETATION: Interpretation = { right: null, data: null, mirrorOf: null, root: null };

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
