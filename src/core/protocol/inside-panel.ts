import * as z from 'zod/mini';
import type { ComparedLooks } from '../insight/compare-looks.ts';
import type { Look } from '../insight/look.ts';
import { answers, imageRef, nothing, text, type HostOf } from './calls.ts';
import type { Insight, InsightEntry, LookedPair } from './insights.ts';
import type { ImageBytes } from './pair.ts';

/** Calls about what was found inside the models of runs, which the service answers. */
export const insightReads = {
  /** The newest first. */
  insights: answers<InsightEntry[]>()(z.object({ dir: text })),
  /** @throws in words, if the folder cannot be read */
  insight: answers<Insight>()(z.object({ dir: text, name: text })),
  /**
   * Compares looks over sets on the rows that all have; the first is what the others are compared with. Figures have
   * the labels. @throws in words, if a folder cannot be read
   */
  compareLooks: answers<ComparedLooks>()(
    z.object({ looks: z.array(z.object({ dir: text, name: text, label: text })) }),
  ),
};

/** A row of a result. */
const ofRow = z.object({ dir: text, name: text, id: text });
const ofImage = z.object({ dir: text, name: text, ref: imageRef });

/** Calls that the page makes to the host. */
export const insideCalls = {
  ready: nothing,
  ...insightReads,
  /** @throws in words, if the row is not there any more or is in a folder that nobody has allowed */
  lookedPair: answers<LookedPair>()(ofRow),
  lookedImage: answers<ImageBytes>()(ofImage),
  /** Asks the model the row again, for the attention of each of its heads. Reports what is being done. */
  look: answers<Look, string>()(ofRow),
  /** Opens a row in the Pair panel. */
  openRow: ofRow,
  /** Lets the user choose what to look at, and looks. */
  lookInside: z.object({ dir: text }),
};
export type InsideHost = HostOf<typeof insideCalls>;

/** A run into which the panel looks. */
export interface InsideRun {
  dir: string;
  name: string;
}

/** Calls that the host makes to the page. */
export interface InsidePage {
  /** Shows what was found in these runs, which is read again. */
  show(args: { runs: InsideRun[] }): void;
}

/** Survives a reload of the window. */
export const insideMemory = z.looseObject({ dirs: z.array(text) });
export interface InsideMemory {
  dirs: string[];
  /** The title of the result that was chosen; '' for none. */
  chosen?: string;
}
