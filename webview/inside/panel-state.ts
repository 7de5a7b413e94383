import type { Channel } from '../../src/core/protocol/channel.ts';
import type { InsideHost, InsideRun } from '../../src/core/protocol/inside-panel.ts';

export type Host = Channel<InsideHost>;

/** What the page shows. */
export interface InsideState {
  /** Null until the host has sent them. */
  runs: InsideRun[] | null;
  /** Increases when the results are to be read again. */
  revision: number;
  /** The title of the chosen result; '' for none. */
  chosen: string;
  /** Why nothing is shown; null if the host answers. */
  problem: string | null;
}

/** Opens a row in the Pair panel. */
export type OpenRow = (id: string) => void;

/** A table does not draw more rows than this. */
export const MOST_ROWS = 100;
