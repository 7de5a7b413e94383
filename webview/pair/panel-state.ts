import type { Channel } from '../../src/core/protocol/channel.ts';
import type { PairHost, PairState } from '../../src/core/protocol/pair.ts';

/** All that the page shows. */
export interface PanelState {
  /** Null until the host has spoken. */
  state: PairState | null;
  boxes: boolean;
  /** The mirror is shown in the place of the original, as in a flip-book. */
  flipped: boolean;
  showKeys: boolean;
}

export type Update = (change: Partial<PanelState>) => void;
export type Host = Channel<PairHost>;
export type RowState = Extract<PairState, { kind: 'row' }>;
