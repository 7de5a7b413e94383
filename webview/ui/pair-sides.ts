import type { PairImage, PairRow } from '../../src/panels/pair/pair.contract.ts';
import type { BoxFormat, Size } from '../../src/rows/sample/boxes.ts';
import type { Sample, ViewVariant } from '../../src/rows/sample/sample.ts';
import { applyVariant } from '../../src/rows/sample/variant.ts';
import {
  MIRROR,
  ORIGINAL,
  POLARITY,
  isViewId,
  sortedViews,
  viewOf,
  type ViewId,
} from '../../src/rows/view-list.ts';
import { shapesOf, viewShapes, type DrawnFields, type Shape } from './shapes.ts';

export interface Side {
  view: ViewId;
  /** Variant of the view; null for the original. */
  variant: ViewVariant | null;
  sample: Sample;
  /** Images of the view itself; null if the view shows the row's images. */
  ownImages: PairImage[] | null;
}

/** Returns the views that a row has, trusted or not, in the order of the table of views. */
export function viewsOf({ sample, mirror }: PairRow): ViewId[] {
  const { polarity, views } = sample?.variants ?? {};
  return sortedViews([
    ORIGINAL,
    ...(mirror ? [MIRROR] : []),
    ...(polarity ? [POLARITY] : []),
    ...Object.keys(views ?? {}).filter((id) => isViewId(id) && views![id]),
  ]);
}

/** Placeholder for an image that only the other view of a pair contains. */
export const NO_PICTURE: PairImage = {
  ref: 'No image',
  problem: {
    severity: 'warning',
    code: 'fewer-images',
    message: 'This view has fewer images than the other view.',
  },
};

/** Returns the row in a view; null if the row lacks the view. */
export function sideOf(row: PairRow, view: ViewId): Side | null {
  const { sample, mirror, viewImages } = row;
  if (!sample) return null;
  if (view === ORIGINAL) return { view, variant: null, sample, ownImages: null };
  const { polarity, views } = sample.variants ?? {};
  const stored = view === MIRROR ? mirror : (views?.[view] ?? (view === POLARITY ? polarity : undefined));
  if (!stored) return null;
  const images = viewImages[view];
  return {
    view,
    variant: stored,
    sample: applyVariant(sample, stored),
    ownImages: images?.length ? images : null,
  };
}

/** Returns the boxes, points and graph of a side as shapes. @param size image size before the view's transform */
export function shapesOn(
  { view, variant, ownImages }: Pick<Side, 'view' | 'ownImages'> & { variant: DrawnFields | null },
  original: Sample,
  format: BoxFormat | undefined,
  size: Size,
): Shape[] {
  if (!variant) return shapesOf(original, format, size);
  // The original's positions are invalid for an image with new pixels.
  const isNew = ownImages !== null || viewOf(view).resamples.length > 0;
  return viewShapes(isNew ? {} : original, variant, viewOf(view).pixels, format, size);
}
