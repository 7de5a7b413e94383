import { ORIGINAL, type ViewId } from '../../src/core/spatial/views/list.ts';
import type { Channel } from '../../src/core/protocol/channel.ts';
import type { PairHost, PairRow, PairState } from '../../src/core/protocol/pair.ts';
import type { LookState } from './look/state.ts';
import { sideOf, type Side } from '../ui/sides.ts';

/** Everything that the page shows. */
export interface PanelState {
  /** Null until the host has sent it. */
  state: PairState | null;
  boxes: boolean;
  /** The views to show on both sides, where a row has them. */
  left: ViewId;
  right: ViewId;
  /** Whether the right view is shown in place of the left one, as in a flip-book. */
  flipped: boolean;
  showKeys: boolean;
  /** Null: nobody looks into a model. */
  look: LookState | null;
}

export type Update = (change: Partial<PanelState>) => void;
export type Host = Channel<PairHost>;
export type RowState = Extract<PairState, { kind: 'row' }>;

/** What stands on both sides: the original in place of a left view that the row does not have, and nothing for a right one. */
export const sidesOf = ({ left, right }: PanelState, row: PairRow): { left: Side; right: Side | null } => ({
  left: sideOf(row, left) ?? sideOf(row, ORIGINAL)!,
  right: sideOf(row, right),
});
