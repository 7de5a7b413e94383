import * as z from 'zod/mini';
import type { ComparedLooks } from '../../core/insight/compare-looks.ts';
import type { DrawnView as DrawnOfRow } from '../../core/insight/drawn-pair.ts';
import type { RESULTS } from '../../core/insight/insight-files.ts';
import type { Look } from '../../core/insight/look.ts';
import { answers, imageRef, nothing, text, type HostOf } from '../calls.contract.ts';
import type { ImageBytes, PairImage } from '../pair/pair.contract.ts';
import type { LookedSet as LookedFigures } from '../../core/insight/looked-set.ts';

/** Result for several rows: the contents of a folder in a run's `insight/`. The folder's name begins with the kind. */
export type Insight = LookedSet | Probed | Patched;

const whole = z.int().check(z.minimum(0));

/** Fields that panels need from the `manifest.json` of a result's folder. */
export const insightManifest = z.object({
  set: z.object({ path: z.string(), sha256: z.optional(z.string()) }),
  step: z.nullable(whole),
  strategy: z.string(),
  /** Number of analysed rows from the start of the file; null for all rows. */
  limit: z.optional(z.nullable(whole)),
  /** Parts of the input that were hidden from the model in additional passes. */
  hide: z.optional(z.array(z.string())),
});
export type InsightManifest = z.infer<typeof insightManifest>;

/** Folder of a completed result in a run's `insight/` folder. */
export interface InsightEntry {
  name: string;
  kind: Insight['kind'];
  /** Manifest of the result; null if unreadable. Reading the result itself reports the reason. */
  manifest: InsightManifest | null;
}

interface OfSet {
  name: string;
  file: string;
  step: number | null;
  strategy: string;
}

/** Result of `chirality inspect attention`: the attention of a model. */
export interface LookedSet extends OfSet, LookedFigures {
  kind: 'set';
  unreadable: number;
}

/** Result of `chirality inspect probe`: the contents of the hidden states. */
export interface Probed extends OfSet {
  kind: 'probe';
  results: z.infer<typeof RESULTS.probe>;
}

/** Result of `chirality inspect patch`: the effect of the mirror's hidden states on the answer. */
export interface Patched extends OfSet {
  kind: 'patch';
  figures: z.infer<typeof RESULTS.patch>;
}

/** Row of a result, with the views that the page shows. */
export interface LookedPair {
  /** Line of the row in the data file, from 1. */
  line: number;
  /** Images of the row, as models receive them. */
  images: PairImage[];
  /** Times of the frames in seconds; present if the images are the frames of a clip and their times are known. */
  clip?: { times_s?: number[] };
  views: DrawnView[];
  /** Family of the run's model (core/seen/families.ts); absent if unknown. */
  sees?: string;
}

export interface DrawnView extends DrawnOfRow {
  /** Images of the view itself, such as the frames of a reversed clip; null if the view shows the row's images. */
  images: PairImage[] | null;
}

/** Calls about the interpretability results of runs, which the service answers. */
export const insightReads = {
  /** Returns the results of a run, newest first. */
  insights: answers<InsightEntry[]>()(z.object({ dir: text })),
  /** @throws with a message for users if the folder is unreadable */
  insight: answers<Insight>()(z.object({ dir: text, name: text })),
  /**
   * Compares results on their common rows. The first result is the base, and `label` names its values.
   * @throws with a message for users if a folder is unreadable
   */
  compareLooks: answers<ComparedLooks>()(
    z.object({ looks: z.array(z.object({ dir: text, name: text, label: text })) }),
  ),
};

const ofRow = z.object({ dir: text, name: text, id: text });
const ofImage = z.object({ dir: text, name: text, ref: imageRef });

/** Calls that the page of the Interpretability panel makes to its host. */
export const insideCalls = {
  ready: nothing,
  ...insightReads,
  /** @throws with a message for users if the row no longer exists, or is in a folder that the user has not allowed */
  lookedPair: answers<LookedPair>()(ofRow),
  lookedImage: answers<ImageBytes>()(ofImage),
  /** Runs the model on the row again to record the attention of each head. Reports progress. */
  look: answers<Look, string>()(ofRow),
  openRow: ofRow,
  /** Analyses a run's model, with default options or, if `asks` is true, with options that the user chooses. */
  lookInside: z.object({ dir: text, asks: z.boolean() }),
};
export type InsideHost = HostOf<typeof insideCalls>;

export interface InsideRun {
  dir: string;
  name: string;
}

export interface InsidePage {
  /** Reads and shows the results of these runs. */
  show(args: { runs: InsideRun[] }): void;
}

/** Stored state, which survives a reload of the window. */
export const insideMemory = z.looseObject({ dirs: z.array(text) });
export interface InsideMemory {
  dirs: string[];
  /** Title of the selected result; '' if no result is selected. */
  chosen?: string;
}
