import type { Variant } from '../sample.ts';

/** How a view is asked for, where it leaves a choice (docs/views.md). */
export interface ViewOptions {
  /** `image`: sides of turned photographs are anchored by words, in both views. */
  anchor?: 'none' | 'image';
}

/** A row's rewrite under any view: `variants.views[id]` of the record. */
export interface ViewVariant extends Variant {
  /** What becomes of the pixels: a symmetry's id, or `none`. */
  image_op?: string;
  anchor?: 'none' | 'image';
  /** Whether the right answer differs from the original's. */
  effect?: 'changes' | 'stays';
  /** Of the view's picture, where it differs. */
  size?: { w: number; h: number };
  /** Why there is no pair, for programs. */
  code?: string;
}
