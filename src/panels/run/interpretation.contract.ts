import * as z from 'zod/mini';
import type { Interpretation } from '../../core/run-data/interpretation.ts';

/**
 * Mapping of the run or evaluation in a panel. An external evaluation itself records which answers are right. `moved`:
 * a Chirality run whose data are no longer at the path in its manifest.
 */
export type ShownInterpretation = Interpretation & { what: 'run' | 'evaluation' | 'moved' };

/** Parts of a mapping that the user can set, each with its command. */
export const INTERPRET_COMMANDS = {
  right: 'chirality.chooseRight',
  data: 'chirality.joinDataSet',
  mirrorOf: 'chirality.chooseMirror',
  root: 'chirality.findPictures',
} as const satisfies Record<keyof Interpretation, string>;

/** Part of a mapping that a page can ask the user for. */
export const interpretationField = z.enum(['right', 'data', 'mirrorOf', 'root']);
