import * as z from 'zod/mini';
import type { ComparedLooks } from '../../core/insight/compare-looks.ts';
import type { DrawnView as DrawnOfRow } from '../../core/insight/drawn-pair.ts';
import type { RESULTS } from '../../core/insight/insight-files.ts';
import type { Look } from '../../core/insight/look.ts';
import { answers, imageRef, nothing, text, type HostOf } from '../calls.contract.ts';
import type { ImageBytes, PairImage } from '../pair/pair.contract.ts';
import type { LookedSet as LookedFigures } from '../../core/insight/looked-set.ts';

/**
 * What was found on a set of rows: the contents of a folder in the `insight/` of a run. Its name begins with the kind.
 */
export type Insight = LookedSet | Probed | Patched;

const whole = z.int().check(z.minimum(0));

/** What panels need from the `manifest.json` of such a folder. */
export const insightManifest = z.object({
  set: z.object({ path: z.string(), sha256: z.optional(z.string()) }),
  step: z.nullable(whole),
  strategy: z.string(),
  /** How many rows from the start of the file; null for all. */
  limit: z.optional(z.nullable(whole)),
  /** What was hidden in further passes. */
  hide: z.optional(z.array(z.string())),
});
export type InsightManifest = z.infer<typeof insightManifest>;

/** A folder in the `insight/` of a run whose work is done. */
export interface InsightEntry {
  name: string;
  kind: Insight['kind'];
  /** Null if it cannot be read; reading the insight tells why. */
  manifest: InsightManifest | null;
}

interface OfSet {
  name: string;
  file: string;
  step: number | null;
  strategy: string;
}

/** Where the model looked: the result of `chirality inspect attention`. */
export interface LookedSet extends OfSet, LookedFigures {
  kind: 'set';
  /** Lines of rows that cannot be read. */
  unreadable: number;
}

/** What the hidden states contain: the result of `chirality inspect probe`. */
export interface Probed extends OfSet {
  kind: 'probe';
  results: z.infer<typeof RESULTS.probe>;
}

/** How the answer changes with hidden states of the mirror: the result of `chirality inspect patch`. */
export interface Patched extends OfSet {
  kind: 'patch';
  figures: z.infer<typeof RESULTS.patch>;
}

/** A row of a set, to be drawn in its views. */
export interface LookedPair {
  /** Its line in the data file, from 1. */
  line: number;
  /** Its images, as a model is shown them. */
  images: PairImage[];
  /** If they are the frames of a clip: when each of them is seen, if that is known. */
  clip?: { times_s?: number[] };
  views: DrawnView[];
}

export interface DrawnView extends DrawnOfRow {
  /** The images that the view has of its own, as the frames of a reversed clip; null if it shows those of the row. */
  images: PairImage[] | null;
}

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
  openRow: ofRow,
  /** Looks inside a run's model: as is usual or, if `asks`, as the user chooses. */
  lookInside: z.object({ dir: text, asks: z.boolean() }),
};
export type InsideHost = HostOf<typeof insideCalls>;

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
