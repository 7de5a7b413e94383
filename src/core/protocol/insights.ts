import type { Role } from '../insight/set-names.ts';
import type { CountVerdict } from '../insight/counting.ts';
import type { Grid } from '../insight/maps.ts';
import type { InsightManifest, ShownProbe } from '../insight/insight-files.ts';
import type { PatchFigure } from '../insight/patch.ts';
import type { SetFigure } from '../insight/set-figures.ts';
import type { SetRow } from '../insight/set-row.ts';
import type { PackedMaps } from '../insight/values.ts';
import type { ViewId } from '../view-list.ts';
import type { PairImage } from './pair.ts';

/**
 * What was found on a set of rows: the contents of a folder in the `insight/` of a run. Its name begins with the kind.
 */
export type Insight = LookedSet | Probed | Patched;

/** A folder in the `insight/` of a run whose work is done. */
export interface InsightEntry {
  name: string;
  kind: Insight['kind'];
  /** Null if it cannot be read; reading the insight tells why. */
  manifest: InsightManifest | null;
}

interface OfSet {
  name: string;
  /** The data file. */
  file: string;
  step: number | null;
  strategy: string;
}

/** Where the model looked: the result of `chirality insight`. */
export interface LookedSet extends OfSet {
  kind: 'set';
  /** Numbers of the layers that were looked at, in the order of the lists below. */
  layers: number[];
  /**
   * Figures of the token that predicts the answer, as the mean of the heads, and the log-odds with something hidden.
   */
  figures: SetFigure[];
  /** The lift of that token by head, which shows the heads that find the objects. */
  heads: SetFigure[];
  rows: LookedRow[];
  /** Lines of rows that cannot be read. */
  unreadable: number;
}

/** What the hidden states contain: the result of `chirality probe`. */
export interface Probed extends OfSet {
  kind: 'probe';
  results: ShownProbe[];
}

/** How the answer changes with hidden states of the mirror: the result of `chirality patch`. */
export interface Patched extends OfSet {
  kind: 'patch';
  figures: PatchFigure[];
}

/** A row of a set that was looked at, in one view. */
export interface LookedRow {
  id: string;
  view: ViewId;
  question: string;
  reference: string;
  answer: string;
  /** Whether the answer is right; for counting rows, how far off it is. Null if unknown. */
  verdict: CountVerdict | null;
  /** Whether its maps were kept, so that it can be drawn. */
  isDrawn: boolean;
  /** The answer's attention on the objects of each role, by layer, as shares of that on the picture. */
  masses: { role: Role; byLayer: (number | null)[] }[];
}

/** A row of a set, to be drawn in its views. */
export interface LookedPair {
  /** Its line in the data file, from 1. */
  line: number;
  /** Its first picture; null if it has none. */
  image: PairImage | null;
  views: DrawnView[];
}

/** What was asked in one view, and where the model looked for the answer. */
export interface DrawnView extends Pick<LookedRow, 'view' | 'question' | 'reference' | 'answer' | 'verdict'> {
  objects: SetRow['objects'];
  /** The answer's map of the mean head [layer, cell], and where its cells are. Null if it was not kept. */
  map: { grid: Grid; maps: PackedMaps } | null;
}
