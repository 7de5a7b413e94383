import { firstIn } from '../../src/base/numbers.ts';
import { decisionsOf } from '../../src/core/annotation/decisions.ts';
import { shownState, variantNow } from '../../src/core/annotation/review.ts';
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
import { STATE_SIGNS } from '../ui/parts.tsx';

export interface AnnotatePanelState {
  /** State from the host; null until the host has sent it. */
  state: AnnotateState | null;
  /** Whether the dataset is frozen with the rows that the page shows. */
  isFrozen: boolean;
  /** Index of the requested row, which starts at 0. */
  row: number;
  /** Row that the card shows, with its index. While another row loads, the card shows the previous row. */
  open: (OpenRow & { index: number }) | null;
  /** Variant under review. The card shows it next to the original; the list and counts are about this variant. */
  variant: VariantName;
  /** Filter of the list; empty to list all rows. */
  filter: string;
  /** Queue of the review; null until it is loaded. */
  queue: ReviewQueue | null;
  /** Share of the file that the filter has searched; null after the search. */
  searching: number | null;
  /** Usable rows of the file; null until the rows have been checked. */
  usable: UsableFile | null;
  filterProblem: string | null;
  editingVariant: boolean;
  boxes: boolean;
  graph: boolean;
  /** Box that the user has selected; keys change this box. */
  selected: BoxRef | null;
  /** Whether the next pointer press on an image starts drawing a box. */
  drawing: boolean;
  /** New box that the user draws with keys, in pixels of the original; null if the user is not drawing. */
  placing: Xyxy | null;
  /** Ids of the objects in a relation that the user is adding; otherwise null. */
  relating: { subject: string; object: string } | null;
  /** Whether the mirror replaces the original in the same place, as in a flip-book. */
  flipped: boolean;
  /** Newly drawn box and its image, while the page asks for the box's label; otherwise null. */
  naming: { index: number; side: PixelView } | null;
  /** Whether the page asks for the reason why the reviewer discards the variant. */
  explaining: boolean;
  /** Whether a narrow window shows the list of rows instead of the card. */
  listed: boolean;
  showKeys: boolean;
  /** Last event. The page announces the event to screen readers. */
  news: string;
  /** Reason why the last action had no effect; null if the action had an effect. */
  refusal: string | null;
}

export interface Usable extends ReviewedVariant {
  mirror: MirrorVariant;
}

/** Returns the current row if it is usable; otherwise null. */
export function usableOf({ open, variant: view }: AnnotatePanelState): Usable | null {
  const { sample, mirror } = open?.row ?? {};
  const variant = (sample && variantNow(sample, view)) ?? { mirror, polarity: open?.polarity }[view];
  return sample && mirror && variant ? { sample, mirror, view, variant } : null;
}

/** Returns whether a row has a question and an answer. Without both, the rules cannot write a rewrite yet. */
export const isFinished = ({ sample }: Usable): boolean =>
  sample.question.trim() !== '' && sample.answer.trim() !== '';

/** Returns whether the variant is accepted, and the reviewer is among those who accepted it. */
export function isAcceptedBy(reviewer: string, { sample, view, variant }: Usable): boolean {
  return (
    ['accepted', 'edited', 'overruled'].includes(shownState(sample, view, variant)) &&
    decisionsOf(variant).some((made) => (made.by ?? '') === reviewer && made.state !== 'discarded')
  );
}

/** Returns the name of a rewrite for use in a sentence. */
export const nameOf = (view: VariantName): string => viewOf(view).label.toLowerCase();

export function signOf(variant: VariantName, state: string | null): { sign: string; label: string } {
  const sign = state && STATE_SIGNS[state];
  if (!sign) return { sign: '·', label: `no ${nameOf(variant)} in the file` };
  return { sign, label: `${nameOf(variant)} ${stateLabel(state)}` };
}

export const objectsOf = (sample: Sample | null): SceneObject[] =>
  Array.isArray(sample?.scene_graph?.objects) ? sample.scene_graph.objects : [];

/** Returns the position of a row in the list; for an unlisted row, the position of the next listed row. */
export const placeOf = (rows: Int32Array | null, row: number): number =>
  rows ? firstIn(0, rows.length, (i) => rows[i]! >= row) : row;

/** Image of a row, on which the user can draw boxes. */
export interface Drawn {
  sample: Sample;
  side: PixelView;
  /** Size of the image in pixels. */
  size: Size;
}
