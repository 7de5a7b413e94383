import type { MirrorSets } from '../evaluation/source-evaluation.ts';

/** The user's mapping of a run. External runs need it most, because their files lack this information. */
export interface Interpretation {
  /** Name of the reward that means "right": a value of 1 is right, and every other value is wrong. */
  right: string | null;
  /** Path of a dataset that contains the images, reference answers and mirrors of the questions. */
  data: string | null;
  /** For an external evaluation: the two evaluation sets that contain the same questions in both views. */
  mirrorOf: MirrorSets | null;
  /** For a Chirality run: the new folder of moved data, which replaces the data root in the run's manifest. */
  root: string | null;
}

/** Mapping of a run before the user makes any choice. */
export const NO_INTERPRETATION: Interpretation = { right: null, data: null, mirrorOf: null, root: null };

/** Summary of a reward's values, which helps the user decide whether the reward can mean "right". */
export interface RewardValues {
  name: string;
  low: number;
  high: number;
  /** Share of completions for which the reward is 1. */
  ones: number;
  /** Whether every value of the reward is 0 or 1. */
  isBinary: boolean;
}
