import * as z from 'zod/mini';
import type { Interpretation } from '../../core/run-data/interpretation.ts';

/**
 * The interpretation of what a panel shows: of a run or an external evaluation, where an evaluation itself
 * states what is right, or of one of ours whose data are not where its manifest says.
 */
export type ShownInterpretation = Interpretation & { what: 'run' | 'evaluation' | 'moved' };

/** What the user can say about the files of a run, and the command by which. */
export const INTERPRET_COMMANDS = {
  right: 'chirality.chooseRight',
  data: 'chirality.joinDataSet',
  mirrorOf: 'chirality.chooseMirror',
  root: 'chirality.findPictures',
} as const satisfies Record<keyof Interpretation, string>;

/** What is to be said, as pages ask for it. */
export const interpretationField = z.enum(['right', 'data', 'mirrorOf', 'root']);
