import * as z from 'zod/mini';
import type { ComparedLooks } from '../../core/insight/compare-looks.ts';
import type { DrawnView as DrawnOfRow } from '../../core/insight/drawn-pair.ts';
import type { RESULTS } from '../../core/insight/insight-files.ts';
import type { Look } from '../../core/insight/look.ts';
import { answers, imageRef, nothing, text, type HostOf } from '../calls.contract.ts';
import type { ImageBytes, PairImage } from '../pair/pair.contract.ts';
import type { LookedSet as LookedFigures } from '../../core/insight/looked-set.ts';

/** Result for a set of rows: the contents of a folder in a run's `insight/`. Its name begins with the kind. */
export type Insight = LookedSet | Probed | Patched;

const whole = z.int().check(z.minimum(0));

/** Fields of such a folder's `manifest.json` that panels need. */
export const insightManifest = z.object({
  set: z.object({ path: z.string(), sha256: z.optional(z.string()) }),
  step: z.nullable(whole),
  strategy: z.string(),
  /** Number of rows from the start of the file; null for all. */
  limit: z.optional(z.nullable(whole)),
  /** Inputs that were hidden in further passes. */
  hide: z.optional(z.array(z.string())),
});
export type InsightManifest = z.infer<typeof insightManifest>;

/** Completed folder in the `insight/` of a run. */
export interface InsightEntry {
  name: string;
  kind: Insight['kind'];
  /** Null if the manifest is unreadable; reading the insight returns the reason. */
  manifest: InsightManifest | null;
}

interface OfSet {
  name: string;
  file: string;
  step: number | null;
  strategy: string;
}

/** Attention of a model: the result of `chirality inspect attention`. */
export interface LookedSet extends OfSet, LookedFigures {
  kind: 'set';
  /** Number of unreadable rows. */
  unreadable: number;
}

/** Contents of the hidden states: the result of `chirality inspect probe`. */
export interface Probed extends OfSet {
  kind: 'probe';
  results: z.infer<typeof RESULTS.probe>;
}

/** Effect of the mirror's hidden states on the answer: the result of `chirality inspect patch`. */
export interface Patched extends OfSet {
  kind: 'patch';
  figures: z.infer<typeof RESULTS.patch>;
}

/** Row of a set, to be drawn in its views. */
export interface LookedPair {
  /** Line of the row in the data file, from 1. */
  line: number;
  /** Images of the row, as models see them. */
  images: PairImage[];
  /** Times of the frames in seconds, if the images are a clip and the times are known. */
  clip?: { times_s?: number[] };
  views: DrawnView[];
}

export interface DrawnView extends DrawnOfRow {
  /** Images of the view's own, such as the frames of a reversed clip; null if it shows those of the row. */
  images: PairImage[] | null;
}

/** Calls about interpretability results of runs, which the service answers. */
export const insightReads = {
  /** Returns the results, newest first. */
  insights: answers<InsightEntry[]>()(z.object({ dir: text })),
  /** @throws with a message for users if the folder cannot be read */
  insight: answers<Insight>()(z.object({ dir: text, name: text })),
  /**
   * Compares results on the rows that all share; the first is the base. Values have the labels. @throws with a message
   * for users if a folder cannot be read
   */
  compareLooks: answers<ComparedLooks>()(
    z.object({ looks: z.array(z.object({ dir: text, name: text, label: text })) }),
  ),
};

const ofRow = z.object({ dir: text, name: text, id: text });
const ofImage = z.object({ dir: text, name: text, ref: imageRef });

/** Calls that the page makes to the host. */
export const insideCalls = {
  ready: nothing,
  ...insightReads,
  /** @throws with a message for users if the row no longer exists or is in a folder without permission */
  lookedPair: answers<LookedPair>()(ofRow),
  lookedImage: answers<ImageBytes>()(ofImage),
  /** Repeats the row with the model, for the attention of each head. Reports its activity. */
  look: answers<Look, string>()(ofRow),
  openRow: ofRow,
  /** Analyses a run's model with default options or, if `asks`, with the user's choices. */
  lookInside: z.object({ dir: text, asks: z.boolean() }),
};
export type InsideHost = HostOf<typeof insideCalls>;

export interface InsideRun {
  dir: string;
  name: string;
}

/** Calls that the host makes to the page. */
export interface InsidePage {
  /** Shows the results of these runs, which are read again. */
  show(args: { runs: InsideRun[] }): void;
}

/** State that survives a reload of the window. */
export const insideMemory = z.looseObject({ dirs: z.array(text) });
export interface InsideMemory {
  dirs: string[];
  /** Title of the selected result; '' for none. */
  chosen?: string;
}
