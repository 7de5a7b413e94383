import type { MirrorSets } from '../evaluation/source-evaluation.ts';

/** The user's mapping of a run, mostly for external runs, whose files lack this information. */
export interface Interpretation {
  /** Reward that means "right": a value of 1 is right, every other value wrong. */
  right: string | null;
  /** Path of a dataset with the images, references and mirrors of its questions. */
  data: string | null;
  /** For an evaluation: the sets with the same questions in both views. */
  mirrorOf: MirrorSets | null;
  /** For an own run: the folder to which its data were moved, instead of the data root in its manifest. */
  root: string | null;
}

/** Mapping before any choice of the user. */
export const NO_INTERPRETATION: Interpretation = { right: null, data: null, mirrorOf: null, root: null };

/** Values of a reward, by which the user decides whether it can mean "right". */
export interface RewardValues {
  name: string;
  low: number;
  high: number;
  /** Share of completions with the value 1. */
  ones: number;
  /** Whether all values are 0 or 1. */
  isBinary: boolean;
}
