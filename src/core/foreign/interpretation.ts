import type { MirrorSets } from './evaluation.ts';

/** The reward that means "right", as chosen by a person: value 1 is right, every other value wrong. */
export type RightReward = string | null;

/** What a person says about a run, because its files do not: nearly all of it about runs of other programs. */
export interface Interpretation {
  right: RightReward;
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
export type ShownInterpretation = Interpretation & { of: 'run' | 'evaluation' | 'moved' };

/** The interpretation before anybody has chosen anything. */
export const NO_INTERPRETATION: Interpretation = { right: null, data: null, mirrorOf: null, root: null };

/** The actions by which a person says how a run is read. */
export const INTERPRET_ACTIONS = {
  right: 'chooseRight',
  data: 'joinDataSet',
  mirrorOf: 'chooseMirror',
  root: 'findPictures',
} as const satisfies Record<keyof Interpretation, string>;
