import { variantNow } from '../../src/core/annotation/review.ts';
import type { BoxRef, ReviewedVariant } from './sample-changes.ts';
import { stateLabel } from '../../src/base/labels.ts';
import type {
  AnnotateState,
  OpenRow,
  ReviewQueue,
  UsableFile,
} from '../../src/panels/annotate/annotate.contract.ts';
import type { Size, Xyxy } from '../../src/rows/sample/boxes.ts';
import type { MirrorVariant, Sample } from '../../src/rows/sample/sample.ts';
import type { SceneObject } from '../../src/rows/scene-graph/scene-graph.ts';
import { type PixelView, type VariantName, viewOf } from '../../src/rows/view-list.ts';

/** State of the page. */
export interface AnnotatePanelState {
  /** Null until the host has sent the state. */
  state: AnnotateState | null;
  /** Index of the requested row, from 0. */
  row: number;
  /** Row on the card, with its index. While another row loads, this is still the previous one. */
  open: (OpenRow & { index: number }) | null;
  /** Variant under review, shown next to the original's texts, in the list and in the counts. */
  variant: VariantName;
  /** Filter of the list; empty for all rows. */
  filter: string;
  /** Null until the queue is loaded. */
  queue: ReviewQueue | null;
  /** Share of the file that the filter has searched; null when complete. */
  searching: number | null;
  /** Usable rows; null until the rows have been checked. */
  usable: UsableFile | null;
  filterProblem: string | null;
  editingVariant: boolean;
  boxes: boolean;
  graph: boolean;
  /** Box that keys change. */
  selected: BoxRef | null;
  /** Whether the next press on an image draws a box. */
  drawing: boolean;
  /** New box that is drawn with keys, in pixels of the original; null if none is being drawn. */
  placing: Xyxy | null;
  /** Ids of the objects of a relation that is being added. */
  relating: { subject: string; object: string } | null;
  /** Whether the mirror replaces the original, as in a flip-book. */
  flipped: boolean;
  /** Box that was just drawn, and its image, while the page asks for the box's label. */
  naming: { index: number; side: PixelView } | null;
  /** Whether the page asks for a reason for discarding. */
  explaining: boolean;
  showKeys: boolean;
  /** Last event, shown and announced to screen readers. */
  news: string;
}

/** Usable row, with the variant under review, and its mirror for the images. */
export interface Usable extends ReviewedVariant {
  mirror: MirrorVariant;
}

/** Returns the current row, if it is usable. */
export function usableOf({ open, variant: view }: AnnotatePanelState): Usable | null {
  const { sample, mirror } = open?.row ?? {};
  const variant = (sample && variantNow(sample, view)) ?? { mirror, polarity: open?.polarity }[view];
  return sample && mirror && variant ? { sample, mirror, view, variant } : null;
}

/** Returns whether a row has a question and an answer. Without them, the rules have written nothing yet. */
export const isFinished = ({ sample }: Usable): boolean =>
  sample.question.trim() !== '' && sample.answer.trim() !== '';

/** Returns the name of a rewrite in a sentence. */
export const nameOf = (view: VariantName): string => viewOf(view).label.toLowerCase();

/** Sign of each review state, and of each status of a rewrite without review, so that colour is not the only cue. */
const SIGNS: Record<string, string> = {
  accepted: '✓',
  edited: '✎',
  discarded: '✕',
  discard: '✕',
  not_applicable: '✕',
  pending: '?',
  older: '↻',
  overruled: '!',
  needs_llm: '?',
  needs_info: '∅',
  flipped: '⇄',
  invariant: '=',
};

export function signOf(variant: VariantName, state: string | null): { sign: string; label: string } {
  const sign = state && SIGNS[state];
  if (!sign) return { sign: '·', label: `no ${nameOf(variant)} in the file` };
  return { sign, label: `${nameOf(variant)} ${stateLabel(state)}` };
}

/** Returns the objects of a row’s graph, which can be any JSON. */
export const objectsOf = (sample: Sample | null): SceneObject[] =>
  Array.isArray(sample?.scene_graph?.objects) ? sample.scene_graph.objects : [];

/** Returns the position of a row in the list; if the row is not listed, the position of the next one. */
export function placeOf(rows: Int32Array | null, row: number): number {
  if (!rows) return row;
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]! < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Image of a row on which boxes are drawn. */
export interface Drawn {
  sample: Sample;
  side: PixelView;
  /** Size of the image in pixels. */
  size: Size;
}
