import type { Problem } from '../problem.ts';
import type { ImageRef, MirrorVariant, Sample } from '../spatial/sample.ts';

/** What the Pair panel shows: a row of a data file and its mirror. */
export interface PairRow {
  /** Null when the row cannot be used; `problems` says why. */
  sample: Sample | null;
  problems: Problem[];
  /** Null also where the file holds none, and the row is too long for the rules to make one while somebody looks. */
  mirror: MirrorVariant | null;
  /** Whether the mirror stands in the file, or the rules made it just now. */
  mirrorFrom: 'file' | 'rules';
  images: PairImage[];
}

/** One entry of the sample's `images`. `key` changes when the picture does; null: there is only a size, no picture. */
export type PairImage = { ref: ImageRef; key: string | null } | { ref: ImageRef; problem: Problem };

export interface ImageBytes {
  bytes: Uint8Array;
  /** A media type that browsers show. */
  type: string;
}

/** The latest state of the panel; it is sent again whenever the panel's page starts anew. */
export type PairState =
  | { kind: 'row'; uri: string; name: string; line: number; lines: number; row: PairRow }
  | { kind: 'message'; uri: string | null; title: string; detail: string };

/** What survives a reload of the window. */
export interface PairMemory {
  uri: string | null;
  line: number;
  boxes: boolean;
}

/** What the page asks of the host. */
export interface PairHost {
  ready(args: null): void;
  move(args: { by: number }): void;
  openRow(args: null): void;
  openKeybindings(args: null): void;
  /** A picture of the file that is shown. */
  image(args: { uri: string; ref: ImageRef }): Promise<ImageBytes>;
}

/** What keys and the palette do, by the last part of the commands' ids: `chirality.pair.<name>`. */
export const PAIR_COMMANDS = ['nextRow', 'previousRow', 'toggleBoxes', 'openRow', 'showKeys'] as const;
export type PairCommand = (typeof PAIR_COMMANDS)[number];

/** What the host tells the page. */
export interface PairPage {
  show(args: PairState): void;
  command(args: { name: PairCommand }): void;
}
