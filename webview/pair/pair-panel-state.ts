import { ORIGINAL, type ViewId } from '../../src/rows/view-list.ts';
import type { PageModel } from '../ui/page-model.ts';
import type { PairHost, PairRow, PairState } from '../../src/panels/pair/pair.contract.ts';
import type { Look } from '../../src/core/insight/look.ts';
import type { MapChoice } from '../../src/core/insight/map-choice.ts';
import { sideOf, type Side } from '../ui/pair-sides.ts';

/** State of the page. */
export interface PairPanelState {
  /** Null until the host has sent the state. */
  state: PairState | null;
  boxes: boolean;
  /** Views on both sides, if a row has them. */
  left: ViewId;
  right: ViewId;
  /** Whether the right view replaces the left one, as in a flip-book. */
  flipped: boolean;
  showKeys: boolean;
  /** Null while the attention view is closed. */
  look: LookState | null;
}

export interface LookState extends MapChoice {
  /** Row of the analysis. Showing another row ends the analysis. */
  uri: string;
  line: number;
  /** Current activity; null when finished. */
  doing: string | null;
  /** Reason of a failure; null if there was none. */
  failed: string | null;
  /** Last result for this row, which stays until the next one is complete. */
  look: Look | null;
  /** Previous result with another model, for comparison. */
  earlier: Look | null;
  /** Words that the user requested in addition to those of the row. */
  queries: string[];
}

/** State and calls of the page. */
export type PairModel = PageModel<PairPanelState, PairHost>;
export type RowState = Extract<PairState, { kind: 'row' }>;

/** Returns the two sides to show. The original replaces a missing left view; a right view can be missing. */
export const sidesOf = (
  { left, right }: PairPanelState,
  row: PairRow,
): { left: Side; right: Side | null } => ({
  left: sideOf(row, left) ?? sideOf(row, ORIGINAL)!,
  right: sideOf(row, right),
});
