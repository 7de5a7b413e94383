import type { MirrorSets } from './evaluation.ts';

/** The reward that means "right", as chosen by a person: value 1 is right, every other value wrong. */
export type RightReward = string | null;

/** What a person says about a run of another program, because its files do not. */
export interface Interpretation {
  right: RightReward;
  /** The path of a data set that has the pictures, references and mirrors of its questions. */
  data: string | null;
  /** Of an evaluation: the sets that ask the same questions in both views. */
  mirrorOf: MirrorSets | null;
}

/** The interpretation of what a panel shows. An evaluation itself states what is right. */
export type ShownInterpretation = Interpretation & { of: 'run' | 'evaluation' };

/** The interpretation before anybody has chosen anything. */
export const NO_INTERPRETATION: Interpretation = { right: null, data: null, mirrorOf: null };

/** The actions by which a person says how another program's run is read. */
export const INTERPRET_ACTIONS = {
  right: 'chooseRight',
  data: 'joinDataSet',
  mirrorOf: 'chooseMirror',
} as const satisfies Record<keyof Interpretation, string>;
