import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { ORIGINAL, type ViewId } from '../../src/rows/view-list.ts';
import type { PageModel } from '../ui/page-model.ts';
import type { PairHost, PairRow, PairState } from '../../src/panels/pair/pair.contract.ts';
import type { LookActions, LookState } from './look/actions.ts';
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

export type PairModel = PageModel<PairPanelState, PairHost>;
/** What all parts of the page read. */
interface Page {
  model: PairModel;
  panel: PairPanelState;
  look: LookActions;
}
export const PageContext = createContext<Page>(null!);
export const usePage = (): Page => useContext(PageContext);

export type RowState = Extract<PairState, { kind: 'row' }>;

/** The two sides to show. If the row lacks the left view, the original takes its place; a right one may be missing. */
export const sidesOf = (
  { left, right }: PairPanelState,
  row: PairRow,
): { left: Side; right: Side | null } => ({
  left: sideOf(row, left) ?? sideOf(row, ORIGINAL)!,
  right: sideOf(row, right),
});
