import type { Channel } from '../../src/core/protocol/channel.ts';
import type { PairHost, PairState } from '../../src/core/protocol/pair.ts';
import type { LookState } from './look/state.ts';

/** Everything that the page shows. */
export interface PanelState {
  /** Null until the host has sent it. */
  state: PairState | null;
  boxes: boolean;
  /** Whether the mirror is shown in place of the original, as in a flip-book. */
  flipped: boolean;
  showKeys: boolean;
  /** Null: nobody looks into a model. */
  look: LookState | null;
}

export type Update = (change: Partial<PanelState>) => void;
export type Host = Channel<PairHost>;
export type RowState = Extract<PairState, { kind: 'row' }>;
