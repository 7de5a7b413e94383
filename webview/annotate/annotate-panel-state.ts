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

/** Everything that the page shows. */
export interface AnnotatePanelState {
  /** Null until the host has sent it. */
  state: AnnotateState | null;
  /** The row of the card, from 0. */
  row: number;
  /** The row that the card shows, with its number. While another row loads, this is still the previous one. */
  open: (OpenRow & { index: number }) | null;
  /** The variant under review, shown next to the original's texts, in the list and in the figures. */
  variant: VariantName;
  /** Selects the rows to list; empty for all. */
  filter: string;
  /** Null until it is loaded. */
  queue: ReviewQueue | null;
  /** The share of the file that the filter has searched; null when it is done. */
  searching: number | null;
  /** Which rows can be used; null until they have been looked at. */
  usable: UsableFile | null;
  filterProblem: string | null;
  editingVariant: boolean;
  boxes: boolean;
  graph: boolean;
  /** The box that keys change. */
  selected: BoxRef | null;
  /** Whether the next press on an image draws a box. */
  drawing: boolean;
  /** The box that keys are drawing, in pixels of the original; null if none has been pressed. */
  placing: Xyxy | null;
  /** The ids of the objects between which a relation is being added. */
  relating: { subject: string; object: string } | null;
  /** Whether the mirror is shown in place of the original, as in a flip-book. */
  flipped: boolean;
  /** The box that was just drawn, and the image it was drawn on, while the page asks for its label. */
  naming: { index: number; side: PixelView } | null;
  /** Whether the page asks for a reason for discarding. */
  explaining: boolean;
  showKeys: boolean;
  /** The last event, shown and announced to screen readers. */
  news: string;
}

/** A usable row, with the variant under review, and its mirror for the images. */
export interface Usable extends ReviewedVariant {
  mirror: MirrorVariant;
}

/** The row of the card, if it is usable. */
export function usableOf({ open, variant: view }: AnnotatePanelState): Usable | null {
  const { sample, mirror } = open?.row ?? {};
  const variant = (sample && variantNow(sample, view)) ?? { mirror, polarity: open?.polarity }[view];
  return sample && mirror && variant ? { sample, mirror, view, variant } : null;
}

/** Whether a row has its texts; without them, the rules have written nothing yet. */
export const isFinished = ({ sample }: Usable): boolean =>
  sample.question.trim() !== '' && sample.answer.trim() !== '';

/** The name of a rewrite in a sentence. */
export const nameOf = (view: VariantName): string => viewOf(view).label.toLowerCase();

/** The sign of each state of a review, and of each status of a rewrite without one, which makes colour unnecessary. */
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

/** The objects of a row’s graph, which may be any JSON. */
export const objectsOf = (sample: Sample | null): SceneObject[] =>
  Array.isArray(sample?.scene_graph?.objects) ? sample.scene_graph.objects : [];

/** The place of a row in the list; if it is not listed, that of the next one. */
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

/** An image of a row on which boxes are drawn. */
export interface Drawn {
  sample: Sample;
  side: PixelView;
  /** Size of the image in pixels. */
  size: Size;
}
