import { ORIGINAL, type ViewId } from '../../src/rows/view-list.ts';
import type { PageModel } from '../ui/page-model.ts';
import type { PairHost, PairRow, PairState } from '../../src/panels/pair/pair.contract.ts';
import type { Look } from '../../src/core/insight/look.ts';
import type { MapChoice } from '../../src/core/insight/map-choice.ts';
import { sideOf, type Side } from '../ui/pair-sides.ts';

export interface PairPanelState {
  /** State from the host; null until the host has sent it. */
  state: PairState | null;
  boxes: boolean;
  /** View on the left and (next field) on the right. The panel shows each view only if the row has it. */
  left: ViewId;
  right: ViewId;
  /** Whether the right view replaces the left view in the same place, as in a flip-book. */
  flipped: boolean;
  showKeys: boolean;
  /** State of the attention analysis; null while it is closed. */
  look: LookState | null;
}

export interface LookState extends MapChoice {
  /** Data file of the analysed row. The analysis ends when the panel shows another row. */
  uri: string;
  line: number;
  /** Current activity of the analysis; null when finished. */
  doing: string | null;
  /** Reason for the failure of the analysis; null without a failure. */
  failed: string | null;
  /** Last result for this row. The page shows this result until the next result is complete. */
  look: Look | null;
  /** Previous result of another model, for a comparison. */
  earlier: Look | null;
  /** Words that the user has requested as queries, in addition to the row's queries. */
  queries: string[];
}

export type PairModel = PageModel<PairPanelState, PairHost>;
export type RowState = Extract<PairState, { kind: 'row' }>;

/** Returns the two sides to show. If the left view is missing, the original replaces it; the right side can be null. */
export const sidesOf = (
  { left, right }: PairPanelState,
  row: PairRow,
): { left: Side; right: Side | null } => ({
  left: sideOf(row, left) ?? sideOf(row, ORIGINAL)!,
  right: sideOf(row, right),
});
