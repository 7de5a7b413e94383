import type { BoxPlace } from '../../src/core/annotation/puts.ts';
import type { Channel } from '../../src/core/protocol/channel.ts';
import type { Put } from '../../src/core/annotation/edit-json.ts';
import type { AnnotateHost, AnnotateState, OpenRow, ReviewQueue } from '../../src/core/protocol/annotate.ts';
import type { MirrorVariant, Sample } from '../../src/core/spatial/sample.ts';

/** All that the page shows. */
export interface View {
  /** Null until the host has spoken. */
  state: AnnotateState | null;
  /** The row in the card, from 0. */
  row: number;
  /** What the card shows, with its number: while a row loads, that is still the one before. */
  open: (OpenRow & { index: number }) | null;
  /** Keeps the rows that are listed; empty for all. */
  filter: string;
  /** Null until it was asked for. */
  queue: ReviewQueue | null;
  /** What is wrong with the filter. */
  filterProblem: string | null;
  /** The mirror's texts can be typed into. */
  editingMirror: boolean;
  boxes: boolean;
  graph: boolean;
  /** The box that keys act on. */
  selected: BoxPlace | null;
  /** The next press on a picture draws a box. */
  drawing: boolean;
  /** The mirror is shown in the place of the original, as in a flip-book. */
  flipped: boolean;
  /** A reason for a rejection is being asked for. */
  rejecting: boolean;
  keys: boolean;
  /** The last thing that happened, for the eye and for screen readers. */
  news: string;
}

export type Update = (change: Partial<View>) => void;
export type Host = Channel<AnnotateHost>;

/** What the parts of the page can do. */
export interface Actions {
  host: Host;
  update: Update;
  goTo(row: number): void;
  /** On among the rows that are listed. */
  step(by: number): void;
  filter(text: string): void;
  /** Changes the row of the card. */
  put(puts: Put[], label: string, typing?: boolean): void;
}

/** A row that can be used, with its mirror. */
export interface Usable {
  sample: Sample;
  mirror: MirrorVariant;
}
