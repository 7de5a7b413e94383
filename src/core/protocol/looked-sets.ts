import type { Role } from '../insight/set-names.ts';
import type { CountVerdict } from '../insight/counting.ts';
import type { SetFigure } from '../insight/set-figures.ts';

import type { ViewId } from '../spatial/views/list.ts';

/** A set of rows for which a model was looked into: a folder `insight/set-…` of a run. */
export interface LookedSet {
  name: string;
  /** The data file. */
  file: string;
  step: number | null;
  strategy: string;
  /** Numbers of the layers that were looked at, in the order of the lists below. */
  layers: number[];
  /** Of the token that predicts the answer, the mean of the heads; and the log-odds with something hidden. */
  figures: SetFigure[];
  rows: LookedRow[];
  /** Lines of rows that cannot be read. */
  unreadable: number;
}

/** A row of it, in one view. */
export interface LookedRow {
  id: string;
  view: ViewId;
  question: string;
  reference: string;
  answer: string;
  /** How it was answered; for counting rows, how far off. null: nobody knows. */
  verdict: CountVerdict | null;
  /** The answer's attention on the objects of each role, by layer, as shares of that on the picture. */
  masses: { role: Role; byLayer: (number | null)[] }[];
}

/** Calls about looked sets, which the service handles. */
export interface LookedSetService {
  /** Names of the folders, the newest first. */
  lookedSets(args: { dir: string }): Promise<string[]>;
  /** @throws in words, if the folder cannot be read */
  lookedSet(args: { dir: string; name: string }): Promise<LookedSet>;
  /** The line of a row in a data file, from 1; null if it is not there. */
  lineOfId(args: { path: string; id: string }): Promise<number | null>;
}
