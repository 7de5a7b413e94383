import * as z from 'zod/mini';
import { answers, imageRef, nothing, text, type HostOf } from '../calls.contract.ts';
import type { Look } from '../../core/insight/look.ts';
import type { Problem } from '../../base/problem.ts';
import type { ImageRef, MirrorVariant, Sample } from '../../rows/sample/sample.ts';
import type { ViewId } from '../../rows/view-list.ts';

/** Contents of the Pair panel: a row of a data file and its views. */
export interface PairRow {
  /** Row as a sample; null if the row is unusable. `problems` contains the reason. */
  sample: Sample | null;
  problems: Problem[];
  /** Mirror of the row; also null if the file contains no mirror and the row is too long for the rules. */
  mirror: MirrorVariant | null;
  /** Whether the mirror comes from the file, or from the rules. */
  mirrorFrom: 'file' | 'rules';
  images: PairImage[];
  viewImages: Record<ViewId, PairImage[]>;
}

/** Image of the sample, by its reference. `key` changes with the image; null if the row contains only an image size. */
export type PairImage = { ref: ImageRef; key: string | null } | { ref: ImageRef; problem: Problem };

export interface ImageBytes {
  bytes: Uint8Array;
  /** Media type of the image, which browsers can display. */
  type: string;
  /** Number of frames of the clip, if the image is its first frame. */
  frames?: number;
}

/** Current state of the panel, which the host sends again whenever the page restarts. */
export type PairState =
  | { kind: 'row'; uri: string; name: string; line: number; lines: number; row: PairRow }
  | { kind: 'message'; uri: string | null; title: string; detail: string };

/** Stored state, which survives a reload of the window. */
export const pairMemory = z.looseObject({ uri: z.nullable(text), line: z.int().check(z.positive()) });
export interface PairMemory {
  uri: string | null;
  line: number;
  boxes: boolean;
  left?: ViewId;
  right?: ViewId;
}

export const pairCalls = {
  ready: nothing,
  move: z.object({ by: z.int() }),
  openRow: nothing,
  openKeybindings: nothing,
  image: answers<ImageBytes>()(z.object({ uri: text, ref: imageRef })),
  /**
   * Returns a model's attention while it answers the displayed row. Reports progress. Uses the last chosen model; if
   * there is none, or if `choose` is set, the user chooses a model.
   * @returns null if the user chose no model
   */
  look: answers<Look | null, string>()(
    z.object({
      uri: text,
      line: z.int(),
      queries: z.array(text.check(z.maxLength(1000))).check(z.maxLength(50)),
      choose: z.boolean(),
    }),
  ),
};
export type PairHost = HostOf<typeof pairCalls>;

/** Commands for keys and the command palette, by the last part of their ids: `chirality.pair.<name>`. */
export const PAIR_COMMANDS = [
  'nextRow',
  'previousRow',
  'toggleBoxes',
  'nextView',
  'nextLeftView',
  'look',
  'openRow',
  'showKeys',
] as const;
export type PairCommand = (typeof PAIR_COMMANDS)[number];

export interface PairPage {
  show(args: PairState): void;
  command(args: { name: PairCommand }): void;
}
