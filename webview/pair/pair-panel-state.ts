import { ORIGINAL, type ViewId } from '../../src/rows/view-list.ts';
import type { PageModel } from '../ui/page-model.ts';
import type { PairHost, PairRow, PairState } from '../../src/panels/pair/pair.contract.ts';
import type { Look } from '../../src/core/insight/look.ts';
import type { MapChoice } from '../../src/core/insight/map-choice.ts';
import { sideOf, type Side } from '../ui/pair-sides.ts';

/** Everything that the page shows. */
export interface PairPanelState {
  /** Null until the host has sent it. */
  state: PairState | null;
  boxes: boolean;
  /** The views to show on both sides, where a row has them. */
  left: ViewId;
  right: ViewId;
  /** Whether the right view is shown in place of the left one, as in a flip-book. */
  flipped: boolean;
  showKeys: boolean;
  /** Null while the Look view is closed. */
  look: LookState | null;
}

export interface LookState extends MapChoice {
  /** The row that is looked at. Showing another row ends the look. */
  uri: string;
  line: number;
  /** What is being done, in words; null when it is finished. */
  doing: string | null;
  /** Why it failed, in words; null if it did not. */
  failed: string | null;
  /** The last look at this row, which stays until the next one is finished. */
  look: Look | null;
  /** The look by another model before it, with which it is compared. */
  earlier: Look | null;
  /** Words that the user asked for, in addition to those that the row names. */
  queries: string[];
}

/** The page's state and calls. */
export type PairModel = PageModel<PairPanelState, PairHost>;
export type RowState = Extract<PairState, { kind: 'row' }>;

/** The two sides to show. If the row lacks the left view, the original takes its place; a right one may be missing. */
export const sidesOf = (
  { left, right }: PairPanelState,
  row: PairRow,
): { left: Side; right: Side | null } => ({
  left: sideOf(row, left) ?? sideOf(row, ORIGINAL)!,
  right: sideOf(row, right),
});
